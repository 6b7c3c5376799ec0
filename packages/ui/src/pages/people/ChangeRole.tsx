// Another role. More of it needs a proof (the gateway asks); less of it can be given back.
import { visible } from '@countersign/protocol/display';
import { Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Decide } from '../../parts/Decide.tsx';
import { text } from '../../text/say.ts';
import type { AboutPerson } from './dialog.ts';
import { RolePick } from './RolePick.tsx';

const says = text.people.roles;

export function ChangeRole({ person, acting, onClose }: AboutPerson): ReactNode {
  const [role, setRole] = useState(person.role);
  const name = visible(person.name);
  const save = async (): Promise<void> => {
    const done = await acting.act({
      work: (api) => api.people.role(person.id, role),
      changes: ['people'],
      said: (now) => says.done(name, text.people.role[now.role]),
      undo: () => ({
        work: (api) => api.people.role(person.id, person.role),
        said: says.undone(name, text.people.role[person.role]),
      }),
    });
    if (done) onClose();
  };
  return (
    <Decide
      title={says.title}
      isOpen
      onClose={onClose}
      answers={[
        { id: 'keep', label: says.keep, kind: 'safe', press: onClose },
        {
          id: 'change-role',
          label: says.save,
          kind: 'yes',
          isDisabled: role === person.role,
          press: () => void save(),
        },
      ]}
      isBusy={acting.isBusy}
      ask={acting.ask}
      problem={acting.problem}
      testId="person-role"
    >
      <RolePick label={says.label} value={role} onChange={setRole} />
      <Text size="sm" c="dimmed">
        {says.proof} {says.chats}
      </Text>
    </Decide>
  );
}
