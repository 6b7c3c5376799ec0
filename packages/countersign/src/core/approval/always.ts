// "Always allow" is one command, exactly as it stands, at one place, for one agent, until a day. Never a wrapper, an
// interpreter or anything across a redirection (E-12, H47): the classifier says which those are, and this file believes
// it. A rule never reaches what is destructive, and expires; it is shown as a rule before it is kept.
import { hash } from 'node:crypto';
import type { Action } from '@countersign/protocol/approval';
import { canonicalJson, type Json } from '@countersign/protocol/canonical';
import { isAtLeast, type Tier } from '@countersign/protocol/tier';
import { deny } from '../outcome.ts';
import type { Millis } from '../ports.ts';
import { shown, shownText } from './display.ts';
import { exact } from './exact.ts';

/** One entry of an agent's list. */
export type AllowRule =
  | {
      readonly kind: 'exact';
      readonly id: string;
      /** `alwaysKey` of the action. */
      readonly key: string;
      /** As it was shown when it was kept. */
      readonly text: string;
      readonly until: Millis;
    }
  /** Of version 1: any arguments of one program. */
  | { readonly kind: 'program'; readonly id: string; readonly pattern: string }
  /** Of version 1: one tool of one server. */
  | { readonly kind: 'tool'; readonly id: string; readonly server: string; readonly tool: string }
  /** Kept as it was found, and matching nothing: what it allowed cannot be told without doubt. */
  | { readonly kind: 'dead'; readonly id: string; readonly pattern: string; readonly why: string };

/** What the classifier found, of which this file needs two things. */
export interface Classified {
  readonly tier: Tier;
  readonly always: { readonly ok: true } | { readonly ok: false; readonly why: string };
}

const MIN_ALWAYS_MS = 60_000;
/** No rule outlives the memory of who kept it. */
export const MAX_ALWAYS_MS = 90 * 86_400_000;

/** The end of a rule that is kept now. Null: too short to be of use, or too long to be remembered. */
export function alwaysUntil(forMs: number, now: Millis): Millis | null {
  return forMs >= MIN_ALWAYS_MS && forMs <= MAX_ALWAYS_MS ? now + forMs : null;
}

/** Differ from terminal to terminal and change nothing that runs: not part of the rule. */
const FREE_ENV = /^(?:LANG|LC_[A-Z]+|TERM|TZ)$/;

/**
 * What has to be the same for a rule to fit: everything but the free part of the environment. A program that was updated
 * is another one, and so is a folder that was put in the place of the first.
 * @returns null for what is never kept: a message, and what reads bytes that were given to it.
 */
export function alwaysKey(action: Action, agent: string): string | null {
  if (action.kind === 'message') return null;
  if (action.kind === 'tool') return keyOf({ agent, action });
  if (action.stdin.kind === 'bytes') return null;
  const env = Object.fromEntries(Object.entries(action.env).filter(([name]) => !FREE_ENV.test(name)));
  // Whether somebody sits at the terminal does not change what runs.
  return keyOf({ agent, action: { ...action, env, stdin: { kind: 'none' } } });
}

function keyOf(value: Json): string {
  return hash('sha256', `countersign.always.v1\n${canonicalJson(value)}`, 'hex');
}

export type AlwaysOffer =
  | { readonly outcome: 'allow'; readonly key: string }
  | { readonly outcome: 'deny'; readonly reason: string };

/** May a rule be kept for it? */
export function mayKeep(action: Action, agent: string, risk: Classified): AlwaysOffer {
  if (isAtLeast(risk.tier, 'destructive')) return deny('what is destructive is asked about every time');
  if (!risk.always.ok) return deny(risk.always.why);
  const key = alwaysKey(action, agent);
  if (key !== null) return { outcome: 'allow', key };
  return deny(
    action.kind === 'message'
      ? 'a message is asked about every time'
      : 'it reads bytes that may differ each time',
  );
}

const UNASKED = ' may do this, unasked:';

/** The rule, in the words that are shown before it is kept. */
export function ruleText(action: Action, agent: string): string {
  return `${exact(agent)}${UNASKED}\n${shownText(shown(action))}`;
}

/** Whose rule it is, as it was shown: the key says nothing that could be read. Null where the text is not ours. */
export function agentOfRule({ text }: Extract<AllowRule, { kind: 'exact' }>): string | null {
  const [first = ''] = text.split('\n', 1);
  return first.endsWith(UNASKED) ? first.slice(0, -UNASKED.length) : null;
}

/** The first rule of `rules` that allows this, or null. A rule that ended, or that the classifier forbids, allows nothing. */
export function ruleFor(
  rules: readonly AllowRule[],
  { action, agent, risk, home }: { action: Action; agent: string; risk: Classified; home: string | null },
  now: Millis,
): AllowRule | null {
  if (isAtLeast(risk.tier, 'destructive') || !risk.always.ok) return null;
  const key = alwaysKey(action, agent);
  return (
    rules.find((rule) => {
      if (rule.kind === 'exact') return key !== null && rule.key === key && now < rule.until;
      if (rule.kind === 'program') return isProgram(rule.pattern, action, home);
      if (rule.kind === 'tool') return isTool(rule, action);
      return false;
    }) ?? null
  );
}

/** What every command gets along: approval.md, section 2. A variable more is another command. */
const PASSED_ENV = /^(?:PATH|HOME|LANG|LC_[A-Z]+|TERM|TZ|USER|TMPDIR)$/;

/** By the real path of the program. A link of another name is another command: some programs are many. */
function isProgram(pattern: string, action: Action, home: string | null): boolean {
  // A shell line has the shell for its program: that it may run is never what was meant.
  if (action.kind !== 'exec' || 'shell' in action) return false;
  if (!Object.keys(action.env).every((name) => PASSED_ENV.test(name))) return false;
  const { path } = action.program;
  if (lastOf(action.argv[0] ?? '') !== lastOf(path)) return false;
  if (pattern.startsWith('/')) return globOf(pattern).test(path);
  // The home is a place, not a pattern: whatever stands in its name stands for itself.
  if (!pattern.startsWith('~/') || home === null || !path.startsWith(`${home}/`)) return false;
  return globOf(pattern.slice(2)).test(path.slice(home.length + 1));
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** `*` and `?` stay within one folder, `**` does not; everything else is itself. */
function globOf(pattern: string): RegExp {
  const source = pattern.replace(/\*\*|[\\^$.|?*+()[\]{}/]/g, (part) =>
    part === '**' ? '.*' : part === '*' ? '[^/]*' : part === '?' ? '[^/]' : `\\${part}`,
  );
  return new RegExp(`^${source}$`, 'su');
}

function isTool(rule: { readonly server: string; readonly tool: string }, action: Action): boolean {
  return action.kind === 'tool' && action.tool === `mcp__${rule.server}__${rule.tool}`;
}
