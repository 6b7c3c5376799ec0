// A pairing request can be settled once. The machine is this table: a cell is the next state, or the code of the problem
// that says why not. Expiry is computed on read, never trusted to a timer.
import type { ProblemCode } from '@countersign/protocol/problem';
import type { Millis } from '../ports.ts';

export type PairingState = 'pending' | 'waiting' | 'approved' | 'denied' | 'expired' | 'revoked' | 'blocked';

export type PairingEvent =
  | 'approve'
  | 'deny'
  | 'block'
  | 'unblock'
  | 'revoke'
  | 'expire'
  | 'evict'
  | 'promote'
  | 'prolong';

type Refusal = Extract<ProblemCode, 'already_decided' | 'expired' | 'state_conflict'>;

export type Step = { readonly to: PairingState } | { readonly refused: Refusal };

const to = (state: PairingState): Step => ({ to: state });
const no = (refused: Refusal): Step => ({ refused });

/** Every state × every event. `prolong` moves the end of an access that has one. */
export const PAIRING_TABLE: Readonly<Record<PairingState, Readonly<Record<PairingEvent, Step>>>> = {
  pending: {
    approve: to('approved'),
    deny: to('denied'),
    block: to('blocked'),
    unblock: no('state_conflict'),
    revoke: no('state_conflict'),
    expire: to('expired'),
    evict: to('waiting'),
    promote: no('state_conflict'),
    prolong: no('state_conflict'),
  },
  waiting: {
    approve: to('approved'),
    deny: to('denied'),
    block: to('blocked'),
    unblock: no('state_conflict'),
    revoke: no('state_conflict'),
    expire: to('expired'),
    evict: no('state_conflict'),
    promote: to('pending'),
    prolong: no('state_conflict'),
  },
  approved: {
    approve: no('already_decided'),
    deny: no('already_decided'),
    block: to('blocked'),
    unblock: no('state_conflict'),
    revoke: to('revoked'),
    expire: to('expired'),
    evict: no('state_conflict'),
    promote: no('state_conflict'),
    prolong: to('approved'),
  },
  denied: {
    approve: no('already_decided'),
    deny: no('already_decided'),
    block: to('blocked'),
    unblock: no('state_conflict'),
    revoke: no('state_conflict'),
    expire: no('state_conflict'),
    evict: no('state_conflict'),
    promote: no('state_conflict'),
    prolong: no('state_conflict'),
  },
  expired: {
    approve: no('expired'),
    deny: no('expired'),
    block: to('blocked'),
    unblock: no('state_conflict'),
    revoke: no('state_conflict'),
    expire: no('state_conflict'),
    evict: no('state_conflict'),
    promote: no('state_conflict'),
    prolong: no('state_conflict'),
  },
  revoked: {
    approve: no('already_decided'),
    deny: no('already_decided'),
    block: to('blocked'),
    unblock: no('state_conflict'),
    revoke: no('already_decided'),
    expire: no('state_conflict'),
    evict: no('state_conflict'),
    promote: no('state_conflict'),
    prolong: no('state_conflict'),
  },
  blocked: {
    approve: no('already_decided'),
    deny: no('already_decided'),
    block: no('already_decided'),
    unblock: to('revoked'),
    revoke: no('state_conflict'),
    expire: no('state_conflict'),
    evict: no('state_conflict'),
    promote: no('state_conflict'),
    prolong: no('state_conflict'),
  },
};

export function next(state: PairingState, event: PairingEvent): Step {
  return PAIRING_TABLE[state][event];
}

/** States from which `event` leads somewhere: what a compare-and-set may start from. */
export function sources(event: PairingEvent): PairingState[] {
  return (Object.keys(PAIRING_TABLE) as PairingState[]).filter(
    (state) => 'to' in PAIRING_TABLE[state][event],
  );
}

interface Dated {
  readonly state: PairingState;
  readonly expiresAt: Millis;
  readonly accessUntil: Millis | null;
}

/** The state a request is in at `now`: a pending or waiting one past its end, and an access that ran out, are expired. */
export function effectiveState(request: Dated, now: Millis): PairingState {
  const open = request.state === 'pending' || request.state === 'waiting';
  if (open && request.expiresAt <= now) return 'expired';
  if (request.state === 'approved' && request.accessUntil !== null && request.accessUntil <= now)
    return 'expired';
  return request.state;
}

/** True while it waits for somebody's decision. */
export function isOpen(request: Dated, now: Millis): boolean {
  const state = effectiveState(request, now);
  return state === 'pending' || state === 'waiting';
}
