// What a policy says to one action: run, do not, or ask these people. Pure. A model may advise and has no seat here (R49);
// silence is a no; nothing stored, imported or elevated ever lets something destructive run unasked (the floor).
import type { FactorKind } from '@countersign/protocol/approval';
import type { PrincipalId } from '@countersign/protocol/ids';
import { isAtLeast, type Tier } from '@countersign/protocol/tier';
import type { Assurance } from '../identity/peer.ts';
import type { Role } from '../identity/people-port.ts';
import { deny } from '../outcome.ts';
import type { Millis } from '../ports.ts';
import { type Entry, entryOf, factorsFor, type Policy } from './policy.ts';

/** Whom it is asked for, as proven by the session's channel. */
export interface Requester {
  readonly principal: PrincipalId;
  readonly role: Role;
  readonly assurance: Assurance;
  /** False: blocked or suspended. */
  readonly active: boolean;
}

/** Somebody active who may decide by role, and, where the owner named deciders, by name. */
export interface Candidate {
  readonly principal: PrincipalId;
  readonly role: Extract<Role, 'owner' | 'approver'>;
  /** What they have enrolled. */
  readonly factors: readonly FactorKind[];
  /** It is asked for nobody who was named, and they speak with that agent. */
  readonly mayHaveAsked?: true;
}

export interface Question {
  readonly tier: Tier;
  readonly agent: string;
  /** The rule that allows exactly this, if there is one. */
  readonly rule: string | null;
  /** Null: nobody known. The least is assumed then, never the owner (H52). */
  readonly requester: Requester | null;
  readonly candidates: readonly Candidate[];
  /** Until when this agent's session works elevated, by a proven word of its owner. */
  readonly elevatedUntil: Millis | null;
}

export interface Needed {
  readonly who: 'owners' | 'approvers';
  /** Everybody who may say no. */
  readonly people: readonly PrincipalId[];
  /** Those of them who may say yes: where a proof is asked for, those who can give one. */
  readonly able: readonly PrincipalId[];
  readonly quorum: number;
  /** Any one of them; empty: who they are is enough. */
  readonly factors: readonly FactorKind[];
  readonly timeoutMs: number;
  readonly lifetimeMs: number;
  /** N-08: whoever asked is among `able`, and needs a proof whatever `factors` says. */
  readonly self: boolean;
  /** How long an earlier proof of the same person counts; 0: each one anew. */
  readonly cooldownMs: number;
}

export type Verdict =
  | { readonly outcome: 'allow'; readonly because: 'free' | 'rule' | 'full' | 'elevated' }
  | { readonly outcome: 'deny'; readonly reason: DenyReason }
  | { readonly outcome: 'require'; readonly need: Needed };

export type DenyReason =
  /** The policy: nothing runs for this agent. */
  | 'security_deny'
  /** The policy: on no list, and nobody is to be asked. */
  | 'not_on_list'
  | 'requester_not_active'
  | 'no_approver'
  /** Nobody could decide but whoever asked. */
  | 'only_the_requester'
  /** It needs a proof, and nobody who may decide has enrolled one. */
  | 'no_factor'
  | 'quorum_unreachable';

export function judge(policy: Policy, question: Question, now: Millis): Verdict {
  const entry = entryOf(policy, question.agent);
  if (question.requester?.active === false) return deny('requester_not_active');
  if (entry.security === 'deny') return deny('security_deny');
  const allowed = unasked(entry, question, now);
  if (allowed !== null) return { outcome: 'allow', because: allowed };
  // With `full` what got here is below the floor, or asked for by a weak word: "never ask" does not cover it.
  if (entry.ask === 'off' && entry.security !== 'full') return deny('not_on_list');
  const { tier, requester, candidates } = question;
  return whoIsAsked(policy, { tier, requester: requester?.principal ?? null, candidates });
}

function unasked(
  entry: Entry,
  { tier, rule, requester, elevatedUntil }: Question,
  now: Millis,
): 'free' | 'rule' | 'full' | 'elevated' | null {
  if (tier === 'destructive' || entry.ask === 'always') return null;
  // A phone network's word for who is asking carries no further than looking.
  if (requester?.assurance === 'low' && tier !== 'read') return null;
  if (entry.free !== 'none' && isAtLeast(entry.free, tier)) return 'free';
  if (rule !== null) return 'rule';
  if (entry.security === 'full' && (entry.ask === 'off' || !isAtLeast(tier, 'elevated'))) return 'full';
  if (elevatedUntil !== null && now < elevatedUntil) return 'elevated';
  return null;
}

/** Who is asked about something that is asked about: the people as they are now. */
export function whoIsAsked(
  policy: Policy,
  {
    tier,
    requester,
    candidates,
  }: Pick<Question, 'tier' | 'candidates'> & { readonly requester: PrincipalId | null },
): Extract<Verdict, { readonly outcome: 'deny' | 'require' }> {
  const terms = policy.tiers[tier];
  const fit = candidates.filter(({ role }) => terms.who === 'approvers' || role === 'owner');
  if (fit.length === 0) return deny('no_approver');
  const mayDecide = (candidate: Candidate) =>
    candidate.mayHaveAsked !== true && (candidate.principal !== requester || isOwnWord(policy, candidate));
  const people = fit.filter(mayDecide);
  if (people.length === 0) return deny('only_the_requester');

  const usable = factorsFor(policy, tier);
  const holds = ({ factors }: Candidate) => factors.some((factor) => usable.includes(factor));
  const needsProof = proofNeeded(policy, tier, people.some(holds));
  const isSelf = ({ principal }: Candidate) => principal === requester;
  const able = people.filter((candidate) => (needsProof || isSelf(candidate) ? holds(candidate) : true));
  if (able.length === 0) return deny(people.some(isSelf) || needsProof ? 'no_factor' : 'no_approver');
  if (able.length < terms.quorum) return deny('quorum_unreachable');
  return {
    outcome: 'require',
    need: {
      who: terms.who,
      people: people.map(({ principal }) => principal),
      able: able.map(({ principal }) => principal),
      quorum: terms.quorum,
      factors: needsProof ? usable : [],
      self: able.some(isSelf),
      timeoutMs: terms.timeoutMs,
      lifetimeMs: terms.lifetimeMs,
      cooldownMs: tier === 'destructive' || terms.passkeyOnly ? 0 : policy.totp.cooldownMs,
    },
  };
}

/** N-08: an owner deciding what was asked for themselves. Their word alone proves nothing then. */
function isOwnWord(policy: Policy, { role }: Candidate): boolean {
  return policy.selfApproval === 'owner' && role === 'owner';
}

function proofNeeded({ tiers, totp }: Policy, tier: Tier, somebodyCan: boolean): boolean {
  if (tier === 'destructive' || tiers[tier].passkeyOnly) return true;
  if (!totp.enabled || !somebodyCan) return false;
  return totp.scope === 'all' || isAtLeast(tier, totp.scope);
}
