// What has ended: devices that were cut off or forgotten, requests that were decided. Read when it is asked for.
import { visible } from '@countersign/protocol/display';
import { Badge, Button, Code, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { usePages } from '../../app/queries.ts';
import { Panel } from '../../parts/Panel.tsx';
import { Rows } from '../../parts/Rows.tsx';
import { States } from '../../parts/States.tsx';
import { Claim } from '../../parts/Who.tsx';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';
import { endedFirst, nameOf, whySay } from './words.ts';

const says = text.devices.ended;

export function Ended({ onHide }: { readonly onHide: () => void }): ReactNode {
  const all = usePages('devices', ['pages', 'all'], (api, after) => api.devices.list('all', after));
  const rows = endedFirst(all.items);
  return (
    <Panel
      title={says.title}
      actions={
        <Button variant="subtle" size="compact-sm" onClick={onHide} aria-expanded={true}>
          {says.hide}
        </Button>
      }
    >
      <States of={all} has={rows.length > 0} empty={<Text c="dimmed">{says.none}</Text>}>
        <Rows
          label={says.list}
          items={rows}
          keyOf={({ id }) => id}
          more={{ has: all.hasMore, isLoading: all.isLoadingMore, load: all.more }}
          testId="ended-devices"
          row={(row) => {
            const why = whySay(row, text.devices);
            const at = row.endedAt ?? row.expiresAt;
            return (
              <Stack gap={2}>
                <Group gap={6}>
                  <Code>{visible(row.id)}</Code>
                  <Claim claim={nameOf(row, text.devices)} />
                  <Badge variant="default" tt="none" fw={500}>
                    {says.state[row.state]}
                  </Badge>
                </Group>
                <Text size="sm" c="dimmed">
                  {at !== undefined && (
                    <>
                      {says.when} <When at={at} />
                    </>
                  )}
                  {why !== null && ` · ${why}`}
                </Text>
              </Stack>
            );
          }}
        />
      </States>
    </Panel>
  );
}
