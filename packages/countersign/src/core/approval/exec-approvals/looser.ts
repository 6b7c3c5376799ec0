// What a document lets run that the policy before it did not: it is never weaker than where it came from, and may well be weaker
// than what it replaces. Whoever takes it over has read the document, not the difference.
import { TIERS } from '@countersign/protocol/tier';
import type { Millis } from '../../ports.ts';
import { type Entry, entryOf, type Policy } from '../policy.ts';
import { readExecApprovals } from './read.ts';
import type { Note, Read } from './reading.ts';

/** From the strictest on. */
const ORDERS = {
  security: ['deny', 'allowlist', 'full'],
  free: ['none', ...TIERS],
  scope: ['all', 'elevated', 'destructive'],
  who: ['owners', 'approvers'],
  selfApproval: ['never', 'owner'],
  yes: ['false', 'true'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

type Value = readonly [path: string, order: keyof typeof ORDERS, from: string, to: string];

/** As it is read by whoever puts it in the place of `current`: with what it lets run beyond that. */
export function readReplacing(text: string, current: Policy, now: Millis): Read {
  const read = readExecApprovals(text, current, now);
  if (read.outcome !== 'read') return read;
  return { ...read, notes: [...read.notes, ...looserNotes(current, read.policy)] };
}

/** One note a value, in the order of the document. */
export function looserNotes(before: Policy, after: Policy): Note[] {
  const names = [...new Set([...Object.keys(before.agents), ...Object.keys(after.agents)])];
  return [
    ...entryNotes('defaults', before.defaults, after.defaults),
    ...names.flatMap((name) => entryNotes(`agents.${name}`, entryOf(before, name), entryOf(after, name))),
    ...termNotes(before, after),
  ];
}

function entryNotes(path: string, from: Entry, to: Entry): Note[] {
  const known = new Set(from.rules.map(({ id }) => id));
  const added = to.rules.filter(({ id, kind }) => kind !== 'dead' && !known.has(id)).length;
  return [
    ...valueNotes([
      [`${path}.security`, 'security', from.security, to.security],
      [`${path}.free`, 'free', from.free, to.free],
    ]),
    ...(looserAsk(from, to) ? [looser(`${path}.ask`, from.ask, to.ask)] : []),
    ...(added === 0
      ? []
      : [{ path: `${path}.rules`, text: `looser than before: ${added} that were not there` }]),
  ];
}

/** `off` lets nothing run that is on no list, unless `full` does: there it lets everything. */
function looserAsk(from: Entry, to: Entry): boolean {
  if (from.ask === to.ask) return false;
  return (
    from.ask === 'always' ||
    (to.ask === 'off' && to.security === 'full') ||
    (from.ask === 'off' && from.security !== 'full' && to.ask === 'on-miss')
  );
}

function termNotes(before: Policy, after: Policy): Note[] {
  const [from, to] = [before.totp, after.totp];
  return [
    ...valueNotes([
      ['stepUp.totp.enabled', 'yes', String(from.enabled), String(to.enabled)],
      ['stepUp.totp.scope', 'scope', from.scope, to.scope],
    ]),
    ...more('stepUp.totp.cooldown', from.cooldownMs / 1_000, to.cooldownMs / 1_000, ' s'),
    ...valueNotes([['selfApproval', 'selfApproval', before.selfApproval, after.selfApproval]]),
    ...TIERS.flatMap((tier) => {
      const [was, is] = [before.tiers[tier], after.tiers[tier]];
      return [
        ...more(`tiers.${tier}.lifetime`, was.lifetimeMs / 1_000, is.lifetimeMs / 1_000, ' s'),
        ...valueNotes([[`tiers.${tier}.who`, 'who', was.who, is.who]]),
        ...(was.passkeyOnly && !is.passkeyOnly ? [looser(`tiers.${tier}.passkeyOnly`, 'true', 'false')] : []),
        ...more(`tiers.${tier}.quorum`, -was.quorum, -is.quorum, ''),
      ];
    }),
  ];
}

function valueNotes(values: readonly Value[]): Note[] {
  return values.flatMap(([path, order, from, to]) => {
    const places: readonly string[] = ORDERS[order];
    return places.indexOf(to) > places.indexOf(from) ? [looser(path, from, to)] : [];
  });
}

function more(path: string, from: number, to: number, unit: string): Note[] {
  return to > from ? [looser(path, `${Math.abs(from)}${unit}`, `${Math.abs(to)}${unit}`)] : [];
}

function looser(path: string, from: string, to: string): Note {
  return { path, text: `looser than before: ${from} → ${to}` };
}
