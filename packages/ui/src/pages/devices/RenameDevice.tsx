// Another label for a device, in the list of everybody.
import type { DeviceRow } from '@countersign/protocol/device';
import { visible } from '@countersign/protocol/display';
import type { ReactNode } from 'react';
import { useAct } from '../../app/act.ts';
import { NameDialog } from '../../parts/NameDialog.tsx';
import { text } from '../../text/say.ts';

const says = text.devices.paired;
const MAX_NAME = 100;
const FORM = {
  title: says.renameTitle,
  label: says.renameLabel,
  help: says.renameHelp,
  save: says.renameSave,
};

interface RenameDeviceProps {
  readonly row: DeviceRow;
  readonly onClose: () => void;
}

export function RenameDevice({ row, onClose }: RenameDeviceProps): ReactNode {
  const acting = useAct();
  const save = (name: string): Promise<boolean> =>
    acting.act({
      work: (api) => api.devices.rename(row.id, name),
      changes: ['devices'],
      said: (device) => says.renamed(visible(device.name)),
      undo: () => ({
        work: (api) => api.devices.rename(row.id, row.name),
        said: says.renamed(visible(row.name)),
      }),
    });
  return (
    <NameDialog
      says={FORM}
      name={row.name}
      maxLength={MAX_NAME}
      acting={acting}
      onSave={save}
      onClose={onClose}
      testId="rename-device"
    />
  );
}
