// R40: a thousand redemptions of one grant at once, from two gateways in processes of their own on one database: one run.
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { createGrantSigner } from '../runtime/crypto/grant-signer.ts';
import { ApprovalBench, LOOK } from '../testing/approval-bench.ts';
import { addToken } from '../testing/grant-holders.ts';
import { testGrants } from '../testing/grants.ts';
import { startPostgres } from '../testing/postgres-server.ts';
import { StoreBench } from '../testing/store/bench.ts';
import { openTestStore } from '../testing/store/open.ts';

const CHILD = fileURLToPath(new URL('../testing/store/redeem-child.ts', import.meta.url));
const EACH = 500;

const folders: string[] = [];
const folder = () => {
  const made = mkdtempSync(join(tmpdir(), 'countersign-redeem-'));
  folders.push(made);
  return made;
};
afterAll(() => {
  for (const one of folders) rmSync(one, { recursive: true, force: true });
});

function gateway(url: string, home: string, at: string) {
  const child = spawn(process.execPath, [CHILD, url, home, at, String(EACH)]);
  let [said, wrong] = ['', ''];
  const ready = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<string[]>();
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (said.includes('ready\n')) ready.resolve();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    wrong += chunk.toString();
  });
  child.once('close', (code) => {
    if (code !== 0) ready.reject(new Error(wrong));
    if (code === 0) ended.resolve(said.trimEnd().split('\n').slice(1));
    else ended.reject(new Error(wrong));
  });
  ended.promise.catch(() => undefined);
  return { ready: ready.promise, ended: ended.promise, go: () => child.stdin.end('go\n') };
}

async function check(url: string, homes: readonly [string, string]): Promise<void> {
  const at = folder();
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(join(at, 'grant.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const store = await openTestStore(url, { home: homes[0] });
  const bench = ApprovalBench.over(store, 'one', (one) => one.recorded);
  const { clock, bus, approvals, recorded: telling } = bench;
  const signer = createGrantSigner(privateKey);
  const { grants } = testGrants({ store, clock, bus, approvals, telling, signer });
  const view = await bench.ask(LOOK);
  const { token } = bench;
  await addToken(store, token, clock.now());
  writeFileSync(join(at, 'grant.json'), JSON.stringify({ token, grant: await grants.grantOf(view) }));
  const both = homes.map((home) => gateway(url, home, at));
  await Promise.all(both.map(({ ready }) => ready));
  for (const { go } of both) go();
  const answers = (await Promise.all(both.map(({ ended }) => ended))).flat();
  expect(answers).toHaveLength(2 * EACH);
  expect(answers.filter((one) => one === 'redeemed')).toHaveLength(1);
  // On a machine that is busy some wait for a connection in vain: that is a no as well (R42).
  const noes = new Set(answers.filter((one) => one !== 'redeemed'));
  noes.delete('store_unavailable');
  expect(noes).toEqual(new Set(['grant_redeemed']));
  expect((await approvals.get(view.request.id)).state).toBe('redeemed');
  const redeemed = await store.audit.list({ limit: 9, types: ['approval.redeemed'] });
  expect(redeemed).toHaveLength(1);
  const chain = new StoreBench('chain');
  chain.begin(store, undefined);
  await chain.chain();
  await store.close();
}

test('R40: SQLite', { timeout: 300_000 }, async () => {
  const home = folder();
  await check('sqlite:countersign.db', [home, home]);
});

const server = await startPostgres();
if (typeof server === 'string') {
  console.warn(`SKIPPED: two gateways were not tested on PostgreSQL: ${server}`);
  test.skip(`R40: PostgreSQL: ${server}`, () => undefined);
} else {
  afterAll(server.stop);
  test('R40: PostgreSQL', { timeout: 300_000 }, () => check(server.url, [folder(), folder()]));
}
