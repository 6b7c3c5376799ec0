// What waits for somebody, as a list of cards: arrows go through it, Enter goes to where it is decided.
import { visible } from '@countersign/protocol/display';
import type { Need, Overview } from '@countersign/protocol/overview';
import { Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useRead } from '../../app/queries.ts';
import { Icon } from '../../parts/Icon.tsx';
import { Panel } from '../../parts/Panel.tsx';
import { Rows } from '../../parts/Rows.tsx';
import { Empty } from '../../parts/States.tsx';
import { Who } from '../../parts/Who.tsx';
import { Name } from '../../shared/Name.tsx';
import { Rich } from '../../shared/Rich.tsx';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';
import { toldOf } from '../approvals/words.ts';
import '../approvals/approvals.css';
import { Person } from '../devices/Person.tsx';
import { type Card, cardOf } from './needs.ts';

const says = text.overview.needs;
const MOST_WANTED = 100;

export function Needs({ needs, more }: Pick<Overview, 'needs' | 'more'>): ReactNode {
  if (needs.length === 0) return <Empty title={says.none}>{says.noneHint}</Empty>;
  const rows = needs.map((need) => ({ need, card: cardOf(need, says, text.channels) }));
  const go = ({ card }: { readonly card: Card }): void => {
    if (card.action !== null) location.hash = card.action.href;
  };
  return (
    <Panel title={says.title} about={says.count(needs.length + more)} testId="needs-panel">
      <div>
        <Rows
          label={says.list}
          items={rows}
          keyOf={({ card }) => card.key}
          onOpen={go}
          estimate={110}
          testId="needs"
          row={({ need, card }) => <NeedCard need={need} card={card} />}
        />
      </div>
      {more > 0 && (
        <Text size="sm" c="dimmed">
          {says.more(more)}
        </Text>
      )}
    </Panel>
  );
}

function NeedCard({ need, card }: { readonly need: Need; readonly card: Card }): ReactNode {
  const { icon, title, does, action } = card;
  return (
    <Group gap="md" align="flex-start" className="need">
      <span className="need-icon">
        <Icon name={icon} />
      </span>
      <Stack gap={4} className="need-main">
        <Text fw={600}>{title}</Text>
        <Text size="sm" component="div">
          <About need={need} />
        </Text>
        {does !== null && (
          <Text size="sm" c="dimmed">
            {does}
          </Text>
        )}
      </Stack>
      {action !== null && (
        <Button component="a" href={action.href} variant="outline" aria-label={action.name}>
          {action.label}
        </Button>
      )}
    </Group>
  );
}

/** Which one it is. First what it cannot choose about itself (R67). */
function About({ need }: { readonly need: Need }): ReactNode {
  switch (need.kind) {
    case 'pairing': {
      const { channel, account, identifier, displayName, username, firstWords, createdAt } = need.pairing;
      return (
        <Stack gap={4}>
          <Who channel={channel} account={account} id={identifier} claims={[displayName, username]} />
          {firstWords !== undefined && (
            <span className="need-words">
              {says.pairing.words}: <Name text={firstWords} />
            </span>
          )}
          <Since at={createdAt} ends={need.pairing.expiresAt} word={says.pairing.ends} />
        </Stack>
      );
    }
    case 'approval': {
      const { short, tier, agent, createdAt, expiresAt } = need.approval;
      return (
        <Stack gap={4}>
          <Wanted id={need.approval.id} />
          <span>
            {says.approval.agent} <Name text={agent} /> · {text.approvals.tiers[tier]} · <code>{short}</code>
          </span>
          <Since at={createdAt} ends={expiresAt} word={says.approval.ends} />
        </Stack>
      );
    }
    case 'device':
      return (
        <Stack gap={4}>
          <Who id={need.device.id} claims={[need.device.name]} />
          <Since at={need.device.createdAt} ends={need.device.expiresAt} word={says.device.ends} />
        </Stack>
      );
    case 'recovery':
      return (
        <Stack gap={4}>
          <span>
            <Person id={need.recovery.person} />
          </span>
          <Since at={need.recovery.startedAt} ends={need.recovery.readyAt} word={says.recovery.ready} />
        </Stack>
      );
    case 'config':
      return (
        <span>
          {says.config.setting}: <code>{visible(need.change.path)}</code>
        </span>
      );
    case 'channel':
      return <Rich text={need.channel.detail ?? ''} />;
    case 'check': {
      const { name, message, hint } = need.check;
      return (
        <Stack gap={4}>
          <span>
            <Rich text={`${name}: ${message}`} />
          </span>
          {hint !== undefined && (
            <span>
              {says.check.todo}: <Rich text={hint} />
            </span>
          )}
        </Stack>
      );
    }
    default:
      return need satisfies never;
  }
}

/** The command itself, to whoever may read it: whole, or not at all (R37). */
function Wanted({ id }: { readonly id: string }): ReactNode {
  const open = useRead('approvals', ['wanted'], async (api) => {
    return (await api.approvals.list({ show: 'open', limit: MOST_WANTED })).items;
  });
  const row = open.value?.find((one) => one.id === id);
  if (row === undefined) return null;
  const { shown, line } = toldOf(row);
  if (shown === null) return null;
  return line === null ? (
    <Text size="sm" fs="italic" span>
      {text.approvals.long}
    </Text>
  ) : (
    <code className="exact" data-testid="wanted">
      {line}
    </code>
  );
}

interface SinceProps {
  readonly at: string;
  readonly ends: string | undefined;
  readonly word: string;
}

function Since({ at, ends, word }: SinceProps): ReactNode {
  return (
    <Text size="sm" c="dimmed" component="span">
      <When at={at} />
      {ends !== undefined && (
        <>
          {' · '}
          {word} <When at={ends} />
        </>
      )}
    </Text>
  );
}
