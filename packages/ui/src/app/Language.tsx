// The language of the pages in this browser. Sentences are read when a page is loaded, so a change loads it again.
import { SegmentedControl, Stack, Text } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import { LANGUAGES } from '../language.ts';
import { Panel } from '../parts/Panel.tsx';
import { remember } from '../shared/memory.ts';
import { language, text } from '../text/say.ts';

const says = text.shell.language;
/** Each in its own words: whoever looks for it may not read the other. */
const NAMES = { en: 'English', de: 'Deutsch' };

export function Language(): ReactNode {
  const id = useId();
  const change = (chosen: string): void => {
    remember('language', chosen);
    location.reload();
  };
  return (
    <Panel title={says.title} testId="language">
      <Stack gap="xs" align="flex-start">
        <Text size="sm" c="dimmed" id={id}>
          {says.about}
        </Text>
        <SegmentedControl
          aria-labelledby={id}
          value={language}
          onChange={change}
          data={LANGUAGES.map((value) => ({ value, label: NAMES[value] }))}
        />
      </Stack>
    </Panel>
  );
}
