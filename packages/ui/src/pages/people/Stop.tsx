// Pausing somebody, or shutting them out. Both can be taken back.
import { visible } from '@countersign/protocol/display';
import { Code, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Confirm } from '../../parts/Confirm.tsx';
import { Claim } from '../../parts/Who.tsx';
import { text } from '../../text/say.ts';
import type { AboutPerson } from './dialog.ts';

const says = text.people.stop;

export function Stop({
  person,
  acting,
  onClose,
  how,
}: AboutPerson & { readonly how: 'suspend' | 'block' }): ReactNode {
  const name = visible(person.name);
  const isBlock = how === 'block';
  const stop = async (): Promise<void> => {
    const done = await acting.act({
      work: (api) => api.people[how](person.id),
      changes: ['people', 'devices', 'sessions'],
      said: () => (isBlock ? says.blocked(name) : says.suspended(name)),
      undo: () =>
        isBlock
          ? { work: (api) => api.people.unblock(person.id), said: says.unblocked(name) }
          : { work: (api) => api.people.resume(person.id), said: says.resumed(name) },
    });
    if (done) onClose();
  };
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={isBlock ? says.blockTitle : says.suspendTitle}
      keep={says.keep}
      yes={isBlock ? says.blockYes : says.suspendYes}
      onYes={() => void stop()}
      isBusy={acting.isBusy}
      ask={acting.ask}
      problem={acting.problem}
      testId="stop-person"
    >
      <Stack gap="xs">
        <span>
          <Code>{person.id}</Code> <Claim claim={person.name} />
        </span>
        <Text>{isBlock ? says.blockWhat : says.suspendWhat}</Text>
      </Stack>
    </Confirm>
  );
}
