// The file as it stands, secrets masked: to read and to copy, never to type into.
import type { ConfigText } from '@countersign/protocol/config';
import { visible } from '@countersign/protocol/display';
import { Code, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Panel } from '../../parts/Panel.tsx';
import { Copy } from '../../shared/Copy.tsx';
import { text } from '../../text/say.ts';

const says = text.settings.file;

export function FileView({ file }: { readonly file: ConfigText }): ReactNode {
  const lines = file.text.replace(/\r?\n$/, '').split(/\r?\n/);
  const isEmpty = file.text.trim() === '';
  return (
    <Panel
      title={says.title}
      actions={isEmpty ? null : <Copy text={file.text} label={says.copy} />}
      testId="config-file"
    >
      <Text size="sm" c="dimmed">
        {says.about} <Code className="set-path">{visible(file.path)}</Code>
      </Text>
      {isEmpty ? (
        <Text>{says.empty}</Text>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are scrolled with the keyboard
        <section className="set-code" aria-label={says.lines} tabIndex={0}>
          <ol>
            {lines.map((line, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a line is known by its number
              <li key={at} data-kind="same">
                <span className="set-line" aria-hidden="true">
                  {at + 1}
                </span>
                <code>{visible(line.replaceAll('\t', '    '))}</code>
              </li>
            ))}
          </ol>
        </section>
      )}
    </Panel>
  );
}
