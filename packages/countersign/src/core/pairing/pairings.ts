// Deciding about people who asked to be known: a rule, a store call and an audit event, in one transaction. What was
// shown is what is granted: a request is immutable, decided once, and found only by what names exactly one (R21, R22).
import { makeId, type PairingId, type PrincipalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { isoTime } from '@countersign/protocol/time';
import type { Actor, EventDraft, EventType } from '../audit/event.ts';
import type { Bus } from '../bus.ts';
import { peerLabel, personName } from '../identity/name.ts';
import { type Peer, samePeer } from '../identity/peer.ts';
import type { OutboxDraft } from '../outbound.ts';
import { ownerNotices } from '../owner-notices.ts';
import type { Clock, Millis, Random } from '../ports.ts';
import type { Roster } from '../roster.ts';
import type { Store } from '../store-port.ts';
import { effectiveState, next, type PairingEvent, type PairingState, sources } from './machine.ts';
import type { PairingRow } from './pairings-port.ts';

const TOLD_WITHIN_MS = 24 * 60 * 60_000;

export interface Grant {
  /** How long the access lasts; null: until revoked. */
  readonly forMs: number | null;
  /** The person's name in the owner's list; their own claim otherwise. */
  readonly name: string | null;
}

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly roster: Roster;
  readonly bus: Bus;
}

export class Pairings {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** @throws Problem `not_found`. */
  async get(id: PairingId): Promise<PairingRow> {
    const row = await this.#ports.store.pairings.get(id);
    if (row === null) throw new Problem('not_found', { detail: 'there is no pairing request of that id' });
    return row;
  }

