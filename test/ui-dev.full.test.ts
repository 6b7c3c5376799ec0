// `npm run ui:dev` is a newcomer's first look: one command shows the house full, lets their browser in, and leaves
// nothing behind. It never opens a home of anybody's, whatever the environment says.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterEach, describe, expect, test } from 'vitest';
import { freePort } from '../packages/countersign/src/testing/free-port.ts';
import { CHROMIUM } from './page-visit.ts';

const SCRIPT = fileURLToPath(new URL('../scripts/ui-dev.mjs', import.meta.url));
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

describe('npm run ui:dev', { timeout: 240_000 }, () => {
  test('shows a full house to whoever opens it, and ends without a trace', async () => {
    const world = mkdtempSync(join(tmpdir(), 'cs-ui-dev-'));
    cleanups.push(() => rmSync(world, { recursive: true, force: true }));
    // Somebody's own gateway, and an environment that points at it.
    const own = join(world, 'user', '.countersign');
    const temporary = join(world, 'tmp');
    for (const folder of [own, temporary]) mkdirSync(folder, { recursive: true });
    writeFileSync(join(own, 'countersign.jsonc'), '{ "agent": { "kind": "nonsense" } }');
    const port = await freePort();
    const { child, until } = begin(port, {
      HOME: join(world, 'user'),
      COUNTERSIGN_HOME: own,
      COUNTERSIGN_CONFIG: join(own, 'countersign.jsonc'),
      TMPDIR: temporary,
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await until(/the Control UI/);

    const url = `http://localhost:${port}/`;
    const page = await fetch(url);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("require-trusted-types-for 'script'");
    expect(await (await fetch(`${url}healthz`)).json()).toEqual({ status: 'ok' });
    expect((await fetch(`${url}chat`)).status).toBe(200);
    // What is passed on keeps the gateway's own word: nothing is read without a device, from another page least of all.
    expect((await fetch(`${url}api/v1/people`)).status).toBe(401);
    const foreign = { origin: 'http://localhost:1' };
    expect((await fetch(`${url}api/v1/people`, { headers: foreign })).status).toBe(403);
    if (CHROMIUM !== undefined) await visited(await browser(CHROMIUM), url);

    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(readdirSync(temporary)).toEqual([]);
    expect(readdirSync(own)).toEqual(['countersign.jsonc']);
    // Its process group is empty: what it started ends with it, and may be a moment behind.
    await expect.poll(() => groupOf(child)).toBe('ESRCH');
  });
});

function begin(
  port: number,
  env: NodeJS.ProcessEnv,
): { child: ChildProcess; until(what: RegExp): Promise<void> } {
  const child = spawn(process.execPath, [SCRIPT, '--still', '--port', String(port)], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  cleanups.push(() => child.exitCode === null && process.kill(-(child.pid ?? 0), 'SIGKILL'));
  let output = '';
  const until = (what: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const hear = (chunk: Buffer) => {
        output += chunk.toString();
        if (what.test(output)) resolve();
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.on('exit', (code) => reject(new Error(`it ended with ${code}: ${output}`)));
    });
  return { child, until };
}

/** `there`, or why there is no such group. */
function groupOf({ pid = 0 }: ChildProcess): unknown {
  try {
    process.kill(-pid, 0);
    return 'there';
  } catch (cause) {
    return cause instanceof Error && 'code' in cause ? cause.code : cause;
  }
}

async function browser(executablePath: string): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];
  const started = await chromium.launch({ executablePath, args });
  cleanups.push(() => started.close());
  return started;
}

async function visited(started: Browser, url: string): Promise<void> {
  const page = await started.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (line) => line.type() === 'error' && faults.push(line.text()));
  await page.goto(url);
  await page.getByTestId('waiting-pairings').waitFor({ state: 'attached', timeout: 60_000 });
  expect(faults).toEqual([]);
}
