// What a request costs the machine that is only asked about it: nobody has said yes yet, and the commands of others run there. A line
// that is as long as an action may be is looked at in turns, is heard when it is taken back, and names so many places and no more.
import { mkdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Place } from '../testing/granted-run.ts';
import { derive } from './derive.ts';
import { linesIn } from './line.ts';
import { Reading } from './reading.ts';
import { scriptsOf } from './scripts.ts';
import { workFolders } from './work-folders.ts';

let place: Place;

beforeEach(() => {
  place = new Place();
});

afterEach(() => place[Symbol.dispose]());

/** So long that it takes longer than one turn, and as long as a line of an action may be. */
const many = (part: (at: number) => string) => {
  let line = '';
  for (let at = 0; line.length < 240_000; at += 1) line += part(at);
  return line;
};

const numbered = (at: number) => at.toString(36);

/** Fifteen folders that it goes into. */
function folders(): readonly string[] {
  const names = [...'abcdefghijklmno'];
  for (const name of names) mkdirSync(place.at(name));
  return names.map((name) => place.at(name));
}

describe('whoever takes it back is heard while it is looked at', () => {
  const cases: readonly (readonly [string, (reading: Reading) => Promise<unknown>])[] = [
    [
      'its folders',
      (reading) =>
        workFolders(
          Array.from({ length: 60_000 }, () => '-Cz'),
          { cwd: place.path, home: undefined, reading },
        ),
    ],
    ['the lines in it', (reading) => linesIn([many((at) => `'a ${numbered(at)}' `)], reading)],
    [
      'its words',
      (reading) =>
        scriptsOf(
          many((at) => `${numbered(at)} `),
          {
            ...{ program: ['', ''], cwd: place.path, home: undefined, reading },
          },
        ),
    ],
  ];

  test.each(cases)('%s', async (_, look) => {
    const stop = new AbortController();
    const reason = new Error('taken back');
    const looked = look(new Reading({ signal: stop.signal }));
    setImmediate(() => stop.abort(reason));
    await expect(looked).rejects.toBe(reason);
  });
});

describe('a line that goes somewhere again and again', () => {
  test('is looked for from each folder once: thirty places, and no million', {
    timeout: 50_000,
  }, async () => {
    const line = `make ${folders()
      .map((path) => `-C${path} `)
      .join('')}${many(() => '-Czz ')}`;
    await using derived = await derive(place.plan({ argv: ['/bin/true', line] }));
    expect(derived.scripts).toEqual([]);
  });

  test('and from one that came since, once more', async () => {
    mkdirSync(place.at('a/b/a'), { recursive: true });
    const names = ['a', 'b', 'a'].flatMap((name) => ['cd', name]);
    const found = await workFolders(names, { cwd: place.path, home: undefined, reading: new Reading() });
    expect(found).toEqual([place.path, place.at('a'), place.at('a/b'), place.at('a/b/a')]);
  });
});

test.each([
  ['words', 'more words', () => many(() => 'cd z;')],
  [
    'places',
    'more places',
    () =>
      `${folders()
        .map((path) => `cd ${path};`)
        .join('')}cat a | sh;${many((at) => `${numbered(at)} `)}`,
  ],
])(
  'a line of more %s than are looked at is refused, and says so',
  { timeout: 50_000 },
  async (_, why, line) => {
    await expect(derive(place.plan({ shell: line() }))).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(why),
    });
  },
);

test.each([
  ['sh', 'n'.repeat(200)],
  ['true', 'n'.repeat(200)],
  ['make', '-C', 'n'.repeat(200)],
])('H44: what only its folder leads to cannot be looked at, and is not run unseen: %s', async (...argv) => {
  let cwd = place.path;
  while (cwd.length < 3_900) cwd = `${cwd}/${'d'.repeat(Math.min(200, 3_950 - cwd.length))}`;
  mkdirSync(cwd, { recursive: true });
  await expect(derive(place.plan({ argv }, { cwd }))).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('too deep'),
  });
  await using derived = await derive(place.plan({ argv: ['true', 'short'] }, { cwd }));
  expect(derived.scripts).toEqual([]);
});

test('a name that is longer than the system opens is that of a file all the same, where a program makes it shorter', async () => {
  place.file('main.js', '');
  const name = `${'./'.repeat(4_000)}main.js`;
  await using derived = await derive(place.plan({ argv: ['sh', name] }));
  expect(derived.scripts.map(({ asked }) => asked)).toEqual([place.at('main.js')]);
});
