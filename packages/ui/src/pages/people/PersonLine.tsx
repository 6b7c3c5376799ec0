// Somebody in the list: first the id, then the name, quoted (R67), what they are, and where they write from.
import { visible } from '@countersign/protocol/display';
import type { PersonRow } from '@countersign/protocol/identity';
import { Badge, Code, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { href } from '../../app/router.ts';
import { Claim } from '../../parts/Who.tsx';
import { text } from '../../text/say.ts';
import { chatName } from '../pairings/look-alikes.ts';

const says = text.people;
const CHATS_SHOWN = 2;

export function PersonLine({ person }: { readonly person: PersonRow }): ReactNode {
  const { id, name, role, state, peers } = person;
  const rest = peers.length - CHATS_SHOWN;
  return (
    <Group justify="space-between" gap="sm" data-testid="person-row">
      <Stack gap={2} className="person">
        <Group gap={6}>
          <a href={href('people', { open: id })} tabIndex={-1} aria-label={says.open(id)}>
            <Code>{id}</Code>
          </a>
          <Claim claim={name} />
        </Group>
        <Text size="sm" c="dimmed">
          {peers.length === 0
            ? says.noChats
            : peers
                .slice(0, CHATS_SHOWN)
                .map((peer) => visible(chatName(peer)))
                .join(' · ')}
          {rest > 0 && ` ${says.moreChats(rest)}`}
        </Text>
      </Stack>
      <Standing role={role} state={state} />
    </Group>
  );
}

export function Standing({ role, state }: Pick<PersonRow, 'role' | 'state'>): ReactNode {
  return (
    <Group gap={6}>
      <Badge variant={role === 'user' ? 'default' : 'light'} tt="none" fw={500}>
        {says.role[role]}
      </Badge>
      {state !== 'active' && (
        <Badge color={state === 'blocked' ? 'red' : 'orange'} variant="light" tt="none">
          {says.state[state]}
        </Badge>
      )}
    </Group>
  );
}
