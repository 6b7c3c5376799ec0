// While an agent works elevated, every page says so, and who allowed it; whoever decides ends it from here, with no proof.

import { visible } from '@countersign/protocol/display';
import type { ElevationRow } from '@countersign/protocol/grant';
import { Alert, Button, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Failed } from '../parts/States.tsx';
import { When } from '../shared/When.tsx';
import { text } from '../text/say.ts';
import { useAct } from './act.ts';
import { useElevations } from './elevations.ts';
import { useMay } from './me.ts';

const says = text.shell.elevated;

export function Elevated(): ReactNode {
  return useElevations().map((row) => <One key={row.id} row={row} />);
}

function One({ row }: { readonly row: ElevationRow }): ReactNode {
  const may = useMay();
  const { act, isBusy, ask, problem } = useAct();
  const { id, by, name, session, until } = row;
  const agent = visible(row.agent);
  const end = (): Promise<boolean> =>
    act({
      work: (api) => api.elevations.end(id),
      changes: ['policy', 'overview', 'audit'],
      said: () => says.ended,
    });
  return (
    <Alert color="orange" variant="light" mb="lg" title={says.title(agent)} data-testid="elevated">
      <Group justify="space-between" gap="sm">
        <Text size="sm" component="div" flex="1 1 14rem">
          {says.by(visible(name ?? by))}, {session === null ? says.theirs : says.session}; {says.ends}{' '}
          <When at={until} />.
        </Text>
        {(may('approvals') || may('manage')) && (
          <Button
            size="compact-sm"
            color="red"
            variant="outline"
            disabled={isBusy}
            aria-label={says.endOf(agent)}
            data-testid="end-elevation"
            onClick={() => void end()}
          >
            {says.end}
          </Button>
        )}
      </Group>
      {ask}
      {problem !== null && <Failed problem={problem} />}
    </Alert>
  );
}
