// R44: other content than was approved, without a mark on the file. What is mapped for writing is written to later and neither its size
// nor its times tell: so every file is read again right before the start and right after it.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  realpathSync,
} from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { Place } from '../testing/granted-run.ts';
import type { Plan } from './derive.ts';
import { withFile } from './file.ts';
import { isFixed } from './file-rights.ts';

let place: Place;

beforeEach(() => {
  place = new Place();
});

afterEach(() => place[Symbol.dispose]());

const hasPython = process.platform !== 'win32' && spawnSync('python3', ['-c', 'import mmap']).status === 0;
if (!hasPython) console.warn('contents: nothing here can map a file for writing (python3)');

/** It writes to the page once, so that what it writes later leaves no mark; waits for a file; and lets the page go. */
const WRITES_LATER = `
import mmap, os, sys, time
path, go, done = sys.argv[1:]
with open(path, 'r+b') as file: page = mmap.mmap(file.fileno(), 0)
at = page.rfind(b'good')
page[at] = page[at]
print('ready', flush=True)
while not os.path.exists(go): time.sleep(0.001)
page[at:at + 4] = b'evil'
page.close()
open(done, 'w').close()
`;

/** @returns what has it write, and resolves nothing: when it returns, it has. */
async function writer(path: string): Promise<() => void> {
  const child = spawn('python3', ['-c', WRITES_LATER, path, place.at('go'), place.at('done')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill());
  await once(child.stdout, 'data');
  return () => {
    place.file('go', '');
    const end = Date.now() + 20_000;
    while (!existsSync(place.at('done'))) if (Date.now() > end) throw new Error('nothing was written');
  };
}

const LINES = () => `#!/bin/sh\necho x >> '${place.at('ran')}'\nsleep 600 # good\n`;

/** A program of the machine itself. */
function copied(behind = ''): string {
  copyFileSync(realpathSync('/bin/sh'), place.at('tool'));
  appendFileSync(place.at('tool'), `${behind}good`);
  chmodSync(place.at('tool'), 0o755);
  return place.at('tool');
}

const large = () => copied('#'.repeat(1_200_000));

interface Kind {
  readonly name: string;
  /** Of the file that is written to. */
  readonly made: () => string;
  readonly plan: (path: string) => Plan;
  readonly field: 'program' | 'script';
}

const KINDS: readonly Kind[] = [
  {
    name: 'a program that begins with #!',
    made: () => place.file('tool', LINES(), 0o755),
    plan: (path) => place.plan({ argv: [path] }),
    field: 'program',
  },
  {
    name: 'a large one',
    made: () => place.file('tool', `#!/bin/sh\nexit\n${'#'.repeat(1_200_000)} good\n`, 0o755),
    plan: (path) => place.plan({ argv: [path] }),
    field: 'program',
  },
  {
    name: 'a script in a shell’s hands',
    made: () => place.file('tool', LINES()),
    plan: (path) => place.plan({ argv: ['sh', path] }),
    field: 'script',
  },
  {
    name: 'one that a line names',
    made: () => place.file('tool', LINES()),
    plan: (path) => place.plan({ shell: `sh ${path}` }),
    field: 'script',
  },
  {
    name: 'one that an option names',
    made: () => place.file('prog', 's/a/b/w ran\n# good\n'),
    plan: (path) => place.plan({ argv: ['sed', '-n', '-f', path, path] }),
    field: 'script',
  },
  {
    name: 'a program of the machine itself',
    made: () => {
      // Where others may write, too, whatever its size is here.
      chmodSync(copied(), 0o775);
      return place.at('tool');
    },
    plan: (path) => place.plan({ argv: [path, '-c', `echo x >> '${place.at('ran')}'`] }),
    field: 'program',
  },
];

describe.skipIf(!hasPython)('R44: written to without a mark', () => {
  test.each(KINDS)('while people think: $name', async ({ made, plan, field }) => {
    const path = made();
    const write = await writer(path);
    const out = await place.run(plan(path), { waiting: write });
    expect(out.ran).toMatchObject({ outcome: 'refused', changed: field, isRedeemed: false });
    expect([place.runs, out.redeemed, out.reports]).toEqual([0, 0, []]);
  });

  test.each(KINDS)('while the yes is spent: $name', async ({ made, plan, field }) => {
    const path = made();
    const write = await writer(path);
    const out = await place.run(plan(path), { redeeming: write });
    expect(out.ran).toMatchObject({ outcome: 'refused', changed: field, isRedeemed: true });
    expect([place.runs, out.reports]).toMatchObject([0, [{ what: 'failed', why: `changed: ${field}` }]]);
  });

  test.each(KINDS.filter(({ name }) => /#!|shell/.test(name)))(
    'right after the start, it is ended: $name',
    async ({ made, plan, field }) => {
      const path = made();
      const write = await writer(path);
      const out = await place.run(plan(path), { started: write });
      expect(out.ran).toMatchObject({ outcome: 'ended', signal: 'SIGKILL', changed: field });
      expect(out.reports.at(-1)).toMatchObject({ what: 'finished', changed: field });
    },
  );

  test('and what an option names, right after the start', async () => {
    const path = place.file('prog', '# good\n');
    const write = await writer(path);
    const out = await place.run(place.plan({ argv: ['sed', '-n', '-f', path, path] }), { started: write });
    expect(out.ran).toMatchObject({ outcome: 'ended', changed: 'script' });
  });

  test('a large program of the machine that only root could write to: by root, while the yes is spent', async (context) => {
    if (process.geteuid?.() !== 0) return context.skip('this is not root');
    // Anything else is refused, as above: what is spared there is one of three times that it is read.
    const path = large();
    const write = await writer(path);
    const out = await place.run(place.plan({ argv: [path, '-c', 'exit 3'] }), { redeeming: write });
    expect(out.ran).toMatchObject({ outcome: 'ended', changed: 'program' });
    expect(out.reports.at(-1)).toMatchObject({ what: 'finished', changed: 'program' });
  });

  test('and where others may write, too', async () => {
    const path = large();
    chmodSync(path, 0o775);
    const write = await writer(path);
    const out = await place.run(place.plan({ argv: [path, '-c', 'exit 3'] }), { redeeming: write });
    expect(out.ran).toMatchObject({ outcome: 'refused', changed: 'program', isRedeemed: true });
  });

  test('what is mapped and not written to runs', async () => {
    const path = place.script('tool', '# good');
    await writer(path);
    const out = await place.run(place.plan({ argv: [path] }));
    expect(out.ran).toMatchObject({ outcome: 'ended', exitCode: 0, changed: null });
    expect(place.runs).toBe(1);
  });
});

const OTHER = 65_534;

/** Whether that user need not read each of them again. */
function fixed(paths: readonly string[]): unknown {
  const at = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  const program = `
    import { withFile } from ${at('file.ts')};
    import { isFixed } from ${at('file-rights.ts')};
    const found = [];
    for (const path of ${JSON.stringify(paths)}) found.push(await withFile(path, isFixed));
    process.stdout.write(JSON.stringify(found));`;
  const stdout = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    ...{ uid: OTHER, gid: OTHER, env: {}, encoding: 'utf8' },
    cwd: fileURLToPath(new URL('.', import.meta.url)),
  });
  return JSON.parse(stdout);
}

