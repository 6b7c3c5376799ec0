// H47, H48: 100,000 random and mutated lines. Nothing crashes; a destructive line stays destructive whatever is put round it
// or whatever quotes are put into it; what is read takes time in proportion to its length.
import { readFileSync } from 'node:fs';
import type { Tier } from '@countersign/protocol/tier';
import { expect, test } from 'vitest';
import { classify } from './classify.ts';
import type { RiskContext } from './risk.ts';

interface Vectors {
  readonly facts: { readonly cwd: string; readonly home: string; readonly guarded: RiskContext['guarded'] };
  readonly commands: readonly { readonly command: string; readonly tier: Tier }[];
}
const { facts, commands } = JSON.parse(
  readFileSync(new URL('../../../../../../vectors/commands.json', import.meta.url), 'utf8'),
) as Vectors;
const context: RiskContext = { home: facts.home, guarded: facts.guarded, rules: [], tools: {} };
const tierOf = (shell: string): Tier =>
  classify({ kind: 'exec', shell, cwd: { path: facts.cwd } }, context).tier;

/** The same numbers every time: mulberry32. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
const next = chance(8);
function pick<T>(items: readonly T[]): T {
  const item = items[Math.floor(next() * items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Around a whole line, of any shape. */
const AROUND: readonly ((line: string) => string)[] = [
  (line) => `bash -c ${quoted(line)}`,
  (line) => `env bash -c ${quoted(line)}`,
  (line) => `eval ${quoted(line)}`,
  (line) => `nice -n 5 timeout 9 bash -c ${quoted(line)}`,
  (line) => `sudo bash -c ${quoted(line)}`,
  (line) => `busybox sh -c ${quoted(line)}`,
  (line) => `find . -maxdepth 0 -exec bash -c ${quoted(line)} \\;`,
  (line) => `(\n${line}\n)`,
  (line) => `{\n${line}\n}`,
  (line) => `if true; then\n${line}\nfi`,
  (line) => `for i in 1; do\n${line}\ndone`,
  (line) => `f() {\n${line}\n}; f`,
  (line) => `echo "$(\n${line}\n)"`,
  (line) => `cat <(\n${line}\n)`,
  (line) => `true\n${line}`,
  (line) => `${line}\ntrue`,
  (line) => `bash <<'E_O_F'\n${line}\nE_O_F`,
];
/** Before one simple command. */
const BEFORE = [
  'env ',
  'env A=1 ',
  'nice ',
  'timeout 5 ',
  'nohup ',
  'setsid ',
  'stdbuf -oL ',
  'time ',
  '! ',
  'A=1 ',
  'sudo ',
  'command ',
  'exec ',
  'ionice -c3 ',
  'some-wrapper ',
  'true && ',
  'ls; ',
  'xvfb-run ',
];
/** Into the name of the first program. */
const INTO: readonly ((name: string) => string)[] = [
  (name) => `${name.slice(0, 1)}''${name.slice(1)}`,
  (name) => `"${name}"`,
  (name) => `\\${name}`,
  (name) => `${name.slice(0, 1)}\\${name.slice(1)}`,
  (name) => `$'${[...name].map((char) => `\\x${char.charCodeAt(0).toString(16)}`).join('')}'`,
  (name) => `$(echo ${name})`,
  (name) => `\`echo ${name}\``,
];
const SIMPLE =
  /^(rm|sudo|dd|git|docker|chmod|shred|su|find|crontab|kubectl|mkfs\.ext4|pkill|killall) [^|&;<>()`$\n"'\\{}*[\]~!#]*$/;
const isPrintable = (text: string): boolean => !/(?![\t\n])\p{Cc}/u.test(text);

const destructive = commands
  .filter(({ tier, command }) => tier === 'destructive' && isPrintable(command))
  .map(({ command }) => command);
const simple = destructive.filter((command) => SIMPLE.test(command));
const readable = destructive.filter((command) => !tierIsDoubtful(command));
function tierIsDoubtful(command: string): boolean {
  const { reasons } = classify({ kind: 'exec', shell: command, cwd: { path: facts.cwd } }, context);
  return reasons.some(({ rule }) => rule === 'line.parse');
}

test('20,000 wrapped and quoted destructive lines stay destructive', { timeout: 900_000 }, () => {
  expect(simple.length).toBeGreaterThan(60);
  const fallen = new Set<string>();
  for (let round = 0; round < 20_000; round += 1) {
    let line: string;
    if (round % 2 === 0) {
      const command = pick(simple);
      const space = command.indexOf(' ');
      line = next() < 0.5 ? command : pick(INTO)(command.slice(0, space)) + command.slice(space);
      if (next() < 0.6) line = pick(BEFORE) + line;
    } else line = pick(readable);
    for (let layers = Math.floor(next() * 3); layers > 0; layers -= 1) line = pick(AROUND)(line);
    if (tierOf(line) !== 'destructive') fallen.add(line);
  }
  expect([...fallen].slice(0, 20)).toEqual([]);
});

test('80,000 random lines crash nothing', { timeout: 900_000 }, () => {
  const bits = [
    ...'\'"`$(){}[]<>|&;!*?~\\#=:,.-/ \n\t\0\u202e',
    '$(',
    '${',
    '<<E\n',
    'E\n',
    '&&',
    'rm',
    'sudo',
    'ls',
    'env',
    'bash -c',
    'a',
    '-rf',
    '/',
    'x=',
    '\ud800',
    'é',
    '💥',
    'if',
    'then',
    'fi',
    'for',
    'do',
    'done',
    '$x',
    '{a,b}',
    '{1..9}',
    '((',
    '))',
    '[[',
    ']]',
    '<(',
    'xargs',
    'find . -exec',
    'git',
    'docker run -v',
    'curl http://',
    'tar',
    '%',
    '\\x',
    "$'",
  ];
  for (let round = 0; round < 80_000; round += 1) {
    let line = round % 3 === 0 ? pick(commands).command : '';
    const changes = 1 + Math.floor(next() * (line === '' ? 24 : 4));
    for (let change = 0; change < changes; change += 1) {
      const at = Math.floor(next() * (line.length + 1));
      const cut = line !== '' && next() < 0.3 ? 1 + Math.floor(next() * 4) : 0;
      line = line.slice(0, at) + (next() < 0.8 ? pick(bits) : '') + line.slice(at + cut);
    }
    const { tier, reasons } = classify({ kind: 'exec', shell: line, cwd: { path: facts.cwd } }, context);
    expect(reasons[0]?.tier, JSON.stringify(line)).toBe(tier);
  }
});

