// Another name for somebody, in the list of the owners.
import { visible } from '@countersign/protocol/display';
import { Button, Group, Stack, TextInput } from '@mantine/core';
import { type ReactNode, type SubmitEvent, useState } from 'react';
import { Dialog } from '../../parts/Dialog.tsx';
import { Failed } from '../../parts/States.tsx';
import { text } from '../../text/say.ts';
import type { AboutPerson } from './dialog.ts';

const says = text.people.rename;
const MAX_NAME = 64;

export function Rename({ person, acting, onClose }: AboutPerson): ReactNode {
  const [typed, setTyped] = useState(visible(person.name));
  const name = typed.trim();
  const save = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (name === '') return;
    const done = await acting.act({
      work: (api) => api.people.rename(person.id, name),
      changes: ['people'],
      said: (now) => says.done(visible(now.name)),
      undo: () => ({
        work: (api) => api.people.rename(person.id, person.name),
        said: says.undone(visible(person.name)),
      }),
    });
    if (done) onClose();
  };
  return (
    <Dialog opened onClose={onClose} title={says.title} data-testid="rename-person">
      <form onSubmit={(event) => void save(event)} noValidate>
        <Stack gap="md">
          <TextInput
            label={says.label}
            description={says.help}
            value={typed}
            maxLength={MAX_NAME}
            autoComplete="off"
            onChange={(event) => setTyped(event.currentTarget.value)}
            data-autofocus
          />
          {acting.problem !== null && <Failed problem={acting.problem} />}
          <Group gap="sm">
            <Button type="submit" disabled={acting.isBusy || name === ''}>
              {says.save}
            </Button>
            <Button variant="default" onClick={onClose}>
              {text.shell.cancel}
            </Button>
          </Group>
        </Stack>
      </form>
      {acting.ask}
    </Dialog>
  );
}
