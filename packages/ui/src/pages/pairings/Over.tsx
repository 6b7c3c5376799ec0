// A request that has been decided: how, by whom, when; and beside it the way back, where there is one.
import { visible } from '@countersign/protocol/display';
import type { PairingRow } from '@countersign/protocol/pairing';
import { Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useAct } from '../../app/act.ts';
import { useMay } from '../../app/me.ts';
import { type Answer, Decide } from '../../parts/Decide.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';
import { AskedFacts } from './AskedFacts.tsx';
import { Decider, Someone } from './Decider.tsx';
import { EndAccess } from './EndAccess.tsx';
import { chatName } from './look-alikes.ts';

const says = text.pairings;

export function Over({
  row,
  onClose,
}: {
  readonly row: PairingRow;
  readonly onClose: () => void;
}): ReactNode {
  const { act, isBusy, ask, problem } = useAct();
  const mayDecide = useMay()('pairing');
  const [isEnding, setEnding] = useState(false);
  const chat = visible(chatName(row));
  const { id, state } = row;
  if (isEnding) return <EndAccess row={row} onClose={onClose} />;

  const block = async (): Promise<void> => {
    const done = await act({
      work: (api) => api.pairings.block(id),
      changes: ['pairings', 'people'],
      said: () => says.decide.blocked(chat),
      undo: () => ({ work: (api) => api.pairings.unblock(id), said: says.decide.unblocked(chat) }),
    });
    if (done) onClose();
  };
  const unblock = async (): Promise<void> => {
    const done = await act({
      work: (api) => api.pairings.unblock(id),
      changes: ['pairings'],
      said: () => says.blocked.unblocked(chat),
      undo: () => ({ work: (api) => api.pairings.block(id), said: says.decide.blockedAgain(chat) }),
    });
    if (done) onClose();
  };
  const way: readonly Answer[] = !mayDecide
    ? []
    : state === 'approved'
      ? [{ id: 'revoke-pairing', label: says.approved.revoke, kind: 'grave', press: () => setEnding(true) }]
      : state === 'blocked'
        ? [{ id: 'unblock-pairing', label: says.blocked.unblock, kind: 'other', press: () => void unblock() }]
        : [{ id: 'block-pairing', label: says.decide.block, kind: 'grave', press: () => void block() }];
  return (
    <Decide
      title={state === 'expired' ? says.over.expiredTitle : says.over.title}
      isOpen
      onClose={onClose}
      answers={[{ id: 'close-pairing', label: says.decide.close, kind: 'safe', press: onClose }, ...way]}
      isBusy={isBusy}
      ask={ask}
      problem={problem}
      testId="decided-pairing"
    >
      <Text fw={600}>{says.over[state]}</Text>
      <Facts
        facts={[
          row.decidedBy === undefined ? null : [says.over.by, <Decider key="by" by={row.decidedBy} />],
          row.decidedAt === undefined ? null : [says.over.when, <When key="when" at={row.decidedAt} />],
          row.accessUntil === undefined ? null : [says.over.until, <When key="until" at={row.accessUntil} />],
          row.person === undefined ? null : [says.over.person, <Someone key="person" id={row.person} />],
        ]}
      />
      <AskedFacts row={row} />
    </Decide>
  );
}