/** Lines that hurt readers which look back. */
const HOSTILE: readonly (readonly [string, string])[] = [
  ['words', 'a '],
  ['quotes', "'a' "],
  ['substitutions', '$(a) '],
  ['open substitutions', '$('],
  ['open parentheses', '('],
  ['braces', '{a,b} '],
  ['open braces', '{a,'],
  ['stars', '*/'],
  ['questions', '?'],
  ['brackets', '[a'],
  ['ups', '../'],
  ['commands', 'a;'],
  ['pipes', 'a|'],
  ['dangers', 'rm a '],
  ['heredocs', 'cat <<E\na\nE\n'],
  ['backslashes', '\\'],
  ['dollars', '$a'],
  ['assignments', 'a=b '],
  ['redirects', '>a '],
  ['options', '-a '],
  ['wrappers', 'env '],
  ['variables', '${a:-'],
  ['backticks', '`a` '],
  ['cds', 'cd a;'],
  ['finds', 'find . -exec a {} ; '],
];
const cost = (line: string): number => {
  const before = process.cpuUsage();
  classify({ kind: 'exec', shell: line, cwd: { path: facts.cwd } }, context);
  const { user, system } = process.cpuUsage(before);
  return user + system;
};
const least = (line: string): number => Math.min(cost(line), cost(line), cost(line));

test.each(HOSTILE)(
  '%s: eight times as long costs less than forty times as much',
  { timeout: 120_000 },
  (_, bit) => {
    for (const before of ['', '"', 'rm ', '$x ', 'python -c "']) {
      const short = least(before + bit.repeat(Math.ceil(8_000 / bit.length)));
      const long = least(before + bit.repeat(Math.ceil(64_000 / bit.length)));
      // Quadratic would be sixty-four; the floor keeps what is too quick to be measured out of it.
      expect(long / Math.max(short, 4_000), `${before}${bit}: ${short} and ${long} µs`).toBeLessThan(40);
    }
  },
);
