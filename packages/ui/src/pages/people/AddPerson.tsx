// Somebody who has not written yet. More than a user needs a proof; the gateway asks for it.
import { visible } from '@countersign/protocol/display';
import type { RoleName } from '@countersign/protocol/identity';
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, type SubmitEvent, useState } from 'react';
import { useAct } from '../../app/act.ts';
import { Dialog } from '../../parts/Dialog.tsx';
import { Failed } from '../../parts/States.tsx';
import { text } from '../../text/say.ts';
import { RolePick } from './RolePick.tsx';

const says = text.people.adding;
const MAX_NAME = 64;

export function AddPerson({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { act, isBusy, ask, problem } = useAct();
  const [typed, setTyped] = useState('');
  const [chat, setChat] = useState('');
  const [role, setRole] = useState<RoleName>('user');
  const name = typed.trim();
  const peer = chat.trim();
  const save = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (name === '') return;
    const done = await act({
      work: (api) => api.people.add({ name, role, ...(peer === '' ? {} : { peer }) }),
      changes: ['people'],
      said: (person) => says.done(visible(person.name), person.id),
    });
    if (done) onClose();
  };
  return (
    <Dialog opened onClose={onClose} title={text.people.add} size="lg" data-testid="add-person">
      <form onSubmit={(event) => void save(event)} noValidate>
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            {says.about}
          </Text>
          <TextInput
            label={says.name}
            value={typed}
            maxLength={MAX_NAME}
            autoComplete="off"
            onChange={(event) => setTyped(event.currentTarget.value)}
            data-autofocus
          />
          <RolePick label={says.role} value={role} onChange={setRole} />
          <TextInput
            label={says.peer}
            description={says.peerHelp}
            value={chat}
            maxLength={300}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            onChange={(event) => setChat(event.currentTarget.value)}
          />
          {problem !== null && <Failed problem={problem} />}
          <Group gap="sm">
            <Button type="submit" disabled={isBusy || name === ''}>
              {says.save}
            </Button>
            <Button variant="default" onClick={onClose}>
              {text.shell.cancel}
            </Button>
          </Group>
        </Stack>
      </form>
      {ask}
    </Dialog>
  );
}
