// P-15: a stale process rewrote the whole table and erased a fresh approval. Two processes on one home, a thousand random
// operations each: everything that either was promised is there, once.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { parseNative } from '../core/identity/peer.ts';
import { openTestStore } from '../testing/store/open.ts';
import { checkPromises } from '../testing/store/promises.ts';

const CHILD = fileURLToPath(new URL('../testing/store/child.ts', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'countersign-two-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

function run(name: string): Promise<string> {
  const log = join(home, `${name}.log`);
  const child = spawn(process.execPath, [CHILD, 'random', home, name, '1000', log], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) =>
      code === 0 ? resolve(readFileSync(log, 'utf8')) : reject(new Error(`${name}: ${said}`)),
    );
  });
}

test('P-15: two processes with a thousand operations each lose nothing', { timeout: 120_000 }, async () => {
  const logs = await Promise.all([run('left'), run('right')]);
  const store = await openTestStore('sqlite:countersign.db', { home });
  const promises = logs.flatMap((log) => log.trimEnd().split('\n'));
  await checkPromises(store, promises);
  // A nonce that both tried was promised to one.
  const nonces = promises.filter((line) => line.startsWith('nonce '));
  expect(new Set(nonces).size).toBe(nonces.length);
  const native = parseNative('everybody', /^\S+$/);
  if (native === null) throw new Error('no native');
  const lines = await store.transcripts.after({ channel: 'loopback', account: 'shared', native }, 0, 5_000);
  expect(lines).toHaveLength(promises.filter((line) => line.startsWith('line ')).length);
  expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, n) => n + 1));
  await store.close();
});
