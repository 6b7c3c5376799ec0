// H48: what Bash runs is what was listed. Random lines are run by a real Bash in an empty folder, with nothing on PATH but
// stubs that write down their words, and wrappers of the system; each argv that a stub saw must fit a row of the listing.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listLine } from './list.ts';
import { HOLE, type ListedWord, type Listing } from './listing.ts';

const BASH = '/usr/bin/bash';
const RANDOM_LINES = process.env['CI'] === undefined ? 1_500 : 500;
const STUBS = ['rm', 'ls', 'cat', 'git', 'cp', 'curl', 'tool', 'make', 'grep', 'sed', 'tee', 'true_'];
const REAL = [
  'env',
  'nice',
  'timeout',
  'nohup',
  'setsid',
  'xargs',
  'stdbuf',
  'sh',
  'bash',
  'find',
  'flock',
  'ionice',
];
let folder = '';
const at = (...names: string[]): string => join(folder, ...names);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'listing-'));
  for (const name of ['bin', 'log', 'work', 'work/sub', 'home']) mkdirSync(at(name));
  // The shell of the stubs is named in full: PATH holds nothing that could do harm.
  // A file for each process: stubs of one line run side by side.
  const stub = `#!${BASH}\nprintf '%s\\0' "\${CS_LINE-}" "\${0##*/}" "$@" > "${at('log')}/$$.part" && >"${at('log')}/$$"\n`;
  for (const name of STUBS) writeFileSync(at('bin', name), stub, { mode: 0o755 });
  for (const name of REAL)
    if (existsSync(`/usr/bin/${name}`)) symlinkSync(`/usr/bin/${name}`, at('bin', name));
  for (const name of ['a.txt', 'b.txt', 'sub/c.txt']) writeFileSync(at('work', name), 'one\ntwo\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every argv that a stub saw. */
let lines = 0;

function ran(line: string): readonly string[][] {
  lines += 1;
  const own = String(lines);
  for (const name of readdirSync(at('log'))) rmSync(at('log', name), { force: true });
  spawnSync(BASH, ['-c', line], {
    cwd: at('work'),
    env: { PATH: at('bin'), HOME: at('home'), V: 'v w', LC_ALL: 'C.UTF-8', CS_LINE: own },
    stdio: ['ignore', 'ignore', 'ignore'],
    timeout: 5_000,
  });
  const whole = readdirSync(at('log')).filter((name) => !name.endsWith('.part'));
  return (
    whole
      .filter((name) => existsSync(at('log', `${name}.part`)))
      .map((name) =>
        readFileSync(at('log', `${name}.part`), 'utf8')
          .split('\0')
          .slice(0, -1),
      )
      // What an earlier line left in the background writes late.
      .filter(([of]) => of === '' || of === own)
      .map(([, ...words]) => words)
  );
}

const list = (line: string): Listing => listLine(line, { cwd: at('work'), home: at('home') });

/** Whether words that are listed can become words that were seen. */
function fits(words: readonly ListedWord[], seen: readonly string[]): boolean {
  const [word, ...rest] = words;
  if (word === undefined) return seen.length === 0;
  if (word.kind === 'exact' || word.kind === 'number') {
    return seen.length > 0 && matches(word, seen[0] ?? '') && fits(rest, seen.slice(1));
  }
  // What is not known may become any number of words.
  return Array.from({ length: seen.length + 1 }, (_, count) => count).some((count) =>
    fits(rest, seen.slice(count)),
  );
}

const matches = (word: ListedWord, text: string): boolean =>
  word.value.includes(HOLE) ? true : word.value === text;

const fitsName = (word: ListedWord | undefined, name: string): boolean =>
  word !== undefined && (word.kind !== 'exact' || word.value.slice(word.value.lastIndexOf('/') + 1) === name);

const isListed = (listing: Listing, [name = '', ...words]: readonly string[]): boolean =>
  listing.commands.some((one) => fitsName(one.words[0], name) && fits(one.words.slice(1), words));

/** Bash does not wait for `>(…)`: what it starts may be heard of one line later. */
const lately: Listing[] = [];

function expectListed(line: string): number {
  const listing = list(line);
  lately.unshift(listing);
  const seen = ran(line);
  const late = lately.slice(0, 3);
  const missing = seen.filter((one) => !late.some((each) => isListed(each, one)));
  // A text that cannot be read, or that another shell reads, may run anything; it must have been doubted.
  const excused = listing.doubts.some(({ kind }) => ['unread', 'size', 'dialect'].includes(kind));
  expect(excused ? [] : missing, `${JSON.stringify(line)}\n${JSON.stringify(listing.doubts)}`).toEqual([]);
  return seen.length;
}

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

/** A grammar of lines that end, and that name nothing outside the folder. */
class Lines {
  readonly #next: () => number;
  constructor(seed: number) {
    this.#next = chance(seed);
  }
  #pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.#next() * items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }
  line(depth = 0): string {
    const one = (): string => (depth > 2 ? this.simple(depth) : this.command(depth + 1));
    return this.#pick([
      one,
      one,
      one,
      () => `${one()}; ${one()}`,
      () => `${one()} && ${one()}`,
      () => `${one()} || ${one()}`,
      () => `${one()} | ${one()}`,
      () => `${one()}\n${one()}`,
      () => `${one()} & wait`,
    ])();
  }
  command(depth: number): string {
    const inner = (): string => this.line(depth + 1);
    const word = (): string => this.word(depth);
    return this.#pick([
      () => this.simple(depth),
      () => this.simple(depth),
      () => this.simple(depth),
      () => this.simple(depth),
      () => `( ${inner()} )`,
      () => `{ ${inner()}\n}`,
      () => `if ${inner()}\nthen ${inner()}\nelse ${inner()}\nfi`,
      () => `for i in ${word()} ${word()}; do ${inner()}\ndone`,
      () => `case ${word()} in a*) ${inner()}\n;; *) ${inner()}\n;& b) ${inner()}\nesac`,
      () => `f() { ${inner()}\n}\nf ${word()}`,
      () => `while ${inner()}\ndo break; done`,
      () => `! ${this.simple(depth)}`,
      () => `time ${this.simple(depth)}`,
      () => `x=${word()}; tool "$x" $x ${word()}`,
      () =>
        `cat <<E\n${this.#pick(['text', '$(tool in)', '`tool back`', '${x:-$(tool dflt)}', "'$(tool q)'"])}\nE`,
      () => `cat <<'E'\n$(tool never)\nE`,
      () => `bash <<'E'\n${this.simple(depth)}\nE`,
      () => `echo ${this.quoted(this.simple(9))} | sh`,
      () => `set -- ${word()} ${word()}; tool "$@"`,
      () => `cd sub && ${this.simple(depth)}`,
      () => `a=(${word()} ${word()}); tool "\${a[@]}"`,
    ])();
  }
  simple(depth: number): string {
    const plain = (): string =>
      `${this.name()} ${this.word(depth)} ${this.word(depth)}${this.#pick(['', '', '', ' > out', ' 2>&1', ' < a.txt', ' <<< x'])}`;
    if (depth > 5) return plain();
    return this.#pick([
      plain,
      plain,
      plain,
      plain,
      () =>
        `${this.#pick(['env', 'env -i', 'env A=1 B=2', 'env -u A', 'nice', 'nice -n 3', 'timeout 5', 'timeout -k 1 5', 'nohup', 'setsid -w', 'stdbuf -oL', 'command', 'exec', 'eval', 'A=1', 'ionice -c3', 'flock l'])} ${plain()}`,
      () => `env nice -n1 timeout 3 ${plain()}`,
      () => `${this.#pick(['sh', 'bash'])} -c ${this.quoted(plain())}`,
      () => `bash -ec ${this.quoted(plain())} a b`,
      () => `eval ${this.quoted(plain())}`,
      () => `env -S ${this.quoted(`${this.name()} p q`)}`,
      () => `tool a.txt | xargs ${plain()}`,
      () => `find . -name '*.txt' -exec ${this.name()} {} ${this.#pick(['\\;', '+'])}`,
      () => `find . -maxdepth 1 -exec sh -c ${this.quoted('tool "$1"')} _ {} \\;`,
      () => `trap ${this.quoted(plain())} EXIT`,
      () => `printf ${this.quoted('x\\n')} | xargs -I% ${this.name()} a%b`,
      () => `${plain()} > >(${this.name()} sub)`,
    ])();
  }
  name(): string {
    const name = this.#pick(STUBS);
    return this.#pick([
      () => name,
      () => name,
      () => name,
      () => `${name[0]}''${name.slice(1)}`,
      () => `\\${name}`,
      () => `"${name}"`,
      () => `$'${[...name].map((char) => `\\x${char.charCodeAt(0).toString(16)}`).join('')}'`,
      () => `'${name}'`,
      () => `${name.slice(0, 1)}\\${name.slice(1)}`,
    ])();
  }
  word(depth: number): string {
    const deep = depth < 4;
    return this.#pick([
      () => 'a',
      () => '-rf',
      () => 'a.txt',
      () => "'q r'",
      () => '"d $V"',
      () => '$V',
      () => '"$V"',
      () => '~/x',
      () => '"~/x"',
      () => '$HOME/y',
      () => '*.txt',
      () => 'sub/*',
      () => '{p,q}',
      () => '{1..3}',
      () => 'a{b,c}d',
      () => '\\$V',
      () => "$'t\\tn\\n'",
      () => '""',
      () => 'a\\ b',
      () => '$((1+2))',
      () => '"$((3*4))"',
      () => '${V:-d}',
      () => '"${nope:-e}"',
      () => 'a#b',
      () => '--opt=val',
      () => '[ab].txt',
      () => '?.txt',
      () => (deep ? `$(${this.simple(depth + 2)})` : 'z'),
      () => (deep ? `"$(${this.simple(depth + 2)})"` : 'z'),
      () => (deep ? `\`${this.name()} bt\`` : 'z'),
      () => (deep ? `<(${this.name()} ps)` : 'z'),
      () => '@(a|b).txt',
      () => 'é',
      () => 'x=y',
    ])();
  }
  quoted(text: string): string {
    return `'${text.replaceAll("'", "'\\''")}'`;
  }
}

