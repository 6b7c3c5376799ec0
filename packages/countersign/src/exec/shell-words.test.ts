// R46: whatever a line does with quotes, its words are those that a shell would have.
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { commandsOf } from './shell-words.ts';

const LINES = [
  ...[
    'sed -f prog',
    's"e"d -"f" p\'ro\'g',
    '\\sed -\\f "pro\\g"',
    'sed "a b" \'c "d" e\' ""',
    'a\\\nb c \\\n d',
  ],
  ...[
    'sed -f prog >out 2>&1 x',
    '2>log sed -f prog',
    'sed<in -f prog &>out x',
    'a 12>|out b',
    "a 'it'\\''s' b",
  ],
];

const mark = '\u{1}';

test.skipIf(process.platform === 'win32').each(LINES)('R46: %s', (line) => {
  // A shell function takes the words, and does nothing else with them.
  const script = `show() { printf '%s${mark}' "$@" >&9; }; sed() { show sed "$@"; }; a() { show a "$@"; }; ab() { show ab "$@"; }\nin=1\n`;
  const { output } = spawnSync('bash', ['-c', `cd "$(mktemp -d)"; : > in\n${script}${line}`], {
    stdio: ['ignore', 'ignore', 'ignore', ...Array.from({ length: 6 }, () => 'ignore' as const), 'pipe'],
    encoding: 'utf8',
  });
  const words = commandsOf(line)[0]?.filter(({ isTarget }) => !isTarget);
  expect(words?.map(({ text }) => text)).toEqual(String(output[9]).split(mark).slice(0, -1));
});

test('commands are told apart, but not where one goes on behind brackets', () => {
  const texts = (line: string) => commandsOf(line).map((command) => command.map(({ text }) => text));
  expect(texts('a b; c|d & e && f\ng')).toEqual([['a', 'b'], ['c'], ['d'], ['e'], ['f'], ['g']]);
  expect(texts('sed $(a; b) -f prog')).toEqual([['sed', '$', 'a', 'b', '-f', 'prog']]);
  // A quote without an end parts words, and hides none.
  expect(texts("echo it's; sed -f prog")).toEqual([
    ['echo', 'it', 's'],
    ['sed', '-f', 'prog'],
  ]);
  expect(texts("# it's\nsed -f prog\n# it's")).toEqual([['#', 'its\nsed -f prog\n# its']]);
});
