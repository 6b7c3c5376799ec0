// One event as a line of the list: what happened, who did it, what it is about. All of it is text.
import { visible } from '@countersign/protocol/display';
import type { AuditEvent } from '@countersign/protocol/gateway';
import { Badge, Group, Stack, Text } from '@mantine/core';
import { memo, type ReactNode } from 'react';
import { Name } from '../../shared/Name.tsx';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';
import { By, Followed } from './Ids.tsx';
import { idsOf, lineOf, reasonOf, sentenceOf } from './words.ts';

const says = text.audit;
const MOST_IDS = 4;

interface EventRowProps {
  readonly event: AuditEvent;
  readonly onOpen: (id: string) => void;
}

/** An event never changes: it is drawn once, whatever moves around it. */
export const EventRow = memo(function EventRow({ event, onOpen }: EventRowProps): ReactNode {
  const { outcome, reason, actor, subject, personal = {} } = event;
  const sentence = sentenceOf(event, says);
  const { channel, account, path } = subject;
  const where = typeof channel === 'string' ? place(channel, account) : null;
  return (
    <Group justify="space-between" align="flex-start" gap="xs" wrap="nowrap">
      <Stack gap={2} className="audit-main">
        <Group gap={8}>
          <button
            type="button"
            className="audit-open"
            onClick={() => onOpen(event.id)}
            aria-label={says.open(sentence)}
          >
            {sentence}
          </button>
          <Outcome outcome={outcome} />
        </Group>
        <Text size="sm" c="dimmed" component="div" className="audit-about">
          <By actor={actor} />
          {where !== null && <> · {visible(where)}</>}
          {typeof path === 'string' && (
            <>
              {' · '}
              <code>{visible(path)}</code>
            </>
          )}
          {reason !== undefined && <> · {reasonOf(reason, says) ?? visible(reason)}</>}
        </Text>
        <Group gap={8}>
          {idsOf(event)
            .slice(0, MOST_IDS)
            .map((id) => (
              <Followed key={id} id={id} />
            ))}
          {Object.entries(personal).map(([name, value]) => (
            <Text key={name} size="sm" component="span">
              <Name text={lineOf(value)} />
            </Text>
          ))}
        </Group>
      </Stack>
      <Text size="sm" c="dimmed" className="audit-when">
        <When at={event.at} />
      </Text>
    </Group>
  );
});

export function Outcome({ outcome }: { readonly outcome: AuditEvent['outcome'] }): ReactNode {
  if (outcome === 'ok') return null;
  return (
    <Badge color={outcome === 'failed' ? 'red' : 'orange'} variant="light" tt="none">
      {says.outcome[outcome]}
    </Badge>
  );
}

function place(channel: string, account: AuditEvent['subject'][string] | undefined): string {
  return typeof account === 'string' && account !== 'default' ? `${channel}:${account}` : channel;
}
