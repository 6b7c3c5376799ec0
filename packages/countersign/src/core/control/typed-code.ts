// Codes that are typed in a chat. One that stands in a command is its proof. One that stands anywhere else, while something
// waits for that person, was meant for us: the agent must not read it, and nobody may use it after us (R64, H70).
import type { Given } from '../approval/service.ts';
import { readRecoveryCode } from '../factor/recovery.ts';
import type { Speaker } from './speaker.ts';

const RUN = /\p{Nd}+/gu;
/** What people and apps put between the parts of a number. */
const BETWEEN = /^[^\p{L}\p{N}]{1,3}$/u;
/** What turns a digit into a picture of one. */
const KEYCAP = /[\u{FE0F}\u{20E3}]/gu;
const [LEAST, LONGEST] = [6, 8];
/** The length of the codes that can be spent: these first. */
const CODE = 6;
const MOST = 20;

interface Run {
  readonly digits: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Every group of six to eight digits in it, as ASCII digits, in any script: each run, and runs that stand so close that
 * they may be one. Which of them was meant nobody knows: "12 492817" is a number of eight, and of six behind another one.
 */
export function codesIn(text: string): readonly string[] {
  const plain = text.normalize('NFKC').replace(KEYCAP, '');
  const runs = [...plain.matchAll(RUN)].map(
    ({ 0: run, index }): Run => ({
      digits: [...run].map(asciiDigit).join(''),
      from: index,
      to: index + run.length,
    }),
  );
  const found = new Set<string>();
  for (const at of runs.keys()) for (const group of groupsFrom(at, runs, plain)) found.add(group);
  return [...found].sort((a, b) => Number(b.length === CODE) - Number(a.length === CODE)).slice(0, MOST);
}

function groupsFrom(first: number, runs: readonly Run[], text: string): string[] {
  const groups: string[] = [];
  let group = '';
  let end: number | null = null;
  for (const { digits, from, to } of runs.slice(first, first + LONGEST)) {
    if (end !== null && !BETWEEN.test(text.slice(end, from))) break;
    group += digits;
    end = to;
    if (group.length > LONGEST) break;
    if (group.length >= LEAST) groups.push(group);
  }
  return groups;
}

/** True where there is such a group: cheap, for it is asked of every message. */
export function hasCode(text: string): boolean {
  return /\p{Nd}/u.test(text) && codesIn(text).length > 0;
}

/** What stood behind a command, as a proof. Null: it is none that could be right. */
export function givenIn(code: string, { inbound }: Pick<Speaker, 'inbound'>): Given | null {
  // One place for all chats of a channel: which of them it was is nobody's number of tries anew (R5).
  const place = `chat:${inbound.peer.channel}`;
  if (/^\d[\d -]*\d$/.test(code)) return { kind: 'totp', proof: { kind: 'totp', value: code }, place };
  if (readRecoveryCode(code) === null) return null;
  return { kind: 'recovery', proof: { kind: 'recovery', value: code }, place };
}

/** Digits of one script follow one another from its zero on. */
function asciiDigit(char: string): string {
  if (!/\p{Nd}/u.test(char)) return '';
  const point = char.codePointAt(0) ?? 0;
  let zero = point;
  while (point - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String(point - zero);
}
