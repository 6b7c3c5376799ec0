// Requests that end without a word of anybody: what they rest on changed, nobody was reachable, time ran out. The end, its
// event, and what cards and requester are told share one transaction.
import type { ApprovalId } from '@countersign/protocol/ids';
import type { Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { ApprovalBrief, ApprovalRecord } from './approvals-port.ts';
import { type ApprovalSettings, candidatesOf } from './candidates.ts';
import { elevationFor } from './elevating.ts';
import { type Candidate, type Needed, whoIsAsked } from './judge.ts';
import { stateAt } from './machine.ts';
import type { Policy } from './policy.ts';
import type { ApprovalTelling } from './service.ts';
import { storedPolicy } from './stored-policy.ts';
import { approvalEvent, SYSTEM } from './told.ts';
import { markedCandidates } from './unnamed.ts';

const PAGE = 500;

/** Everything that waits or could still be used. @returns what ended. */
export async function supersedeEvery(
  tx: Store,
  telling: ApprovalTelling,
  why: string,
  now: Millis,
): Promise<readonly ApprovalId[]> {
  const ids = await tx.approvals.supersedeAll(why, now);
  const ended = await briefsOf(tx, ids);
  await tellUnasked(tx, ended, why, now);
  for (const { id, need } of ended) if (need !== null) await tellSuperseded(tx, telling, id, why, now);
  return ids;
}

/** What the policy allowed by itself for somebody who is shut out since: there may be any number, and nobody has a card of it. */
export async function supersedeShutOut(tx: Store, now: Millis): Promise<readonly ApprovalId[]> {
  const why = 'requester_changed';
  const ids = await tx.approvals.supersedeShutOut(why, now);
  await tellUnasked(tx, await briefsOf(tx, ids), why, now);
  return ids;
}

/** The program that asked hears of it when it comes. */
async function tellUnasked(
  tx: Store,
  ended: readonly ApprovalBrief[],
  why: string,
  now: Millis,
): Promise<void> {
  const unasked = ended.filter(({ need }) => need === null);
  await tx.audit.append(
    unasked.map((one) => approvalEvent('approval.superseded', one, SYSTEM, now, { reason: why })),
  );
}

async function briefsOf(
  tx: Pick<Store, 'approvals'>,
  ids: readonly ApprovalId[],
): Promise<readonly ApprovalBrief[]> {
  const found: ApprovalBrief[] = [];
  for (let at = 0; at < ids.length; at += PAGE) {
    const some = ids.slice(at, at + PAGE);
    found.push(...(await tx.approvals.briefs({ ids: some, limit: some.length })));
  }
  return found;
}

/**
 * R41: requests of people whose askers or deciders are others now. Somebody who was asked gained or lost a factor, a role or their
 * place, or whoever it is asked for was shut out; a new name, another chat, one more approver change nothing.
 */
export async function supersedeStale(
  tx: Store,
  telling: ApprovalTelling,
  settings: ApprovalSettings,
  now: Millis,
): Promise<readonly ApprovalId[]> {
  const live = await liveRequests(tx, now);
  if (live.length === 0) return [];
  const house = await houseOf(tx, settings);
  const ended: ApprovalId[] = [];
  for (const request of live) if (await voided(tx, telling, request, house, now)) ended.push(request.id);
  return ended;
}

/**
 * The same for one request that is about to be used: a process may have died between a change of people and the sweep; a
 * session that was revoked, and an elevation that was ended, carry nothing any more (R62). True where that voided it.
 */
export async function supersedeIfStale(
  tx: Store,
  telling: ApprovalTelling,
  settings: ApprovalSettings,
  request: ApprovalRecord,
  now: Millis,
): Promise<boolean> {
  const { session } = request;
  const binding = session === null ? null : await tx.bindings.of(session);
  if (binding !== null && binding.endedAt !== null)
    return supersede(tx, telling, request.id, 'session_ended', now);
  const { id, need, because } = request;
  if (need === null && because === 'elevated' && (await elevationFor(tx, request, now)) === null)
    return supersede(tx, telling, id, 'elevation_ended', now);
  const house = await houseOf(tx, settings);
  // A change of the policy ends what waits and what could be used, in its own transaction: what is left of another version was put
  // back since, or written.
  if (request.policy !== house.policy.version)
    return supersede(tx, telling, request.id, 'policy_changed', now);
  return voided(tx, telling, request, house, now);
}

interface HouseNow {
  readonly policy: Policy;
  readonly candidates: readonly Candidate[];
}

async function houseOf(tx: Store, settings: ApprovalSettings): Promise<HouseNow> {
  return { policy: await storedPolicy(tx, settings), candidates: await candidatesOf(tx, settings) };
}

async function voided(
  tx: Store,
  telling: ApprovalTelling,
  request: ApprovalBrief,
  { policy, candidates: all }: HouseNow,
  now: Millis,
): Promise<boolean> {
  const { id, need, tier, requester } = request;
  const candidates = need === null ? all : await asThen(tx, request, need, all, now);
  const isShutOut = requester !== null && (await tx.people.get(requester))?.state !== 'active';
  const asked = whoIsAsked(policy, { tier, requester, candidates });
  const isSame = need === null || (asked.outcome === 'require' && isStill(need, asked.need));
  if (isSame && !isShutOut) return false;
  return supersede(tx, telling, id, isShutOut ? 'requester_changed' : 'people_changed', now);
}

/** True where it was still to be decided or used. */
export async function supersede(
  tx: Store,
  telling: ApprovalTelling,
  id: ApprovalId,
  why: string,
  now: Millis,
): Promise<boolean> {
  if (!(await tx.approvals.end(id, 'supersede', why, now))) return false;
  await tellSuperseded(tx, telling, id, why, now);
  return true;
}

/** What nobody was asked about rests on nobody who was; what it is for is looked at in supersedeShutOut, and before it is spent. */
async function liveRequests(tx: Store, now: Millis): Promise<ApprovalBrief[]> {
  const live: ApprovalBrief[] = [];
  for (;;) {
    const before = live.at(-1)?.id;
    const states = ['pending', 'approved'] as const;
    const page = await tx.approvals.briefs({
      ...{ states, asked: 'people', limit: PAGE },
      ...(before === undefined ? {} : { before }),
    });
    live.push(...page);
    if (page.length < PAGE) break;
  }
  return live.filter((one) => ['pending', 'approved'].includes(stateAt(one, now)));
}

/**
 * Of a request that names nobody, who was left out because it may be theirs is left out again: the proof that they hold is not
 * asked of others. Who was asked, and began to speak with the agent later, stays asked, and is refused when they say yes.
 */
async function asThen(
  tx: Store,
  { agent, requester }: ApprovalBrief,
  need: Needed,
  all: readonly Candidate[],
  now: Millis,
): Promise<readonly Candidate[]> {
  const [was, others] = [true, false].map((isAsked) =>
    all.filter(({ principal }) => need.people.includes(principal) === isAsked),
  );
  return [...(was ?? []), ...(await markedCandidates(tx, others ?? [], { agent, requester }, now))];
}

/** Everybody who was asked may still say what they could say then, with the same proof. What the policy alone says is the same,
 * too: a change of it ends what waits, so that another quorum, or another lifetime, was written by somebody else. */
function isStill(then: Needed, now: Needed): boolean {
  const isPolicy =
    then.who === now.who &&
    then.quorum === now.quorum &&
    then.lifetimeMs === now.lifetimeMs &&
    then.cooldownMs === now.cooldownMs;
  const isSame = then.people.every(
    (person) => now.people.includes(person) && then.able.includes(person) === now.able.includes(person),
  );
  return (
    isPolicy && isSame && JSON.stringify(then.factors.toSorted()) === JSON.stringify(now.factors.toSorted())
  );
}

async function tellSuperseded(
  tx: Store,
  telling: ApprovalTelling,
  id: ApprovalId,
  why: string,
  now: Millis,
): Promise<void> {
  const request = await tx.approvals.get(id);
  if (request === null) return;
  await tx.audit.append([approvalEvent('approval.superseded', request, SYSTEM, now, { reason: why })]);
  // Nobody was asked: nobody has a card.
  if (request.need !== null)
    await telling.ended(tx, request, { state: 'superseded', by: null, reason: null, answered: null }, now);
}
