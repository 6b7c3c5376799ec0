// May this caller's word count on that request? Who they are comes from the door, never from a body (R48); what they typed
// is not looked at here. Requester, agent and the agent's connection never decide (H41), and what is not known does not
// count as different (E-16: a missing connection is a refusal, not a skipped check).
import type { FactorKind } from '@countersign/protocol/approval';
import type { PrincipalId } from '@countersign/protocol/ids';
import type { Tier } from '@countersign/protocol/tier';
import type { Assurance } from '../identity/peer.ts';
import { ALLOW, deny } from '../outcome.ts';
import type { Millis } from '../ports.ts';
import type { Needed } from './judge.ts';

/** Sooner than this after its delivery a yes is a slip or a script: it is asked for again (R50). */
export const TOO_SOON_MS = 700;

/** Whoever has a word to say, as the door proved them. */
export interface Decider {
  /** Null: the host's door, a token, an agent. None of them is a person. */
  readonly principal: PrincipalId | null;
  /** The line they came on: a device, a chat peer, a host session with a proven owner. Null: not known. */
  readonly connection: string | null;
  readonly surface: 'chat' | 'page' | 'host';
  readonly assurance: Assurance;
  /** Proven with this call, fresh, and spent for this request alone (R30). */
  readonly factor: FactorKind | null;
  /** Until when an earlier proof of theirs counts, for this agent and host. */
  readonly provenUntil: Millis | null;
  /** What they have enrolled. */
  readonly enrolled: readonly FactorKind[];
  /** When the card reached this surface; null where it was never sent, as on a page they opened themselves. */
  readonly deliveredAt: Millis | null;
  /** They were asked a second time, and said it again. */
  readonly again: boolean;
}

/** Of the request, what the rule looks at. */
export interface Decided {
  readonly tier: Tier;
  readonly requester: PrincipalId | null;
  /** The line the request came on. */
  readonly connection: string | null;
  readonly need: Needed;
  /** Who has said yes so far. */
  readonly yeses: readonly PrincipalId[];
}

export type DeciderVerdict =
  | { readonly outcome: 'allow' }
  | { readonly outcome: 'deny'; readonly reason: DeciderReason }
  | {
      readonly outcome: 'require';
      readonly need: { readonly factors: readonly FactorKind[] } | { readonly again: true };
    };

export type DeciderReason =
  | 'not_a_person'
  | 'connection_unknown'
  | 'agent_connection'
  | 'requester'
  /** It names no session, and they speak with that agent: they may be the one it is asked for. */
  | 'may_have_asked'
  | 'not_asked'
  | 'assurance_low'
  | 'factor_not_enrolled'
  /** R39: with a passkey enrolled, the chat that carries the card does not also carry the proof. */
  | 'factor_same_surface'
  | 'said_yes_already';

export function mayDeny(decider: Decider, request: Decided): DeciderVerdict {
  return refusal(decider, request) ?? ALLOW;
}

export function mayApprove(decider: Decider, request: Decided, now: Millis): DeciderVerdict {
  const refused = refusal(decider, request);
  if (refused !== null) return refused;
  const { principal, deliveredAt } = decider;
  if (principal === null) return deny('not_a_person');
  if (decider.assurance === 'low') return deny('assurance_low');
  if (request.yeses.includes(principal)) return deny('said_yes_already');
  if (!request.need.able.includes(principal)) return deny('factor_not_enrolled');
  // Before any proof is looked at: a code is not spent on a yes that is asked for again.
  const isTooSoon = deliveredAt !== null && now - deliveredAt < TOO_SOON_MS;
  if (isTooSoon && !decider.again) return { outcome: 'require', need: { again: true } };
  return proofOf(decider, request, now);
}

function proofOf(decider: Decider, { need, tier, requester }: Decided, now: Millis): DeciderVerdict {
  const { enrolled, factor, surface, principal } = decider;
  const isSelf = principal === requester;
  // The host's shell is where an agent of the same user sits too: whoever has a factor proves it there every time.
  const isHost = surface === 'host' && enrolled.length > 0;
  if (need.factors.length === 0 && !isSelf && !isHost) return ALLOW;
  if (need.cooldownMs > 0 && !isSelf && !isHost && isProven(decider, now)) return ALLOW;
  const demanded = need.factors.length === 0 ? enrolled : need.factors;
  const usable = demanded.filter((kind) => enrolled.includes(kind));
  const apart = usable.filter((kind) => isApart(kind, decider, tier));
  // What they had when it was asked may be gone by now.
  if (usable.length === 0) return deny('factor_not_enrolled');
  if (factor === null || !demanded.includes(factor)) return { outcome: 'require', need: { factors: apart } };
  if (!enrolled.includes(factor)) return deny('factor_not_enrolled');
  return apart.includes(factor) ? ALLOW : deny('factor_same_surface');
}

/** What makes any word of theirs, yes or no, count for nothing. */
function refusal(
  { principal, connection }: Decider,
  request: Decided,
): { readonly outcome: 'deny'; readonly reason: DeciderReason } | null {
  if (principal === null) return deny('not_a_person');
  if (connection === null || request.connection === null) return deny('connection_unknown');
  if (connection === request.connection) return deny('agent_connection');
  if (principal === request.requester && !request.need.self) return deny('requester');
  if (!request.need.people.includes(principal)) return deny('not_asked');
  return null;
}

function isProven({ provenUntil }: Decider, now: Millis): boolean {
  return provenUntil !== null && now < provenUntil;
}

function isApart(kind: FactorKind, { surface, enrolled }: Decider, tier: Tier): boolean {
  return kind === 'passkey' || tier !== 'destructive' || surface !== 'chat' || !enrolled.includes('passkey');
}

/** What a yes comes to: the last that was needed, or one of several. */
export function yesEvent({ need, yeses }: Decided, by: PrincipalId): 'endorse' | 'approve' {
  const said = new Set([...yeses, by]);
  return said.size >= need.quorum ? 'approve' : 'endorse';
}
