// Recoveries that were announced on the gateway's machine (R33). Every owner sees them, whoever they are about, and may
// stop them: that takes nothing away.

import { visible } from '@countersign/protocol/display';
import type { RecoveryRow } from '@countersign/protocol/factor';
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useAct } from '../../app/act.ts';
import { useMay } from '../../app/me.ts';
import { useRead } from '../../app/queries.ts';
import { Facts } from '../../parts/Facts.tsx';
import { Failed } from '../../parts/States.tsx';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';

const says = text.factors.recoveries;

export function RecoveriesAnnounced(): ReactNode {
  const list = useRead('recoveries', ['announced'], async (api) => (await api.recoveries.list()).items);
  if (list.problem !== null) return <Failed problem={list.problem} again={list.again} />;
  return (list.value ?? []).map((row) => <Announced key={row.id} row={row} />);
}

function Announced({ row }: { readonly row: RecoveryRow }): ReactNode {
  const { act, isBusy, ask, problem } = useAct();
  const may = useMay();
  const person = useRead('people', ['one', row.person], (api) => api.people.show(row.person));
  const name = visible(person.value?.name ?? row.person);
  const { factors, recoveryCodes, devices } = row.ends;
  const isReady = Date.parse(row.readyAt) <= Date.now();
  const stop = (): void =>
    void act({
      work: (api) => api.recoveries.stop(row.id),
      changes: ['recoveries', 'factors', 'overview'],
      said: () => says.stopped(name),
    });
  return (
    <Alert color="red" variant="light" title={says.title} data-testid="recovery-announced">
      <Stack gap="sm">
        <Text size="sm">{says.about(name)}</Text>
        <Facts
          facts={[
            [says.since, <When key="since" at={row.startedAt} />],
            [isReady ? says.readySince : says.ready, <When key="ready" at={row.readyAt} />],
            [says.ends, says.endsWhat(factors, recoveryCodes, devices)],
            [says.id, <code key="id">{row.id}</code>],
          ]}
        />
        {may('manage') || may('pairing') ? (
          <Group>
            <Button
              disabled={isBusy}
              aria-label={says.stopOf(name)}
              data-testid="stop-recovery"
              onClick={stop}
            >
              {says.stop}
            </Button>
          </Group>
        ) : (
          <Text size="sm">{says.cannot}</Text>
        )}
        {ask}
        {problem !== null && <Failed problem={problem} />}
      </Stack>
    </Alert>
  );
}
