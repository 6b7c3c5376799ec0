// Erasing somebody for good: only after a part of their id, or their name, was typed. It says what remains.
import { Code, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Decide } from '../../parts/Decide.tsx';
import { Claim } from '../../parts/Who.tsx';
import { text } from '../../text/say.ts';
import type { AboutPerson } from './dialog.ts';
import { confirmsForget, forgetWords } from './find.ts';

const says = text.people.forget;

export function Forget({
  person,
  acting,
  onClose,
  onDone,
}: AboutPerson & { readonly onDone: () => void }): ReactNode {
  const [typed, setTyped] = useState('');
  const isConfirmed = confirmsForget(typed, person);
  const forget = async (): Promise<void> => {
    const done = await acting.act({
      work: (api) => api.people.forget(person.id),
      changes: ['people', 'pairings', 'sessions', 'devices', 'factors', 'audit'],
      said: ({ forgotten }) => says.done(forgotten),
    });
    if (done) onDone();
  };
  return (
    <Decide
      title={says.title}
      isOpen
      onClose={onClose}
      answers={[
        { id: 'keep', label: says.keep, kind: 'safe', press: onClose },
        {
          id: 'forget-person',
          label: says.yes,
          kind: 'grave',
          isDisabled: !isConfirmed,
          press: () => void forget(),
        },
      ]}
      isBusy={acting.isBusy}
      ask={acting.ask}
      problem={acting.problem}
      testId="forget"
    >
      <Stack gap="sm">
        <span>
          <Code>{person.id}</Code> <Claim claim={person.name} />
        </span>
        <Text>{says.what}</Text>
        <Text size="sm" c="dimmed">
          {says.stays}
        </Text>
        <TextInput
          label={says.type(forgetWords(person))}
          value={typed}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          data-testid="forget-words"
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      </Stack>
    </Decide>
  );
}
