// A request is asked once, decided once, run once. What it asks never changes: another command, another person, another
// version of the policy is another request (R21). The machine is this table: a cell is the next state, or the code of the
// problem that says why not. Expiry is a fact computed on read; silence and every error end in a no (R42).
import { type ApprovalState, approvalStateSchema } from '@countersign/protocol/approval';
import type { ProblemCode } from '@countersign/protocol/problem';
import type { Millis } from '../ports.ts';

export type ApprovalEvent =
  /** A yes that leaves others to be asked. */
  | 'endorse'
  /** The last yes that was needed. */
  | 'approve'
  | 'deny'
  /** The requester, its agent or a stop took it back. */
  | 'cancel'
  | 'expire'
  /** What it rests on changed: the policy, the people, the rules (R41). */
  | 'supersede'
  /** Its host spends the grant, before anything starts. */
  | 'redeem'
  | 'finish'
  /** Its host never reported: it may have run, and may not. */
  | 'lose';

type Refusal = Extract<ProblemCode, 'already_decided' | 'expired' | 'state_conflict'>;

export type ApprovalStep = { readonly to: ApprovalState } | { readonly refused: Refusal };

const to = (state: ApprovalState): ApprovalStep => ({ to: state });
const no = (refused: Refusal): ApprovalStep => ({ refused });

/** A row in which nothing happens any more; `decided` is what somebody hears who comes with a word. */
const over = (decided: Refusal): Readonly<Record<ApprovalEvent, ApprovalStep>> => ({
  endorse: no(decided),
  approve: no(decided),
  deny: no(decided),
  cancel: no(decided),
  expire: no('state_conflict'),
  supersede: no('state_conflict'),
  redeem: no(decided === 'expired' ? 'expired' : 'state_conflict'),
  finish: no('state_conflict'),
  lose: no('state_conflict'),
});

/** Every state × every event. */
export const APPROVAL_TABLE: Readonly<Record<ApprovalState, Readonly<Record<ApprovalEvent, ApprovalStep>>>> =
  {
    pending: {
      endorse: to('pending'),
      approve: to('approved'),
      deny: to('denied'),
      cancel: to('cancelled'),
      expire: to('expired'),
      supersede: to('superseded'),
      // H50, H55: nothing but a decision makes it run.
      redeem: no('state_conflict'),
      finish: no('state_conflict'),
      lose: no('state_conflict'),
    },
    approved: {
      endorse: no('already_decided'),
      approve: no('already_decided'),
      // The first answer stands; a stop is a cancellation.
      deny: no('already_decided'),
      cancel: to('cancelled'),
      expire: to('expired'),
      supersede: to('superseded'),
      redeem: to('redeemed'),
      finish: no('state_conflict'),
      lose: no('state_conflict'),
    },
    denied: over('already_decided'),
    expired: over('expired'),
    cancelled: over('already_decided'),
    superseded: over('expired'),
    redeemed: { ...over('already_decided'), finish: to('finished'), lose: to('lost') },
    finished: over('already_decided'),
    // A report that comes late is still the truth. Nothing runs twice for it: the grant was spent.
    lost: { ...over('already_decided'), finish: to('finished') },
  };

export function next(state: ApprovalState, event: ApprovalEvent): ApprovalStep {
  return APPROVAL_TABLE[state][event];
}

/** States from which `event` leads somewhere: what a compare-and-set may start from. */
export function sources(event: ApprovalEvent): ApprovalState[] {
  return STATES.filter((state) => 'to' in APPROVAL_TABLE[state][event]);
}

const STATES: readonly ApprovalState[] = approvalStateSchema.options;

interface Dated {
  readonly state: ApprovalState;
  /** Until when it can be decided. */
  readonly expiresAt: Millis;
  /** Until when its grant can be redeemed; null before there is one. */
  readonly redeemBy: Millis | null;
}

/** The state a request is in at `now`. An approved one without an end of its grant is damaged, and over (R42). */
export function stateAt(request: Dated, now: Millis): ApprovalState {
  const { state, expiresAt, redeemBy } = request;
  if (state === 'pending' && expiresAt <= now) return 'expired';
  if (state === 'approved' && (redeemBy === null || redeemBy <= now)) return 'expired';
  return state;
}

/** True while it waits for somebody's decision. */
export function isOpen(request: Dated, now: Millis): boolean {
  return stateAt(request, now) === 'pending';
}

/** What `event` comes to at `now`: the table, read with the state as it is by then. */
export function stepAt(request: Dated, event: ApprovalEvent, now: Millis): ApprovalStep {
  return next(stateAt(request, now), event);
}
