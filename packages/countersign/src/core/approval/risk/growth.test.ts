// R42, H47: a short line that becomes a long one. Whatever multiplies words is bounded: neither the memory nor the patience
// of a gateway ends by a line, and what was not read to its end counts as the worse.
import { describe, expect, test } from 'vitest';
import { type Everyday, notLight, notRisky } from '../../../testing/risk-lines.ts';

const each = (count: number, write: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => write(at)).join('');
const quoted = (text: string): string => `"${text.replaceAll(/[\\"$`]/g, '\\$&')}"`;
function nested(depth: number): string {
  let line = 'ls';
  for (let layer = 0; layer < depth; layer += 1) line = `cd a;cd b;cd c; split --filter=${quoted(line)}`;
  return line;
}

/** Each took seconds, minutes or all the memory when it was found. */
const GROWING: Readonly<Record<string, string>> = {
  'files below many folders, many in one word': `find ${each(20_000, (at) => `${at} `)}-exec ls ${'{}'.repeat(5_000)} \\;`,
  'files below many folders, many words': `find ${each(3_000, (at) => `${at} `)}-exec ls ${'{} '.repeat(5_000)}\\;`,
  'files below many folders, many commands': `find ${each(3_000, (at) => `${at} `)}${'-exec ls {} \\; '.repeat(4_000)}`,
  'a value twice as long each time': `x0=aaaaaaaaaaaaaaa; ${each(60, (at) => `x${at + 1}=$x${at}$x${at}; `)}cat $x60`,
  'a long value, often': `x=${'a'.repeat(60_000)}; echo ${'$x '.repeat(20_000)}`,
  'a long value, often in one word': `x=${'a'.repeat(60_000)}; echo ${'$x'.repeat(30_000)}`,
  'many long values, often': `for x in ${each(16, (at) => `${'a'.repeat(3_000)}${at} `)}; do cat ${'$x '.repeat(20_000)}; done`,
  'a name for a long line, called often': `alias a='echo ${'a '.repeat(40_000)}'; ${'a;'.repeat(600)}`,
  'ranges of braces': `cat ${'{1..64} '.repeat(16_000)}`,
  'wrappers with an option that nobody knows': `${'timeout -q '.repeat(12)}${'a '.repeat(60_000)}`,
  'sums of sums': `${each(
    10,
    (at) =>
      `v${at}='${Array(100)
        .fill(`$v${at + 1}`)
        .join('+')}'; `,
  )}v10=1; (( $v0 ))`,
  'folders below folders': `git ${'-C a '.repeat(20_000)}log; rm -rf a`,
  'values in values': `echo ${'${a:='.repeat(140)}${'$c '.repeat(30_000)}${'}'.repeat(140)}`,
  'texts in texts, each in many folders': nested(8),
};

describe.each(Object.entries(GROWING))('R42: %s', (_, line) => {
  test('is judged soon, and as something that was not read', { timeout: 30_000 }, () => {
    expect(line.length).toBeLessThanOrEqual(131_072);
    const before = process.cpuUsage();
    expect(notRisky({ tier: 'destructive', lines: [line] }).map((said) => said.slice(-200))).toEqual([]);
    const { user, system } = process.cpuUsage(before);
    // Around a third of a second here; most of the rest of the machine may be busy.
    expect(user + system).toBeLessThan(5_000_000);
  });
});

const LONG = [
  `env ${'A=b '.repeat(30_000)}ls`,
  `find ${each(18_000, (at) => `a${at} `)}-name x`,
  `git ${'-C a '.repeat(2_000)}log`,
];
test('R42: many settings and many folders are read in one pass', { timeout: 30_000 }, () => {
  const before = process.cpuUsage();
  expect(notLight('read', LONG)).toEqual([]);
  const { user, system } = process.cpuUsage(before);
  expect(user + system).toBeLessThan(5_000_000);
});

test('R42: many light doubts do not leave out a heavy one', () => {
  const padded = `read x < f; ${'((x));'.repeat(120)} bash -c "$(cat f)"`;
  expect(notRisky({ tier: 'destructive', lines: [padded] })).toEqual([]);
});

const LIGHT: Everyday = {
  read: [
    `find ${each(40, (at) => `folder-${at} `)}-name '*.ts' -exec grep -l x {} +`,
    'for f in one.ts two.ts three.ts; do wc -l "src/$f" "test/$f"; done',
    'root=packages/countersign/src; cat $root/a.ts $root/b.ts $root/c.ts',
    'ls src/{a,b,c}/{index,main}.ts',
    'cat part-{1..20}.txt',
    `env ${each(20, (at) => `NAME_${at}=value `)}ls`,
  ],
  write: ['mkdir -p src/{a,b,c,d}/{test,lib}', 'touch part-{1..20}.txt'],
};
test.each(Object.entries(LIGHT))('R47: everyday lines that are of the tier %s stay so', (tier, lines) => {
  expect(notLight(tier as 'read' | 'write', lines)).toEqual([]);
});
