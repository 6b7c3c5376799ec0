// The thing itself, all of it: every line as the chats and the terminal show it, in a box that scrolls and never shortens
// (R37, H46). Lines of ours stand outside the box, so that nothing in it can pass for one.
import type { Shown } from '@countersign/protocol/action-display';
import type { ApprovalRow } from '@countersign/protocol/approval';
import { exact } from '@countersign/protocol/exact';
import { Alert, Badge, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Facts } from '../../parts/Facts.tsx';
import { text } from '../../text/say.ts';
import { saidOnce } from './run-words.ts';
import { labelOf, TIER_COLOR } from './words.ts';

const says = text.approvals;

export function TierBadge({ tier }: { readonly tier: ApprovalRow['tier'] }): ReactNode {
  return (
    <Badge
      color={TIER_COLOR[tier]}
      variant="light"
      fw={tier === 'destructive' ? 800 : 600}
      tt="none"
      title={says.tierMeans[tier]}
    >
      {says.tiers[tier]}
    </Badge>
  );
}

export function ActionView({ shown }: { readonly shown: Shown }): ReactNode {
  return (
    <Stack gap="xs">
      {shown.warnings.length > 0 && (
        <Alert color="red" variant="light" data-testid="action-warnings">
          {shown.warnings.join(', ')}
        </Alert>
      )}
      <Text fw={600}>{says.kinds[shown.title]}</Text>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it */}
      <pre className="action" tabIndex={0} data-testid="action">
        {shown.body.join('\n')}
      </pre>
      <Labelled facts={shown.facts} />
    </Stack>
  );
}

/** What the digest covers beside what is in front: looked at by those who want to. */
export function Details({ shown }: { readonly shown: Shown }): ReactNode {
  if (shown.details.length === 0) return null;
  return (
    <details>
      <summary>{says.details}</summary>
      <Labelled facts={shown.details} />
    </details>
  );
}

interface RunsProps {
  readonly commands: readonly {
    readonly text: string;
    readonly tier: ApprovalRow['tier'];
    readonly via?: readonly string[] | undefined;
  }[];
  readonly reasons: ApprovalRow['reasons'];
}

/** Everything that would run, with the reasons of each under it. */
export function Runs({ commands, reasons: all }: RunsProps): ReactNode {
  const reasons = saidOnce(all);
  const whole = reasons.filter(({ command }) => command === undefined || commands[command] === undefined);
  return (
    <Stack gap="xs">
      <ol className="runs" data-testid="runs">
        {commands.map(({ text: words, tier, via = [] }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes, and the same command may run twice
          <li key={at}>
            <Group gap={6} align="baseline">
              <TierBadge tier={tier} />
              <code className="exact">{words}</code>
              {via.length > 0 && (
                <Text span size="sm" c="dimmed">
                  {says.via(via.map(exact).join(', '))}
                </Text>
              )}
            </Group>
            <Reasons reasons={reasons.filter(({ command: about }) => about === at)} />
          </li>
        ))}
      </ol>
      <Reasons reasons={whole} />
    </Stack>
  );
}

function Reasons({ reasons }: { readonly reasons: ApprovalRow['reasons'] }): ReactNode {
  if (reasons.length === 0) return null;
  return (
    <ul className="reasons">
      {reasons.map(({ rule, why }) => (
        <li key={`${rule} ${why}`}>
          <Text span size="sm">
            {why}
          </Text>{' '}
          {/* Where no rule fired there is none to name. */}
          {rule !== 'nothing' && (
            <Text span size="xs" c="dimmed">
              {rule}
            </Text>
          )}
        </li>
      ))}
    </ul>
  );
}

function Labelled({ facts }: { readonly facts: Shown['facts'] }): ReactNode {
  return (
    <Facts
      facts={facts.map(({ label, text: value }) => [
        labelOf(label, says),
        <Exact key={label} value={value} />,
      ])}
    />
  );
}

function Exact({ value }: { readonly value: string }): ReactNode {
  return <code className="exact">{value}</code>;
}
