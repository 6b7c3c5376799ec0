// Rows as the wire shows them: ISO times, nulls left out, nothing that the schemas of protocol do not name.
import type { AuditEvent } from '@countersign/protocol/gateway';
import type { PersonRow, PersonUnlinked, SessionRow } from '@countersign/protocol/identity';
import type { PairingRow as WirePairing } from '@countersign/protocol/pairing';
import { isoTime } from '@countersign/protocol/time';
import type { StoredEvent } from '../core/audit/event.ts';
import type { Person } from '../core/identity/directory.ts';
import { type Peer, peerKey } from '../core/identity/peer.ts';
import type { LinkedPeer } from '../core/identity/people-port.ts';
import type { Session } from '../core/message.ts';
import { effectiveState } from '../core/pairing/machine.ts';
import type { PairingRow } from '../core/pairing/pairings-port.ts';
import type { Millis } from '../core/ports.ts';

export function printPairing(row: PairingRow, now: Millis): WirePairing {
  const state = effectiveState(row, now);
  const { channel, account, native } = row.peer;
  return {
    id: row.id,
    channel,
    account,
    identifier: native,
    ...(row.beside === null ? {} : row.beside === 'hidden' ? { hidden: true } : { alias: row.beside }),
    ...present('username', row.username),
    ...present('displayName', row.displayName),
    // What can no longer be approved with it is not shown any more.
    ...present('code', state === 'pending' ? row.code : null),
    state,
    ...present('firstWords', row.firstWords),
    ...present('person', row.principal),
    createdAt: isoTime(row.createdAt),
    expiresAt: isoTime(row.expiresAt),
    ...present('decidedAt', timeOrNull(row.decidedAt)),
    ...present('decidedBy', row.decidedBy),
    ...present('accessUntil', timeOrNull(row.accessUntil)),
  };
}

/** @param seen when each chat last spoke, by `peerKey`; only where one person is shown. */
export function printPerson(person: Person, seen: ReadonlyMap<string, Millis> = NOT_SEEN): PersonRow {
  const { id, name, role, state, createdAt } = person;
  const peers = person.peers.map((peer) => printLinked(peer, seen));
  return { id, name, role, state, peers, createdAt: isoTime(createdAt) };
}

const NOT_SEEN: ReadonlyMap<string, Millis> = new Map();

export function printPeer({ channel, account, native }: Peer): PersonUnlinked['unlinked'] {
  return { channel, account, identifier: native };
}

function printLinked(peer: LinkedPeer, seen: ReadonlyMap<string, Millis>): PersonRow['peers'][number] {
  const { ceiling, assurance, blocked } = peer;
  return {
    ...printPeer(peer),
    ceiling,
    assurance,
    blocked,
    ...present('username', peer.username),
    ...present('displayName', peer.displayName),
    ...present('accessUntil', timeOrNull(peer.accessUntil)),
    ...present('lastSeenAt', timeOrNull(seen.get(peerKey(peer)) ?? null)),
  };
}

export function printSession(session: Session): SessionRow {
  const { id, key, principal, channel, account, createdAt, lastTurnAt, endedAt } = session;
  return {
    id,
    key,
    person: principal,
    channel,
    account,
    createdAt: isoTime(createdAt),
    lastTurnAt: isoTime(lastTurnAt),
    ...present('endedAt', timeOrNull(endedAt)),
  };
}

export function printEvent({ body, hash, personal }: StoredEvent): AuditEvent {
  const { id, writer, seq, at, type, actor, outcome, reason, subject } = body;
  return {
    id,
    writer,
    seq,
    at: isoTime(at),
    type,
    actor,
    outcome,
    ...present('reason', reason),
    // A parser's cast: a subject holds plain JSON, which the wire type spells mutable.
    subject: { ...subject } as AuditEvent['subject'],
    ...(personal === null ? {} : { personal: { ...personal.data } }),
    hash,
  };
}

/** `items` and the cursor of the next page, when the page was full. */
export function printList<T, W>(page: Page<T>, print: (item: T) => W): { items: W[]; next?: string } {
  const items = page.items.map((item) => print(item));
  return page.next === null ? { items } : { items, next: page.next };
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

function present<K extends string, V>(key: K, value: V | null): Partial<Record<K, V>> {
  const object: Partial<Record<K, V>> = {};
  if (value !== null) object[key] = value;
  return object;
}

function timeOrNull(at: Millis | null): string | null {
  return at === null ? null : isoTime(at);
}
