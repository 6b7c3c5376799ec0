// One request, opened by its address: from the list while it waits, else as it was decided, and by whom.
import type { DeviceRow } from '@countersign/protocol/device';
import { visible } from '@countersign/protocol/display';
import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useRead } from '../../app/queries.ts';
import { Dialog } from '../../parts/Dialog.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { Failed, Loading } from '../../parts/States.tsx';
import { Claim } from '../../parts/Who.tsx';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';
import { DecideDevice } from './DecideDevice.tsx';
import { nameOf } from './words.ts';

const says = text.devices;

interface AskedProps {
  readonly id: string;
  readonly known: DeviceRow | null;
  /** The list was read: what is not in it waits no more. */
  readonly isReady: boolean;
  readonly onClose: () => void;
}

export function Asked({ id, known, isReady, onClose }: AskedProps): ReactNode {
  const shown = useRead('devices', ['one', id], (api) => api.devices.get(id), {
    enabled: isReady && known === null,
  });
  const row = known ?? shown.value;
  if (row?.state === 'pending') return <DecideDevice row={row} onClose={onClose} />;
  return (
    <Dialog opened onClose={onClose} title={says.decide.gone} size="lg" data-testid="decided-device">
      {row !== null ? (
        <Over row={row} />
      ) : shown.problem === null ? (
        <Loading lines={1} />
      ) : shown.problem.code === 'not_found' ? (
        <Text>{says.decide.missing}</Text>
      ) : (
        <Failed problem={shown.problem} again={shown.again} />
      )}
    </Dialog>
  );
}

function Over({ row }: { readonly row: DeviceRow }): ReactNode {
  return (
    <Stack gap="md">
      <Text>{says.decide.over[row.state]}</Text>
      <Facts
        facts={[
          [says.decide.calls, <Claim key="name" claim={nameOf(row, says)} />],
          [says.decide.id, <code key="id">{visible(row.id)}</code>],
          row.decidedBy === undefined
            ? null
            : [says.decide.by, <code key="by">{visible(row.decidedBy)}</code>],
          row.endedAt === undefined ? null : [says.decide.when, <When key="when" at={row.endedAt} />],
        ]}
      />
    </Stack>
  );
}
