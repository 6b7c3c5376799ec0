import { expect, test } from 'vitest';
import { execWords } from './exec-words.ts';

const words = (text: string) => execWords(text.split(' ')).join(' ');

test.each([
  ['exec --ask-only ls -la', 'exec --ask-only -- ls -la'],
  ['exec ls --json', 'exec -- ls --json'],
  ['--json exec --env A --ask-only make --help', '--json exec --env A --ask-only -- make --help'],
  ['exec --client=/c.json ls -- -x', 'exec --client=/c.json -- ls -- -x'],
  ['exec - a', 'exec -- - a'],
])('from its first word on everything is the command’s: %s', (typed, meant) => {
  expect(words(typed)).toBe(meant);
});

test.each([
  'exec --ask-only -- ls -la',
  'exec --help',
  'exec --shell ls --json',
  'exec --shell',
  'policy test exec ls -la',
  'approvals list',
])('and these stay as they are: %s', (typed) => {
  expect(words(typed)).toBe(typed);
});