  /**
   * Lets the person talk, as `user`, in direct chats of that account and nowhere else (H13, H15).
   * @throws Problem `already_decided` (says by whom and when), `expired`, `state_conflict`.
   */
  async approve(id: PairingId, by: Actor, { forMs, name }: Grant): Promise<PairingRow> {
    const now = this.#ports.clock.now();
    const accessUntil = forMs === null ? null : now + forMs;
    return this.#settle(id, 'approve', by, now, async (tx, row) => {
      const principal = await this.#admitPerson(tx, row, { name, accessUntil, now });
      const settled = { principal, accessUntil };
      const messages = [
        toSender(row, `You may talk now. Say hello again: your first message was not passed on.`, now),
        ...(await this.#announce(tx, row, by, now)),
      ];
      return { settled, messages, about: principal };
    });
  }

  /** Says no and tells the sender once; they are silence for a while after (denyCooldown). @throws as approve. */
  deny(id: PairingId, by: Actor): Promise<PairingRow> {
    const now = this.#ports.clock.now();
    return this.#settle(id, 'deny', by, now, async (_tx, row) => ({
      settled: {},
      messages: [toSender(row, 'Your request to talk here was declined.', now)],
    }));
  }

  /** Shuts the peer out, and ends what it had. Nothing is sent: a block is silence. @throws as approve. */
  block(id: PairingId, by: Actor): Promise<PairingRow> {
    const now = this.#ports.clock.now();
    return this.#settle(id, 'block', by, now, async (tx, row) => {
      await tx.people.unlink(row.peer);
      await tx.people.setBlocked(row.peer, true, now);
      return { settled: {}, messages: [] };
    });
  }

  /** Lifts a block: the peer is a stranger again. @throws as approve. */
  unblock(id: PairingId, by: Actor): Promise<PairingRow> {
    const now = this.#ports.clock.now();
    return this.#settle(id, 'unblock', by, now, async (tx, row) => {
      await tx.people.setBlocked(row.peer, false, now);
      return { settled: {}, messages: [] };
    });
  }

  /** Ends the access of a peer, however it was given. @throws Problem `not_found` when it has none. */
  async revoke(peer: Peer, by: Actor): Promise<PairingRow | null> {
    const { store, clock, bus } = this.#ports;
    const now = clock.now();
    const row = await store.atomically(async (tx) => {
      const principal = await tx.people.unlink(peer);
      const latest = await tx.pairings.latest(peer);
      const approved = latest !== null && latest.state === 'approved' ? latest : null;
      if (principal === null && approved === null) {
        throw new Problem('not_found', { detail: `${peerLabel(peer)} has no access to end` });
      }
      if (approved !== null) await tx.pairings.settle(approved.id, ['approved'], 'revoked', by, now);
      const about = principal ?? approved?.principal ?? undefined;
      await tx.audit.append([event('pairing.revoked', peer, by, now, { pairing: approved?.id, about })]);
      return latest === null ? null : tx.pairings.get(latest.id);
    });
    bus.publish('peerChanged', peer);
    return row;
  }

  /** Clears open requests and tombstones, never an access or a block. Returns how many went. */
  async reset(where: { channel?: string; account?: string; peer?: Peer }, by: Actor): Promise<number> {
    const { store, clock, bus } = this.#ports;
    const now = clock.now();
    const removed = await store.atomically(async (tx) => {
      const count = await tx.pairings.reset(where);
      const { channel, account } = where.peer ?? where;
      await tx.audit.append([
        {
          type: 'pairing.reset',
          at: now,
          actor: by,
          subject: { channel: channel ?? null, account: account ?? null, count },
          outcome: 'ok',
        },
      ]);
      return count;
    });
    if (where.peer !== undefined) bus.publish('peerChanged', where.peer);
    return removed;
  }

  async #settle(
    id: PairingId,
    verb: PairingEvent,
    by: Actor,
    now: Millis,
    change: (
      tx: Store,
      row: PairingRow,
    ) => Promise<{
      settled: { principal?: PrincipalId; accessUntil?: Millis | null };
      messages: readonly OutboxDraft[];
      about?: PrincipalId;
    }>,
  ): Promise<PairingRow> {
    const { store, bus } = this.#ports;
    const [row, sent] = await store.atomically(async (tx) => {
      const found = await tx.pairings.get(id);
      if (found === null)
        throw new Problem('not_found', { detail: 'there is no pairing request of that id' });
      const step = next(effectiveState(found, now), verb);
      if ('refused' in step) throw refusal(found, step.refused, now);
      const { settled, messages, about } = await change(tx, found);
      // The compare-and-set decides among parallel yeses; who loses rolls back whole, grant and event included.
      const from = sources(verb).filter((state) => state === found.state);
      if (!(await tx.pairings.settle(id, from, step.to, by, now, settled))) {
        throw refusal((await tx.pairings.get(id)) ?? found, 'already_decided', now);
      }
      await tx.audit.append([
        event(`pairing.${PAST[verb]}`, found.peer, by, now, { pairing: id, about, row: found }),
      ]);
      await tx.outbox.put(messages, now);
      return [await tx.pairings.get(id), messages.length] as const;
    });
    if (sent > 0) bus.publish('outboxPut', { count: sent });
    if (row === null) throw new Problem('internal', { detail: 'a settled request vanished' });
    bus.publish('peerChanged', row.peer);
    return row;
  }

  /** Links the peer to its person: the one it already has, or a new one. */
  async #admitPerson(
    tx: Store,
    row: PairingRow,
    { name, accessUntil, now }: { name: string | null; accessUntil: Millis | null; now: Millis },
  ): Promise<PrincipalId> {
    const standing = await tx.people.standing(row.peer);
    if (standing.peer?.blocked === true) {
      throw new Problem('state_conflict', { detail: 'that peer is blocked', hint: 'unblock it first' });
    }
    if (standing.principal !== null) {
      await tx.people.grantDirect(row.peer, accessUntil);
      return standing.principal.id;
    }
    const principal = makeId('principal', this.#ports.random.bytes(15));
    const shown = name ?? personName(row);
    await tx.people.add({ id: principal, name: shown, role: 'user', state: 'active', createdAt: now });
    const { displayName, username, peer } = row;
    const assurance = this.#ports.roster.traits(peer.channel)?.assurance ?? 'low';
    const linked = await tx.people.link(peer, {
      principal,
      ceiling: 'user',
      assurance,
      direct: true,
      accessUntil,
      displayName,
      username,
      at: now,
    });
    if (linked === 'taken')
      throw new Problem('already_decided', { detail: 'that peer was linked meanwhile' });
    return principal;
  }

  /** A yes that no owner gave in person is told to all of them, with the undo. */
  async #announce(tx: Store, row: PairingRow, by: Actor, now: Millis): Promise<OutboxDraft[]> {
    const undo = `countersign pairing revoke ${row.peer.channel} ${row.peer.native}`;
    const text = `${peerLabel(row.peer)} may talk to the agent now, approved by ${by.kind === 'principal' ? 'an owner' : `the ${by.kind}`}. Undo: ${undo}`;
    const notices = await ownerNotices(tx, { text, once: `approved:${row.id}`, now });
    return notices.filter(({ peer }) => !samePeer(peer, row.peer));
  }
}

const PAST = {
  approve: 'approved',
  deny: 'denied',
  block: 'blocked',
  unblock: 'unblocked',
  revoke: 'revoked',
  expire: 'denied',
  evict: 'denied',
  promote: 'denied',
} as const satisfies Record<PairingEvent, string>;

function refusal(
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

function toSender({ peer, id }: PairingRow, text: string, now: Millis): OutboxDraft {
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

function event(
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
