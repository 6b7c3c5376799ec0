// People as the owner knows them: add, name, raise, lower, block, forget. The house is never left without an owner by
// accident, and every change is a compare-and-set with its event, told to the owners with what undoes it.
import { quotedName } from '@countersign/protocol/display';
import { makeId, type PrincipalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { closeProofs } from '../approval/elevating.ts';
import type { Actor, EventDraft, EventType } from '../audit/event.ts';
import type { Bus } from '../bus.ts';
import { ownerNotices } from '../owner-notices.ts';
import type { AllowFile } from '../pairing/allow-port.ts';
import { closeAsked, deciderName } from '../pairing/told.ts';
import type { Clock, Millis, Random } from '../ports.ts';
import type { Roster } from '../roster.ts';
import type { Store } from '../store-port.ts';
import { lastSeen } from './last-seen.ts';
import { personLabel } from './link-texts.ts';
import { peerLabel } from './name.ts';
import { assuranceOf, type Peer } from './peer.ts';
import { parsePeer } from './peer-ref.ts';
import type { LinkedPeer, Principal, PrincipalState, Role } from './people-port.ts';

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly roster: Roster;
  readonly bus: Bus;
  readonly allowFile: AllowFile;
}

export interface Person extends Principal {
  readonly peers: readonly LinkedPeer[];
}

const STATE_CHANGES = {
  block: { from: ['active', 'suspended'], to: 'blocked', type: 'person.blocked' },
  unblock: { from: ['blocked'], to: 'active', type: 'person.unblocked' },
  suspend: { from: ['active'], to: 'suspended', type: 'person.suspended' },
  resume: { from: ['suspended'], to: 'active', type: 'person.resumed' },
} as const satisfies Record<string, { from: readonly PrincipalState[]; to: PrincipalState; type: EventType }>;

export type StateChange = keyof typeof STATE_CHANGES;

const OPPOSITE = {
  block: 'unblock',
  unblock: 'block',
  suspend: 'resume',
  resume: 'suspend',
} as const satisfies Record<StateChange, StateChange>;

const DONE: Readonly<Record<StateChange, string>> = {
  block: 'Blocked everywhere',
  unblock: 'Unblocked',
  suspend: 'Suspended',
  resume: 'Resumed',
};

/** A change as the audit keeps it, and as the owners are told of it. */
interface Told {
  readonly event: EventDraft;
  readonly done: string;
  /** The command; null: there is none. */
  readonly undo: string | null;
}

export class Directory {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** The person an owner means: by id, its beginning, or the exact name. @throws Problem `not_found`, `ambiguous`. */
  async find(ref: string): Promise<Person> {
    const matching = await this.#ports.store.people.find(ref);
    const [one, another] = matching;
    if (one === undefined)
      throw new Problem('not_found', { detail: 'there is no such person', hint: 'countersign people list' });
    if (another !== undefined) {
      throw new Problem('ambiguous', { detail: `that fits ${matching.length} people`, hint: 'use the id' });
    }
    return this.#withPeers(one);
  }

  async list(page: { readonly after: PrincipalId | null; readonly limit: number }): Promise<Person[]> {
    const people = await this.#ports.store.people.list(page);
    return Promise.all(people.map((person) => this.#withPeers(person)));
  }

  /** Reads `<channel>[:<account>]:<id>`. @throws Problem `unknown_channel`, `request_malformed`. */
  parsePeer(text: string): Peer {
    return parsePeer(text, this.#ports.roster);
  }

  /** When each chat of a person last spoke, by `peerKey`, as far as that is known. */
  lastSeen({ id, peers }: Person): Promise<ReadonlyMap<string, Millis>> {
    return lastSeen(this.#ports.store, id, peers);
  }

  /** Adds a person, with a peer that may talk at once when one is named. @throws Problem `state_conflict`. */
  async add(
    person: { readonly name: string; readonly role: Role; readonly peer: Peer | null },
    by: Actor,
  ): Promise<Person> {
    const { store, clock, random, bus, roster, allowFile } = this.#ports;
    const at = clock.now();
    const id = makeId('principal', random.bytes(15));
    const { name, role, peer } = person;
    await store.atomically(async (tx) => {
      await tx.people.add({ id, name, role, state: 'active', createdAt: at });
      if (peer !== null) {
        const assurance = assuranceOf(peer, roster.traits(peer.channel));
        const link = { principal: id, ceiling: role, assurance, direct: true, accessUntil: null } as const;
        if ((await tx.people.link(peer, { ...link, displayName: null, username: null, at })) === 'taken') {
          throw new Problem('state_conflict', {
            detail: `${peerLabel(peer)} belongs to somebody already, or is blocked`,
            hint: 'countersign people list shows whose it is',
          });
        }
        await closeAsked(tx, { peer }, at);
        await tx.pairings.reset({ peer });
        if (roster.pairing().writeConfig && roster.traits(peer.channel)?.writesConfig === true)
          await tx.allowLists.want({ peer, edit: 'add' }, at);
      }
      const personal = { name, ...(peer === null ? {} : { identifier: peer.native }) };
      const event = this.#event('person.added', id, by, { role }, personal);
      const where = peer === null ? '' : ` in ${peerLabel(peer)}`;
      const done = `Added as ${role}${where}`;
      const undo = `countersign people block ${id}`;
      await this.#tell(tx, { id, name }, by, { event, done, undo });
    });
    if (peer !== null) bus.publish('peerChanged', peer);
    bus.publish('principalChanged', id);
    bus.publish('outboxPut', { count: 1 });
    await allowFile.settle();
    return this.find(id);
  }

  /** @throws Problem `state_conflict` when it would leave nobody owning the house. */
  async setRole(ref: string, role: Role, by: Actor): Promise<Person> {
    const person = await this.find(ref);
    return this.#change(person, by, async (tx) => {
      if (role !== 'owner') await keepAnOwner(tx, person);
      if (!(await tx.people.setRole(person.id, person.role, role))) throw changedMeanwhile();
      const event = this.#event('person.role_changed', person.id, by, { from: person.role, to: role });
      const undo = `countersign people role ${person.id} ${person.role}`;
      return { event, done: `Role changed from ${person.role} to ${role}`, undo };
    });
  }

  async setState(ref: string, change: StateChange, by: Actor): Promise<Person> {
    const person = await this.find(ref);
    const { from, to, type } = STATE_CHANGES[change];
    return this.#change(person, by, async (tx) => {
      if (to !== 'active') await keepAnOwner(tx, person);
      if (!(await tx.people.setState(person.id, from, to))) {
        throw new Problem('state_conflict', { detail: `that person is ${person.state}` });
      }
      const event = this.#event(type, person.id, by, { from: person.state, to });
      const undo = `countersign people ${OPPOSITE[change]} ${person.id}`;
      return { event, done: DONE[change], undo };
    });
  }

