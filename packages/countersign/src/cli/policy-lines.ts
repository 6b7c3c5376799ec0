// The policy, and what it says to a command, as lines of a terminal.
import { shownCommand } from '@countersign/protocol/action-display';
import { quotedName, visible } from '@countersign/protocol/display';
import type { PolicyTest, PolicyView } from '@countersign/protocol/policy';
import { whyLine } from './approval-lines.ts';
import { facts, table } from './table.ts';

export function policyLines(view: PolicyView, agent: string | undefined): string[] {
  const { defaults, agents, totp, selfApproval, tiers, rules, version } = view;
  const named = agents.filter((one) => agent === undefined || one.agent === agent);
  const own = agent === undefined || named.length === 0;
  return [
    ...facts([['version', version === 0 ? '0 (nobody changed it)' : String(version)]]),
    '',
    ...table(
      ['AGENT', 'SECURITY', 'ASK', 'FREE', 'FROM'],
      [
        ...(own ? [[agent ?? '(others)', defaults.security, defaults.ask, defaults.free, 'defaults']] : []),
        ...named.map((one) => [one.agent, one.security, one.ask, one.free, one.source]),
      ],
    ),
    '',
    ...facts([
      ['stepUp.totp.enabled', String(totp.enabled)],
      ['stepUp.totp.scope', totp.scope],
      ['stepUp.totp.cooldown', totp.cooldown],
      ['selfApproval', selfApproval],
    ]),
    '',
    ...table(
      ['TIER', 'TIMEOUT', 'LIFETIME', 'WHO', 'QUORUM', 'PASSKEYONLY'],
      tiers.map((one) => [
        one.tier,
        one.timeout,
        one.lifetime,
        one.who,
        String(one.quorum),
        String(one.passkeyOnly),
      ]),
    ),
    ...ruleLines(rules.filter((one) => agent === undefined || one.agent === null || one.agent === agent)),
  ];
}

/** A rule for one command is shown as it was before it was kept: several lines, each below its row. */
function ruleLines(rules: PolicyView['rules']): string[] {
  if (rules.length === 0) return [];
  const [head = '', ...rows] = table(
    ['RULE', 'AGENT', 'KIND', 'UNTIL', 'WHAT'],
    rules.map((one) => [
      one.id,
      one.agent ?? '(others)',
      one.kind,
      one.until?.slice(0, 10) ?? '',
      one.kind === 'exact'
        ? (detailsOf(one)[0] ?? '')
        : `${one.text}${one.why === undefined ? '' : ` (${one.why})`}`,
    ]),
  );
  const details = rules.map((one) => (one.kind === 'exact' ? detailsOf(one).slice(1) : []));
  return [
    '',
    head,
    ...rows.flatMap((row, n) => [row, ...(details[n] ?? []).map((line) => `  ${visible(line)}`)]),
  ];
}

/** Without the sentence that names the agent: that is a column. */
function detailsOf({ text }: PolicyView['rules'][number]): readonly string[] {
  const lines = text.split('\n');
  return lines.length > 1 ? lines.slice(1) : lines;
}

const OUTCOMES = { allow: 'runs unasked', deny: 'refused', require: 'asked about' } as const;

export function testLines({
  tier,
  outcome,
  because,
  need,
  rule,
  commands,
  reasons,
  always,
  source,
}: PolicyTest): string[] {
  return [
    ...facts([
      ['tier', tier],
      ['outcome', `${OUTCOMES[outcome]}${because === undefined ? '' : ` (${because.replaceAll('_', ' ')})`}`],
      ...(rule === undefined ? [] : [['rule', rule] as const]),
      ...(need === undefined
        ? []
        : [
            [
              'who',
              `${need.who.map(quotedName).join(', ')}${need.quorum > 1 ? `, ${need.quorum} of them` : ''}`,
            ] as const,
            ['proof', need.factors.length === 0 ? 'none' : need.factors.join(' or ')] as const,
            ['silence', `a no after ${need.timeout}`] as const,
          ]),
      ['policy', source],
      ['always', always.ok ? 'a rule could be kept for it' : (always.why ?? 'no')],
    ]),
    'runs',
    ...commands.map((one) => `> ${shownCommand(one)}  (${one.tier})`),
    ...reasons.map(whyLine),
  ];
}
