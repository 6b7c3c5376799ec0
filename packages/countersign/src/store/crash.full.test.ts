// The process dies between any two things it does. Whatever it had acknowledged is there after the restart, once, and the
// chain verifies.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { SeededRandom } from '../testing/fakes.ts';
import { openTestStore } from '../testing/store/open.ts';
import { checkPromises } from '../testing/store/promises.ts';

const CHILD = fileURLToPath(new URL('../testing/store/child.ts', import.meta.url));
const ROUNDS = process.env['CI'] === undefined ? 200 : 40;
/** The rounds are spread over this many homes, so that looking at all that was promised stays quick. */
const HOMES = 10;

const homes: string[] = [];
afterAll(() => {
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

async function killedAfter(home: string, name: string, log: string, random: SeededRandom): Promise<void> {
  const child = spawn(process.execPath, [CHILD, 'forever', home, name, '0', log], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = new Promise<NodeJS.Signals | null>((resolve) =>
    child.once('exit', (_, signal) => resolve(signal)),
  );
  // At a moment of chance after as many acknowledgements as chance says: a slow machine makes fewer of them in a given time.
  const [many = 0, later = 0] = random.bytes(2);
  while (acknowledged(log) <= many % 20 && child.exitCode === null && child.signalCode === null)
    await wait(2);
  await wait(later / 10);
  child.kill('SIGKILL');
  expect(await ended, said).toBe('SIGKILL');
}

function acknowledged(log: string): number {
  return existsSync(log) ? readFileSync(log, 'utf8').split('\n').length - 1 : 0;
}

test(`${ROUNDS} times kill -9: nothing acknowledged is lost, nothing is doubled`, {
  timeout: 900_000,
}, async () => {
  const random = new SeededRandom('crash');
  let promised = 0;
  for (let part = 0; part < HOMES; part += 1) {
    const home = mkdtempSync(join(tmpdir(), 'countersign-crash-'));
    homes.push(home);
    const promises: string[] = [];
    for (let round = 0; round < ROUNDS / HOMES; round += 1) {
      const log = join(home, `${round}.log`);
      await killedAfter(home, `r${round}r`, log, random);
      promises.push(...readFileSync(log, 'utf8').trimEnd().split('\n'));
      const store = await openTestStore('sqlite:countersign.db', { home });
      await checkPromises(store, promises);
      await store.close();
    }
    promised += promises.length;
    rmSync(home, { recursive: true, force: true });
  }
  expect(promised).toBeGreaterThan(ROUNDS * 5);
});