  async rename(ref: string, name: string, by: Actor): Promise<Person> {
    const person = await this.find(ref);
    return this.#change(person, by, async (tx) => {
      if (!(await tx.people.rename(person.id, name))) throw changedMeanwhile();
      const event = this.#event('person.renamed', person.id, by, {}, { name });
      return { event, done: `Renamed to ${quotedName(name)}`, undo: null };
    });
  }

  /** Removes the person and everything of theirs. The audit keeps its hashes and forgets the names. */
  async forget(ref: string, by: Actor): Promise<PrincipalId> {
    const { store, clock, bus, roster, allowFile } = this.#ports;
    const person = await this.find(ref);
    const ended = await store.atomically(async (tx) => {
      await keepAnOwner(tx, person);
      // While its rows are there: that it ended is written down and told, as any other end of one.
      const why = { why: 'people_changed', actor: by } as const;
      const elevations = await closeProofs(tx, person.id, why, clock.now());
      if (!(await tx.people.forget(person.id))) throw changedMeanwhile();
      for (const peer of person.peers) {
        if (roster.traits(peer.channel)?.writesConfig === true)
          await tx.allowLists.want({ peer, edit: 'remove' }, clock.now());
      }
      const event = this.#event('person.forgotten', person.id, by, {});
      // Nothing of theirs is left, their name in what is told neither.
      await this.#tell(tx, { id: person.id, name: null }, by, { event, done: 'Erased for good', undo: null });
      return elevations;
    });
    for (const { agent } of ended) bus.publish('elevationChanged', { agent });
    for (const peer of person.peers) bus.publish('peerChanged', peer);
    bus.publish('principalChanged', person.id);
    bus.publish('outboxPut', { count: 1 });
    await allowFile.settle();
    return person.id;
  }

  async #change(person: Person, by: Actor, work: (tx: Store) => Promise<Told>): Promise<Person> {
    const { store, bus } = this.#ports;
    await store.atomically(async (tx) => this.#tell(tx, person, by, await work(tx)));
    for (const peer of person.peers) bus.publish('peerChanged', peer);
    bus.publish('principalChanged', person.id);
    bus.publish('outboxPut', { count: 1 });
    return this.find(person.id);
  }

  /** The event, and a line to every owner: the host's shell and an owner's chat can do much, never in secret. */
  async #tell(
    tx: Store,
    { id, name }: { readonly id: PrincipalId; readonly name: string | null },
    by: Actor,
    { event, done, undo }: Told,
  ): Promise<void> {
    const now = event.at;
    await tx.audit.append([event]);
    const who = name === null ? id : personLabel({ id, name });
    const back = undo === null ? '' : `. Undo: ${undo}`;
    const text = `${done} by ${await deciderName(tx, by)}: ${who}${back}`;
    await tx.outbox.put(await ownerNotices(tx, { text, once: `${event.type}:${id}:${now}`, now }), now);
  }

  async #withPeers(person: Principal): Promise<Person> {
    return { ...person, peers: await this.#ports.store.people.peersOf(person.id) };
  }

  #event(
    type: EventType,
    principal: PrincipalId,
    actor: Actor,
    facts: Record<string, string | boolean>,
    personal?: Record<string, string>,
  ): EventDraft {
    const at = this.#ports.clock.now();
    const named = personal === undefined ? {} : { personal, about: principal };
    return { type, at, actor, subject: { principal, ...facts }, outcome: 'ok', ...named };
  }
}

/** Two owners who lower each other at once: both transactions see the other one, and SQLite and the role's
 * compare-and-set let only one through per person; the host can always claim anew. */
async function keepAnOwner(tx: Store, person: Principal): Promise<void> {
  if (person.role !== 'owner') return;
  const others = (await tx.people.owners()).filter(({ id }) => id !== person.id);
  if (others.length > 0) return;
  throw new Problem('state_conflict', {
    detail: 'that is the only owner',
    hint: 'make another person owner first: countersign people role <person> owner',
  });
}

function changedMeanwhile(): Problem {
  return new Problem('state_conflict', { detail: 'that person was changed meanwhile', hint: 'look again' });
}
