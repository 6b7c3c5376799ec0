// `countersign exec` that is gone while it waits: killed, with nothing left that could take its question back. People are not asked
// in vain for long, and no yes is left over. Whoever only seems gone keeps its question.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RealGateway } from './gateway.ts';

const BIN = fileURLToPath(new URL('../packages/countersign/bin/countersign.js', import.meta.url));
const PATIENCE = { timeout: 40_000, interval: 200 };

let gateway: RealGateway;

beforeAll(async () => {
  gateway = await RealGateway.start();
  await gateway.json('people', 'add', 'Ana', '--role', 'owner');
}, 60_000);
afterAll(() => gateway[Symbol.asyncDispose]());

interface Row {
  readonly id: string;
  readonly state: string;
  readonly because?: string;
}

/** Asks, and waits. */
async function asks(...line: readonly string[]) {
  const child = spawn(process.execPath, [BIN, 'exec', '--', ...line], { env: gateway.env, stdio: 'pipe' });
  child.stdin.end();
  let stderr = '';
  child.stderr.on('data', (part: Buffer) => (stderr += part.toString()));
  const ended = once(child, 'close').then(([code, signal]: unknown[]) => code ?? signal);
  await expect.poll(() => stderr, PATIENCE).toMatch(/waiting for a yes: \S+/);
  const [, short = ''] = /waiting for a yes: (\S+)/.exec(stderr) ?? [];
  const { id } = await row(short);
  return { child, ended, id, stderr: () => stderr };
}

const row = (ref: string) => gateway.json<Row>('approvals', 'show', ref);

test('killed while it waits, its question is over soon, and says why; one that shared it, and one beside it, keep theirs', async () => {
  const killed = await asks('make', 'one');
  const [first, second] = [await asks('make', 'two'), await asks('make', 'two')];
  expect(first.id).toBe(second.id);
  killed.child.kill('SIGKILL');
  first.child.kill('SIGKILL');
  expect(await killed.ended).toBe('SIGKILL');
  await expect
    .poll(() => row(killed.id), PATIENCE)
    .toMatchObject({ state: 'cancelled', because: 'asker_gone' });
  expect((await gateway.cli('approvals', 'show', killed.id)).stdout).toContain('asker gone');
  const { items } = await gateway.json<{ items: { type: string; reason?: string }[] }>('audit', 'list');
  expect(items.filter(({ type }) => type === 'approval.cancelled')).toMatchObject([{ reason: 'asker_gone' }]);
  expect(await row(second.id)).toMatchObject({ state: 'pending' });
  await gateway.json('approvals', 'deny', second.id);
  expect(await second.ended).toBe(14);
}, 90_000);

test('a gateway that began anew takes nothing back, and whoever waits goes on there', async () => {
  const waits = await asks('make', 'three');
  await gateway.stop('SIGKILL');
  await gateway.start();
  // By now it has come back: only then it can be missed.
  await expect.poll(() => waits.stderr(), PATIENCE).toContain('the gateway does not answer');
  const killed = await asks('make', 'four');
  killed.child.kill('SIGKILL');
  await expect.poll(() => row(killed.id), PATIENCE).toMatchObject({ because: 'asker_gone' });
  expect(await row(waits.id)).toMatchObject({ state: 'pending' });
  await gateway.json('approvals', 'deny', waits.id);
  expect(await waits.ended).toBe(14);
}, 90_000);
