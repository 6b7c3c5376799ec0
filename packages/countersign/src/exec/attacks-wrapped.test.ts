// R46, H44: a script behind wrappers, links and quotes is bound as one that is named straight away; and what is no file any more by
// the time it would run, is refused.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Place } from '../testing/granted-run.ts';
import { derive, type Plan } from './derive.ts';

let place: Place;

beforeEach(() => {
  place = new Place();
  place.file('build', says('good'));
  place.file('other', '');
  symlinkSync('/bin/sh', place.at('ls'));
});

afterEach(() => place[Symbol.dispose]());

const says = (word: string) => `echo ${word} >> '${place.at('ran')}'\n`;
const ran = () => (existsSync(place.at('ran')) ? readFileSync(place.at('ran'), 'utf8') : '');

const WRAPPED: readonly Plan['run'][] = [
  ...[
    ...['env sh build', 'env -i A=b /bin/sh build', 'env ./ls build', 'env env ./ls build', 'nice sh build'],
    ...['nice -n 1 nohup sh build', 'sh -e build', 'sh -- build a', 'xargs sh build'],
    'find . -maxdepth 0 -exec sh build ;',
  ].map((line) => ({ argv: line.split(' ') })),
  ...['. ./build', 'cat build | sh', 'sh -c "sh build"', 'eval "$(cat build)"', 'sh bui"ld"'].map((line) => ({
    argv: ['sh', '-c', line],
  })),
  ...[
    ...['sh build', 'sh "build"', "env A=b sh 'build'", 'true;sh build', '. ./build', './ls ./build'],
    ...[
      'cat<build|sh',
      'cat build | sh -s a',
      'cat build | sh -',
      'sh < build',
      'cat build|sh 2>&1|cat',
      'cat other build|sh',
    ],
    ...['sh bui"ld"', "sh 'bui''ld'", 'sh b\\uild', "sh -c 'sh build'", `sh -c "sh -c 'cat build|sh'"`],
    ...['eval "$(cat build)"', 'sh -c "$(cat build)"'],
  ].map((shell) => ({ shell })),
];

describe.skipIf(process.platform === 'win32')('R46: its script is another one', () => {
  test.each(WRAPPED.map((run) => ({ run, name: JSON.stringify(run) })))('$name', async ({ run }) => {
    const attack = () => writeFileSync(place.at('build'), says('evil'));
    const out = await place.run(place.plan(run), { waiting: attack });
    expect(out.ran).toMatchObject({ outcome: 'refused', changed: 'script' });
    expect([ran(), out.redeemed, out.reports]).toEqual(['', 0, []]);
    // Asked anew, it runs as it is by now.
    expect((await place.run(place.plan(run))).ran).toMatchObject({ outcome: 'ended' });
    expect(ran()).toBe('evil\n');
  });
});

test.skipIf(process.platform === 'win32').each<[string, readonly string[]]>([
  ['cat notes | grep x', []],
  ['cat notes | python3 tool.py', ['tool.py']],
  ["cat notes | python3 -c 'print(1)'", []],
  ['git commit -m "sh, and of notes"', []],
  ["wc -l notes > 'a b'", []],
])('what only holds something to read may change: %s', async (shell, bound) => {
  for (const name of ['notes', 'tool.py']) place.file(name, 'x');
  await using derived = await derive(place.plan({ shell }));
  expect(derived.scripts.map(({ path }) => basename(path))).toEqual(bound);
});

test('more words than anybody looks at are not asked about: behind them nothing stands unseen', async () => {
  const line = `${"''".repeat(132_000)}sh build`;
  await expect(derive(place.plan({ argv: ['sh', '-c', line, line, line] }))).rejects.toThrow('more words');
});

describe.skipIf(process.platform === 'win32')('H44: it is no file any more', () => {
  const kinds: readonly (readonly [string, (path: string) => unknown])[] = [
    ['gone', () => {}],
    ['a folder', (path) => mkdirSync(path)],
    ['a pipe', (path) => execFileSync('mkfifo', [path])],
    ['a link to nothing', (path) => symlinkSync('nowhere', path)],
    ['a link to itself', (path) => symlinkSync(path, path)],
    ['a device', (path) => symlinkSync('/dev/null', path)],
  ];

  test.each(kinds)('a script that is %s', async (_, make) => {
    const attack = () => {
      rmSync(place.at('build'));
      make(place.at('build'));
    };
    const out = await place.run(place.plan({ argv: ['sh', 'build'] }), { waiting: attack });
    expect(out.ran).toMatchObject({ outcome: 'refused', changed: 'script' });
    expect([ran(), out.redeemed]).toEqual(['', 0]);
  });

  test.each(kinds)('a program that is %s', async (_, make) => {
    const attack = () => {
      rmSync(place.at('tool'));
      make(place.at('tool'));
    };
    const out = await place.run(place.plan({ argv: [place.script('tool')] }), { waiting: attack });
    expect(out.ran).toMatchObject({ outcome: 'refused', changed: 'program' });
    expect([ran(), out.redeemed]).toEqual(['', 0]);
  });

  test('a script that is a pipe from the beginning is not asked about at all', async () => {
    execFileSync('mkfifo', [place.at('pipe')]);
    for (const run of [{ argv: ['sh', 'pipe'] }, { shell: 'true; sh ./pipe' }])
      await expect(derive(place.plan(run))).rejects.toThrow('is no file');
  });

  test('a folder that is gone', async () => {
    mkdirSync(place.at('work'));
    const plan = place.plan({ argv: [place.script('tool')] }, { cwd: place.at('work') });
    const out = await place.run(plan, { waiting: () => rmSync(place.at('work'), { recursive: true }) });
    expect(out.ran).toMatchObject({ outcome: 'refused', changed: 'cwd' });
    expect([ran(), out.redeemed]).toEqual(['', 0]);
  });
});
