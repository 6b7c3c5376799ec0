// Requests to be let in, the oldest first. Nothing is decided in the list: what a device will be able to do is read first.
import type { DeviceRow } from '@countersign/protocol/device';
import { visible } from '@countersign/protocol/display';
import { Badge, Button, Code, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Panel } from '../../parts/Panel.tsx';
import { Rows } from '../../parts/Rows.tsx';
import { Claim } from '../../parts/Who.tsx';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';
import { nameOf } from './words.ts';

const says = text.devices;

interface WaitingProps {
  readonly rows: readonly DeviceRow[];
  readonly onOpen: (id: string) => void;
}

export function Waiting({ rows, onOpen }: WaitingProps): ReactNode {
  return (
    <Panel title={says.waiting.title} about={says.waiting.about}>
      <Rows
        label={says.waiting.list}
        items={rows}
        keyOf={({ id }) => id}
        onOpen={({ id }) => onOpen(id)}
        testId="pending-devices"
        row={(row) => (
          <Group justify="space-between" gap="sm">
            <Stack gap={2} className="device-main">
              <Group gap={6}>
                <Code>{visible(row.id)}</Code>
                <Claim claim={nameOf(row, says)} />
                {row.role === 'node' && (
                  <Badge variant="light" tt="none">
                    {says.role.node}
                  </Badge>
                )}
              </Group>
              <Text size="sm" c="dimmed">
                {says.waiting.asked} <When at={row.createdAt} />
                {row.address !== undefined && ` ${says.waiting.from(visible(row.address))}`}
                {row.expiresAt !== undefined && (
                  <>
                    {' · '}
                    {says.waiting.until} <When at={row.expiresAt} />
                  </>
                )}
              </Text>
            </Stack>
            <Button
              variant="outline"
              size="compact-sm"
              aria-label={says.waiting.lookAt(visible(row.id))}
              onClick={() => onOpen(row.id)}
            >
              {says.waiting.look}
            </Button>
          </Group>
        )}
      />
    </Panel>
  );
}
