// A text as it fits into the hole of a template: no line ends, and not too long.
import type { Outbound } from '../core/channel-port.ts';

const MAX_HOLE = 1_000;

/** A line of something to be approved, or a part of it: as it is, or not at all. */
const EXACT = /^[|>] |^\[\d+\/\d+\] /m;
/** H43, H46: on one line two commands would read alike, and a long one would lose its middle. */
const ELSEWHERE =
  'Something waits for your yes or no and cannot be shown whole in this kind of message. Write anything here, then /approvals.';

/** What a template's hole is filled with. */
export function forTemplate({ kind, text }: Pick<Outbound, 'kind' | 'text'>): string {
  return (kind === 'card' || kind === 'control') && EXACT.test(text) ? ELSEWHERE : inOneLine(text);
}

/** Both ends stay: who asks stands at the beginning, and what to type at the end. */
export function inOneLine(text: string): string {
  const line = text
    .trim()
    .replace(/\s*\n+\s*/g, ' · ')
    .replace(/[\p{C}\s]+/gu, ' ');
  if (line.length <= MAX_HOLE) return line;
  return `${line.slice(0, 600).toWellFormed()} … ${line.slice(-(MAX_HOLE - 610)).toWellFormed()}`;
}
