// The walls of the house, tried: a gate that has never been seen to close is not known to be one. Each rule of
// .dependency-cruiser.cjs is broken once on purpose, and must be reported by its name where it was broken.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fileBudget } from '../scripts/lib/budget.mjs';
import { cruise, importMistakes, rules } from '../scripts/lib/imports.mjs';
import { root, run } from '../scripts/lib/node.mjs';
import { fileMistakes, worldMistakes } from '../scripts/lib/world.mjs';
import { GOOD, PLANTS } from './plants.ts';

const LIBRARIES = [
  'commander',
  'hono',
  'jose',
  'kysely',
  'left-pad',
  'pg',
  'react',
  'unbash',
  'vitest',
  'zod',
];
const FOLDERS = {
  protocol: '@countersign/protocol',
  countersign: 'countersign',
  openclaw: '@countersign/openclaw',
  ui: '@countersign/ui',
};
const tree = mkdtempSync(join(tmpdir(), 'countersign-walls-'));
let seen: Awaited<ReturnType<typeof cruise>>;

beforeAll(async () => {
  plantTree();
  seen = await cruise(tree);
});
afterAll(() => rmSync(tree, { recursive: true, force: true }));

describe('import rules', () => {
  test.each(PLANTS)('$rule is reported where it is broken', ({ rule, at }) => {
    expect(seen.violations.filter(({ from }) => from === at).map((violation) => violation.rule)).toContain(
      rule,
    );
  });

  test('every rule has a plant, and every rule says why it is there', () => {
    const known = rules();
    expect(known.map(({ name }) => name).sort()).toEqual(PLANTS.map(({ rule }) => rule).sort());
    for (const { comment } of known) expect(comment.length).toBeGreaterThan(20);
  });

  test('what is allowed is not reported', () => {
    const planted = new Set(PLANTS.map(({ at }) => at));
    const wrong = seen.violations.filter(({ from }) => !planted.has(from));
    expect(wrong).toEqual([]);
  });

  test('the sources keep the rules', async () => {
    expect((await importMistakes()).mistakes).toEqual([]);
  });

  test('a run that saw no module is a mistake, however content it is', async () => {
    const empty = join(tree, 'empty');
    write('empty/packages/README.md', '');
    expect((await importMistakes(empty)).mistakes.join()).toContain('saw no module');
  });
});

describe('packages', () => {
  test.each(Object.keys(FOLDERS))('every export of packages/%s names a file that is there', (folder) => {
    const { exports = {} } = JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8'));
    const missing = Object.values<string>(exports).filter(
      (path) => !existsSync(join(root, 'packages', folder, path)),
    );
    expect(missing).toEqual([]);
  });

  test('the client loads neither zod nor jose: a plugin pays for a fetch, not for a parser', async () => {
    const seen =
      'const seen = []; registerHooks({ resolve: (s, c, next) => { seen.push(next(s, c).url); return next(s, c); } });';
    const load = "await import('@countersign/protocol/client'); console.log(JSON.stringify(seen));";
    const code = `import { registerHooks } from 'node:module'; ${seen} ${load}`;
    const { output } = await run(process.execPath, ['--input-type=module', '-e', code]);
    const loaded: string[] = JSON.parse(output);
    expect(loaded.join()).toContain('packages/protocol/src/client.ts');
    expect(loaded.filter((url) => url.includes('/node_modules/'))).toEqual([]);
  });
});

