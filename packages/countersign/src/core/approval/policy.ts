// Who must say yes before something runs. Data, and what it means is judge.ts. A policy is immutable and has a version; any
// change makes another one, and voids what waits under the older (R41).
import type { FactorKind } from '@countersign/protocol/approval';
import type { Tier } from '@countersign/protocol/tier';
import type { AllowRule } from './always.ts';

/** What may run: nothing, what is on a list, anything below the floor. */
export type Security = 'deny' | 'allowlist' | 'full';
/** When a person is asked: never, when it is on no list, every time. */
export type Ask = 'off' | 'on-miss' | 'always';

export interface Entry {
  readonly security: Security;
  readonly ask: Ask;
  /** Up to which tier nobody is asked, list or no list. Documents of version 1 know of no such thing: `none`. */
  readonly free: Tier | 'none';
  readonly rules: readonly AllowRule[];
}

export interface TierTerms {
  /** Silence for so long is a no. */
  readonly timeoutMs: number;
  /** How long a yes can be used. */
  readonly lifetimeMs: number;
  /** How many people must say yes. */
  readonly quorum: number;
  readonly who: 'owners' | 'approvers';
  /** Only a passkey releases it. */
  readonly passkeyOnly: boolean;
}

export interface TotpTerms {
  readonly enabled: boolean;
  /** From which tier on a proof is asked for, once somebody has a factor; `all`: whatever is asked at all. */
  readonly scope: 'elevated' | 'destructive' | 'all';
  /** A proof opens further requests of that person for so long; never a destructive one. */
  readonly cooldownMs: number;
}

export interface Policy {
  readonly version: number;
  readonly defaults: Entry;
  readonly agents: Readonly<Record<string, Entry>>;
  readonly totp: TotpTerms;
  readonly tiers: Readonly<Record<Tier, TierTerms>>;
  /**
   * N-08: may whoever asked decide? `never`, unless the owner says so: then an owner may, with a proof, from a connection
   * that is not the agent's. Nobody else ever.
   */
  readonly selfApproval: 'never' | 'owner';
}

const TERMS: TierTerms = {
  timeoutMs: 600_000,
  lifetimeMs: 120_000,
  quorum: 1,
  who: 'approvers',
  passkeyOnly: false,
};

/** What holds before anybody wrote a policy: approval.md, section 6. */
export const DEFAULT_POLICY: Policy = {
  version: 0,
  defaults: { security: 'allowlist', ask: 'on-miss', free: 'write', rules: [] },
  agents: {},
  totp: { enabled: true, scope: 'elevated', cooldownMs: 300_000 },
  tiers: { read: TERMS, write: TERMS, elevated: TERMS, destructive: TERMS },
  selfApproval: 'never',
};

/** What is said of an agent: of it alone, else of all. Its name is compared as it is: no folding, no patterns. */
export function entryOf(policy: Policy, agent: string): Entry {
  return (Object.hasOwn(policy.agents, agent) ? policy.agents[agent] : undefined) ?? policy.defaults;
}

/** Factors that count for `tier`. */
export function factorsFor({ tiers, totp }: Policy, tier: Tier): readonly FactorKind[] {
  if (tiers[tier].passkeyOnly) return ['passkey'];
  return totp.enabled ? ['totp', 'recovery', 'passkey'] : ['passkey'];
}
