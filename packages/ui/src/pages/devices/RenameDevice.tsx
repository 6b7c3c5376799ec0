// Another label for a device, in the list of everybody.
import type { DeviceRow } from '@countersign/protocol/device';
import { visible } from '@countersign/protocol/display';
import { Button, Group, Stack, TextInput } from '@mantine/core';
import { type ReactNode, type SubmitEvent, useState } from 'react';
import { useAct } from '../../app/act.ts';
import { Dialog } from '../../parts/Dialog.tsx';
import { Failed } from '../../parts/States.tsx';
import { text } from '../../text/say.ts';

const says = text.devices.paired;
const MAX_NAME = 100;

interface RenameDeviceProps {
  readonly row: DeviceRow;
  readonly onClose: () => void;
}

export function RenameDevice({ row, onClose }: RenameDeviceProps): ReactNode {
  const { act, isBusy, ask, problem } = useAct();
  const [typed, setTyped] = useState(visible(row.name));
  const name = typed.trim();
  const save = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (name === '') return;
    const done = await act({
      work: (api) => api.devices.rename(row.id, name),
      changes: ['devices'],
      said: (device) => says.renamed(visible(device.name)),
    });
    if (done) onClose();
  };
  return (
    <Dialog opened onClose={onClose} title={says.renameTitle} data-testid="rename-device">
      <form onSubmit={(event) => void save(event)} noValidate>
        <Stack gap="md">
          <TextInput
            label={says.renameLabel}
            description={says.renameHelp}
            value={typed}
            maxLength={MAX_NAME}
            onChange={(event) => setTyped(event.currentTarget.value)}
            data-autofocus
          />
          {problem !== null && <Failed problem={problem} />}
          <Group gap="sm">
            <Button type="submit" disabled={isBusy || name === ''}>
              {says.renameSave}
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
