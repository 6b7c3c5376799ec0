// How the house is, in one glance: it runs, who answers, which channels are up.
import { visible } from '@countersign/protocol/display';
import type { Overview } from '@countersign/protocol/overview';
import { Alert, Badge, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { href } from '../../app/router.ts';
import { Facts } from '../../parts/Facts.tsx';
import { Panel } from '../../parts/Panel.tsx';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';
import { keyOf, titleOf } from '../channels/words.ts';

const says = text.overview.health;
type Channel = Overview['health']['channels'][number];

const COLOR: Readonly<Record<Channel['state'], string>> = {
  connected: 'sage',
  retrying: 'orange',
  failed: 'red',
  starting: 'gray',
  off: 'gray',
};

export function Health({ health }: { readonly health: Overview['health'] }): ReactNode {
  const { version, startedAt, agent, isolation, testEndpoints, channels } = health;
  const on = channels.filter(({ enabled }) => enabled);
  return (
    <Panel title={says.title} testId="health">
      {testEndpoints && <Alert color="orange">{says.test}</Alert>}
      <Facts
        facts={[
          startedAt === undefined
            ? [says.since, says.notRunning]
            : [says.since, <When key="since" at={startedAt} />],
          [says.channels, <Channels key="channels" channels={on} />],
          [says.agent, visible(agent)],
          [says.isolation, isolation === 0 ? says.isolations[0] : says.isolations.other(isolation)],
          [says.version, version],
        ]}
      />
    </Panel>
  );
}

function Channels({ channels }: { readonly channels: readonly Channel[] }): ReactNode {
  if (channels.length === 0) return says.noChannels;
  return (
    <Group gap="sm">
      {channels.map((row) => (
        <Group key={keyOf(row)} gap={6}>
          <a href={href('channels', { open: keyOf(row) })}>{visible(titleOf(row, text.channels))}</a>
          <Badge variant="light" color={COLOR[row.state]} tt="none">
            {says.states[row.state]}
          </Badge>
        </Group>
      ))}
      {channels.length > 3 && (
        <Text size="sm" component="span">
          <a href={href('channels')}>{says.toChannels}</a>
        </Text>
      )}
    </Group>
  );
}
