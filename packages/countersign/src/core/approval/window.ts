// The grace window: a proof of one person counts again for a while, for the same agent, tier, machine and session. Each request is
// still shown and decided; only the code is not typed twice. Never for what is destructive, at the host's shell, or for what
// was asked for themselves: may-decide.ts does not look at it there, and none is opened from there.
import type { PrincipalId } from '@countersign/protocol/ids';
import type { Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { ApprovalRecord } from './approvals-port.ts';
import type { Decider } from './may-decide.ts';
import type { ApprovalView } from './service.ts';

type Tables = Pick<Store, 'windows'>;

/** The decider as they stand now: with what they proved for such requests before. */
export async function withWindow(
  tx: Tables,
  decider: Decider,
  { agent, tier, host, session, need }: ApprovalRecord,
  now: Millis,
): Promise<Decider> {
  const { principal, enrolled } = decider;
  // Who has no factor any more proved nothing that still counts.
  const isOpen = principal !== null && enrolled.length > 0 && need !== null && need.cooldownMs > 0;
  const until = isOpen ? await tx.windows.until({ principal, agent, tier, host, session }, now) : null;
  return { ...decider, provenUntil: until };
}

/** After a yes that was proven with the very call. */
export async function openWindow(
  tx: Tables,
  { principal, factor, surface }: Decider,
  { agent, tier, host, session, need, requester }: ApprovalRecord,
  now: Millis,
): Promise<void> {
  if (principal === null || factor === null || need === null) return;
  if (surface === 'host' || isForOneAlone(principal, { tier, need, requester })) return;
  await tx.windows.open({ principal, agent, tier, host, session }, now + need.cooldownMs);
}

/** What a proof of that person is worth for a request that waits. */
export interface ProofWorth {
  /** So long one that is given for it counts again; 0: for it alone. */
  readonly lastsMs: Millis;
  /** So long an earlier one counts for it; null: there is none. */
  readonly until: Millis | null;
}

/** As it would be on their page; null: it needs no proof, or is not theirs to decide. */
export async function proofWorth(
  tx: Tables,
  principal: PrincipalId,
  { request, state }: Pick<ApprovalView, 'request' | 'state'>,
  now: Millis,
): Promise<ProofWorth | null> {
  const { agent, tier, host, session, need } = request;
  if (state !== 'pending' || need === null || need.factors.length === 0) return null;
  if (!need.people.includes(principal)) return null;
  if (isForOneAlone(principal, { ...request, need })) return { lastsMs: 0, until: null };
  const until = await tx.windows.until({ principal, agent, tier, host, session }, now);
  return { lastsMs: need.cooldownMs, until };
}

type Asked = Pick<ApprovalRecord, 'tier' | 'requester'> & { readonly need: { readonly cooldownMs: Millis } };

function isForOneAlone(principal: PrincipalId, { tier, need, requester }: Asked): boolean {
  // `cooldownMs` is 0 for destructive tiers and those that only a passkey opens.
  return need.cooldownMs <= 0 || tier === 'destructive' || principal === requester;
}
