// One word of one person on one request, in one transaction: may it count, does it still come in time, what does it come to,
// who is told. Whoever is refused learns why; nothing is stored of a word that did not count but its audit event.
import type { FactorKind } from '@countersign/protocol/approval';
import { exact } from '@countersign/protocol/exact';
import type { ApprovalId, GrantId, PrincipalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Actor } from '../audit/event.ts';
import type { Hasher, Millis, Random } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { ApprovalRecord, Word } from './approvals-port.ts';
import { PAST_MS } from './asking.ts';
import { type ApprovalSettings, candidatesOf } from './candidates.ts';
import { CONDUCT_LIMITS, isWornDown } from './conduct.ts';
import { issueGrant } from './issue.ts';
import { stepAt } from './machine.ts';
import {
  type Decided,
  type Decider,
  type DeciderReason,
  type DeciderVerdict,
  mayApprove,
  mayDeny,
  yesEvent,
} from './may-decide.ts';
import { pausedUntil } from './pause.ts';
import { checkAsked } from './seal.ts';
import type { ApprovalTelling, Given, Said } from './service.ts';
import { approvalEvent, nameOf, notThere, refusedLate, SYSTEM } from './told.ts';
import { mayHaveAsked } from './unnamed.ts';
import { openWindow, withWindow } from './window.ts';

export interface DecidingPorts {
  readonly random: Random;
  readonly hasher: Hasher;
  readonly telling: ApprovalTelling;
  readonly settings: ApprovalSettings;
}

export type DecidedAs =
  | { readonly outcome: 'said' }
  /** It would count with a proof of the kind that came along: nothing was stored yet. */
  | { readonly outcome: 'prove'; readonly request: ApprovalRecord; readonly principal: PrincipalId }
  | { readonly outcome: 'refused'; readonly request: ApprovalRecord; readonly reason: DeciderReason };

interface Saying {
  readonly decider: Decider;
  readonly said: Said;
  readonly actor: Actor;
  /** What came along and was not looked at yet. */
  readonly given: Pick<Given, 'kind' | 'always'> | null;
}

/** @throws Problem `not_found`, `already_decided`, `expired`, `auth_factor_required`, `too_soon`. */
export async function decideIn(
  tx: Store,
  id: ApprovalId,
  { decider: who, said, actor, given }: Saying,
  { random, hasher, telling, settings }: DecidingPorts,
  now: Millis,
): Promise<DecidedAs> {
  const request = await tx.approvals.get(id);
  if (request === null) throw notThere();
  const step = stepAt(request, said.decision, now);
  if ('refused' in step) throw await refusedLate(tx, request, step.refused, now);
  const decided = decidedOf(request);
  const decider = said.decision === 'deny' ? who : await withWindow(tx, who, request, now);
  const verdict = said.decision === 'deny' ? mayDeny(decider, decided) : mayApprove(decider, decided, now);
  if (verdict.outcome === 'deny') return { outcome: 'refused', request, reason: verdict.reason };
  const { principal } = decider;
  // Asked once, and somebody else now: what waits for them is void, whether or not that was swept up yet (R41).
  const still = (await candidatesOf(tx, settings)).find((one) => one.principal === principal);
  if (principal === null || still === undefined) return { outcome: 'refused', request, reason: 'not_asked' };
  if (said.decision === 'approve' && (await mayHaveAsked(tx, still, request, now)))
    return { outcome: 'refused', request, reason: 'may_have_asked' };
  if (said.decision === 'approve') await checkAsked(request);
  const isUnspent = said.decision === 'approve' && decider.factor === null && given !== null;
  const asksProof = verdict.outcome === 'require' && 'factors' in verdict.need;
  if (isUnspent && (asksProof || given.always === true)) {
    // What the same word would come to with it: a code is not spent on a yes that it does not carry.
    const proven = mayApprove({ ...decider, factor: given.kind }, decided, now);
    if (proven.outcome === 'allow') return { outcome: 'prove', request, principal };
    if (proven.outcome === 'deny') return { outcome: 'refused', request, reason: proven.reason };
  }
  if (verdict.outcome === 'require') throw moreNeeded(verdict.need, request, decider);

  const { factor, surface: door } = decider;
  const word: Word = {
    decision: said.decision,
    by: principal,
    surface: actor.kind === 'principal' ? actor.surface : door,
    factors: factor === null ? [] : [factor],
    at: now,
    reason: said.reason,
  };
  const event = said.decision === 'deny' ? 'deny' : yesEvent(decided, principal);
  const redeemBy = event === 'approve' ? now + decided.need.lifetimeMs : null;
  if (!(await tx.approvals.say(id, word, event, redeemBy)))
    return { outcome: 'refused', request, reason: 'said_yes_already' };
  if (word.decision === 'approve') await openWindow(tx, decider, request, now);
  const approved = { ...request, words: [...request.words, word] };
  const grant = redeemBy === null ? null : await issueGrant(tx, approved, redeemBy, { random, hasher }, now);
  await tellSaid(tx, id, { word, event, actor, grant }, telling, now);
  return { outcome: 'said' };
}

