// One event, whole: every field as text in a table, and what proves it. Nothing in it is ever taken for markup.
import { visible } from '@countersign/protocol/display';
import type { AuditEvent } from '@countersign/protocol/gateway';
import { Button, Drawer, Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { href } from '../../app/router.ts';
import { FocusBack } from '../../parts/Dialog.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { Empty } from '../../parts/States.tsx';
import { Copy } from '../../shared/Copy.tsx';
import { exact } from '../../shared/time.ts';
import { text } from '../../text/say.ts';
import { By, Followed } from './Ids.tsx';
import { fieldOf, isId, lineOf, pageOfId, reasonOf, sentenceOf } from './words.ts';

const says = text.audit;

interface DetailProps {
  readonly event: AuditEvent | null;
  readonly onClose: () => void;
}

export function Detail({ event, onClose }: DetailProps): ReactNode {
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="lg"
      title={says.detail.title}
      closeButtonProps={{ 'aria-label': says.detail.close }}
      // Its head is no second banner of the page.
      attributes={{ header: { role: 'presentation' } }}
      data-testid="audit-detail"
    >
      <FocusBack />
      {event === null ? (
        <Empty title={says.detail.missing} icon="search">
          {says.detail.missingHint}
        </Empty>
      ) : (
        <Whole event={event} />
      )}
    </Drawer>
  );
}

function Whole({ event }: { readonly event: AuditEvent }): ReactNode {
  const { type, at, actor, outcome, reason, subject, personal, hash, writer, seq, id } = event;
  const fields = Object.entries(subject);
  return (
    <Stack gap="lg">
      <Text fw={600}>{sentenceOf(event, says)}</Text>
      <Facts
        facts={[
          [says.detail.when, <time key="when" dateTime={at}>{`${exact(Date.parse(at))} (${at})`}</time>],
          [says.detail.by, <By key="by" actor={actor} />],
          [says.detail.outcome, says.outcome[outcome]],
          reason === undefined
            ? null
            : [
                says.detail.reason,
                <span key="reason">
                  {reasonOf(reason, says)} <code>{visible(reason)}</code>
                </span>,
              ],
          [says.detail.type, <code key="type">{visible(type)}</code>],
        ]}
      />
      {fields.length > 0 && (
        <Part title={says.detail.about}>
          <Facts
            facts={fields.map(([name, value]) => [
              fieldOf(name, says),
              <Value key={name} value={lineOf(value)} />,
            ])}
          />
        </Part>
      )}
      {personal !== undefined && (
        <Part title={says.detail.person}>
          <Facts
            facts={Object.entries(personal).map(([name, value]) => [
              fieldOf(name, says),
              <span key={name}>{visible(value)}</span>,
            ])}
          />
          <Text size="sm" c="dimmed">
            {says.detail.personAbout}
          </Text>
        </Part>
      )}
      <Part title={says.detail.proof}>
        <Facts
          facts={[
            [says.detail.id, <code key="id">{id}</code>],
            [says.detail.writer, <code key="writer">{writer}</code>],
            [says.detail.place, seq],
            [says.detail.hash, <code key="hash">{hash}</code>],
          ]}
        />
        <Copy text={hash} label={says.detail.copyHash} />
      </Part>
    </Stack>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <Stack gap="xs" align="flex-start" component="section">
      <Title order={3} size="h5">
        {title}
      </Title>
      {children}
    </Stack>
  );
}

function Value({ value }: { readonly value: string }): ReactNode {
  if (!isId(value)) return <span>{visible(value)}</span>;
  const page = pageOfId(value);
  return (
    <Group gap={8}>
      <Followed id={value} isWhole />
      {page !== null && (
        <Button
          component="a"
          href={href(page.page, page.query)}
          size="compact-xs"
          variant="default"
          aria-label={`${openOf(value)}: ${value}`}
        >
          {openOf(value)}
        </Button>
      )}
    </Group>
  );
}

function openOf(id: string): string {
  if (id.startsWith('prn_')) return says.detail.openPerson;
  if (id.startsWith('appr_')) return says.detail.openApproval;
  return id.startsWith('pair_') ? says.detail.openPairing : says.detail.openDevice;
}
