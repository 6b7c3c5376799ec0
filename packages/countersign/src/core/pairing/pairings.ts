// Deciding about people who asked to be known: a rule, a store call and an audit event, in one transaction. What was
// shown is what is granted: a request is immutable, decided once, and found only by what names exactly one (R21, R22).
import { makeId, type PairingId, type PrincipalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Actor } from '../audit/event.ts';
import type { Bus } from '../bus.ts';
import { closeCards } from '../cards.ts';
import { peerLabel, personName } from '../identity/name.ts';
import { assuranceOf, type Peer, peerKey, samePeer } from '../identity/peer.ts';
import { actsAs } from '../identity/standing.ts';
import type { OutboxDraft } from '../outbound.ts';
import { ownerNotices } from '../owner-notices.ts';
import type { Clock, Millis, Random } from '../ports.ts';
import type { Roster } from '../roster.ts';
import type { Store } from '../store-port.ts';
import type { AllowFile } from './allow-port.ts';
import { effectiveState, next, sources } from './machine.ts';
import type { PairingRow } from './pairings-port.ts';
import {
  closeAsked,
  type Decision,
  deciderName,
  event,
  OUTCOMES,
  PAST,
  refusal,
  toSender,
  undoOf,
} from './told.ts';

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
  readonly allowFile: AllowFile;
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
   * Lets the person talk, as `user`, in direct chats of that account and nowhere else (H13, H15). An access that has an
   * end is prolonged, when a new end is given.
   * @throws Problem `already_decided` (says by whom and when), `expired`, `state_conflict`.
   */
  async approve(id: PairingId, by: Actor, { forMs, name }: Grant): Promise<PairingRow> {
    const now = this.#ports.clock.now();
    const accessUntil = forMs === null ? null : now + forMs;
    const before = await this.get(id);
    if (accessUntil !== null && before.accessUntil !== null && effectiveState(before, now) === 'approved')
      return this.#prolong(id, by, accessUntil, now);
    return this.#settle(id, 'approve', by, now, async (tx, row) => {
      const principal = await this.#admitPerson(tx, row, { name, accessUntil, now });
      const settled = { principal, accessUntil };
      if (this.#ports.roster.pairing().writeConfig) await this.#wantInFile(tx, row.peer, 'add', now);
      const messages = [
        toSender(row, `You may talk now. Say hello again: your first message was not passed on.`, now),
      ];
      return { settled, messages, about: principal };
    });
  }

  #prolong(id: PairingId, by: Actor, accessUntil: Millis, now: Millis): Promise<PairingRow> {
    return this.#settle(id, 'prolong', by, now, async (tx, row) => {
      const { principal } = await tx.people.standing(row.peer);
      if (principal === null || principal.id !== row.principal) throw changedMeanwhile();
      if (!(await tx.people.grantDirect(row.peer, accessUntil))) throw changedMeanwhile();
      return { settled: { accessUntil }, messages: [] };
    });
  }

  /** Says no and tells the sender once; they are silence for a while after (denyCooldown). @throws as approve. */
  deny(id: PairingId, by: Actor): Promise<PairingRow> {
    const now = this.#ports.clock.now();
    return this.#settle(id, 'deny', by, now, async (_tx, row) => ({
      settled: {},
      // Who was never told of a request is not told of its end (P-04).
      messages: this.#isPersonal(row.peer)
        ? []
        : [toSender(row, 'Your request to talk here was declined.', now)],
    }));
  }

  /** Shuts the peer out, and ends what it had. Nothing is sent: a block is silence. @throws as approve. */
  block(id: PairingId, by: Actor): Promise<PairingRow> {
    const now = this.#ports.clock.now();
    return this.#settle(id, 'block', by, now, async (tx, row) => {
      await tx.people.unlink(row.peer);
      await tx.people.setBlocked(row.peer, true, now);
      await this.#wantInFile(tx, row.peer, 'remove', now);
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
      const listed = this.#isListed(peer);
      if (principal === null && approved === null && !listed) {
        throw new Problem('not_found', { detail: `${peerLabel(peer)} has no access to end` });
      }
      await this.#wantInFile(tx, peer, 'remove', now);
      if (approved !== null) await tx.pairings.settle(approved.id, ['approved'], 'revoked', by, now);
      const about = principal ?? approved?.principal ?? undefined;
      await tx.audit.append([event('pairing.revoked', peer, by, now, { pairing: approved?.id, about })]);
      const text = `${peerLabel(peer)} may not talk any more, ended by ${await deciderName(tx, by)}.`;
      const told = await ownerNotices(tx, { text, once: `revoked:${now}:${peerKey(peer)}`, now });
      await tx.outbox.put(
        told.filter((draft) => !samePeer(draft.peer, peer)),
        now,
      );
      return latest === null ? null : tx.pairings.get(latest.id);
    });
    bus.publish('peerChanged', peer);
    bus.publish('outboxPut', { count: 1 });
    await this.#ports.allowFile.settle();
    return row;
  }

  /** Clears open requests and tombstones, never an access or a block. Returns how many went. */
  async reset(where: { channel?: string; account?: string; peer?: Peer }, by: Actor): Promise<number> {
    const { store, clock, bus } = this.#ports;
    const now = clock.now();
    const removed = await store.atomically(async (tx) => {
      await closeAsked(tx, where, now);
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
    bus.publish('outboxPut', { count: removed });
    return removed;
  }

  async #settle(
    id: PairingId,
    verb: Decision,
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
    const row = await store.atomically(async (tx) => {
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
      await this.#tell(tx, found, verb, by, now);
      return tx.pairings.get(id);
    });
    bus.publish('outboxPut', { count: 1 });
    if (row === null) throw new Problem('internal', { detail: 'a settled request vanished' });
    bus.publish('peerChanged', row.peer);
    await this.#ports.allowFile.settle();
    return row;
  }

  /** Notes what allowFrom of the account's file owes; where people live in the store only, nothing. */
  async #wantInFile(tx: Store, peer: Peer, edit: 'add' | 'remove', now: Millis): Promise<void> {
    if (this.#ports.roster.traits(peer.channel)?.writesConfig !== true) return;
    await tx.allowLists.want({ peer, edit }, now);
  }

  #isListed(peer: Peer): boolean {
    const policy = this.#ports.roster.policy(peer.channel, peer.account);
    return policy?.allowFrom.includes(peer.native) === true;
  }

  #isPersonal({ channel, account }: Peer): boolean {
    return this.#ports.roster.policy(channel, account)?.personalNumber === true;
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
      const { id } = standing.principal;
      // H13: what the chat was allowed before its access ended is not given back by letting it talk.
      if (actsAs(standing, now)?.direct !== true && !(await tx.people.setCeiling(row.peer, 'user', id)))
        throw changedMeanwhile();
      if (!(await tx.people.grantDirect(row.peer, accessUntil))) throw changedMeanwhile();
      return id;
    }
    const principal = makeId('principal', this.#ports.random.bytes(15));
    const shown = name ?? personName(row);
    await tx.people.add({ id: principal, name: shown, role: 'user', state: 'active', createdAt: now });
    const { displayName, username, peer } = row;
    const assurance = assuranceOf(peer, this.#ports.roster.traits(peer.channel));
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

  /** Every card that asked says how it ended. A yes reaches the owners whom no card asked as well, with the undo. */
  async #tell(tx: Store, row: PairingRow, verb: Decision, by: Actor, now: Millis): Promise<void> {
    const { peer, id } = row;
    const undo = verb === 'approve' ? `. Undo: ${undoOf(peer)}` : '';
    const text = `${OUTCOMES[verb]} ${await deciderName(tx, by)}: ${peerLabel(peer)}${undo}`;
    const chat = by.kind === 'principal' ? by.chat : undefined;
    // Where a card can be changed it is, in the chat that decided too; elsewhere that chat has its answer already.
    const answered =
      chat !== undefined && this.#ports.roster.traits(chat.channel)?.edits !== true ? chat : undefined;
    const asked = await closeCards(tx, id, { text, now, answered });
    if (verb !== 'approve') return;
    const told = [...asked, peer, ...(chat === undefined ? [] : [chat])];
    const notices = await ownerNotices(tx, { text, once: `approved:${id}`, now });
    await tx.outbox.put(
      notices.filter((draft) => !told.some((one) => samePeer(one, draft.peer))),
      now,
    );
  }
}

function changedMeanwhile(): Problem {
  return new Problem('state_conflict', { detail: 'that access was changed by another road meanwhile' });
}
