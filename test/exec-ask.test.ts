// `countersign exec --ask-only` and `policy test --stdin` as a script uses them: whoever stops waiting takes the request back, and
// the n-th object is about the n-th line, whatever is in it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RealGateway } from './gateway.ts';

const BIN = fileURLToPath(new URL('../packages/countersign/bin/countersign.js', import.meta.url));

let gateway: RealGateway;

beforeAll(async () => {
  gateway = await RealGateway.start();
  await gateway.json('people', 'add', 'Ana', '--role', 'owner');
});

afterAll(() => gateway[Symbol.asyncDispose]());

interface Row {
  readonly id: string;
  readonly short: string;
  readonly state: string;
  readonly action: object;
}

/** Starts a command with something to read. */
function started(input: string, ...args: string[]) {
  const child = spawn(process.execPath, [BIN, ...args], { env: gateway.env });
  const heard = { stdout: '', stderr: '' };
  child.stdout.on('data', (part: Buffer) => (heard.stdout += part.toString()));
  child.stderr.on('data', (part: Buffer) => (heard.stderr += part.toString()));
  child.stdin.end(input);
  return { child, heard, ended: once(child, 'close').then(([code]: unknown[]) => code) };
}

async function waiting(): Promise<Row> {
  const list = async () => (await gateway.json<{ items: Row[] }>('approvals', 'list')).items;
  await expect.poll(async () => (await list()).length, { timeout: 20_000 }).toBe(1);
  const [row] = await list();
  if (row === undefined) throw new Error('nothing waits');
  return row;
}

test('Ctrl-C takes it back: nobody is asked any more, and it ends as refused', async () => {
  const { child, heard, ended } = started('', 'exec', '--ask-only', '--shell', 'make install');
  const { id, short } = await waiting();
  await expect.poll(() => heard.stderr, { timeout: 20_000 }).toContain(`waiting for a yes: ${short}`);
  // Where, and by which program: without them the line says half of what is asked.
  await expect.poll(() => heard.stderr, { timeout: 20_000 }).toMatch(/^in: \/.+\nshell: \/.+$/m);
  child.kill('SIGINT');
  expect(await ended).toBe(14);
  expect(await gateway.json('approvals', 'show', id)).toMatchObject({ state: 'cancelled' });
  expect(heard.stdout).toBe('');
});

test('what it would read is bound to the request by its content', async () => {
  const { ended } = started('rm -rf /', 'exec', '--ask-only', 'npm', 'install', 'left-pad');
  const { id, action } = await waiting();
  expect(action).toMatchObject({
    argv: ['npm', 'install', 'left-pad'],
    stdin: { kind: 'bytes', size: 8 },
  });
  await gateway.json('approvals', 'deny', id);
  expect(await ended).toBe(14);
});

test('R47: one object for each line, and a line ends at a line feed only', async () => {
  const { heard, ended } = started('ls\n\nls\r; x\nnpm install a', 'policy', 'test', '--stdin');
  expect(await ended).toBe(0);
  const objects = heard.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(objects.map(({ tier, code }) => tier ?? code)).toEqual([
    'read',
    'request_malformed',
    'elevated',
    'elevated',
  ]);
});