function whyNot(): string | null {
  if (process.geteuid?.() !== 0) return 'only root can make a file that is not its own';
  try {
    fixed([]);
    return null;
  } catch {
    return 'this clone lies where another user cannot read it';
  }
}

describe('what need not be read again', () => {
  test('root’s, in folders of root; and nothing that anybody else may write, or owns', (context) => {
    const why = whyNot();
    if (why !== null) return context.skip(why);
    chmodSync(place.path, 0o755);
    const cases = (
      [
        [true, 0o755, 0, 0o755, 0],
        [true, 0o755, 0, 0o1777, 0],
        [false, 0o775, 0, 0o755, 0],
        [false, 0o757, 0, 0o755, 0],
        [false, 0o755, 0, 0o775, 0],
        [false, 0o755, 0, 0o757, 0],
        [false, 0o755, OTHER - 1, 0o755, 0],
        [false, 0o755, 0, 0o755, OTHER - 1],
        [false, 0o755, 0, 0o1777, OTHER - 1],
      ] as const
    ).map(([is, mode, owner, around, above], index) => {
      mkdirSync(place.at(`${index}`));
      const path = place.file(`${index}/tool`, '', mode);
      chownSync(path, owner, 0);
      chmodSync(path, mode);
      chownSync(place.at(`${index}`), above, 0);
      chmodSync(place.at(`${index}`), around);
      return { is, path };
    });
    expect(fixed(cases.map(({ path }) => path))).toEqual(cases.map(({ is }) => is));
  });

  test('nothing of one’s own, nor of root’s where root asks', async () => {
    const path = place.file('tool', '', 0o755);
    expect(await withFile(path, isFixed)).toBe(false);
  });
});
