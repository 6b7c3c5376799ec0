// What is read before anything is decided: the thing itself, then who asks and for whom, then why it has its tier.

import type { ApprovalRow } from '@countersign/protocol/approval';
import { visible } from '@countersign/protocol/display';
import { Alert, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Facts } from '../../parts/Facts.tsx';
import { Claim } from '../../parts/Who.tsx';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';
import { ActionView, Details, Runs, TierBadge } from './ActionView.tsx';
import { becauseOf, flagsOf, nameIn, outcomeOf, saidHow, toldOf } from './words.ts';

const says = text.approvals;

export function AboutApproval({ row }: { readonly row: ApprovalRow }): ReactNode {
  const {
    tier,
    short,
    state,
    agent,
    requester,
    host,
    createdAt,
    expiresAt,
    reasons,
    commands = [],
    need,
    decisions,
    id,
    told,
  } = row;
  const { shown } = toldOf(row);
  // Of what is over and came to nothing, the first line of all says why (RunView.tsx).
  const because = outcomeOf(row, says) === null ? null : becauseOf(row, says);
  return (
    <Stack gap="md" data-testid="about-approval">
      <Group gap="sm" align="baseline">
        <TierBadge tier={tier} />
        <Text size="sm" c="dimmed">
          {says.tierMeans[tier]}
        </Text>
      </Group>
      {flagsOf(row, says).map((flag) => (
        <Alert key={flag} color="orange" variant="light">
          {flag}
        </Alert>
      ))}
      {shown === null ? <Text fs="italic">{says.hidden}</Text> : <ActionView shown={shown} />}
      <Facts
        facts={[
          [
            says.short,
            <Stack key="short" gap={0}>
              <span className="digest" data-testid="short">
                {short}
              </span>
              <Text size="sm" c="dimmed">
                {says.shortHint}
              </Text>
            </Stack>,
          ],
          [says.agent, visible(agent)],
          [
            says.whose,
            requester === null ? says.nobodyKnown : <Claim key="whose" claim={nameIn(row, requester)} />,
          ],
          // Where the action is shown, it says that itself; but not what a paired machine is called, or which one is ours.
          shown === null || row.here === true || nameIn(row, host) !== host
            ? [says.host, <Machine key="host" row={row} />]
            : null,
          [says.asked, <When key="asked" at={createdAt} />],
          state === 'pending' ? [says.until, <When key="until" at={expiresAt} />] : null,
          need === undefined ? null : [says.who, <Deciders key="who" row={row} />],
          decisions.length === 0
            ? null
            : [
                says.given,
                <Stack key="given" gap={2}>
                  {decisions.map((word) => (
                    <Text key={`${word.by} ${word.at}`} component="div" size="sm">
                      {(word.decision === 'approve' ? says.saidYes : says.saidNo)(
                        visible(nameIn(row, word.by)),
                      )}{' '}
                      <When at={word.at} /> · {saidHow(word, says)}
                      {word.reason !== undefined && ` · ${says.reason}: ${visible(word.reason)}`}
                    </Text>
                  ))}
                </Stack>,
              ],
          [says.id, <code key="id">{id}</code>],
        ]}
      />
      {because !== null && <Alert color="gray">{because}</Alert>}
      {state === 'pending' && told !== undefined && told !== 'delivered' && (
        <Text size="sm" c="dimmed">
          {says.told[told]}
        </Text>
      )}
      <div>
        <Text fw={600} mb={6}>
          {commands.length > 0 ? says.runs : says.why}
        </Text>
        <Runs commands={commands} reasons={reasons} />
      </div>
      {shown !== null && <Details shown={shown} />}
    </Stack>
  );
}

/** By its id; what it is called is a claim of its owner's (R67). */
function Machine({ row }: { readonly row: ApprovalRow }): ReactNode {
  const name = nameIn(row, row.host);
  if (row.here === true) return <span data-testid="machine">{says.here}</span>;
  return (
    <Group gap="xs" data-testid="machine">
      <code>{visible(row.host)}</code>
      {name === row.host ? null : <Claim claim={name} />}
    </Group>
  );
}

function Deciders({ row }: { readonly row: ApprovalRow }): ReactNode {
  const { people = [], quorum = 1 } = row.need ?? {};
  return (
    <Stack gap={2}>
      <Group gap={6}>
        {people.map((id) => (
          <Claim key={id} claim={nameIn(row, id)} />
        ))}
      </Group>
      {quorum > 1 && <Text size="sm">{says.quorum(quorum)}</Text>}
    </Stack>
  );
}
