// What is told of a decision about a request: to its sender, on the cards that asked, in the audit, and to whoever comes
// too late.

import { quotedName } from '@countersign/protocol/display';
import type { PairingId, PrincipalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { isoTime } from '@countersign/protocol/time';
import type { Actor, EventDraft, EventType } from '../audit/event.ts';
import { closeCards } from '../cards.ts';
import { peerLabel } from '../identity/name.ts';
import { type Peer, samePeer } from '../identity/peer.ts';
import type { OutboxDraft } from '../outbound.ts';
import type { Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';
import { effectiveState, type PairingEvent, type PairingState } from './machine.ts';
import type { PairingRow } from './pairings-port.ts';

const TOLD_WITHIN_MS = 24 * 60 * 60_000;

/** What somebody decides about one request; the other events come from time, from room, or from a peer's access. */
export type Decision = Extract<PairingEvent, 'approve' | 'deny' | 'block' | 'unblock' | 'prolong'>;

/** As it stands on the cards. */
export const OUTCOMES = {
  approve: 'Approved by',
  deny: 'Denied by',
  block: 'Blocked by',
  unblock: 'Unblocked by',
  prolong: 'Prolonged by',
} as const satisfies Record<Decision, string>;

/** How a decider is named to other owners. */
export async function deciderName(tx: Store, by: Actor): Promise<string> {
  if (by.kind !== 'principal') return `the ${by.kind}`;
  return quotedName((await tx.people.get(by.id))?.name ?? 'somebody');
}

/** Cards about requests that a reset is about to clear say so. */
export async function closeAsked(
  tx: Store,
  { peer, channel, account }: { channel?: string; account?: string; peer?: Peer },
  now: Millis,
): Promise<void> {
  const place = peer ?? { channel, account };
  const open = await tx.pairings.list({
    ...(place.channel === undefined ? {} : { channel: place.channel }),
    ...(place.account === undefined ? {} : { account: place.account }),
    states: ['pending', 'waiting'],
    limit: 2_000,
  });
  for (const row of open) {
    if (peer !== undefined && !samePeer(peer, row.peer)) continue;
    await closeCards(tx, row.id, { text: `Cleared: ${peerLabel(row.peer)}`, now });
  }
}

export function undoOf({ channel, account, native }: Peer): string {
  return `countersign pairing revoke ${channel} ${native}${account === 'default' ? '' : ` --account ${account}`}`;
}

/** As the audit names it. */
export const PAST = {
  approve: 'approved',
  deny: 'denied',
  block: 'blocked',
  unblock: 'unblocked',
  prolong: 'prolonged',
} as const satisfies Record<Decision, string>;

export function refusal(
  row: PairingRow,
  code: 'already_decided' | 'expired' | 'state_conflict',
  now: Millis,
): Problem {
  const state: PairingState = effectiveState(row, now);
  if (code === 'expired') {
    return new Problem('expired', {
      detail: 'that pairing request has expired',
      hint: 'ask them to write again',
    });
  }
  if (code === 'state_conflict') return new Problem(code, { detail: `the request is ${state}` });
  const at = row.decidedAt === null ? {} : { at: isoTime(row.decidedAt) };
  return new Problem(code, {
    detail: `that request was ${state} already`,
    members: { state, ...(row.decidedBy === null ? {} : { by: row.decidedBy }), ...at },
  });
}

export function toSender({ peer, id }: PairingRow, text: string, now: Millis): OutboxDraft {
  const conversation = { kind: 'direct', id: peer.native } as const;
  return {
    peer,
    conversation,
    kind: 'pairing-decision',
    text,
    deadline: now + TOLD_WITHIN_MS,
    once: `decided:${id}`,
  };
}

export function event(
  type: EventType,
  peer: Peer,
  by: Actor,
  at: Millis,
  more: { pairing?: PairingId | undefined; about?: PrincipalId | undefined; row?: PairingRow },
): EventDraft {
  const { pairing, about, row } = more;
  const principal = about ?? row?.principal ?? undefined;
  const displayName = row?.displayName ?? null;
  return {
    type,
    at,
    actor: by,
    subject: {
      channel: peer.channel,
      account: peer.account,
      ...(pairing === undefined ? {} : { pairing }),
      ...(principal === undefined ? {} : { principal }),
    },
    outcome: 'ok',
    personal: { identifier: peer.native, ...(displayName === null ? {} : { displayName }) },
    ...(principal === undefined ? {} : { about: principal }),
  };
}
