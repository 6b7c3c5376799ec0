// One value of the policy as it is changed by hand: its path, as the gateway and the command line name it, and what it may
// be. Pure; the gateway says what is wrong with a value.
import type { PolicyView } from '@countersign/protocol/policy';
import { TIERS } from '@countersign/protocol/tier';
import type { Text } from '../../text/say.ts';

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export interface Value {
  readonly path: string;
  readonly label: string;
  readonly now: string;
  /** What it may be; null: anything that is typed. */
  readonly choices: readonly Choice[] | null;
}

type Says = Text['policy'];
type Tiers = Text['approvals']['tiers'];
type Entry = PolicyView['defaults'];

const chosen = (words: Readonly<Record<string, string>>): readonly Choice[] =>
  Object.entries(words).map(([value, label]) => ({ value, label }));

export const ENTRY_FIELDS = ['security', 'ask', 'free'] as const;

/** @param path `defaults`, or `agents.` and the name. */
export function entryValue(
  path: string,
  field: (typeof ENTRY_FIELDS)[number],
  entry: Entry,
  says: Says['holds'],
  tiers: Tiers,
): Value {
  const { none } = says;
  // Nothing destructive ever runs unasked: it cannot be chosen.
  const free = [
    { value: 'none', label: none },
    ...TIERS.filter((tier) => tier !== 'destructive').map((value) => ({ value, label: tiers[value] })),
  ];
  const choices = { security: chosen(says.securities), ask: chosen(says.asks), free };
  return { path: `${path}.${field}`, label: says[field], now: entry[field], choices: choices[field] };
}

export const TIER_FIELDS = ['who', 'quorum', 'timeout', 'lifetime', 'passkeyOnly'] as const;

export function tierValue(
  row: PolicyView['tiers'][number],
  field: (typeof TIER_FIELDS)[number],
  says: Says,
): Value {
  const choices = {
    who: chosen(says.tiers.whos),
    passkeyOnly: flags(says),
    quorum: null,
    timeout: null,
    lifetime: null,
  };
  return {
    path: `tiers.${row.tier}.${field}`,
    label: says.tiers[field],
    now: String(row[field]),
    choices: choices[field],
  };
}

export function stepUpValues({ totp, selfApproval }: PolicyView, says: Says): readonly Value[] {
  const { stepUp } = says;
  return [
    { path: 'stepUp.totp.enabled', label: stepUp.enabled, now: String(totp.enabled), choices: flags(says) },
    { path: 'stepUp.totp.scope', label: stepUp.scope, now: totp.scope, choices: chosen(stepUp.scopes) },
    { path: 'stepUp.totp.cooldown', label: stepUp.cooldown, now: totp.cooldown, choices: null },
    { path: 'selfApproval', label: stepUp.selfApproval, now: selfApproval, choices: chosen(stepUp.selfs) },
  ];
}

/** As it is read: in words where there are some. */
export function shownValue({ now, choices }: Value): string {
  return choices?.find(({ value }) => value === now)?.label ?? now;
}

function flags({ stepUp }: Says): readonly Choice[] {
  return [
    { value: 'true', label: stepUp.yes },
    { value: 'false', label: stepUp.no },
  ];
}
