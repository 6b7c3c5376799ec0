// What would happen to an action, from the first look to the last word of the policy: how risky, which rule, who is asked.
// The same road for a request and for "policy test": an explanation that took another road would explain something else.
import type { Action } from '@countersign/protocol/approval';
import type { Millis } from '../ports.ts';
import { type AllowRule, type AlwaysOffer, mayKeep, ruleFor } from './always.ts';
import { judge, type Question, type Verdict } from './judge.ts';
import { entryOf, type Policy } from './policy.ts';
import { classify } from './risk/classify.ts';
import { ruleHome } from './risk/homes.ts';
import type { Risk, RiskContext } from './risk/risk.ts';

export interface Considered {
  readonly risk: Risk;
  /** The rule of the agent's list that fits, asked about or not. */
  readonly rule: AllowRule | null;
  readonly verdict: Verdict;
  /** May a rule be kept for it, and under which key. */
  readonly always: AlwaysOffer;
}

export interface Consideration extends Omit<Question, 'tier' | 'rule'> {
  readonly action: Action;
}

/** Tier and rule come from here, never from the caller (H53). */
export function consider(
  policy: Policy,
  { action, ...asked }: Consideration,
  context: RiskContext,
  now: Millis,
): Considered {
  const { agent } = asked;
  const risk = classify(action, context);
  const rule = ruleFor(
    entryOf(policy, agent).rules,
    { action, agent, risk, home: ruleHome(action, context) },
    now,
  );
  const verdict = judge(policy, { ...asked, tier: risk.tier, rule: rule?.id ?? null }, now);
  return { risk, rule, verdict, always: mayKeep(action, agent, risk) };
}
