// H43: what is read is what runs. A command of a card, pasted into Bash, has the words that would be run.
import { spawnSync } from 'node:child_process';
import { shownWords } from '@countersign/protocol/action-display';
import { exact } from '@countersign/protocol/exact';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RISK } from '../../testing/approval-bench.ts';
import { execAction } from '../../testing/approval-rows.ts';
import { listedThen } from './listed.ts';
import { classify } from './risk/classify.ts';

const PIECES = [
  'a',
  ' ',
  "'",
  '"',
  '\\',
  '$',
  '$(',
  ')',
  '{',
  '}',
  ',',
  '`',
  ';',
  '&',
  '|',
  '<',
  '>',
  '(',
  '#',
];
const MORE = [
  '=',
  '~',
  '*',
  '?',
  '[',
  ']',
  '!',
  '^',
  '%',
  '@',
  '+',
  ':',
  '-',
  '/',
  '.',
  'é',
  '€',
  'time',
  'x=',
  '{}',
];
const word = fc.array(fc.constantFrom(...PIECES, ...MORE), { maxLength: 6 }).map((pieces) => pieces.join(''));
const printable = fc.array(word, { maxLength: 5 }).filter((all) => all.every((one) => exact(one) === one));

/** The words of every line, as Bash reads them: every command that there is writes its own down. */
function readByBash(lines: readonly string[]): string[][] {
  const script = [
    'command_not_found_handle() { printf "%s\\0" "$@"; }',
    'PATH=/nowhere',
    ...lines.flatMap((text) => [text, 'printf "%s\\0" "${END}"']),
  ].join('\n');
  const end = 'end of a line';
  const run = spawnSync('/bin/bash', ['--norc', '--noprofile'], {
    input: script,
    env: { END: end, LC_ALL: 'C.UTF-8' },
    encoding: 'utf8',
    cwd: '/',
  });
  expect(run.stderr).toBe('');
  const all = run.stdout.split('\0').slice(0, -1);
  const read: string[][] = [[]];
  for (const one of all) one === end ? read.push([]) : read.at(-1)?.push(one);
  return read.slice(0, -1);
}

test('H43: pasted into Bash, it is the same words', () => {
  // The first is no name of a builtin, so that Bash looks for a program.
  const name = fc
    .tuple(fc.constantFrom('tool', 'time', 'if', 'A=', 'a b', '=', "it's"), word)
    .map(([a, b]) => a + b);
  const argvs = fc.sample(fc.tuple(name, printable), { numRuns: 1_500, seed: 43 });
  const all = argvs.map(([first, rest]) => [first, ...rest]).filter(([first = '']) => !first.includes('/'));
  const plain = all.filter(([first = '']) => exact(first) === first);
  expect(plain.length).toBeGreaterThan(500);
  expect(readByBash(plain.map(shownWords))).toEqual(plain);
});

test('H43: so is what runs behind a wrapper', () => {
  const argvs = fc.sample(printable, { numRuns: 300, seed: 44 }).map((rest) => ['tool', ...rest]);
  const lines = argvs.map((argv) => {
    const commands = listedThen(classify(execAction('nohup', ...argv), RISK));
    return commands.at(-1)?.text ?? '';
  });
  expect(readByBash(lines)).toEqual(argvs);
});
