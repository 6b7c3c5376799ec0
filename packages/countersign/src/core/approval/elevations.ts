// Elevations: an owner proves a factor, and one agent may do what is elevated unasked, for an hour at most. Begun with a proof of
// that moment, ended by anybody who decides without one, and told to every owner both times (decision 28).
import { exact } from '@countersign/protocol/exact';
import { type ElevationId, ID_KINDS, makeId, type PrincipalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Denials } from '../audit/denials.ts';
import type { Actor } from '../audit/event.ts';
import type { Bus } from '../bus.ts';
import type { Factors } from '../factor/factors.ts';
import { notProven, proofRefused } from '../factor/prover.ts';
import { ownerNotices } from '../owner-notices.ts';
import type { Clock, Log, Millis, Random } from '../ports.ts';
import type { Store } from '../store-port.ts';
import { factorsOf } from './candidates.ts';
import { begunText, elevationBinding, elevationEvent, endElevations, isHeld } from './elevating.ts';
import type { Elevate, ElevationsService, Elevator } from './grants-port.ts';
import { nameOf, SYSTEM } from './told.ts';
import type { ElevationRecord } from './windows-port.ts';

const MINUTE_MS = 60_000;
export const LONGEST_ELEVATION_MS = 60 * MINUTE_MS;
/** Of one owner at once: whoever needs more needs a policy. */
const MOST_AT_ONCE = 20;

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly bus: Bus;
  readonly log: Log;
  readonly denials: Pick<Denials, 'record'>;
  readonly factors: Pick<Factors, 'prove'>;
}

export class ElevationBook implements ElevationsService {
  readonly #ports: Ports;
  #following: Promise<unknown> = Promise.resolve();

  constructor(ports: Ports) {
    this.#ports = ports;
    ports.bus.subscribe('principalChanged', () => this.#follow());
  }

  async begin({ agent, session, forMs }: Elevate, by: Elevator): Promise<ElevationRecord> {
    const { store, clock, random, bus } = this.#ports;
    if (!(forMs >= MINUTE_MS && forMs <= LONGEST_ELEVATION_MS))
      throw new Problem('request_malformed', {
        detail: 'an elevation lasts between a minute and an hour',
        hint: 'countersign elevate 15m',
      });
    const { owner, surface, actor } = by;
    const asked = { agent, session, by: owner, surface } as const;
    const kind = await this.#prove(asked, by, elevationBinding({ agent, session, forMs }));
    const now = clock.now();
    const id = makeId('elevation', random.bytes(ID_KINDS.elevation.bytes));
    const elevation = { ...asked, id, createdAt: now, until: now + forMs };
    const record: ElevationRecord = { ...elevation, endedAt: null, endedBy: null };
    await store.atomically(async (tx) => {
      // Between the proof and here they may have lost what it takes.
      if (!(await isHeld(tx, owner))) throw notAnOwner();
      const live = (await tx.elevations.live(now)).filter((one) => one.by === owner);
      if (live.length >= MOST_AT_ONCE)
        throw new Problem('state_conflict', { detail: 'too many elevations last already', hint: 'end one' });
      await tx.elevations.begin(elevation);
      const how = { outcome: 'ok', factors: [kind] } as const;
      await tx.audit.append([elevationEvent('elevation.begun', elevation, actor, now, how)]);
      const text = begunText(await nameOf(tx, owner), record);
      await tx.outbox.put(await ownerNotices(tx, { text, once: `elevation:${id}`, now }), now);
    });
    bus.publish('elevationChanged', { agent });
    bus.publish('outboxPut', { count: 1 });
    return record;
  }

  live(): Promise<readonly ElevationRecord[]> {
    const { store, clock } = this.#ports;
    return store.elevations.live(clock.now());
  }

  async end(id: ElevationId | null, actor: Actor): Promise<number> {
    const ended = await this.#end((one) => id === null || one.id === id, { why: 'person', actor });
    if (ended === 0 && id !== null)
      throw new Problem('not_found', { detail: 'there is no elevation of that id, or it is over' });
    return ended;
  }

  /** For the sweeper: tells the owners of those whose time is over. They elevate nothing since then, told or not. */
  async lapse(): Promise<number> {
    const { store, clock, bus } = this.#ports;
    const now = clock.now();
    const lapsed = await store.atomically(async (tx) => {
      const rows = await tx.elevations.lapse(now, MOST_AT_ONCE);
      for (const { id, agent } of rows) {
        const text = `${exact(agent)} works elevated no more: its time is over.`;
        await tx.outbox.put(await ownerNotices(tx, { text, once: `elevation-ended:${id}`, now }), now);
      }
      return rows;
    });
    for (const { agent } of lapsed) bus.publish('elevationChanged', { agent });
    if (lapsed.length > 0) bus.publish('outboxPut', { count: lapsed.length });
    return lapsed.length;
  }

  /** Resolves once what people's changes end is ended. */
  async settled(): Promise<void> {
    await this.#following;
  }

  /** Also for the sweeper: a process may die between a change of people and this. What is over elevates nothing meanwhile. */
  async settlePeople(): Promise<void> {
    const { store } = this.#ports;
    if ((await this.live()).length === 0) return;
    const over = new Set<ElevationId>();
    for (const { id, by } of await this.live()) if (!(await isHeld(store, by))) over.add(id);
    if (over.size > 0) await this.#end(({ id }) => over.has(id), { why: 'people_changed', actor: SYSTEM });
  }

  async #end(
    which: (elevation: ElevationRecord) => boolean,
    how: Parameters<typeof endElevations>[2],
  ): Promise<number> {
    const { store, clock, bus } = this.#ports;
    const now: Millis = clock.now();
    const ended = await store.atomically((tx) => endElevations(tx, which, how, now));
    for (const { agent } of ended) bus.publish('elevationChanged', { agent });
    if (ended.length > 0) bus.publish('outboxPut', { count: ended.length });
    return ended.length;
  }

