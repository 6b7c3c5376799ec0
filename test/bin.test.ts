// The way in under a Node too old for the program: everything the caller can see must be as if there were no second
// process. The old Node is played by a preload that changes the version; a real one is used too where one is found.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../scripts/lib/node.mjs';

const BIN = 'packages/countersign/bin/countersign.js';
const tree = mkdtempSync(join(tmpdir(), 'countersign-bin-'));
const preload = join(tree, 'old.cjs');

const MAIN = `
const [verb] = process.argv.slice(2);
const leaked = ['COUNTERSIGN_RESTARTED', 'NODE_CHANNEL_FD', 'NODE_OPTIONS'].filter((name) => name in process.env);
if (verb === 'graceful') process.on('SIGTERM', () => process.exit(9));
console.log(JSON.stringify({ argv: process.argv.slice(2), leaked, pid: process.pid }));
const wait = () => setInterval(() => {}, 1000);
if (verb === 'exit') process.exit(7);
if (verb === 'die') process.kill(process.pid, 'SIGKILL');
if (verb === 'echo') process.stdin.pipe(process.stdout);
if (verb === 'wait' || verb === 'graceful') wait();
`;

beforeAll(() => {
  put(BIN, readFileSync(join(root, BIN), 'utf8'));
  put('packages/countersign/package.json', '{"type":"module"}');
  put('packages/countersign/src/cli/main.ts', MAIN.replace('[verb]', '[verb]: (string | undefined)[]'));
  const old =
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '14.21.3' } });";
  put('old.cjs', `if (process.env.COUNTERSIGN_RESTARTED !== '1' || process.env.STILL_OLD) { ${old} }`);
  putNode(tree);
});
afterAll(() => rmSync(tree, { recursive: true, force: true }));

describe('under a Node too old', () => {
  test('arguments arrive as typed, and nothing of the detour is left in the environment', async () => {
    const { output, code } = await old(['exit', 'a b', '$x', '', '--flag']);
    expect(JSON.parse(output)).toMatchObject({ argv: ['exit', 'a b', '$x', '', '--flag'], leaked: [] });
    expect(code).toBe(7);
  });

  test('standard input reaches the program', async () => {
    const run = start(['echo']);
    run.child.stdin?.end('hello');
    expect((await run.end).output).toMatch(/hello$/);
  });

  test('a program killed by a signal looks killed by that signal', async () => {
    expect(await old(['die'])).toMatchObject({ signal: 'SIGKILL' });
  });

  test('SIGTERM is passed on, and the program decides how it ends', async () => {
    const run = start(['graceful']);
    await run.ready;
    run.child.kill('SIGTERM');
    expect(await run.end).toMatchObject({ code: 9, signal: null });
  });

  test.each(['SIGINT', 'SIGHUP', 'SIGTERM'] as const)(
    '%s ends a program that does not care, as that signal',
    async (signal) => {
      const run = start(['wait']);
      await run.ready;
      run.child.kill(signal);
      expect(await run.end).toMatchObject({ code: null, signal });
    },
  );

  test('SIGKILL, which nobody can pass on, leaves no program behind', async () => {
    const run = start(['wait']);
    await run.ready;
    run.child.kill('SIGKILL');
    // It ends only when the pipes close, and a program left behind would hold them open.
    expect(await run.end).toMatchObject({ signal: 'SIGKILL' });
  });

  test('without a Node to turn to it is one error, one hint, exit 1', async () => {
    put(`alone/${BIN}`, readFileSync(join(root, BIN), 'utf8'));
    put('alone/packages/countersign/package.json', '{"type":"module"}');
    rmSync(join(tree, 'node_modules'), { recursive: true });
    const run = await old(['exit'], join(tree, 'alone', BIN));
    putNode(tree);
    expect(run).toMatchObject({ code: 1, output: '' });
    expect(run.errors).toMatch(
      /^error: countersign needs Node 24\.18 or newer, this is 14\.21\.3\nhint: .+\n$/,
    );
  });

  test('a project Node that is too old as well is refused instead of restarted for ever', async () => {
    const run = await old(['exit'], join(tree, BIN), { STILL_OLD: '1' });
    expect(run).toMatchObject({ code: 1, output: '' });
    expect(run.errors).toMatch(/^error: /);
  });

  test('a real older Node gets there too', async (context) => {
    const node = olderNode();
    if (node === undefined) return context.skip('no Node older than 24.18 is installed on this machine');
    const { output, code } = await finish(spawn(node, [join(tree, BIN), 'exit'], { stdio: 'pipe' }));
    expect(JSON.parse(output)).toMatchObject({ argv: ['exit'], leaked: [] });
    expect(code).toBe(7);
  });
});

test('under the right Node there is no second process', async () => {
  const child = spawn(process.execPath, [join(tree, BIN), 'exit'], { stdio: 'pipe' });
  const { output } = await finish(child);
  expect(JSON.parse(output).pid).toBe(child.pid);
});

test('without sources it loads the packed program', async () => {
  put(`packed/${BIN}`, readFileSync(join(root, BIN), 'utf8'));
  put('packed/packages/countersign/package.json', '{"type":"module"}');
  put('packed/packages/countersign/dist/cli/main.js', "console.log('packed');");
  const { output } = await finish(spawn(process.execPath, [join(tree, 'packed', BIN)], { stdio: 'pipe' }));
  expect(output).toBe('packed\n');
});

function start(args: string[], bin = join(tree, BIN), env = {}) {
  const child = spawn(process.execPath, ['--require', preload, bin, ...args], {
    stdio: 'pipe',
    env: { ...process.env, ...env },
  });
  const ready = new Promise<string>((resolve) => child.stdout?.once('data', (text) => resolve(String(text))));
  return { child, ready, end: finish(child) };
}

const old = (args: string[], bin?: string, env?: object) => start(args, bin, env).end;

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
  readonly errors: string;
}

function finish(child: ChildProcess): Promise<Ended> {
  let output = '';
  let errors = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    errors += text;
  });
  return new Promise((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, output, errors })),
  );
}

function olderNode(): string | undefined {
  const folders = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'));
  return folders
    .map((folder) => join(folder, 'node'))
    .find((node) => {
      try {
        const [major = 0, minor = 0] = execFileSync(node, ['-p', 'process.versions.node'], {
          encoding: 'utf8',
          stdio: 'pipe',
        })
          .split('.')
          .map(Number);
        return major >= 14 && (major < 24 || (major === 24 && minor < 18));
      } catch {
        return false;
      }
    });
}

function put(path: string, text: string): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), text);
}

function putNode(folder: string): void {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const file = process.platform === 'win32' ? 'node.exe' : 'node';
  const target = join(folder, 'node_modules', `node-${platform}-${process.arch}`, 'bin', file);
  mkdirSync(dirname(target), { recursive: true });
  if (process.platform === 'win32') copyFileSync(process.execPath, target);
  else symlinkSync(process.execPath, target);
}
