// One request, opened by its address. While it waits it can be decided: the focus stands on Deny (R47), and what is elevated
// or worse is asked about twice. Once somebody decided, here or elsewhere, it says who and how, calmly.

import type { ApprovalRow } from '@countersign/protocol/approval';
import { visible } from '@countersign/protocol/display';
import { Alert, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { type Acting, useAct } from '../../app/act.ts';
import { useMay, useOwnDevice } from '../../app/me.ts';
import { useRead } from '../../app/queries.ts';
import { type Answer, Decide } from '../../parts/Decide.tsx';
import { Failed, Loading } from '../../parts/States.tsx';
import { text } from '../../text/say.ts';
import { AboutApproval } from './AboutApproval.tsx';
import { TierBadge } from './ActionView.tsx';
import { AlwaysAllow } from './AlwaysAllow.tsx';
import { isGrave, nameIn } from './words.ts';

const says = text.approvals;
/** Sooner nobody has read anything (R50): the second press of a double click says no yes. */
const SOONEST_MS = 700;

interface AskedProps {
  readonly id: string;
  readonly onClose: () => void;
}

export function Asked({ id, onClose }: AskedProps): ReactNode {
  const acting = useAct();
  const shown = useRead('approvals', ['one', id], (api) => api.approvals.get(id));
  const [isKeeping, setKeeping] = useState(false);
  const row = shown.value;
  if (row !== null && isKeeping) return <AlwaysAllow row={row} onClose={() => setKeeping(false)} />;
  // Our own answer on its way is not somebody else's.
  if (row !== null && (row.state === 'pending' || acting.isBusy))
    return <Open row={row} acting={acting} onClose={onClose} onAlways={() => setKeeping(true)} />;
  const mayKeep = row !== null && row.action !== undefined && row.tier !== 'destructive';
  return (
    <Decide
      title={says.decide.title}
      isOpen
      onClose={onClose}
      answers={[
        { id: 'close-approval', label: says.decide.close, kind: 'safe', press: onClose },
        ...(mayKeep
          ? [{ id: 'always', label: says.always.open, kind: 'other' as const, press: () => setKeeping(true) }]
          : []),
      ]}
      testId="approval-over"
    >
      {row !== null ? (
        <Stack gap="md">
          <Alert color={row.state === 'approved' ? 'sage' : 'gray'} data-testid="approval-state">
            {says.states[row.state]}
          </Alert>
          <AboutApproval row={row} />
        </Stack>
      ) : shown.problem === null ? (
        <Loading lines={3} />
      ) : shown.problem.code === 'not_found' ? (
        says.decide.missing
      ) : (
        <Failed problem={shown.problem} again={shown.again} />
      )}
    </Decide>
  );
}

interface OpenProps {
  readonly row: ApprovalRow;
  readonly acting: Acting;
  readonly onClose: () => void;
  readonly onAlways: () => void;
}

function Open({ row, acting, onClose, onAlways }: OpenProps): ReactNode {
  const { act, isBusy, ask, problem } = acting;
  const { id, tier, short, need } = row;
  const may = useMay();
  const own = useOwnDevice()?.person;
  const [reason, setReason] = useState('');
  const [isSure, setSure] = useState(false);
  const isSettled = useSettled(isSure);
  const isTheirs = own !== undefined && need?.people.includes(own) === true;
  const needsProof = (need?.factors.length ?? 0) > 0;
  const mayDecide = may('approvals') && isTheirs;

  const say = async (decision: 'approve' | 'deny'): Promise<void> => {
    const why = decision === 'deny' && reason.trim() !== '' ? { reason: reason.trim() } : {};
    const done = await act({
      work: (api) => api.approvals.decide(id, { decision, ...why }),
      changes: ['approvals', 'audit', 'overview'],
      said: (after) => (after.state === 'pending' ? says.done.endorsed(short) : says.done[decision](short)),
    });
    if (done) onClose();
  };
  if (isSure)
    return (
      // Another dialog, not the same with other words: the focus goes to Deny again.
      <Decide
        key="sure"
        title={says.decide.sure(says.tiers[tier])}
        isOpen
        onClose={() => setSure(false)}
        isBusy={isBusy}
        ask={ask}
        problem={problem}
        answers={[
          { id: 'deny', label: says.decide.deny, kind: 'safe', press: () => void say('deny') },
          {
            id: 'approve-really',
            label: says.decide.really,
            kind: 'yes',
            isDisabled: !isSettled,
            press: () => void say('approve'),
          },
          { id: 'back', label: says.decide.back, kind: 'other', press: () => setSure(false) },
        ]}
        testId="approval-sure"
      >
        <Stack gap="sm">
          <TierBadge tier={tier} />
          <span className="digest">{short}</span>
          <Text>{says.decide.sureHint}</Text>
        </Stack>
      </Decide>
    );
  const answers: Answer[] = mayDecide
    ? [
        { id: 'deny', label: says.decide.deny, kind: 'safe', press: () => void say('deny') },
        {
          id: 'approve',
          label: says.decide.approve,
          kind: 'yes',
          isDisabled: needsProof,
          press: () => (isGrave(tier) ? setSure(true) : void say('approve')),
        },
        { id: 'later', label: says.decide.later, kind: 'other', press: onClose },
      ]
    : [{ id: 'later', label: says.decide.close, kind: 'safe', press: onClose }];
  return (
    <Decide
      key="asked"
      title={says.decide.title}
      isOpen
      onClose={onClose}
      isBusy={isBusy}
      ask={ask}
      problem={problem}
      answers={[
        ...answers,
        ...(may('manage') && tier !== 'destructive'
          ? [{ id: 'always', label: says.always.open, kind: 'other' as const, press: onAlways }]
          : []),
      ]}
      testId="approval-open"
    >
      <Stack gap="md">
        <AboutApproval row={row} />
        {needsProof && (
          <Alert color="orange" variant="light" data-testid="needs-proof">
            {says.decide.needsProof}
          </Alert>
        )}
        {!mayDecide && (
          <Alert color="gray">
            {may('approvals')
              ? `${says.decide.notYours} ${says.decide.needs((need?.people ?? []).map((one) => visible(nameIn(row, one))).join(', '))}`
              : says.cannot}
          </Alert>
        )}
        {mayDecide && (
          <TextInput
            label={says.decide.reasonLabel}
            description={says.decide.reasonHint}
            value={reason}
            maxLength={1_000}
            autoComplete="off"
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
          />
        )}
      </Stack>
    </Decide>
  );
}

function useSettled(isOpen: boolean): boolean {
  const [isSettled, setSettled] = useState(false);
  useEffect(() => {
    setSettled(false);
    if (!isOpen) return undefined;
    const timer = setTimeout(() => setSettled(true), SOONEST_MS);
    return () => clearTimeout(timer);
  }, [isOpen]);
  return isSettled;
}
