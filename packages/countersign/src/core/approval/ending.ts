// Requests that end without a word of anybody: what they rest on changed, nobody was reachable, time ran out. The end, its
// event, and what cards and requester are told share one transaction.
import type { ApprovalId } from '@countersign/protocol/ids';
import type { Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { ApprovalRecord } from './approvals-port.ts';
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
  for (const id of ids) await tellSuperseded(tx, telling, id, why, now);
  return ids;
}

/**
 * R41: requests whose askers or deciders are others now. Somebody who was asked gained or lost a factor, a role or their
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
  return voided(tx, telling, request, await houseOf(tx, settings), now);
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
  request: ApprovalRecord,
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

async function liveRequests(tx: Store, now: Millis): Promise<ApprovalRecord[]> {
  const live: ApprovalRecord[] = [];
  for (;;) {
    const before = live.at(-1)?.id;
    const states = ['pending', 'approved'] as const;
    const page = await tx.approvals.list({
      states,
      limit: PAGE,
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
  { agent, requester }: ApprovalRecord,
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
  // Nobody was asked: nobody has a card, and the program that asked hears of it when it comes.
  if (request.need !== null)
    await telling.ended(tx, request, { state: 'superseded', by: null, reason: null, answered: null }, now);
}
