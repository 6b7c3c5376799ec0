// Every other device that is in, with its end beside it.
import type { DeviceRow } from '@countersign/protocol/device';
import { visible } from '@countersign/protocol/display';
import { Badge, Button, Code, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useAct } from '../../app/act.ts';
import { rightsOf } from '../../house/rights.ts';
import { Confirm } from '../../parts/Confirm.tsx';
import { Rows } from '../../parts/Rows.tsx';
import { Claim } from '../../parts/Who.tsx';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';
import { Person } from './Person.tsx';
import { RenameDevice } from './RenameDevice.tsx';
import { maySay, nameOf } from './words.ts';

const says = text.devices.paired;

interface PairedProps {
  readonly rows: readonly DeviceRow[];
  readonly mayChange: boolean;
  readonly more: { readonly has: boolean; readonly isLoading: boolean; load(): void };
}

export function Paired({ rows, mayChange, more }: PairedProps): ReactNode {
  const [asks, setAsks] = useState<{ readonly what: 'rename' | 'revoke'; readonly row: DeviceRow } | null>(
    null,
  );
  const close = (): void => setAsks(null);
  return (
    <>
      <Rows
        label={says.list}
        items={rows}
        keyOf={({ id }) => id}
        more={more}
        estimate={96}
        testId="devices"
        row={(row) => (
          <Group justify="space-between" align="flex-start" gap="sm">
            <About row={row} />
            {mayChange && (
              <Group gap="xs">
                <Button
                  variant="default"
                  size="compact-sm"
                  aria-label={says.renameOf(row.id)}
                  onClick={() => setAsks({ what: 'rename', row })}
                >
                  {says.rename}
                </Button>
                <Button
                  variant="outline"
                  color="red"
                  size="compact-sm"
                  aria-label={says.revokeOf(row.id)}
                  onClick={() => setAsks({ what: 'revoke', row })}
                >
                  {says.revoke}
                </Button>
              </Group>
            )}
          </Group>
        )}
      />
      {asks?.what === 'rename' && <RenameDevice row={asks.row} onClose={close} />}
      {asks?.what === 'revoke' && <Revoke row={asks.row} onClose={close} />}
    </>
  );
}

function About({ row }: { readonly row: DeviceRow }): ReactNode {
  const isLimited = rightsOf(row).afterProof.length > 0;
  return (
    <Stack gap={2} className="device-main">
      <Group gap={6}>
        <Code>{row.id}</Code>
        <Claim claim={nameOf(row, text.devices)} />
        {row.role === 'node' && (
          <Badge variant="light" tt="none">
            {text.devices.role.node}
          </Badge>
        )}
        {isLimited && (
          <Badge variant="default" tt="none" fw={500}>
            {says.limited}
          </Badge>
        )}
      </Group>
      <Text size="sm">{maySay(row, text.devices)}</Text>
      <Text size="sm" c="dimmed">
        {row.lastSeenAt !== undefined && (
          <>
            {says.seen} <When at={row.lastSeenAt} />
          </>
        )}
        {row.person !== undefined && (
          <>
            {' · '}
            {says.of} <Person id={row.person} />
          </>
        )}
      </Text>
    </Stack>
  );
}

function Revoke({ row, onClose }: { readonly row: DeviceRow; readonly onClose: () => void }): ReactNode {
  const { act, isBusy, ask, problem } = useAct();
  const name = visible(nameOf(row, text.devices));
  const revoke = async (): Promise<void> => {
    const done = await act({
      work: (api) => api.devices.revoke(row.id),
      changes: ['devices', 'push'],
      said: () => says.revoked(name),
    });
    if (done) onClose();
  };
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={says.revokeTitle(name)}
      keep={says.keep}
      yes={says.revokeYes}
      onYes={() => void revoke()}
      isBusy={isBusy}
      ask={ask}
      problem={problem}
      testId="revoke-device"
    >
      <Stack gap="xs">
        <Text>{says.revokeWhat}</Text>
        {row.role === 'node' && <Text>{says.revokeNode}</Text>}
        <Code>{row.id}</Code>
      </Stack>
    </Confirm>
  );
}
