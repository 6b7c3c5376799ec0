// How risky an action is, from harmless to hard to undo. Loads nothing: every program of ours compares tiers.

/** The order is the order of severity. */
export const TIERS = ['read', 'write', 'elevated', 'destructive'] as const;
export type Tier = (typeof TIERS)[number];

/** The more severe of the two. */
export function maxTier(one: Tier, other: Tier): Tier {
  return TIERS.indexOf(one) >= TIERS.indexOf(other) ? one : other;
}

/** True when `tier` is `least` or above. */
export function isAtLeast(tier: Tier, least: Tier): boolean {
  return TIERS.indexOf(tier) >= TIERS.indexOf(least);
}