function decidedOf(request: ApprovalRecord): Decided {
  const { tier, requester, connection, need, words } = request;
  // Whoever waits was asked of somebody: a row without is damaged, and nobody's.
  if (need === null) throw new Problem('store_unavailable', { detail: 'a stored request is damaged' });
  const yeses = words.filter(({ decision }) => decision === 'approve').map(({ by }) => by);
  return { tier, requester, connection, need, yeses };
}

function moreNeeded(
  need: Extract<DeciderVerdict, { outcome: 'require' }>['need'],
  { short }: ApprovalRecord,
  { surface }: Decider,
): Problem {
  if ('again' in need)
    return new Problem('too_soon', { detail: 'that came sooner than anybody reads it: say it again' });
  return new Problem('auth_factor_required', {
    detail: 'a yes to this needs a proof of yours; a no needs none',
    hint: howToProve(need.factors, short, surface),
    members: { factors: [...need.factors] },
  });
}

function howToProve(factors: readonly FactorKind[], short: string, surface: Decider['surface']): string {
  const isTyped = factors.includes('totp') || factors.includes('recovery');
  if (surface === 'chat')
    return isTyped ? `with the code of your app: /approve ${short} <code>` : 'it is proven on the page';
  if (surface === 'host')
    return isTyped ? 'add --totp CODE, or --recovery CODE' : 'a passkey is proven on the page';
  return `prove one of: ${factors.join(', ')}`;
}

const EVENTS = {
  endorse: 'approval.endorsed',
  approve: 'approval.approved',
  deny: 'approval.denied',
} as const;

async function tellSaid(
  tx: Store,
  id: ApprovalId,
  {
    word,
    event,
    actor,
    grant,
  }: {
    readonly word: Word;
    readonly event: keyof typeof EVENTS;
    readonly actor: Actor;
    readonly grant: GrantId | null;
  },
  telling: ApprovalTelling,
  now: Millis,
): Promise<void> {
  const request = await tx.approvals.get(id);
  if (request === null) throw notThere();
  const { redeemBy } = request;
  const facts = redeemBy === null ? {} : { grantExpiresAt: redeemBy };
  await tx.audit.append([approvalEvent(EVENTS[event], request, actor, now, { word, grant, facts })]);
  if (event === 'endorse') return;
  const answered = actor.kind === 'principal' ? (actor.chat ?? null) : null;
  const by = await nameOf(tx, word.by);
  const { state } = request;
  await telling.ended(tx, request, { state, by, reason: word.reason, answered, factors: word.factors }, now);
  if (event === 'deny') await notePause(tx, request, telling, now);
  else await noteWornDown(tx, request, telling, now);
}

/** H57: three denials in a row are an answer. The requester's session asks nothing for a while, and owners hear of it. */
async function notePause(
  tx: Store,
  request: ApprovalRecord,
  telling: ApprovalTelling,
  now: Millis,
): Promise<void> {
  const { agent, session } = request;
  if ((await pausedUntil(tx, request, now)) !== now + CONDUCT_LIMITS.pauseMs) return;
  await tx.audit.append([approvalEvent('approval.paused', request, SYSTEM, now)]);
  const minutes = CONDUCT_LIMITS.pauseMs / 60_000;
  const text = `${exact(agent)} was told no ${CONDUCT_LIMITS.denialsToPause} times in a row and asks nothing for ${minutes} minutes.`;
  await telling.owners(tx, text, `paused:${agent}:${session}:${now}`, now);
}

async function noteWornDown(
  tx: Store,
  request: ApprovalRecord,
  telling: ApprovalTelling,
  now: Millis,
): Promise<void> {
  const { actionDigest, agent, short, id } = request;
  if (!isWornDown(actionDigest, await pastOf(tx, request, now))) return;
  const reason = 'deny_deny_approve';
  await tx.audit.append([approvalEvent('approval.flagged', request, SYSTEM, now, { reason })]);
  const text = `Look at ${short}: what ${exact(agent)} asked was denied twice, asked again, and approved now. countersign approvals show ${id}`;
  await telling.owners(tx, text, `worn-down:${id}`, now);
}

function pastOf(tx: Store, { agent, session }: ApprovalRecord, now: Millis) {
  return tx.approvals.past(agent, session, now - PAST_MS, now);
}
