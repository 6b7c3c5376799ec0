// Our own document, both ways. Whatever needs a step-up reads deny/always for a reader of version 1, who knows of no proof
// and would take a tap for one; what holds stands beside it, under `stepUp.entries`.
import type { ExecApprovalsV2, ExecApprovalsV2Input, PolicyEntryWire } from '@countersign/protocol/policy';
import { TIERS, type Tier } from '@countersign/protocol/tier';
import { isoTime } from '@countersign/protocol/time';
import type { Millis } from '../../ports.ts';
import { type AllowRule, MAX_ALWAYS_MS } from '../always.ts';
import type { Entry, Policy, TierTerms } from '../policy.ts';
import { durationText, millisOf } from './durations.ts';
import type { Note, Read } from './reading.ts';

type Visible = ExecApprovalsV2['defaults'];

const BOUNDS = {
  timeout: [10_000, 86_400_000],
  lifetime: [10_000, 600_000],
  cooldown: [0, 3_600_000],
} as const;

/** The document. Written anew each time; nothing of a file that was read is kept in it. */
export function documentOf(policy: Policy): ExecApprovalsV2Input {
  const { defaults, agents, totp, tiers, selfApproval } = policy;
  const perTier = <T>(of: (terms: TierTerms) => T): Record<Tier, T> => ({
    read: of(tiers.read),
    write: of(tiers.write),
    elevated: of(tiers.elevated),
    destructive: of(tiers.destructive),
  });
  return {
    version: 2,
    defaults: visible(defaults),
    agents: mapped(agents, visible),
    stepUp: {
      totp: { enabled: totp.enabled, scope: totp.scope, cooldown: durationText(totp.cooldownMs) },
      passkey: { only: TIERS.filter((tier) => tiers[tier].passkeyOnly) },
      selfApproval,
      entries: { defaults: written(defaults), agents: mapped(agents, written) },
    },
    quorum: perTier(({ quorum }) => quorum),
    tiers: perTier(({ timeoutMs, lifetimeMs, who }) => ({
      timeout: durationText(timeoutMs),
      lifetime: durationText(lifetimeMs),
      who,
    })),
  };
}

/** Only a list about which nobody is ever asked needs no proof: it may be seen, and is empty for those who know no rules. */
function visible({ security, ask }: Entry): Visible {
  const isPlain = security === 'allowlist' && ask === 'off';
  return { ...(isPlain ? { security, ask } : PLACEHOLDER), askFallback: 'deny', allowlist: [] };
}

const PLACEHOLDER = { security: 'deny', ask: 'always' } as const;

function written({ security, ask, free, rules }: Entry): PolicyEntryWire {
  return {
    security,
    ask,
    // The floor: a document cannot say it, and a policy that did would not be believed (judge.ts).
    free: free === 'destructive' ? 'elevated' : free,
    rules: rules.map((rule) =>
      rule.kind === 'exact' ? { ...rule, until: isoTime(rule.until) } : { ...rule },
    ),
  };
}

export function policyOfV2(document: ExecApprovalsV2, current: Policy, now: Millis): Read {
  const mistakes: Note[] = [];
  const { stepUp, quorum, tiers } = document;
  const { entries } = stepUp;
  const agentNames = new Set([...Object.keys(document.agents), ...Object.keys(entries.agents)]);
  const bounded = (text: string, path: string, kind: keyof typeof BOUNDS): number => {
    const millis = millisOf(text);
    const [least, most] = BOUNDS[kind];
    if (millis !== null && millis >= least && millis <= most) return millis;
    mistakes.push({ path, text: `this must be between ${durationText(least)} and ${durationText(most)}` });
    return least;
  };
  const entryOf = (path: string, seen: Visible | undefined, held: PolicyEntryWire | undefined): Entry => {
    if (seen !== undefined && held !== undefined && !agree(seen, held))
      mistakes.push({ path, text: 'this says one thing here and another under stepUp.entries' });
    if (held !== undefined) {
      const rules = held.rules.map(readRule);
      // A file is no way to keep a rule for longer than people may.
      for (const rule of rules)
        if (rule.kind === 'exact' && rule.until > now + MAX_ALWAYS_MS)
          mistakes.push({
            path: `stepUp.entries.${path}.rules.${rule.id}`,
            text: 'a rule ends within ninety days',
          });
      return { ...held, rules };
    }
    const { security, ask } = seen ?? PLACEHOLDER;
    return { security, ask, free: 'none', rules: [] };
  };
  const termsOf = (tier: Tier): TierTerms => ({
    timeoutMs: bounded(tiers[tier].timeout, `tiers.${tier}.timeout`, 'timeout'),
    lifetimeMs: bounded(tiers[tier].lifetime, `tiers.${tier}.lifetime`, 'lifetime'),
    quorum: quorum[tier],
    who: tiers[tier].who,
    passkeyOnly: stepUp.passkey.only.includes(tier),
  });
  const policy: Policy = {
    version: current.version,
    defaults: entryOf('defaults', document.defaults, entries.defaults),
    agents: Object.fromEntries(
      [...agentNames].map((agent) => [
        agent,
        entryOf(`agents.${agent}`, ownOf(document.agents, agent), ownOf(entries.agents, agent)),
      ]),
    ),
    totp: {
      enabled: stepUp.totp.enabled,
      scope: stepUp.totp.scope,
      cooldownMs: bounded(stepUp.totp.cooldown, 'stepUp.totp.cooldown', 'cooldown'),
    },
    tiers: {
      read: termsOf('read'),
      write: termsOf('write'),
      elevated: termsOf('elevated'),
      destructive: termsOf('destructive'),
    },
    selfApproval: stepUp.selfApproval,
  };
  if (mistakes.length > 0) return { outcome: 'mistakes', mistakes };
  return { outcome: 'read', policy, notes: deadNotes(policy) };
}

function agree(seen: Visible, held: PolicyEntryWire): boolean {
  const isPlaceholder = seen.security === PLACEHOLDER.security && seen.ask === PLACEHOLDER.ask;
  return isPlaceholder || (seen.security === held.security && seen.ask === held.ask);
}

function readRule(rule: PolicyEntryWire['rules'][number]): AllowRule {
  return rule.kind === 'exact' ? { ...rule, until: Date.parse(rule.until) } : rule;
}

function deadNotes({ defaults, agents }: Policy): Note[] {
  return [['defaults', defaults] as const, ...Object.entries(agents)].flatMap(([name, { rules }]) =>
    rules.flatMap((rule) =>
      rule.kind === 'dead'
        ? [{ path: `${name}: ${rule.pattern}`, text: `allows nothing here: ${rule.why}` }]
        : [],
    ),
  );
}

/** An agent may be called `toString`. */
function ownOf<A>(record: Readonly<Record<string, A>>, name: string): A | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function mapped<A, B>(record: Readonly<Record<string, A>>, of: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, of(value)]));
}
