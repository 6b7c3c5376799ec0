// Asks for another name, in a dialog: of a person, of a device. What is empty is not sent.
import { visible } from '@countersign/protocol/display';
import { Button, Group, Stack, TextInput } from '@mantine/core';
import { type ReactNode, type SubmitEvent, useState } from 'react';
import type { Acting } from '../app/act.ts';
import { text } from '../text/say.ts';
import { Dialog } from './Dialog.tsx';
import { Failed } from './States.tsx';

interface NameDialogProps {
  readonly says: {
    readonly title: string;
    readonly label: string;
    readonly help: string;
    readonly save: string;
  };
  /** As it is now. */
  readonly name: string;
  readonly maxLength: number;
  readonly acting: Acting;
  /** True when it was done: the dialog closes. */
  readonly onSave: (name: string) => Promise<boolean>;
  readonly onClose: () => void;
  readonly testId: string;
}

export function NameDialog(props: NameDialogProps): ReactNode {
  const { says, acting, onSave, onClose } = props;
  const [typed, setTyped] = useState(visible(props.name));
  const name = typed.trim();
  const save = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (name !== '' && (await onSave(name))) onClose();
  };
  return (
    <Dialog opened onClose={onClose} title={says.title} data-testid={props.testId}>
      <form onSubmit={(event) => void save(event)} noValidate>
        <Stack gap="md">
          <TextInput
            label={says.label}
            description={says.help}
            value={typed}
            maxLength={props.maxLength}
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
