// One value of the policy by its path, as changes name it. The value is written into our own document and read back, so that
// it meets the same bounds and the same mistakes as a file; what the path cannot name cannot be set.
import { TIERS, type Tier } from '@countersign/protocol/tier';
import type { Millis } from '../ports.ts';
import { readExecApprovals } from './exec-approvals/read.ts';
import type { Read } from './exec-approvals/reading.ts';
import { documentOf } from './exec-approvals/version-2.ts';
import { entryOf, type Policy } from './policy.ts';

type Document = ReturnType<typeof documentOf>;
type Json = string | number | boolean | readonly string[];

const ENTRY_FIELDS: ReadonlySet<string> = new Set(['security', 'ask', 'free']);
/** What a reader of version 1 sees is written anew from what holds. */
const UNSEEN = { security: 'deny', ask: 'always', askFallback: 'deny', allowlist: [] } as const;

export function withValue(policy: Policy, path: string, value: string, now: Millis): Read {
  const named = nameOf(path);
  if (named === null) return mistake(path, `there is no value of that name; ${PATHS}`);
  if (named.kind === 'entry' && named.agent !== null && named.field === null) {
    if (value !== 'defaults') return mistake(path, 'write "defaults" to say nothing of that agent any more');
    const agents = Object.fromEntries(Object.entries(policy.agents).filter(([name]) => name !== named.agent));
    return { outcome: 'read', policy: { ...policy, agents }, notes: [] };
  }
  const text = JSON.stringify(writtenInto(policy, named, value));
  const read = readExecApprovals(text, policy, now);
  if (read.outcome === 'read') return read;
  // The place in the document is ours; the path is what was typed.
  return { outcome: 'mistakes', mistakes: read.mistakes.map(({ text: why }) => ({ path, text: why })) };
}

type Named =
  | { readonly kind: 'entry'; readonly agent: string | null; readonly field: string | null }
  | { readonly kind: 'totp'; readonly field: 'enabled' | 'scope' | 'cooldown' }
  | { readonly kind: 'self' }
  | { readonly kind: 'tier'; readonly tier: Tier; readonly field: TierField };

type TierField = 'timeout' | 'lifetime' | 'who' | 'quorum' | 'passkeyOnly';

const PATHS =
  'they are defaults.ask, agents.<name>.free, stepUp.totp.scope, tiers.write.timeout, selfApproval and their like';

function nameOf(path: string): Named | null {
  if (/^(stepUp\.)?selfApproval$/.test(path)) return { kind: 'self' };
  const [, totp] = /^(?:stepUp\.)?totp\.(enabled|scope|cooldown)$/.exec(path) ?? [];
  if (totp === 'enabled' || totp === 'scope' || totp === 'cooldown') return { kind: 'totp', field: totp };
  const [, tierName, field] = /^tiers\.([a-z]+)\.([A-Za-z]+)$/.exec(path) ?? [];
  const tier = TIERS.find((one) => one === tierName);
  if (tier !== undefined && isTierField(field)) return { kind: 'tier', tier, field };
  const [, defaultsField] = /^defaults\.([a-z]+)$/.exec(path) ?? [];
  if (defaultsField !== undefined && ENTRY_FIELDS.has(defaultsField))
    return { kind: 'entry', agent: null, field: defaultsField };
  // A name may hold dots: the field is what stands behind the last one.
  const [, agent, agentField] = /^agents\.(.+)\.([a-z]+)$/s.exec(path) ?? [];
  if (agent !== undefined && agentField !== undefined && ENTRY_FIELDS.has(agentField))
    return { kind: 'entry', agent, field: agentField };
  const [, whole] = /^agents\.(.+)$/s.exec(path) ?? [];
  return whole === undefined ? null : { kind: 'entry', agent: whole, field: null };
}

function isTierField(text: string | undefined): text is TierField {
  return ['timeout', 'lifetime', 'who', 'quorum', 'passkeyOnly'].includes(text ?? '');
}

/** The document with the value in it, whatever the value is: the reader says what is wrong with it. */
function writtenInto(policy: Policy, named: Named, value: string): Record<string, unknown> {
  const document: Document = documentOf(policy);
  const { stepUp, tiers, quorum } = document;
  if (named.kind === 'self') return { ...document, stepUp: { ...stepUp, selfApproval: value } };
  if (named.kind === 'totp') {
    const set: Json = named.field === 'enabled' ? flagOf(value) : value;
    return { ...document, stepUp: { ...stepUp, totp: { ...stepUp?.totp, [named.field]: set } } };
  }
  if (named.kind === 'tier') {
    const { tier, field } = named;
    if (field === 'quorum') return { ...document, quorum: { ...quorum, [tier]: numberOf(value) } };
    if (field === 'passkeyOnly') {
      const on = flagOf(value);
      const others = TIERS.filter((one) => policy.tiers[one].passkeyOnly && one !== tier);
      const only = on === true ? [...others, tier] : on === false ? others : [value];
      return { ...document, stepUp: { ...stepUp, passkey: { only } } };
    }
    return { ...document, tiers: { ...tiers, [tier]: { ...tiers?.[tier], [field]: value } } };
  }
  return withEntry(policy, document, named, value);
}

function withEntry(
  policy: Policy,
  document: Document,
  { agent, field }: Extract<Named, { kind: 'entry' }>,
  value: string,
): Record<string, unknown> {
  const { stepUp, agents } = document;
  const entries = stepUp?.entries;
  const set = (entry: object | undefined) => ({ ...entry, [field ?? '']: value });
  if (agent === null) {
    const defaults = set(entries?.defaults);
    return { ...document, defaults: UNSEEN, stepUp: { ...stepUp, entries: { ...entries, defaults } } };
  }
  // Of an agent nothing was said of yet, everything else holds as it did.
  const isKnown = entryOf(policy, agent) !== policy.defaults;
  const before = isKnown ? entries?.agents?.[agent] : entries?.defaults;
  return {
    ...document,
    agents: { ...agents, [agent]: UNSEEN },
    stepUp: { ...stepUp, entries: { ...entries, agents: { ...entries?.agents, [agent]: set(before) } } },
  };
}

function flagOf(value: string): boolean | string {
  return value === 'true' ? true : value === 'false' ? false : value;
}

function numberOf(value: string): number | string {
  return /^\d{1,3}$/.test(value) ? Number(value) : value;
}

function mistake(path: string, text: string): Read {
  return { outcome: 'mistakes', mistakes: [{ path, text }] };
}
