// Whose browser this is, below the places.
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Name } from '../shared/Name.tsx';
import { text } from '../text/say.ts';
import { useOwnDevice } from './me.ts';
import { useRead } from './queries.ts';

export function Me(): ReactNode {
  const person = useOwnDevice()?.person ?? null;
  const shown = useRead('people', ['one', person], (api) => api.people.show(person ?? ''), {
    enabled: person !== null,
  });
  if (shown.value === null) return null;
  return (
    <Text size="xs" c="dimmed" px="sm" pb="xs" data-testid="me">
      {text.shell.signedInAs} <Name text={shown.value.name} />
    </Text>
  );
}
