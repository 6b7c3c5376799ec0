// Making two chats one person's, and parting them again. Between users both chats must prove that they belong together:
// a code in each, both typed back. Where anybody may decide more than talk, the host's shell is the proof, and after the
// first factor an owner's (authorise.ts). A link gives the ceiling `user` unless more is asked for by name.
import { Problem } from '@countersign/protocol/problem';
import { isListed } from '../admission.ts';
import type { Denials } from '../audit/denials.ts';
import type { Actor, EventDraft, EventType } from '../audit/event.ts';
import type { Verb } from '../authorise.ts';
import type { Bus } from '../bus.ts';
import { closeCards } from '../cards.ts';
import { ownerChats, ownerNotices } from '../owner-notices.ts';
import type { AllowFile } from '../pairing/allow-port.ts';
import { effectiveState } from '../pairing/machine.ts';
import { deciderName } from '../pairing/told.ts';
import type { Clock, Hasher, Millis, Random } from '../ports.ts';
import type { Roster } from '../roster.ts';
import type { Store } from '../store-port.ts';
import { lastSeen } from './last-seen.ts';
import { linkFailed, openOffer, provenOffer } from './link-codes.ts';
import {
  ADDED_LINKED,
  knownLinkedText,
  ownersCeilingText,
  ownersLinkedText,
  ownersUnlinkedText,
  toChat,
} from './link-texts.ts';
import { peerLabel } from './name.ts';
import { assuranceOf, type Peer, peerKey, samePeer } from './peer.ts';
import type { LinkedPeer, Principal, Role } from './people-port.ts';
import { actsAs } from './standing.ts';

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly roster: Roster;
  readonly denials: Denials;
  readonly bus: Bus;
  readonly allowFile: AllowFile;
}

type Known = Principal & { readonly peers: readonly LinkedPeer[] };

interface Offered {
  readonly known: Peer;
  readonly added: Peer;
  readonly expiresAt: Millis;
}

interface Unlinked {
  readonly peer: Peer;
  readonly person: Principal;
  /** True when no chat is left in which an owner acts as one. */
  readonly lastOwnerChat: boolean;
}

export class Links {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** What linking asks for. `codes`: both chats have to prove themselves; else the caller's door is the proof. */
  async road(
    person: Known,
    peer: Peer,
    as: Role | null,
  ): Promise<{ readonly codes: boolean; readonly verb: Verb }> {
    const isTheirs = person.peers.some((one) => samePeer(one, peer));
    if (isTheirs && as === 'user') return { codes: false, verb: 'people.link' };
    const raised = person.role !== 'user' || (as ?? 'user') !== 'user';
    if (raised) return { codes: false, verb: 'people.link_raised' };
    return { codes: true, verb: 'people.link' };
  }

