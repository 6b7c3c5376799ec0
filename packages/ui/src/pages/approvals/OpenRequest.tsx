// A request that waits. The focus stands on Deny (R47), and what is elevated or worse is asked about twice, with the letters
// to compare. A yes may need a proof, asked for in place and spent on this request alone; a no never does. What does not fit
// its own digests cannot be approved here.

import type { ApprovalRow } from '@countersign/protocol/approval';
import { visible } from '@countersign/protocol/display';
import { Alert, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import type { Acting } from '../../app/act.ts';
import { useIsLimited, useMay, useOwnDevice } from '../../app/me.ts';
import { factorOf } from '../../factors/proof.ts';
import { type Answer, Decide } from '../../parts/Decide.tsx';
import { text } from '../../text/say.ts';
import { AboutApproval } from './AboutApproval.tsx';
import { ActionView, TierBadge } from './ActionView.tsx';
import { useGenuine } from './genuine.ts';
import { isGrave, nameIn, pausesOf, proofNotice, toldOf } from './words.ts';

const says = text.approvals;
/** Sooner nobody has read anything (R50): the second press of a double click says no yes. */
const SOONEST_MS = 700;

interface OpenRequestProps {
  readonly row: ApprovalRow;
  readonly acting: Acting;
  readonly onClose: () => void;
  /** Null where no rule would be kept for it. */
  readonly onAlways: (() => void) | null;
}

export function OpenRequest({ row, acting, onClose, onAlways }: OpenRequestProps): ReactNode {
  const { act, ask, problem, callOff } = acting;
  const isAsked = ask !== null;
  // A no needs no proof, and is not kept waiting for one.
  const isBusy = acting.isBusy && !isAsked;
  const { id, tier, short, need } = row;
  const may = useMay();
  const own = useOwnDevice()?.person;
  const isLimited = useIsLimited();
  const [reason, setReason] = useState('');
  const [isSure, setSure] = useState(false);
  const isSettled = useSettled(isSure);
  const isTheirs = own !== undefined && need?.people.includes(own) === true;
  const genuine = useGenuine(row);
  const factors = need?.factors ?? [];
  const notice = proofNotice(row, says);
  const { shown } = toldOf(row);
  const mayDecide = may('approvals') && isTheirs;

  const say = async (decision: 'approve' | 'deny'): Promise<void> => {
    const why = decision === 'deny' && reason.trim() !== '' ? { reason: reason.trim() } : {};
    const done = await act({
      work: (api, proof) =>
        api.approvals.decide(id, {
          decision,
          ...why,
          ...(proof === null ? {} : { factor: factorOf(proof) }),
        }),
      // Of anything less an earlier proof of theirs may count for a while: it is tried, and the gateway says.
      needsProof: decision === 'approve' && tier === 'destructive' && factors.length > 0,
      changes: ['approvals', 'audit', 'overview'],
      said: (after) =>
        after.state === 'pending'
          ? says.done.endorsed(short)
          : [says.done[decision](short), ...pausesOf(after, says)].join(' '),
    });
    if (done) onClose();
  };
  const back = (): void => {
    callOff();
    setSure(false);
  };
  if (isSure)
    return (
      // Another dialog, not the same with other words: the focus goes to Deny again.
      <Decide
        key="sure"
        title={says.decide.sure(says.tiers[tier])}
        isOpen
        onClose={back}
        isBusy={isBusy}
        ask={ask}
        problem={problem}
        answers={[
          { id: 'deny', label: says.decide.deny, kind: 'safe', press: () => void say('deny') },
          ...(isAsked
            ? []
            : [
                {
                  id: 'approve-really',
                  label: says.decide.really,
                  kind: 'yes' as const,
                  isDisabled: !isSettled || genuine !== 'same',
                  press: () => void say('approve'),
                },
              ]),
          { id: 'back', label: says.decide.back, kind: 'other', press: back },
        ]}
        testId="approval-sure"
      >
        <Stack gap="sm">
          <TierBadge tier={tier} />
          {/* Whole again, from the same bytes: a yes is said to what stands beside it (R37). */}
          {shown !== null && <ActionView shown={shown} />}
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
          isDisabled: genuine !== 'same' || isAsked,
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
        ...(onAlways !== null && genuine === 'same'
          ? [{ id: 'always', label: says.always.open, kind: 'other' as const, press: onAlways }]
          : []),
      ]}
      testId="approval-open"
    >
      <Stack gap="md">
        {genuine === 'other' && (
          <Alert color="red" variant="light" title={says.decide.mixed} data-testid="not-genuine">
            {says.decide.mixedHint}
          </Alert>
        )}
        <AboutApproval row={row} />
        {mayDecide && notice !== null && genuine !== 'other' && (
          <Alert color="sage" variant="light" data-testid="needs-proof">
            {notice}
          </Alert>
        )}
        {!mayDecide && (
          <Alert color="gray">
            {may('approvals')
              ? `${says.decide.notYours} ${says.decide.needs((need?.people ?? []).map((one) => visible(nameIn(row, one))).join(', '))}`
              : isLimited
                ? says.cannotYet
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
