// Which user of the owner's tools a person is: said by an owner, one by one or as a whole list, all of it or nothing. It
// decides whose data a person's tools see, so it is told to every owner and stands in the audit.
import type { PrincipalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Actor, EventDraft } from '../audit/event.ts';
import type { Bus } from '../bus.ts';
import type { Directory } from '../identity/directory.ts';
import { ownerNotices } from '../owner-notices.ts';
import { deciderName } from '../pairing/told.ts';
import type { Clock, Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { MappedRow, User } from './binding.ts';

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly directory: Pick<Directory, 'find' | 'parsePeer'>;
}

export interface Mapping extends User {
  /** An id, its beginning, an exact name, or a chat of the person. */
  readonly person: string;
}

export interface Mapped extends User {
  readonly principal: PrincipalId;
}

/** Mistakes told at once. */
const MAX_TOLD = 20;

export class UserMaps {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  get(principal: PrincipalId): Promise<MappedRow | null> {
    return this.#ports.store.userMap.get(principal);
  }

  /** In the order of their ids. */
  list(page: { readonly after: PrincipalId | null; readonly limit: number }): Promise<readonly MappedRow[]> {
    return this.#ports.store.userMap.list(page);
  }

  /** @throws Problem `request_malformed` with every entry that does not fit; nothing is changed then. */
  async map(entries: readonly Mapping[], by: Actor): Promise<readonly Mapped[]> {
    const { store, clock, bus } = this.#ports;
    const found = await this.#find(entries);
    const at = clock.now();
    await store.atomically(async (tx) => {
      // Two who change places: both go first.
      for (const { principal } of found) await tx.userMap.clear(principal);
      const mistakes: string[] = [];
      for (const [index, { principal, ...user }] of found.entries()) {
        const set = await tx.userMap.set(principal, user, at);
        if (set === 'taken') mistakes.push(`${entryOf(entries, index)}another person is that user already`);
        if (set === 'nobody') mistakes.push(`${entryOf(entries, index)}there is no such person any more`);
      }
      refuse(mistakes);
      await tx.audit.append(found.map((one) => event('person.mapped', one, by, at)));
      const [first] = found;
      if (first === undefined) return;
      const who = found.length === 1 ? first.principal : `${found.length} people`;
      const text = `Mapped to users of your tools by ${await deciderName(tx, by)}: ${who}`;
      await this.#tell(tx, text, `mapped:${first.principal}`, at);
    });
    for (const { principal } of found) bus.publish('principalChanged', principal);
    bus.publish('outboxPut', { count: 1 });
    return found;
  }

  /** @throws Problem `not_found`, `state_conflict` when they were nobody. */
  async clear(ref: string, by: Actor): Promise<PrincipalId> {
    const { store, clock, bus } = this.#ports;
    const principal = await this.#principal(ref);
    const at = clock.now();
    await store.atomically(async (tx) => {
      const was = await tx.userMap.clear(principal);
      if (was === null) throw notMapped('state_conflict');
      await tx.audit.append([event('person.unmapped', { principal, ...was }, by, at)]);
      const text = `No user of your tools any more, by ${await deciderName(tx, by)}: ${principal}`;
      await this.#tell(tx, text, `unmapped:${principal}`, at);
    });
    bus.publish('principalChanged', principal);
    bus.publish('outboxPut', { count: 1 });
    return principal;
  }

  async #find(entries: readonly Mapping[]): Promise<Mapped[]> {
    const found: Mapped[] = [];
    const mistakes: string[] = [];
    const seen = new Set<PrincipalId>();
    for (const [index, { person, ...user }] of entries.entries()) {
      try {
        const principal = await this.#principal(person);
        if (seen.has(principal)) mistakes.push(`${entryOf(entries, index)}that person stands there twice`);
        seen.add(principal);
        found.push({ principal, ...user });
      } catch (cause) {
        if (!(cause instanceof Problem)) throw cause;
        mistakes.push(`${entryOf(entries, index)}${cause.message}`);
      }
    }
    refuse(mistakes);
    return found;
  }

  async #principal(ref: string): Promise<PrincipalId> {
    const { store, directory } = this.#ports;
    if (!ref.includes(':')) return (await directory.find(ref)).id;
    const { principal } = await store.people.standing(directory.parsePeer(ref));
    if (principal === null) throw new Problem('not_found', { detail: 'that chat belongs to nobody' });
    return principal.id;
  }

  async #tell(tx: Store, text: string, of: string, at: Millis): Promise<void> {
    await tx.outbox.put(await ownerNotices(tx, { text, once: `${of}:${at}`, now: at }), at);
  }
}

/** Said of somebody who is asked about, or about to be unmapped, and is no user. */
export function notMapped(code: 'not_found' | 'state_conflict'): Problem {
  const hint = 'countersign people map lists who is';
  return new Problem(code, { detail: 'that person is no user of your tools', hint });
}

function event(
  type: EventDraft['type'],
  { principal, user, tenant }: Mapped,
  by: Actor,
  at: Millis,
): EventDraft {
  const personal = { user, tenant };
  return { type, at, actor: by, subject: { principal }, outcome: 'ok', personal, about: principal };
}

/** Of several, which one. */
function entryOf(entries: readonly Mapping[], index: number): string {
  return entries.length === 1 ? '' : `entry ${index + 1}: `;
}

function refuse(mistakes: readonly string[]): void {
  if (mistakes.length === 0) return;
  const told = mistakes.slice(0, MAX_TOLD);
  const more = mistakes.length > told.length ? `; and ${mistakes.length - told.length} more` : '';
  throw new Problem('request_malformed', {
    detail: `nothing was changed. ${told.join('; ')}${more}`,
    hint: 'countersign people list names them; a person is one user, and a user one person',
    members: { mistakes: told },
  });
}