  /**
   * Sends a code to a chat of the person and another to the new one. An offer made before for that chat is void (R6).
   * @param via the person's chat to ask; null: of those that can be written to, the one that spoke last.
   * @throws Problem `state_conflict`, `not_found`, `channel_cannot_initiate`, `rate_limited`.
   */
  async offer(person: Known, added: Peer, via: Peer | null, by: Actor): Promise<Offered> {
    const { store, clock, bus } = this.#ports;
    const now = clock.now();
    const known = await this.#chatOf(person, via, now);
    const expiresAt = await store.atomically(async (tx) => {
      await this.#mayLink(tx, person, added, 'user');
      const latest = await tx.pairings.latest(added);
      const state = latest === null ? null : effectiveState(latest, now);
      if (state !== 'pending' && state !== 'waiting') {
        throw new Problem('not_found', {
          detail: `${peerLabel(added)} does not wait here, so a code cannot be sent to it`,
          hint: 'let them write to the agent from that chat first: countersign pairing list',
        });
      }
      const ends = await openOffer(tx, { principal: person.id, known, added }, this.#ports, now);
      await tx.audit.append([this.#event('person.link_offered', person, added, by, {})]);
      return ends;
    });
    bus.publish('outboxPut', { count: 2 });
    return { known, added, expiresAt };
  }

  /** Links with both codes, in either order. @throws Problem `challenge_failed` for wrong, late and used alike. */
  async finish(person: Known, added: Peer, codes: readonly [string, string], by: Actor): Promise<Role> {
    const { clock, store } = this.#ports;
    const now = clock.now();
    const event = this.#event('person.link_refused', person, added, by, {});
    const refused = { ...event, outcome: 'denied', reason: 'codes' } as const;
    const offer = await provenOffer({ principal: person.id, added, codes, refused }, this.#ports, now);
    await this.#change(added, person, async () =>
      store.atomically(async (tx) => {
        if (!(await tx.linkOffers.take(offer.id))) throw linkFailed();
        const holder = (await tx.people.standing(offer.known)).principal;
        if (holder?.id !== person.id) throw linkFailed();
        await this.#linkIn(tx, person, added, 'user', by, now, offer.known);
      }),
    );
    return 'user';
  }

  /** Links without codes, or changes what a chat of theirs may act as. Only for a caller who may do either. */
  async set(
    person: Known,
    peer: Peer,
    as: Role | null,
    by: Actor,
  ): Promise<{ changed: boolean; ceiling: Role }> {
    const { clock, store } = this.#ports;
    const now = clock.now();
    const ceiling = as ?? 'user';
    const own = person.peers.find((one) => samePeer(one, peer));
    if (own !== undefined && as === null) throw theirsAlready(peer);
    await this.#change(peer, person, async () =>
      store.atomically(async (tx) => {
        if (own === undefined) await this.#linkIn(tx, person, peer, ceiling, by, now, null);
        else await this.#setCeiling(tx, person, peer, ceiling, by, now);
      }),
    );
    return { changed: own !== undefined, ceiling };
  }

  /** Ends a link: the chat is a stranger again. @throws Problem `not_found` when it is nobody's. */
  async unlink(peer: Peer, by: Actor): Promise<Unlinked> {
    const { store, clock, bus, allowFile, roster } = this.#ports;
    const now = clock.now();
    const unlinked = await store.atomically(async (tx) => {
      const before = (await ownerChats(tx, now)).some((chat) => samePeer(chat, peer));
      const principal = await tx.people.unlink(peer);
      const person = principal === null ? null : await tx.people.get(principal);
      if (person === null) {
        throw new Problem('not_found', {
          detail: `${peerLabel(peer)} is nobody's chat`,
          hint: 'countersign people list shows whose chats there are',
        });
      }
      const latest = await tx.pairings.latest(peer);
      if (latest?.state === 'approved') await tx.pairings.settle(latest.id, ['approved'], 'revoked', by, now);
      if (roster.traits(peer.channel)?.writesConfig === true)
        await tx.allowLists.want({ peer, edit: 'remove' }, now);
      await tx.audit.append([this.#event('person.unlinked', person, peer, by, {})]);
      const text = ownersUnlinkedText(await deciderName(tx, by), peer, person);
      await tx.outbox.put(
        await ownerNotices(tx, { text, once: `unlinked:${peerKey(peer)}:${now}`, now }),
        now,
      );
      return { peer, person, lastOwnerChat: before && (await ownerChats(tx, now)).length === 0 };
    });
    bus.publish('peerChanged', peer);
    bus.publish('principalChanged', unlinked.person.id);
    bus.publish('outboxPut', { count: 1 });
    await allowFile.settle();
    return unlinked;
  }

  async #change(peer: Peer, { id }: Principal, work: () => Promise<void>): Promise<void> {
    const { bus, allowFile } = this.#ports;
    await work();
    bus.publish('peerChanged', peer);
    bus.publish('principalChanged', id);
    bus.publish('outboxPut', { count: 1 });
    await allowFile.settle();
  }

  async #linkIn(
    tx: Store,
    person: Known,
    peer: Peer,
    ceiling: Role,
    by: Actor,
    now: Millis,
    known: Peer | null,
  ): Promise<void> {
    const { roster } = this.#ports;
    await this.#mayLink(tx, person, peer, known === null ? null : 'user');
    const latest = await tx.pairings.latest(peer);
    const state = latest === null ? null : effectiveState(latest, now);
    if (state === 'denied' && known !== null)
      throw new Problem('state_conflict', { detail: 'that chat was declined meanwhile' });
    const linked = await tx.people.link(peer, {
      principal: person.id,
      ceiling,
      assurance: assuranceOf(peer, roster.traits(peer.channel)),
      direct: true,
      accessUntil: null,
      displayName: latest?.displayName ?? null,
      username: latest?.username ?? null,
      at: now,
    });
    if (linked === 'taken') throw taken(peer);
    const text = ownersLinkedText(await deciderName(tx, by), peer, person, ceiling);
    const asked = new Set<string>([peerKey(peer)]);
    if (latest !== null && (state === 'pending' || state === 'waiting')) {
      const more = { principal: person.id, accessUntil: null };
      await tx.pairings.settle(latest.id, [latest.state], 'approved', by, now, more);
      for (const chat of await closeCards(tx, latest.id, { text, now })) asked.add(peerKey(chat));
    } else await tx.pairings.reset({ peer });
    if (roster.pairing().writeConfig && roster.traits(peer.channel)?.writesConfig === true)
      await tx.allowLists.want({ peer, edit: 'add' }, now);
    await tx.audit.append([this.#event('person.linked', person, peer, by, { ceiling })]);
    const once = `linked:${peerKey(peer)}:${now}`;
    const notices = await ownerNotices(tx, { text, once, now });
    await tx.outbox.put(
      [
        ...notices.filter((draft) => !asked.has(peerKey(draft.peer))),
        toChat(peer, { kind: 'pairing-decision', text: ADDED_LINKED, once: `${once}:added`, now }),
        ...(known === null
          ? []
          : [toChat(known, { kind: 'notice', text: knownLinkedText(peer), once: `${once}:known`, now })]),
      ],
      now,
    );
  }

  /** Naming a role for a chat is a grant of the store: one that was only enrolled gets it too. */
  async #setCeiling(
    tx: Store,
    person: Principal,
    peer: Peer,
    to: Role,
    by: Actor,
    now: Millis,
  ): Promise<void> {
    const before = (await tx.people.standing(peer)).peer;
    if (before === null || !(await tx.people.setCeiling(peer, to, person.id)))
      throw new Problem('state_conflict', {
        detail: `${peerLabel(peer)} is blocked, or was unlinked meanwhile`,
      });
    if (!before.direct && to !== 'user') await tx.people.grantDirect(peer, null);
    const from = before.ceiling;
    await tx.audit.append([this.#event('person.ceiling_changed', person, peer, by, { from, to })]);
    const text = ownersCeilingText(await deciderName(tx, by), peer, person, { from, to });
    await tx.outbox.put(await ownerNotices(tx, { text, once: `ceiling:${peerKey(peer)}:${now}`, now }), now);
  }

  /** @param role the role the person must still have; null: any. */
  async #mayLink(tx: Store, { id }: Principal, peer: Peer, role: Role | null): Promise<void> {
    const person = await tx.people.get(id);
    if (person === null) throw new Problem('not_found', { detail: 'there is no such person' });
    if (person.state !== 'active') {
      const lift = person.state === 'blocked' ? 'unblock' : 'resume';
      throw new Problem('state_conflict', {
        detail: `that person is ${person.state}`,
        hint: `countersign people ${lift} ${id}`,
      });
    }
    if (role !== null && person.role !== role)
      throw new Problem('state_conflict', {
        detail: `that person is ${person.role} now`,
        hint: 'start again',
      });
    const standing = await tx.people.standing(peer);
    if (standing.peer?.blocked === true) {
      throw new Problem('state_conflict', {
        detail: `${peerLabel(peer)} is blocked`,
        hint: `countersign pairing unblock ${peer.channel} ${peer.native}`,
      });
    }
    if (standing.principal?.id === id) throw theirsAlready(peer);
    if (standing.principal !== null) throw taken(peer);
  }

  async #chatOf(person: Known, via: Peer | null, now: Millis): Promise<Peer> {
    const theirs = via === null ? person.peers : person.peers.filter((one) => samePeer(one, via));
    if (via !== null && theirs.length === 0)
      throw new Problem('not_found', { detail: `${peerLabel(via)} is no chat of that person` });
    const open = theirs.filter((peer) => this.#canBeTold(peer, person, now));
    const seen = await lastSeen(this.#ports.store, person.id, open);
    const [best] = open.toSorted((a, b) => (seen.get(peerKey(b)) ?? 0) - (seen.get(peerKey(a)) ?? 0));
    if (best !== undefined) return { channel: best.channel, account: best.account, native: best.native };
    throw new Problem('channel_cannot_initiate', {
      detail: 'that person has no chat we can write to, so nothing can prove that both are theirs',
      hint: 'countersign people show lists their chats',
    });
  }

  #canBeTold(peer: LinkedPeer, person: Principal, now: Millis): boolean {
    const { roster } = this.#ports;
    const policy = roster.policy(peer.channel, peer.account);
    if (policy === null || !policy.enabled || policy.dmPolicy === 'disabled') return false;
    if ((roster.traits(peer.channel)?.canInitiate ?? 'never') === 'never') return false;
    const acting = actsAs({ peer, principal: person }, now);
    return acting !== null && (acting.direct || isListed(peer, policy));
  }

  #event(
    type: EventType,
    { id }: Principal,
    { channel, account, native }: Peer,
    actor: Actor,
    facts: Record<string, string>,
  ): EventDraft {
    const at = this.#ports.clock.now();
    const subject = { principal: id, channel, account, ...facts };
    return { type, at, actor, subject, outcome: 'ok', personal: { identifier: native }, about: id };
  }
}

function taken(peer: Peer): Problem {
  return new Problem('state_conflict', {
    detail: `${peerLabel(peer)} belongs to another person`,
    hint: `countersign people unlink ${peerLabel(peer)} first, if they are one and the same`,
  });
}

function theirsAlready(peer: Peer): Problem {
  return new Problem('state_conflict', {
    detail: `${peerLabel(peer)} is theirs already`,
    hint: 'to change what it may act as: countersign people link <person> <peer> --as <role>',
  });
}