describe('time, chance, environment, timers', () => {
  const core = 'packages/countersign/src/core/x.ts';
  test.each([
    ['Date.now()', 'time'],
    ['new Date()', 'time'],
    ['const { now } = Date', 'time'],
    ["Date['now']()", 'time'],
    ['globalThis.Date.now()', 'time'],
    ['performance.now()', 'time'],
    ['Math.random()', 'chance'],
    ['crypto.randomUUID()', 'chance'],
    ["import { randomBytes } from 'node:crypto'", 'chance'],
    ["import { randomInt as draw } from 'crypto'", 'chance'],
    ["import * as crypto from 'node:crypto'", 'chance'],
    ["process.env['HOME']", 'environment'],
    ['setTimeout(() => {}, 1)', 'timer'],
    ['AbortSignal.timeout(1)', 'timer'],
    ["import { setTimeout } from 'node:timers/promises'", 'timer'],
    ["import { setImmediate } from 'node:timers/promises'", 'next turn'],
    ["import { createPrivateKey } from 'node:crypto'", 'node crypto'],
  ])('%s in core is caught (%s)', (code, rule) => {
    expect(fileMistakes(core, code).join('\n')).toContain(`(${rule})`);
  });

  test.each([
    'new Date(0)',
    "import { createHash, createHmac, timingSafeEqual } from 'node:crypto'",
    "import type { KeyObject } from 'node:crypto'",
    'let t: ReturnType<typeof setTimeout> | undefined',
    'clock.now()',
    "const text = 'Date.now()'; // Date.now()",
  ])('%s in core is fine', (code) => {
    expect(fileMistakes(core, code)).toEqual([]);
  });

  test('runtime touches all four, the store schedules nothing, routes read no clock', () => {
    const all = "Date.now(); process.env['A']; setTimeout(() => {}, 1); crypto.getRandomValues(a);";
    expect(fileMistakes('packages/countersign/src/runtime/x.ts', all)).toEqual([]);
    expect(fileMistakes('packages/countersign/src/store/x.ts', all)).toHaveLength(4);
    expect(fileMistakes('packages/countersign/src/gateway/routes/x.ts', 'Date.now()')).toHaveLength(1);
  });

  test('the sources keep the rules', () => {
    expect(worldMistakes(root)).toEqual([]);
  });
});

describe('file budget', () => {
  test('a file of 401 lines fails, test or not', () => {
    write('big/packages/a/src/big.test.ts', '//\n'.repeat(401));
    write('big/packages/a/src/small.ts', '//\n');
    expect(fileBudget(join(tree, 'big')).mistakes).toEqual([
      expect.stringContaining('big.test.ts: 401 lines'),
    ]);
  });

  test('a median of 121 lines fails, and so does a tree without sources', () => {
    write('long/packages/a/src/long.ts', '//\n'.repeat(121));
    expect(fileBudget(join(tree, 'long')).mistakes).toEqual([expect.stringContaining('median')]);
    write('none/packages/a/README.md', '');
    expect(fileBudget(join(tree, 'none')).mistakes).toHaveLength(1);
  });

  test('the sources keep the budget', () => {
    expect(fileBudget(root).mistakes).toEqual([]);
  });
});

function write(path: string, text: string): void {
  const file = join(tree, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** A small copy of the workspace: the allowed edges, the plants, and stubs of every library they load. */
function plantTree(): void {
  for (const [path, text] of Object.entries(GOOD)) write(path, text);
  for (const { at, imports } of PLANTS) write(at, `import '${imports}';\n`);
  const stub = (name: string) => ({ name, version: '1.0.0', type: 'module', exports: './index.js' });
  for (const name of LIBRARIES) {
    write(`node_modules/${name}/package.json`, JSON.stringify(stub(name)));
    write(`node_modules/${name}/index.js`, 'export {};\n');
  }
  const declared = Object.fromEntries(
    LIBRARIES.filter((name) => name !== 'left-pad').map((name) => [name, '1.0.0']),
  );
  const { vitest, ...dependencies } = declared;
  for (const [folder, name] of Object.entries(FOLDERS)) {
    const manifest = {
      ...stub(name),
      exports: { '.': './src/index.ts' },
      dependencies,
      devDependencies: { vitest },
    };
    write(`packages/${folder}/package.json`, JSON.stringify(manifest));
    mkdirSync(dirname(join(tree, 'node_modules', name)), { recursive: true });
    symlinkSync(join(tree, 'packages', folder), join(tree, 'node_modules', name));
  }
}
