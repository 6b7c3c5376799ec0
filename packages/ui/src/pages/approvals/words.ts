// A request in words: pure. What the gateway says by a word of its own becomes a sentence where there is one.
import { type Shown, shown } from '@countersign/protocol/action-display';
import type { ApprovalRow } from '@countersign/protocol/approval';
import type { Tier } from '@countersign/protocol/tier';
import type { Text } from '../../text/say.ts';

type Says = Text['approvals'];

export const TIER_COLOR = {
  read: 'gray',
  write: 'sage',
  elevated: 'orange',
  destructive: 'red',
} as const satisfies Record<Tier, string>;

/** Longest command that a line of the list shows: whole or not at all (R37). */
const MOST_IN_LIST = 280;

export interface Told {
  /** Null where it may not be read, or cannot be. */
  readonly shown: Shown | null;
  /** All of it, for a line of the list; null: too long for one. */
  readonly line: string | null;
}

export function toldOf({ action }: Pick<ApprovalRow, 'action'>): Told {
  if (action === undefined) return { shown: null, line: null };
  const whole = shown(action);
  const line = whole.body.join('\n');
  return { shown: whole, line: line.length <= MOST_IN_LIST && whole.body.length <= 4 ? line : null };
}

/** Why it was allowed or refused without anybody's word, or what ended it. */
export function becauseOf({ because }: Pick<ApprovalRow, 'because'>, says: Says): string | null {
  if (because === undefined) return null;
  const words: Readonly<Record<string, string>> = { ...says.unasked, ...says.because };
  return Object.hasOwn(words, because) ? (words[because] ?? because) : because;
}

export function flagsOf({ flags = [] }: Pick<ApprovalRow, 'flags'>, says: Says): string[] {
  const words: Readonly<Record<string, string>> = says.flags;
  return flags.map((flag) => (Object.hasOwn(words, flag) ? (words[flag] ?? flag) : flag));
}

/** Names of those who decide it, quoted by whoever shows them. */
export function nameIn({ names = {} }: Pick<ApprovalRow, 'names'>, id: string): string {
  return Object.hasOwn(names, id) ? (names[id] ?? id) : id;
}

/** Elevated and destructive are asked about twice: the second time with the letters to compare. */
export function isGrave(tier: Tier): boolean {
  return tier === 'elevated' || tier === 'destructive';
}
