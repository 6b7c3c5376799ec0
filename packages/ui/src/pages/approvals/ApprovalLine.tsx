// One request as a line of the list: the command whole, or not at all.

import type { ApprovalRow } from '@countersign/protocol/approval';
import { visible } from '@countersign/protocol/display';
import { Badge, Button, Code, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Name } from '../../shared/Name.tsx';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';
import { TierBadge } from './ActionView.tsx';
import { becauseOf, flagsOf, nameIn, outcomeOf, stateOf, toldOf } from './words.ts';

const says = text.approvals;
const LOOK = {
  open: { variant: 'default' },
  good: { variant: 'light', color: 'sage' },
  bad: { variant: 'light', color: 'orange' },
} as const;

interface ApprovalLineProps {
  readonly row: ApprovalRow;
  readonly onOpen: () => void;
}

export function ApprovalLine({ row, onOpen }: ApprovalLineProps): ReactNode {
  const { short, tier, state, agent, requester, createdAt, decision } = row;
  const { shown, line } = toldOf(row);
  // The words of its state say that a yes was not used.
  const isSaid = state === 'pending' || (row.endedBy === 'unused' && row.because === 'unused');
  const because = isSaid ? null : becauseOf(row, says);
  return (
    <Group justify="space-between" align="flex-start" gap="sm" data-testid="approval">
      <Stack gap={4} className="approval-main">
        <Group gap={6}>
          <TierBadge tier={tier} />
          <Code>{short}</Code>
          {state !== 'pending' && (
            <Badge {...LOOK[outcomeOf(row, says)?.tone ?? 'open']} tt="none" fw={500}>
              {stateOf(row, says)}
            </Badge>
          )}
          {flagsOf(row, says).map((flag) => (
            <Badge key={flag} color="orange" variant="light" tt="none">
              {flag}
            </Badge>
          ))}
        </Group>
        {line === null ? (
          <Text size="sm" fs="italic">
            {shown === null ? says.hidden : says.long}
          </Text>
        ) : (
          <code className="exact">{line}</code>
        )}
        <Text size="sm" c="dimmed" component="div">
          {says.agent} {visible(agent)} · {says.whose}{' '}
          {requester === null ? says.nobodyKnown : <Name text={nameIn(row, requester)} />} · {says.asked}{' '}
          <When at={createdAt} />
          {decision !== undefined && (
            <>
              {' · '}
              {decision.decision === 'approve'
                ? says.saidYes(visible(nameIn(row, decision.by)))
                : says.saidNo(visible(nameIn(row, decision.by)))}
            </>
          )}
        </Text>
        {because !== null && (
          <Text size="sm" c="dimmed">
            {because}
          </Text>
        )}
      </Stack>
      <Button
        variant={state === 'pending' ? 'outline' : 'default'}
        size="compact-sm"
        onClick={onOpen}
        aria-label={says.openOf(short)}
      >
        {says.open}
      </Button>
    </Group>
  );
}
