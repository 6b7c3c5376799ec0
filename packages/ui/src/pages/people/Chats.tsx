// Where a person writes from: each chat with what it may act as, what its channel proves, and how it ends.
import { visible } from '@countersign/protocol/display';
import type { PersonRow } from '@countersign/protocol/identity';
import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Panel } from '../../parts/Panel.tsx';
import { Empty } from '../../parts/States.tsx';
import { Who } from '../../parts/Who.tsx';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';
import { chatName } from '../pairings/look-alikes.ts';

const says = text.people.chats;
type Peer = PersonRow['peers'][number];

interface ChatsProps {
  readonly person: PersonRow;
  readonly mayChange: boolean;
  readonly onLink: (prefilled: string, own: Peer | null) => void;
  readonly onUnlink: (peer: Peer) => void;
}

export function Chats({ person, mayChange, onLink, onUnlink }: ChatsProps): ReactNode {
  return (
    <Panel
      title={says.title}
      about={says.about}
      testId="chats"
      actions={
        mayChange && (
          <Button variant="outline" onClick={() => onLink('', null)} data-testid="link-chat">
            {says.link}
          </Button>
        )
      }
    >
      {person.peers.length === 0 ? (
        <Empty title={says.none} icon="channel">
          {says.noneHint}
        </Empty>
      ) : (
        <ul className="chats" aria-label={says.list}>
          {person.peers.map((peer) => (
            <li key={chatName(peer)}>
              <Group justify="space-between" align="flex-start" gap="sm">
                <Chat peer={peer} />
                {mayChange && (
                  <Group gap="xs">
                    <Button
                      variant="default"
                      size="compact-sm"
                      aria-label={says.changeOf(visible(chatName(peer)))}
                      onClick={() => onLink(chatName(peer), peer)}
                    >
                      {says.change}
                    </Button>
                    <Button
                      variant="outline"
                      color="red"
                      size="compact-sm"
                      aria-label={says.unlinkOf(visible(chatName(peer)))}
                      onClick={() => onUnlink(peer)}
                    >
                      {says.unlink}
                    </Button>
                  </Group>
                )}
              </Group>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Chat({ peer }: { readonly peer: Peer }): ReactNode {
  const { channel, account, identifier, displayName, username, ceiling, assurance } = peer;
  return (
    <Stack gap={4} className="person">
      <Who channel={channel} account={account} id={identifier} claims={[displayName, username]} />
      <Group gap={6}>
        <Badge variant="default" tt="none" fw={500}>
          {says.ceiling(text.people.role[ceiling])}
        </Badge>
        {peer.blocked && (
          <Badge color="red" variant="light" tt="none">
            {says.blocked}
          </Badge>
        )}
      </Group>
      <Text size="sm" c="dimmed">
        {says.assurance[assurance]}
      </Text>
      <Text size="sm" c="dimmed">
        {peer.lastSeenAt === undefined ? (
          says.neverSeen
        ) : (
          <>
            {says.seen} <When at={peer.lastSeenAt} />
          </>
        )}
        {peer.accessUntil !== undefined && (
          <>
            {' · '}
            {says.until} <When at={peer.accessUntil} />
          </>
        )}
      </Text>
    </Stack>
  );
}
