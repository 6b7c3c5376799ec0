// One request, from the look at it to the cards: all of it in one transaction, so that what people are asked, what is stored
// and what stands in the audit are the same. How risky it is and who decides comes from our books, never from the caller.
import { needDigest, requestDigest, shortDigest } from '@countersign/protocol/action-digest';
import { exact } from '@countersign/protocol/exact';
import { type ApprovalId, type GrantId, ID_KINDS, makeId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Actor } from '../audit/event.ts';
import type { Hasher, Millis, Random } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { ApprovalRecord, NewApproval } from './approvals-port.ts';
import { type ApprovalSettings, candidatesOf } from './candidates.ts';
import { type Conduct, conductOf, type Past } from './conduct.ts';
import { type Considered, consider } from './consider.ts';
import { elevationFor } from './elevating.ts';
import { issueGrant } from './issue.ts';
import type { Requester } from './judge.ts';
import { listedThen } from './listed.ts';
import { isOpen } from './machine.ts';
import type { Policy } from './policy.ts';
import type { ApprovalTelling, Ask, RiskFacts } from './service.ts';
import { storedPolicy } from './stored-policy.ts';
import { approvalEvent } from './told.ts';
import { markedCandidates } from './unnamed.ts';
import type { ElevationRecord } from './windows-port.ts';

/** How far back a denial is remembered, and a request may still wait. */
export const PAST_MS = 25 * 3_600_000;
const NONCE_BYTES = 24;
const MINUTE_MS = 60_000;

export interface AskingPorts {
  readonly random: Random;
  readonly hasher: Hasher;
  readonly facts: RiskFacts;
  readonly telling: ApprovalTelling;
  readonly settings: ApprovalSettings;
}

export type AskedFor =
  | { readonly outcome: 'opened'; readonly id: ApprovalId }
  /** It is there already, by its key or because the same waits. */
  | { readonly outcome: 'known'; readonly id: ApprovalId }
  | { readonly outcome: 'refused'; readonly conduct: Extract<Conduct, { outcome: 'deny' }> };

/** @throws Problem `state_conflict`: the same key for something else. */
export async function askIn(
  tx: Store,
  ask: Ask & { readonly digest: string; readonly key: string | null },
  ports: AskingPorts,
  now: Millis,
): Promise<AskedFor> {
  const { agent, session, token, digest, key } = ask;
  const past = await tx.approvals.past(agent, session?.session ?? null, now - PAST_MS, now);
  const repeated = key === null ? null : await repeatOf(tx, ask, key);
  if (repeated !== null) return { outcome: 'known', id: repeated };

  const policy = await storedPolicy(tx, ports.settings);
  const requester = await requesterOf(tx, ask);
  const whose = { agent, session: session?.session ?? null, requester: requester?.principal ?? null };
  const candidates = await markedCandidates(tx, await candidatesOf(tx, ports.settings), whose, now);
  const elevation = await elevationFor(tx, whose, now);
  const elevatedUntil = elevation?.until ?? null;
  const asked = { action: ask.action, agent, requester, candidates, elevatedUntil };
  const considered = consider(policy, asked, ports.facts(), now);
  let conduct: Extract<Conduct, { outcome: 'ask' }> = { outcome: 'ask', quietly: false, flags: [] };
  if (considered.verdict.outcome === 'require') {
    const same = await sameOpen(tx, ask, now);
    if (same !== null) return { outcome: 'known', id: same };
    const judged = conductOf(digest, othersOf(past, digest), now);
    if (judged.outcome === 'deny') return { outcome: 'refused', conduct: judged };
    if (judged.outcome === 'ask') conduct = judged;
  }
  const request = await requestOf(ask, { considered, policy, conduct, random: ports.random }, now);
  const opened = await tx.approvals.open(request, key);
  if (opened.outcome === 'repeat') return { outcome: 'known', id: opened.of };
  const { id, redeemBy } = request;
  const grant =
    redeemBy === null ? null : await issueGrant(tx, { ...request, words: [] }, redeemBy, ports, now);
  const by = request.because === 'elevated' ? elevation : null;
  await tellAsked(tx, request, { telling: ports.telling, token, grant, elevation: by }, now);
  return { outcome: 'opened', id };
}

async function repeatOf(
  tx: Store,
  { token, agent, session, digest }: Ask & { readonly digest: string },
  key: string,
): Promise<ApprovalId | null> {
  const id = await tx.approvals.repeated(token, key);
  const before = id === null ? null : await tx.approvals.get(id);
  if (before === null) return null;
  const isSame =
    before.actionDigest === digest && before.agent === agent && before.session === (session?.session ?? null);
  if (isSame) return before.id;
  throw new Problem('state_conflict', { detail: 'that Idempotency-Key was used for something else' });
}

