// H44, R46: what a program runs is in a file that one of its options names. Attached to it or behind it, among other options, from
// another folder, in quotes: whoever writes into that file after the yes has nothing of it run.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Place } from '../testing/granted-run.ts';
import { derive, type Plan } from './derive.ts';

let place: Place;

beforeEach(() => {
  place = new Place();
  // Programs of these names: they only have to begin.
  for (const name of PROGRAMS) place.script(name);
  for (const name of ['prog', 'other']) place.file(name, 'good');
  mkdirSync(place.at('dir'));
});

afterEach(() => place[Symbol.dispose]());

const PROGRAMS = [
  ...[
    'awk',
    'gawk',
    'sed',
    'make',
    'jq',
    'psql',
    'sqlite3',
    'gdb',
    'vim',
    'ssh',
    'git',
    'pip',
    'kubectl',
    'xargs',
  ],
  ...[
    'node',
    'ruby',
    'php',
    'java',
    'emacs',
    'unknown',
    'nice',
    'env',
    'docker',
    'crontab',
    'curl',
    'bash',
    'python3',
  ],
];

/** Words, and where another file than `prog` is the one. */
const ARGV: readonly (readonly [line: string, file?: string])[] = [
  ...[
    ...['awk -f prog', 'awk -fprog', 'awk -f other -f prog', 'awk -v a=b -fprog x', 'gawk -i prog {print}'],
    ...['gawk --file=prog', 'gawk --fi prog', 'gawk -nEprog', 'awk -F : -f prog x', './awk -fprog'],
    ...[
      'sed -f prog',
      'sed -fprog x',
      'sed -nf prog x',
      'sed -nEfprog x',
      'sed -nEf prog',
      'sed --file=prog',
    ],
    ...[
      'sed --file prog',
      'sed -nnnnnnnnnnnnnnnfprog',
      'sed -n -e p -f prog other',
      'nice -n 1 sed -nf prog',
    ],
    ...[
      'make -f prog',
      'make -fprog',
      'make --makefile=prog',
      'make --makefile prog',
      'make --file=prog',
      'make -sfprog',
    ],
    ...[
      'make -f other -f prog',
      'env A=b make -f prog',
      'make sed -f prog',
      'make awk -f other --makefile=prog',
    ],
    ...[
      'bash --rcfile prog -i',
      'bash --init-file prog',
      'bash --rcfile other prog',
      'bash -o other prog',
      'bash -x prog',
    ],
    ...[
      'node -r ./prog other',
      'node --require ./prog',
      'node --import ./prog x',
      'node --env-file prog x',
      'node -rprog',
    ],
    ...['node -r ./other prog', 'node --inspect prog', 'node --title other prog'],
    ...[
      'ruby -r ./prog other',
      'ruby -r./prog',
      'ruby -I dir prog',
      'php -c other prog',
      'php -fprog',
      'java -jar prog',
    ],
    ...[
      'psql -f prog db',
      'psql --file=prog',
      'psql -qfprog',
      'sqlite3 -init prog db',
      'jq -f prog x',
      'jq -rf prog x',
    ],
    ...[
      'jq --from-file prog',
      'jq prog -f',
      'jq -f -r prog',
      'gdb -x prog x',
      'gdb -batch -x prog',
      'gdb --command=prog',
    ],
    ...[
      'vim -S prog',
      'emacs --script prog',
      'xargs -a prog rm',
      'xargs -aprog rm',
      'ssh -F prog host',
      'ssh -Fprog host',
    ],
    ...[
      'git commit -F prog',
      'git -C dir commit -Fprog',
      'pip install -r prog',
      'python3 -m pip install -rprog',
    ],
    ...[
      'kubectl apply -f prog',
      'kubectl apply --filename=prog',
      'docker run --env-file prog x',
      'crontab prog',
    ],
    ...['curl -K prog', 'unknown -fprog', 'unknown -xvfprog', 'unknown --any=prog', 'unknown --a=b=prog'],
    ...[
      'env BASH_ENV=prog bash -c true',
      'env NODE_OPTIONS=--require=./prog node x',
      'env -C dir sh ../prog',
    ],
  ].map((line) => [line] as const),
  ['make -C dir -f inner', 'dir/inner'],
  ['make -f inner -C dir', 'dir/inner'],
  ['make -Cdir -finner', 'dir/inner'],
  ['make --directory=dir --makefile=inner', 'dir/inner'],
  ['env -C dir bash inner', 'dir/inner'],
  ['ruby -C dir inner', 'dir/inner'],
  ['node main', 'main.js'],
  ['node -r ./main other', 'main.js'],
  ['node dir', 'dir/index.js'],
  ['gawk -f main', 'main.awk'],
  ['ruby -r ./prog x', 'prog.rb'],
  ['python3 dir', 'dir/__main__.py'],
  ['sed -f -prog', '-prog'],
];

