// One conversation as a line of the list.
import { visible } from '@countersign/protocol/display';
import type { SessionRow } from '@countersign/protocol/identity';
import { Badge, Button, Code, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { href } from '../../app/router.ts';
import { PersonLabel } from '../../parts/PersonLabel.tsx';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';
import { isLive, isShared } from './words.ts';

const says = text.sessions;

interface SessionLineProps {
  readonly row: SessionRow;
  /** Null while it is not known. */
  readonly name: string | null;
  /** False for somebody who is forgotten. */
  readonly isKnown: boolean;
  /** Null where it may not be ended here. */
  readonly onEnd: (() => void) | null;
}

export function SessionLine({ row, name, isKnown, onEnd }: SessionLineProps): ReactNode {
  const { id, person, channel, account, lastTurnAt, createdAt, endedAt } = row;
  return (
    <Group justify="space-between" align="flex-start" gap="sm">
      <Stack gap={2} className="session-main">
        <Group gap={6}>
          <Code>{visible(id)}</Code>
          {isKnown ? (
            <a href={href('people', { open: person })} title={person}>
              <PersonLabel id={person} name={name} />
            </a>
          ) : (
            <em>{says.unknownPerson}</em>
          )}
          <Badge variant="default" tt="none" fw={500}>
            {visible(account === 'default' ? channel : `${channel}:${account}`)}
          </Badge>
          {isShared(row) && (
            <Badge variant="light" tt="none" title={says.sharedHint}>
              {says.shared}
            </Badge>
          )}
        </Group>
        <Text size="sm" c="dimmed">
          {says.last} <When at={lastTurnAt} /> · {says.began} <When at={createdAt} />
          {endedAt !== undefined && (
            <>
              {' · '}
              {says.ended} <When at={endedAt} />
            </>
          )}
        </Text>
      </Stack>
      <Group gap="xs">
        <Button
          component="a"
          href={href('audit', { about: id })}
          variant="default"
          size="compact-sm"
          aria-label={says.happenedIn(id)}
        >
          {says.happened}
        </Button>
        {onEnd !== null && isLive(row) && (
          <Button variant="outline" color="red" size="compact-sm" aria-label={says.endOf(id)} onClick={onEnd}>
            {says.end}
          </Button>
        )}
      </Group>
    </Group>
  );
}
