// Words of a line that a shell reads, and of the lines that stand in it: quoted, for another shell. Taken by their looks, in every way
// they could be meant: what is no word in the end is the name of no file, either.
import { Problem } from '@countersign/protocol/problem';
import type { Reading } from './reading.ts';
import { commandsOf } from './shell-words.ts';

/** Of all lines together. */
const MOST_WORDS = 131_072;
const DEPTH = 3;

/** What runs what it reads, where no word is left for it to run: `cat a | sh`, `cat a | python3 -`. */
const FED =
  /(?:^|[\s;&|()<>/`])(?:(?:ba|da|z|k|mk|a|fi|c|tc)?sh|busybox|node|nodejs|deno|bun|tsx|ts-node|(?:python|pypy|ruby|perl|php|lua|guile)[\d.]*|luajit|rscript|julia|groovy|scala|osascript|tclsh|wish|expect|pwsh|powershell)(?:\s+-(?:s\S*)?(?=\s|$)|(?:\s+-\S*){0,8}\s*(?:$|[;&|()\n`<>]|\d[<>]))/im;

export function runsWhatComes(line: string): boolean {
  return FED.test(line);
}

/** As a shell would take them, and then by their looks. */
export function wordsOfLine(line: string): string[] {
  return [...commandsOf(line).flatMap((command) => command.map(({ text }) => text)), ...looseWordsOf(line)];
}

/** Quotes or not, and with what quotes part put together. Nothing is expanded but a `~` in front. */
export function looseWordsOf(line: string): string[] {
  const quoted = [...line.matchAll(/'([^']*)'|"([^"]*)"|[^\s;&|<>()'"`]+/g)].map(
    ([whole, single, double]) => single ?? double ?? whole,
  );
  // `bui"ld"` and `b\uild` are `build`.
  const parted = [...line.matchAll(/[^\s;&|<>()`]+/g)]
    .filter(([whole]) => /['"\\]/.test(whole))
    .map(([whole]) => whole.replaceAll(/['"\\]/g, ''));
  return [...quoted, ...parted];
}

/** It, and what stands in it behind an option or a name: `--rsh=sh x`, `-Ish x`, `alias.x=!sh x`. */
function linesOf(word: string): readonly string[] {
  const value = word.includes('=') ? [word.slice(word.indexOf('=') + 1)] : [];
  const attached = /^-[A-Za-z]./.test(word) ? [word.slice(2)] : [];
  return [word, ...[...value, ...attached].map((line) => line.replace(/^!/, ''))];
}

/** Words that are lines of their own, as behind `sh -c`, and the lines in these. @throws Problem `usage`; why it was aborted. */
export async function linesIn(
  words: readonly string[],
  reading: Reading,
  depth = DEPTH,
): Promise<readonly string[]> {
  const lines = new Set<string>();
  for (const word of words) {
    await reading.turn();
    for (const line of linesOf(word)) if (/[\s;&|<>()'"`\\]/.test(line)) lines.add(line);
  }
  if (depth === 0 || lines.size === 0) return [...lines];
  const inner = new Set<string>();
  let count = 0;
  for (const line of lines) {
    await reading.turn();
    const found = wordsOfLine(line);
    count += found.length;
    bounded(count);
    // A word of a line that is the line itself holds nothing new.
    for (const word of found) if (!lines.has(word)) inner.add(word);
  }
  return [...lines, ...(await linesIn([...inner], reading, depth - 1))];
}

/** What stands behind so many would not be looked at. @throws Problem `usage`. */
export function bounded(words: number): void {
  if (words <= MOST_WORDS) return;
  throw new Problem('usage', {
    detail: 'its line holds more words than can be looked at',
    hint: 'put it into a script of its own, and run that',
    members: { field: 'argv' },
  });
}