const LINES: readonly (readonly [line: string, file?: string])[] = [
  ...[
    ...[
      'sed -f prog x',
      'sed -fprog x',
      'cat x | sed -nf "prog"',
      "true;sed -f 'pr'og",
      's"e"d -"f" pro"g"',
      '\\sed -f prog',
    ],
    ...[
      'sed >log -f prog',
      'sed 2>&1 -f prog',
      'sed $(true; true) -f prog',
      'sed -f \\\n prog',
      'sh >other prog',
      's"h" prog',
    ],
    ...[
      'sh -c "sed -fprog x"',
      'sh -c "sh -c \'make -f prog\'"',
      'cat prog | sed -f -',
      'cat prog|awk -f /dev/stdin x',
    ],
    ...[
      "# it's\nsed -f prog x\n# it's",
      'BASH_ENV=prog bash x',
      'sh -c "sed -f ~/prog"',
      "sed $'-f' prog",
      '(sed -f prog)',
    ],
    ...['sh p"r"og'],
  ].map((line) => [line] as const),
  ...[
    ...[
      'sed -f >out prog',
      'sed -f $NOTHING prog',
      'sed -f $(true) -n $(true) prog',
      'sh $NOTHING -x $NOTHING prog',
    ],
    ...["GIT_SSH_COMMAND='bash prog' git fetch", "git -c core.pager='bash prog' log", 'sed -f `true` prog'],
  ].map((line) => [line] as const),
  ['cd dir && sh inner', 'dir/inner'],
  ['(cd dir; sed -f inner x)', 'dir/inner'],
  ['cd -P -- dir && cd .. && cd ./dir && sed -f inner', 'dir/inner'],
  ['pushd dir; awk -finner', 'dir/inner'],
];

const CASES: readonly (readonly [name: string, run: Plan['run'], file: string])[] = [
  ...[
    ...[
      ['git', '-c', 'alias.x=!bash prog', 'x'],
      ['unknown', '--rsh=bash prog'],
      ['unknown', '-Ibash prog'],
    ],
    ...[
      ['env', '-S', 'sed -f prog'],
      ['env', '-Ssed -f prog'],
      ['bash', '-c', 'bash ~/prog'],
    ],
  ].map((argv) => [JSON.stringify(argv), { argv }, 'prog'] as const),
  ...ARGV.map(([line, file = 'prog']) => [line, { argv: line.split(' ') }, file] as const),
  ...LINES.map(([line, file = 'prog']) => [`--shell ${line}`, { shell: line }, file] as const),
];

describe.skipIf(process.platform === 'win32')('H44: the file that an option names is another one', () => {
  test.each(CASES)('%s', async (_, run, file) => {
    place.file(file, 'good');
    // In its way where words are put together of less.
    for (const name of ['p', 'pr', 'oth']) place.file(name, '');
    const attack = () => writeFileSync(place.at(file), 'evil');
    const out = await place.run(place.plan(run), { waiting: attack });
    expect(out.ran).toMatchObject({ outcome: 'refused', changed: 'script', why: 'changed: script' });
    expect([existsSync(place.at('ran')), out.redeemed, out.reports]).toEqual([false, 0, []]);
  });

  test.each(['sed -f prog', 'sed -fprog', 'make --makefile=prog'])(
    'in the moment of the start: %s',
    async (line) => {
      const attack = () => writeFileSync(place.at('prog'), 'evil');
      const out = await place.run(place.plan({ argv: line.split(' ') }), { redeeming: attack });
      expect(out.ran).toMatchObject({ outcome: 'refused', changed: 'script', isRedeemed: true });
      expect(place.runs).toBe(0);
    },
  );
});