/** The same, of the same program, that waits already: its answer is the answer to this one too. */
async function sameOpen(
  tx: Store,
  { token, agent, session, digest }: Ask & { readonly digest: string },
  now: Millis,
): Promise<ApprovalId | null> {
  const waiting = await tx.approvals.briefs({ states: ['pending'], agent, token, limit: 100 });
  const same = waiting.find(
    (one) => one.actionDigest === digest && one.session === (session?.session ?? null) && isOpen(one, now),
  );
  return same?.id ?? null;
}

/** The same of another program is another request: whoever asked may not await what is not theirs. */
function othersOf(past: readonly Past[], digest: string): readonly Past[] {
  return past.map((one) =>
    one.outcome === 'open' && one.actionDigest === digest ? { ...one, actionDigest: '' } : one,
  );
}

async function requesterOf(tx: Store, { session }: Ask): Promise<Requester | null> {
  if (session === null) return null;
  const { principal, assurance } = session;
  const person = await tx.people.get(principal);
  // Whoever is gone asks for nothing.
  const { role, state } = person ?? { role: 'user', state: 'blocked' };
  return { principal, role, assurance, active: state === 'active' };
}

async function requestOf(
  ask: Ask & { readonly digest: string },
  {
    considered,
    policy,
    conduct,
    random,
  }: {
    readonly considered: Considered;
    readonly policy: Policy;
    readonly conduct: Extract<Conduct, { outcome: 'ask' }>;
    readonly random: Random;
  },
  now: Millis,
): Promise<NewApproval> {
  const { risk, verdict } = considered;
  const { action, agent, session, token, digest } = ask;
  const { tier } = risk;
  const { timeoutMs, lifetimeMs } = policy.tiers[tier];
  const redeemBy = verdict.outcome === 'allow' ? now + lifetimeMs : null;
  const nonce = Buffer.from(random.bytes(NONCE_BYTES)).toString('base64url');
  const facts = {
    actionDigest: digest,
    requester: session?.principal ?? null,
    agent,
    session: session?.session ?? null,
    tier,
    policy: policy.version,
    nonce,
    expiresAt: redeemBy ?? now + timeoutMs,
  };
  const whole = await requestDigest(facts);
  return {
    id: makeId('approval', random.bytes(ID_KINDS.approval.bytes)),
    state: STATES[verdict.outcome],
    agent,
    token,
    connection: `token:${token}`,
    session: session?.session ?? null,
    requester: session?.principal ?? null,
    requesterPeer: session?.peer ?? null,
    host: action.host,
    action,
    actionDigest: digest,
    requestDigest: whole,
    short: shortDigest(whole),
    nonce,
    policy: policy.version,
    tier,
    reasons: risk.reasons,
    commands: listedThen(risk),
    need: verdict.outcome === 'require' ? verdict.need : null,
    flags: conduct.flags,
    quietly: conduct.quietly,
    because:
      verdict.outcome === 'allow' ? verdict.because : verdict.outcome === 'deny' ? verdict.reason : null,
    createdAt: now,
    expiresAt: facts.expiresAt,
    redeemBy,
  };
}

const STATES = { allow: 'approved', deny: 'denied', require: 'pending' } as const;
const EVENTS = {
  approved: 'approval.allowed',
  denied: 'approval.refused',
  pending: 'approval.requested',
} as const;

async function tellAsked(
  tx: Store,
  request: NewApproval,
  {
    telling,
    token,
    grant,
    elevation,
  }: {
    readonly telling: ApprovalTelling;
    readonly token: Ask['token'];
    readonly grant: GrantId | null;
    readonly elevation: Pick<ElevationRecord, 'id'> | null;
  },
  now: Millis,
): Promise<void> {
  const by: Actor = { kind: 'token', id: token };
  const { state, because, quietly, agent, session, redeemBy } = request;
  const outcome = state === 'denied' ? 'denied' : 'ok';
  // Who proved that it may run unasked, and with what, stands in the event of that elevation.
  const need = request.need === null ? {} : { need: await needDigest(request.need) };
  const elevated = elevation === null ? {} : { elevation: elevation.id };
  const facts = { ...need, ...elevated, ...(redeemBy === null ? {} : { grantExpiresAt: redeemBy }) };
  await tx.audit.append([
    approvalEvent(EVENTS[state], request, by, now, { outcome, reason: because, grant, facts }),
  ]);
  if (state !== 'pending') return;
  const record: ApprovalRecord = { ...request, words: [], endedAt: null, endedBy: null };
  if (!quietly) {
    await telling.asked(tx, record, now);
    return;
  }
  // H57: one line a minute, however many there are.
  const text = `${exact(agent)} asks faster than anybody reads: more than ten requests in a minute. The rest wait without a message: countersign approvals list`;
  await telling.owners(tx, text, `burst:${agent}:${session}:${Math.floor(now / MINUTE_MS)}`, now);
}
