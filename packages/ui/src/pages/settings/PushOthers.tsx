// Which other browsers are told, and the end of each.
import { visible } from '@countersign/protocol/display';
import type { PushRow } from '@countersign/protocol/push';
import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useAct } from '../../app/act.ts';
import { Confirm } from '../../parts/Confirm.tsx';
import { Name } from '../../shared/Name.tsx';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';
import { Failing } from './PushFailing.tsx';

const says = text.push;

export function PushOthers({ rows }: { readonly rows: readonly PushRow[] }): ReactNode {
  const [ending, setEnding] = useState<PushRow | null>(null);
  const acting = useAct();
  const close = (): void => {
    setEnding(null);
    acting.callOff();
  };

  async function end({ id }: PushRow): Promise<void> {
    const done = await acting.act({
      work: (api) => api.push.revoke(id),
      changes: ['push'],
      said: () => says.ended,
    });
    if (done) close();
  }

  return (
    <Stack gap="xs" data-testid="push-others">
      <Title order={3} size="h5">
        {says.others}
      </Title>
      {rows.length === 0 && <Text c="dimmed">{says.noOthers}</Text>}
      {rows.map((row) => (
        <Row key={row.id} row={row} onEnd={() => setEnding(row)} />
      ))}
      <Confirm
        isOpen={ending !== null}
        onClose={close}
        title={says.endTitle}
        keep={says.keep}
        yes={says.end}
        onYes={() => ending !== null && void end(ending)}
        isBusy={acting.isBusy}
        ask={acting.ask}
        problem={acting.problem}
        testId="push-end-dialog"
      >
        {ending !== null && (
          <>
            <Name text={ending.name} /> <br />
            {says.endWhat}
          </>
        )}
      </Confirm>
    </Stack>
  );
}

function Row({ row, onEnd }: { readonly row: PushRow; readonly onEnd: () => void }): ReactNode {
  return (
    <Group justify="space-between" gap="sm" data-testid="push-row">
      <Stack gap={0} style={{ flex: '1 1 14rem', minWidth: 0, overflowWrap: 'anywhere' }}>
        <Name text={row.name} />
        <Text size="sm" c="dimmed" component="div">
          {says.since} <When at={row.createdAt} />
          {row.lastOkAt !== undefined && (
            <>
              {` · ${says.lastOk} `}
              <When at={row.lastOkAt} />
            </>
          )}
        </Text>
        {row.failing !== undefined && <Failing why={row.failing} />}
      </Stack>
      <Button
        variant="outline"
        color="red"
        size="compact-sm"
        onClick={onEnd}
        aria-label={says.endOf(visible(row.name))}
      >
        {says.end}
      </Button>
    </Group>
  );
}