test.skipIf(process.platform === 'win32').each<[string, readonly string[]]>([
  ['cat prog | grep x', []],
  ['wc -l prog other', []],
  ['tail -f prog', []],
  ['tail -f prog | awk -f other', ['other']],
  ['rm -f prog other', []],
  ['tar -czf prog other', []],
  ['sed -i s/a/b/ prog', []],
  ['sed -n 1p prog', []],
  ['sed -f other prog', ['other']],
  ['awk -f other prog', ['other']],
  ['jq -r .x prog', []],
  ['make prog', []],
  ['git commit -m "sed -f prog"', ['prog']],
  ['cp -f prog other', []],
])('what only holds something to read, or to write, may change: %s', async (shell, bound) => {
  const { scripts } = await derivedOf({ shell });
  const programs = new Set<string>(PROGRAMS);
  expect(scripts.map(({ path }) => basename(path)).filter((name) => !programs.has(name))).toEqual(bound);
});

async function derivedOf(run: Plan['run']) {
  await using derived = await derive(place.plan(run));
  return derived;
}

test.skipIf(process.platform === 'win32')(
  'what only may be a script is no reason to refuse what is destructive, and no archive is read to its end for it',
  async () => {
    const isGuess = async (argv: readonly string[]) =>
      (await derivedOf({ argv })).scripts
        .filter(({ path }) => /prog|other/.test(basename(path)))
        .map((script) => script.isGuess);
    expect(await isGuess(['unknown', '--any=prog'])).toEqual([true]);
    expect(await isGuess(['unknown', '--any=prog', 'nice', 'bash', 'prog'])).toEqual([false]);
    expect(await isGuess(['sed', '-fprog'])).toEqual([false]);
    truncateSync(place.at('other'), 65 * 1_048_576);
    expect(await isGuess(['unknown', '--any=other'])).toEqual([]);
    expect(await isGuess(['sed', '-f', 'other'])).toEqual([false]);
  },
);

test.skipIf(process.platform === 'win32')(
  'a name that is led elsewhere at the last moment is seen beside its other name',
  async () => {
    symlinkSync('prog', place.at('link'));
    const attack = () => {
      rmSync(place.at('link'));
      symlinkSync('other', place.at('link'));
    };
    const plan = place.plan({ argv: ['sed', '-f', 'prog', '-f', 'link'] });
    expect((await derivedOf(plan.run)).action.scripts).toHaveLength(1);
    const out = await place.run(plan, { redeeming: attack });
    expect(out.ran).toMatchObject({ outcome: 'refused', changed: 'script', isRedeemed: true });
  },
);

test.skipIf(process.platform === 'win32')('a pipe that an option names is not asked about', async () => {
  execFileSync('mkfifo', [place.at('pipe')]);
  for (const line of ['sed -f pipe', 'sed -nfpipe', 'make --makefile=pipe', 'bash --rcfile pipe'])
    await expect(derivedOf({ argv: line.split(' ') }), line).rejects.toThrow('is no file');
});

test.skipIf(process.platform === 'win32')(
  'more folders than are looked through are not asked about',
  async () => {
    for (const at of Array.from({ length: 17 }).keys()) mkdirSync(place.at(`d${at}`));
    const all = Array.from({ length: 65 }, (_, at) => `cd '${place.at(`d${at}`)}'`);
    await expect(derivedOf({ shell: all.slice(0, 17).join(';') })).rejects.toThrow('more folders');
    // Nor as many words that only might be folders.
    await expect(derivedOf({ shell: all.map((one) => `${one}x`).join(';') })).rejects.toThrow('more folders');
  },
);