  /** The proof of this very call; who may not elevate spends none. */
  async #prove(
    asked: { readonly agent: string; readonly session: ElevationRecord['session'] } & {
      readonly by: PrincipalId;
      readonly surface: string;
    },
    { owner, given, actor }: Elevator,
    binding: string,
  ): Promise<string> {
    const { store, clock, factors } = this.#ports;
    const refuse = async (problem: Problem): Promise<Problem> => {
      await this.#ports.denials.record(
        `elevation.refused:${owner}:${problem.code}`,
        elevationEvent('elevation.refused', asked, actor, clock.now(), {
          outcome: 'denied',
          reason: problem.code,
        }),
      );
      return problem;
    };
    const person = await store.people.get(owner);
    if (person?.state !== 'active' || person.role !== 'owner') throw await refuse(notAnOwner());
    const enrolled = await factorsOf(store, owner);
    if (given === null || enrolled.length === 0) throw await refuse(proofNeeded(enrolled, asked.surface));
    // The rule of decisions (R39): with a passkey, the chat does not also carry the proof.
    if (asked.surface === 'chat' && enrolled.includes('passkey') && given.kind !== 'passkey')
      throw await refuse(
        new Problem('auth_forbidden', {
          detail: 'with a passkey enrolled, a code in a chat elevates nothing',
          hint: 'the page, or: countersign elevate 15m --totp CODE',
          members: { reason: 'factor_same_surface' },
        }),
      );
    if (given.proof === null) throw await refuse(proofRefused(0));
    const proven = await factors.prove(owner, given.proof, given.place, clock.now(), binding);
    if (!proven.ok) throw await refuse(notProven(proven.wait));
    return proven.factor.kind;
  }

  /** After the change, one at a time. */
  #follow(): void {
    const { log } = this.#ports;
    this.#following = this.#following
      .then(() => this.settlePeople())
      .catch((cause: unknown) => log.error('elevations.follow_failed', { reason: Problem.codeOf(cause) }));
  }
}

function notAnOwner(): Problem {
  return new Problem('auth_forbidden', { detail: 'an owner elevates, and nobody else' });
}

function proofNeeded(enrolled: readonly string[], surface: string): Problem {
  if (enrolled.length === 0)
    return new Problem('auth_factor_required', {
      detail: 'an elevation needs a proof, and you have enrolled no factor',
      hint: 'countersign factors enroll totp',
      members: { factors: [] },
    });
  const hint =
    surface === 'chat'
      ? 'with the code of your app: /elevate 15m <code>'
      : surface === 'host'
        ? 'add --totp CODE, or --recovery CODE'
        : `prove one of: ${enrolled.join(', ')}`;
  return new Problem('auth_factor_required', {
    detail: 'an elevation needs a fresh proof of an owner',
    hint,
    members: { factors: [...enrolled] },
  });
}
