// What an owner installs: the packed tarballs in an empty folder, with nothing of the repository in reach. A package
// that works here and not there was never tested. Budgets: docs of the project, "production install".
import { execFile } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { root } from '../scripts/lib/node.mjs';

vi.setConfig({ testTimeout: 300_000 });

const MOST_BYTES = 60 * 1024 * 1024;
const MOST_PACKAGES = 80;
const home = mkdtempSync(join(tmpdir(), 'countersign-installed-'));
const modules = join(home, 'node_modules');

beforeAll(async () => {
  const tarballs = join(home, 'tarballs');
  await run(process.execPath, [join(root, 'scripts/pack.mjs'), '--out', tarballs], root);
  const files = readdirSync(tarballs).map((name) => join(tarballs, name));
  expect(files).toHaveLength(3);
  writeFileSync(join(home, 'package.json'), '{"private":true}');
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...files], home);
}, 900_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));

test('npx countersign answers with its version and its help', async () => {
  const { version } = manifest('countersign');
  expect(await run('npx', ['--no', '--', 'countersign', 'version'], home)).toContain(version);
  expect(await run('npx', ['--no', '--', 'countersign', '--help'], home)).toContain('pairing');
});

test('plain Node loads every entry of every package, and finds types beside it', async () => {
  for (const name of ['@countersign/protocol', 'countersign', '@countersign/openclaw']) {
    for (const [entry, { types }] of Object.entries(manifest(name).exports)) {
      const specifier = entry.replace(/^\./, name);
      const code = `console.log(Object.keys(await import('${specifier}')).length > 0)`;
      expect(await run(process.execPath, ['--input-type=module', '-e', code], home), specifier).toBe(
        'true\n',
      );
      expect(lstatSync(join(modules, name, types)).isFile()).toBe(true);
    }
  }
});

test('a backend type-checks against the packed protocol, with nothing of ours but its types', async () => {
  const use = [
    "import { isProblemCode } from '@countersign/protocol';",
    "import { Problem } from '@countersign/protocol/problem';",
    "export const known: boolean = isProblemCode(new Problem('usage').code);",
  ];
  writeFileSync(join(home, 'use.mts'), use.join('\n'));
  const compilerOptions = { noEmit: true, strict: true, module: 'nodenext', target: 'es2024', types: [] };
  writeFileSync(join(home, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.mts'] }));
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', home], home);
});

test('the tarballs hold the built pages, no sources and no tests', () => {
  const files = readdirSync(join(modules, 'countersign'), { recursive: true, encoding: 'utf8' });
  expect(files).toContain(join('dist', 'ui', 'index.html'));
  expect(files.filter((path) => /\.test\.|^src/.test(path) || /(?<!\.d)\.tsx?$/.test(path))).toEqual([]);
});

test('zod comes as one file, and nothing that is built loads it in a hundred', () => {
  for (const name of ['@countersign/protocol', 'countersign']) {
    const dist = join(modules, name, 'dist');
    const built = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /\.js$/.test(path),
    );
    const asks = (specifier: string) =>
      built.filter((path) => readFileSync(join(dist, path), 'utf8').includes(`from '${specifier}'`));
    expect(asks('zod')).toEqual([]);
    expect(asks('@countersign/protocol/zod').length).toBeGreaterThan(0);
  }
  const bundle = readFileSync(join(modules, '@countersign/protocol/dist/zod.js'), 'utf8');
  expect(bundle).toMatch(/^\/\*! zod\nMIT License/);
  expect(bundle).not.toMatch(/^import /m);
});

test('the install stays within 60 MB and 80 packages, and none of them runs a script', () => {
  const packages = installed(modules);
  expect(packages.length).toBeGreaterThan(3);
  expect(packages.length).toBeLessThanOrEqual(MOST_PACKAGES);
  expect(size(modules)).toBeLessThanOrEqual(MOST_BYTES);
  const scripted = packages.filter(({ scripts = {} }) =>
    ['preinstall', 'install', 'postinstall'].some((name) => name in scripts),
  );
  expect(scripted.map(({ name }) => name)).toEqual([]);
});

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Record<string, { types: string; default: string }>;
  readonly scripts?: Record<string, string>;
}

function manifest(name: string): Manifest {
  return JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8'));
}

function installed(folder: string): Manifest[] {
  const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
  const found = names.flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(folder, name)).map((inner) => `${name}/${inner}`) : [name],
  );
  return found.flatMap((name) => {
    const nested = join(folder, name, 'node_modules');
    const own: Manifest = JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8'));
    return [own, ...(readdirSync(join(folder, name)).includes('node_modules') ? installed(nested) : [])];
  });
}

function size(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.reduce(
    (sum, entry) => sum + (entry.isFile() ? lstatSync(join(entry.parentPath, entry.name)).size : 0),
    0,
  );
}

/** Runs a program as an owner would: this Node first on PATH, and nothing of the npm that started the tests. */
async function run(file: string, args: string[], cwd: string): Promise<string> {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^npm_(config_local|package|lifecycle|execpath|command)|^INIT_CWD$/.test(name),
  );
  const path = [
    dirname(process.execPath),
    ...(process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.startsWith(root)),
  ];
  const env = {
    ...Object.fromEntries(own),
    PATH: path.join(delimiter),
    COUNTERSIGN_HOME: join(home, 'state'),
  };
  const child = promisify(execFile)(file, args, { cwd, env, timeout: 600_000 });
  const { stdout } = await child.catch((error) => {
    throw new Error(`${file} ${args.join(' ')} failed:\n${error.stdout}${error.stderr}`);
  });
  return stdout;
}
