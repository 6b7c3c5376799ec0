// What a change of the policy changed, old → new, for whoever says yes to it and for the audit (E-18, H51: an agent had
// widened its own policy, and nobody could reconstruct how). And what holds for one agent, with where each value is from.
import { isoTime } from '@countersign/protocol/time';
import type { AllowRule } from './always.ts';
import { durationText } from './exec-approvals/durations.ts';
import { type Entry, entryOf, type Policy } from './policy.ts';

export interface PolicyChange {
  /** `agents.main.ask`, `tiers.write.timeout`. */
  readonly path: string;
  /** Null: it was not there. */
  readonly from: string | null;
  /** Null: it is gone. */
  readonly to: string | null;
}

/** Every difference, in the order of the document. Empty: the same policy, whatever its version. */
export function changesBetween(before: Policy, after: Policy): PolicyChange[] {
  const [from, to] = [flat(before), flat(after)];
  const paths = [...new Set([...from.keys(), ...to.keys()])];
  return paths.flatMap((path) => {
    const change = { path, from: from.get(path) ?? null, to: to.get(path) ?? null };
    return change.from === change.to ? [] : [change];
  });
}

function flat(policy: Policy): Map<string, string> {
  const { defaults, agents, totp, tiers, selfApproval } = policy;
  const rows: [string, string][] = [
    ...entryRows('defaults', defaults),
    ...Object.entries(agents).flatMap(([name, entry]) => entryRows(`agents.${name}`, entry)),
    ['stepUp.totp.enabled', String(totp.enabled)],
    ['stepUp.totp.scope', totp.scope],
    ['stepUp.totp.cooldown', durationText(totp.cooldownMs)],
    ['stepUp.selfApproval', selfApproval],
    ...Object.entries(tiers).flatMap(([tier, terms]): [string, string][] => [
      [`tiers.${tier}.timeout`, durationText(terms.timeoutMs)],
      [`tiers.${tier}.lifetime`, durationText(terms.lifetimeMs)],
      [`tiers.${tier}.who`, terms.who],
      [`tiers.${tier}.quorum`, String(terms.quorum)],
      [`tiers.${tier}.passkeyOnly`, String(terms.passkeyOnly)],
    ]),
  ];
  return new Map(rows);
}

function entryRows(path: string, { security, ask, free, rules }: Entry): [string, string][] {
  return [
    [`${path}.security`, security],
    [`${path}.ask`, ask],
    [`${path}.free`, free],
    ...rules.map((rule): [string, string] => [`${path}.rules.${rule.id}`, ruleLine(rule)]),
  ];
}

/** A rule on one line. The command itself stands in the rule's text. */
export function ruleLine(rule: AllowRule): string {
  if (rule.kind === 'exact') return `exact ${rule.key} until ${isoTime(rule.until)}`;
  if (rule.kind === 'program') return `program ${rule.pattern}`;
  if (rule.kind === 'tool') return `tool ${rule.server} ${rule.tool}`;
  return `dead ${rule.pattern}`;
}

export interface EffectiveEntry {
  readonly entry: Entry;
  /** `agents.main`, or `defaults` where nothing is said of it. */
  readonly source: string;
}

/** E-14: one view of what holds for `agent`. */
export function effectiveFor(policy: Policy, agent: string): EffectiveEntry {
  const entry = entryOf(policy, agent);
  return { entry, source: entry === policy.defaults ? 'defaults' : `agents.${agent}` };
}
