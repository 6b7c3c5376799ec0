// The first code of an app whose secret was shown before: with it the factor counts.
import { Button, Group, Stack, TextInput } from '@mantine/core';
import { type ReactNode, type SubmitEvent, useState } from 'react';
import { useAct } from '../../app/act.ts';
import { digitsOf } from '../../factors/proof.ts';
import { Dialog } from '../../parts/Dialog.tsx';
import { Failed } from '../../parts/States.tsx';
import { text } from '../../text/say.ts';

const says = text.factors.mine;

interface ConfirmTotpProps {
  readonly id: string;
  readonly onClose: () => void;
}

export function ConfirmTotp({ id, onClose }: ConfirmTotpProps): ReactNode {
  const { act, isBusy, ask, problem } = useAct();
  const [typed, setTyped] = useState('');
  const code = digitsOf(typed);
  const confirm = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (code === null) return;
    const done = await act({
      work: (api) => api.factors.confirm(id, code),
      changes: ['factors', 'devices'],
      said: () => says.confirmed,
    });
    setTyped('');
    if (done) onClose();
  };
  const isWrong = problem?.code === 'challenge_failed';
  return (
    <Dialog opened onClose={onClose} title={says.confirmTitle} data-testid="confirm-totp">
      <form onSubmit={(event) => void confirm(event)} noValidate>
        <Stack gap="md">
          <TextInput
            label={says.confirmLabel}
            inputMode="numeric"
            autoComplete="one-time-code"
            value={typed}
            error={isWrong ? says.confirmWrong : undefined}
            onChange={(event) => setTyped(event.currentTarget.value)}
            data-autofocus
          />
          {problem !== null && !isWrong && <Failed problem={problem} />}
          <Group gap="sm">
            <Button type="submit" disabled={isBusy || code === null}>
              {says.confirm}
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
