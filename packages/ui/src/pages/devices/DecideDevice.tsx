// A device that asks to be let in. What it will be able to do is read before anything can be pressed, and the focus stands
// on Reject (R19, R47). A yes can be taken back at once.
import type { DeviceRow } from '@countersign/protocol/device';
import { visible } from '@countersign/protocol/display';
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useAct } from '../../app/act.ts';
import { useMay } from '../../app/me.ts';
import { asksOf } from '../../house/rights.ts';
import { type Answer, Decide } from '../../parts/Decide.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { Claim } from '../../parts/Who.tsx';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';
import { Abilities } from './Abilities.tsx';
import { ProveFirst } from './ProveFirst.tsx';
import { nameOf } from './words.ts';

const says = text.devices.decide;

interface DecideDeviceProps {
  readonly row: DeviceRow;
  readonly onClose: () => void;
}

export function DecideDevice({ row, onClose }: DecideDeviceProps): ReactNode {
  const { act, isBusy, ask, problem } = useAct();
  const mayDecide = useMay()('manage');
  const name = nameOf(row, text.devices);
  const shown = visible(name);
  const approve = async (): Promise<void> => {
    const done = await act({
      work: (api) => api.devices.approve(row.id),
      changes: ['devices'],
      said: (device) => says.approved(shown, device.id),
      undo: (device) => ({
        work: (api) => api.devices.revoke(device.id),
        said: says.ended(device.id),
      }),
    });
    if (done) onClose();
  };
  const reject = async (): Promise<void> => {
    const done = await act({
      work: (api) => api.devices.reject(row.id),
      changes: ['devices'],
      said: () => says.rejected(shown),
    });
    if (done) onClose();
  };
  const answers: readonly Answer[] = mayDecide
    ? [
        { id: 'reject-device', label: says.reject, kind: 'safe', press: () => void reject() },
        { id: 'approve-device', label: says.approve, kind: 'yes', press: () => void approve() },
        { id: 'later-device', label: says.later, kind: 'other', press: onClose },
      ]
    : [{ id: 'close-device', label: says.close, kind: 'safe', press: onClose }];
  return (
    <Decide
      title={says.title}
      isOpen
      onClose={onClose}
      answers={answers}
      isBusy={isBusy}
      ask={ask}
      problem={problem}
      testId="decide-device"
    >
      <Facts
        facts={[
          [says.id, <code key="id">{visible(row.id)}</code>],
          [says.calls, <Claim key="name" claim={name} />],
          [says.kind, text.devices.role[row.role]],
          [says.key, <code key="key">{visible(row.key)}</code>],
          [
            says.asked,
            <span key="asked">
              <When at={row.createdAt} />
              {row.address !== undefined && ` ${text.devices.waiting.from(visible(row.address))}`}
            </span>,
          ],
          row.expiresAt === undefined ? null : [says.until, <When key="until" at={row.expiresAt} />],
        ]}
      />
      <Abilities title={says.will} lines={asksOf(row, text.devices.asks)} kind="yes" />
      {mayDecide ? (
        <Text size="sm" c="dimmed">
          {says.warn} {says.whose}
        </Text>
      ) : (
        <ProveFirst>{text.devices.cannotDecide}</ProveFirst>
      )}
    </Decide>
  );
}