describe.skipIf(!existsSync(BASH))('what Bash runs is listed', () => {
  test.each([
    ['rm a', 1],
    ["r''m a", 1],
    ['env A=1 nice rm a', 1],
    ['{ rm a; } | cat', 2],
    ['x=$(rm a); cat b', 2],
    ['bash -c \'rm "$0"\' y', 1],
    ['a=rm; $a b', 1],
    ['{rm,a,b}', 1],
    ["trap 'rm x' EXIT", 1],
    ['f() { rm "$@"; }; f a b', 1],
    ['echo rm z | sh', 1],
    ["env -S 'rm x y'", 1],
    ['find . -name a.txt -exec rm {} +', 1],
    ["printf 'x y\\n' | xargs rm a", 1],
    ['for i in a b; do rm $i; done', 2],
    ['rm ~/x $HOME "${HOME}"/y', 1],
    ["x='a[$(rm z)]'; ((x)); :", 1],
    ["sh -c '$0 -rf x' rm", 1],
    ['V=rm; eval "$V b"', 1],
  ])('%s', (line, count) => {
    expect(expectListed(line)).toBe(count);
  });

  // Each line starts a shell of its own: fewer of them where many other files run beside this one.
  test(`${RANDOM_LINES} random lines`, { timeout: 900_000 }, () => {
    const lines = new Lines(20_261_126);
    let seen = 0;
    for (let index = 0; index < RANDOM_LINES; index += 1) seen += expectListed(lines.line());
    // The stubs did run: a test that saw nothing would prove nothing.
    expect(seen).toBeGreaterThan(RANDOM_LINES);
  });
});
