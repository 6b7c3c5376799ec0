// The policy, what it says to a command, and what a change of it changes, as the wire shows them.
import type {
  PolicyRuleRow,
  PolicyTest as WireTest,
  PolicyView as WireView,
} from '@countersign/protocol/policy';
import { TIERS } from '@countersign/protocol/tier';
import { isoTime } from '@countersign/protocol/time';
import { type AllowRule, agentOfRule } from '../core/approval/always.ts';
import { durationText } from '../core/approval/exec-approvals/durations.ts';
import { listedThen } from '../core/approval/listed.ts';
import type { Entry, Policy } from '../core/approval/policy.ts';
import type { PolicyTest } from '../core/approval/service.ts';
import { hintOf } from './print-approvals.ts';

export function printPolicyTest({ considered, effective, names }: PolicyTest): WireTest {
  const { risk, rule, verdict, always } = considered;
  const because =
    verdict.outcome === 'allow' ? verdict.because : verdict.outcome === 'deny' ? verdict.reason : null;
  const hint = verdict.outcome === 'deny' ? hintOf(because) : null;
  return {
    tier: risk.tier,
    reasons: risk.reasons.map((reason) => ({ ...reason })),
    outcome: verdict.outcome,
    ...(because === null ? {} : { because }),
    ...(hint === null ? {} : { hint }),
    ...(rule === null ? {} : { rule: rule.id }),
    ...(verdict.outcome === 'require'
      ? {
          need: {
            factors: [...verdict.need.factors],
            quorum: verdict.need.quorum,
            who: verdict.need.people.map((id) => names.get(id) ?? id),
            timeout: durationText(verdict.need.timeoutMs),
          },
        }
      : {}),
    commands: listedThen(risk).map(({ text, tier, via }) => ({ text, tier, via: [...via] })),
    always: always.outcome === 'allow' ? { ok: true } : { ok: false, why: always.reason },
    source: effective.source,
  };
}

export function printPolicy({ version, defaults, agents, totp, selfApproval, tiers }: Policy): WireView {
  const named = Object.entries(agents);
  return {
    version,
    defaults: printEntry(defaults),
    agents: named.map(([agent, entry]) => ({ agent, ...printEntry(entry), source: `agents.${agent}` })),
    totp: { enabled: totp.enabled, scope: totp.scope, cooldown: durationText(totp.cooldownMs) },
    selfApproval,
    tiers: TIERS.map((tier) => {
      const { timeoutMs, lifetimeMs, who, quorum, passkeyOnly } = tiers[tier];
      const [timeout, lifetime] = [durationText(timeoutMs), durationText(lifetimeMs)];
      return { tier, timeout, lifetime, who, quorum, passkeyOnly };
    }),
    rules: [
      ...defaults.rules.map((rule) => printRule(rule, null)),
      ...named.flatMap(([agent, { rules }]) => rules.map((rule) => printRule(rule, agent))),
    ],
  };
}

function printEntry({ security, ask, free }: Entry) {
  return { security, ask, free };
}

function printRule(rule: AllowRule, agent: string | null): PolicyRuleRow {
  const { id, kind } = rule;
  switch (kind) {
    case 'exact':
      // Whichever list it stands in: its key holds the name of one agent.
      return { id, agent: agent ?? agentOfRule(rule), kind, text: rule.text, until: isoTime(rule.until) };
    case 'program':
      return { id, agent, kind, text: rule.pattern };
    case 'tool':
      return { id, agent, kind, text: `${rule.server} ${rule.tool}` };
    case 'dead':
      return { id, agent, kind, text: rule.pattern, why: rule.why };
    default:
      return rule satisfies never;
  }
}
