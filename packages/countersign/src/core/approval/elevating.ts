// What an elevation covers and what ends it. It is looked at inside the transaction that asks: an owner who lost their rights
// a moment ago elevates nothing, whoever has swept it up or not.
import { exact } from '@countersign/protocol/exact';
import type { ElevationId, PrincipalId, SessionId } from '@countersign/protocol/ids';
import { isoTime } from '@countersign/protocol/time';
import type { Actor, EventDraft } from '../audit/event.ts';
import { ownerNotices } from '../owner-notices.ts';
import type { Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';
import { nameOf } from './told.ts';
import { othersMayAsk } from './unnamed.ts';
import type { ElevationRecord } from './windows-port.ts';

type Tables = Pick<Store, 'elevations' | 'people' | 'factors' | 'bindings'>;

interface AskedFor {
  readonly agent: string;
  readonly session: SessionId | null;
  readonly requester: PrincipalId | null;
}

export type WhyEnded = 'person' | 'policy_changed' | 'people_changed';

/** By which elevation what is asked like that runs: the one that lasts longest; null: by none. */
export async function elevationFor(
  tx: Tables,
  asked: AskedFor,
  now: Millis,
): Promise<ElevationRecord | null> {
  let longest: ElevationRecord | null = null;
  for (const elevation of await tx.elevations.live(now)) {
    if (!(await covers(tx, elevation, asked, now)) || !(await isHeld(tx, elevation.by))) continue;
    if (longest === null || elevation.until > longest.until) longest = elevation;
  }
  return longest;
}

/** What other people ask of the same agent is asked about as ever (decision 28). */
async function covers(
  tx: Pick<Tables, 'bindings'>,
  { agent, session, by }: ElevationRecord,
  asked: AskedFor,
  now: Millis,
): Promise<boolean> {
  if (agent !== asked.agent) return false;
  if (session !== null) return session === asked.session && asked.requester === by;
  if (asked.requester !== null || asked.session !== null) return asked.requester === by;
  return !(await othersMayAsk(tx, { agent, by }, now));
}

/** Whoever gave it still could. */
export async function isHeld(tx: Pick<Tables, 'people' | 'factors'>, owner: PrincipalId): Promise<boolean> {
  const person = await tx.people.get(owner);
  return person?.state === 'active' && person.role === 'owner' && (await tx.factors.has(owner));
}

/** Ends those that last and that `which` names; owners are told. @returns what ended. */
export async function endElevations(
  tx: Store,
  which: (elevation: ElevationRecord) => boolean | Promise<boolean>,
  { why, actor }: { readonly why: WhyEnded; readonly actor: Actor },
  now: Millis,
): Promise<readonly ElevationRecord[]> {
  const ended: ElevationRecord[] = [];
  for (const elevation of await tx.elevations.live(now)) {
    if (!(await which(elevation)) || !(await tx.elevations.end(elevation.id, why, now))) continue;
    ended.push(elevation);
    await tx.audit.append([
      elevationEvent('elevation.ended', elevation, actor, now, { outcome: 'ok', reason: why }),
    ]);
    const text = `${exact(elevation.agent)} works elevated no more: ${await whoEnded(tx, why, actor)}.`;
    await tx.outbox.put(await ownerNotices(tx, { text, once: `elevation-ended:${elevation.id}`, now }), now);
  }
  return ended;
}

/** By the policy or the people: windows of a proof and elevations rest on both. */
export async function closeProofs(
  tx: Store,
  of: PrincipalId | null,
  why: { readonly why: Exclude<WhyEnded, 'person'>; readonly actor: Actor },
  now: Millis,
): Promise<readonly ElevationRecord[]> {
  await tx.windows.close(of);
  return endElevations(tx, ({ by }) => of === null || by === of, why, now);
}

/** What a passkey's challenge is for: this agent, this conversation, so long, and no other (R32). */
export function elevationBinding({
  agent,
  session,
  forMs,
}: {
  readonly agent: string;
  readonly session: SessionId | null;
  readonly forMs: Millis;
}): string {
  return JSON.stringify(['elevation', agent, session, forMs]);
}

export function begunText(name: string, { agent, session, until }: ElevationRecord): string {
  const what = session === null ? 'in all that nobody else asks it for' : 'in one conversation of theirs';
  return `${exact(agent)} works elevated until ${isoTime(until).slice(11, 16)} UTC, ${what}: ${name} said so. What is destructive is asked as ever. End it: /elevate end, or countersign elevate end`;
}

interface Elevated {
  readonly id?: ElevationId;
  readonly agent: string;
  readonly session: SessionId | null;
  readonly by: PrincipalId;
  readonly surface: string;
  readonly until?: Millis;
}

export function elevationEvent(
  type: 'elevation.begun' | 'elevation.refused' | 'elevation.ended',
  { id, agent, session, by, surface, until }: Elevated,
  actor: Actor,
  at: Millis,
  {
    outcome,
    reason,
    factors,
  }: {
    readonly outcome: EventDraft['outcome'];
    readonly reason?: string;
    readonly factors?: readonly string[];
  },
): EventDraft {
  return {
    type,
    at,
    actor,
    subject: {
      ...(id === undefined ? {} : { elevation: id }),
      agent,
      ...(session === null ? {} : { session }),
      principal: by,
      surface,
      ...(factors === undefined ? {} : { factors: [...factors] }),
      ...(until === undefined ? {} : { until: isoTime(until) }),
    },
    outcome,
    ...(reason === undefined ? {} : { reason }),
  };
}

async function whoEnded(tx: Pick<Store, 'people'>, why: WhyEnded, actor: Actor): Promise<string> {
  if (why === 'policy_changed') return 'the policy was changed';
  if (why === 'people_changed') return 'the rights or the factors of whoever said so were changed';
  if (actor.kind === 'principal') return `${await nameOf(tx, actor.id)} ended it`;
  return "it was ended on the gateway's machine";
}
