import { spawn } from 'node:child_process';
import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readGatewayFile, removeGatewayFile, writeGatewayFile } from './gateway-file.ts';
import { openHome } from './home.ts';
import { holdHome } from './lock.ts';

const freshHome = () => openHome(join(mkdtempSync(join(tmpdir(), 'cs-')), 'h'));
const busy = (more: object = {}) => expect.objectContaining({ code: 'gateway_busy', ...more });

/** A process that holds the home until it is killed. Resolves once it does. */
async function holder(root: string) {
  const script = `
    import { openHome } from ${JSON.stringify(join(import.meta.dirname, 'home.ts'))};
    import { holdHome } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))};
    import { writeGatewayFile } from ${JSON.stringify(join(import.meta.dirname, 'gateway-file.ts'))};
    const home = openHome(process.argv[2]);
    holdHome(home);
    // Nobody keeps what it returned, and the lock is held all the same.
    globalThis.gc();
    writeGatewayFile(home.gatewayFile, { pid: process.pid, url: 'http://localhost:8787', startedAt: 'now', version: '0' });
    console.log('held');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', script, '-', root], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', () => reject(new Error('the holder ended')));
  });
  return child;
}

test('the second gateway of a home is told who holds it, and gets it once that one is gone, however it went', async () => {
  const home = freshHome();
  const child = await holder(home.root);
  expect(() => holdHome(home)).toThrow(busy({ members: { pid: child.pid, url: 'http://localhost:8787' } }));
  expect(() => holdHome(home)).toThrow(busy());
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
  const held = holdHome(home);
  expect(() => holdHome(home)).toThrow(busy());
  held.release();
  holdHome(home).release();
});

test('a failed attempt in this process does not take the lock from it', async () => {
  const home = freshHome();
  const held = holdHome(home);
  expect(() => holdHome(home)).toThrow(busy());
  await expect(holder(home.root)).rejects.toThrow('the holder ended');
  held.release();
});

test('what a dead gateway left in gateway.json is not said to hold the home', () => {
  const home = freshHome();
  const held = holdHome(home);
  writeGatewayFile(home.gatewayFile, {
    pid: 2 ** 30,
    url: 'http://localhost:1',
    startedAt: 'then',
    version: '0',
  });
  expect(() => holdHome(home)).toThrow(busy({ members: {} }));
  held.release();
});

test('gateway.json is private, understood or ignored, and removed only by the one who wrote it', () => {
  const { gatewayFile } = freshHome();
  const file = {
    pid: 12,
    url: 'http://localhost:8787',
    startedAt: '2026-11-25T12:00:00.000Z',
    version: '0.1.0',
  };
  expect(readGatewayFile(gatewayFile)).toBe(null);
  writeGatewayFile(gatewayFile, file);
  expect(readGatewayFile(gatewayFile)).toEqual(file);
  expect(statSync(gatewayFile).mode & 0o777).toBe(0o600);
  removeGatewayFile(gatewayFile, 13);
  expect(readGatewayFile(gatewayFile)).toEqual(file);
  removeGatewayFile(gatewayFile, 12);
  expect(readGatewayFile(gatewayFile)).toBe(null);
  for (const text of ['', '[]', 'null', '{"pid":"12"}', '{"pid":-1,"url":"","startedAt":"","version":""}']) {
    writeFileSync(gatewayFile, text);
    expect(readGatewayFile(gatewayFile)).toBe(null);
  }
});
