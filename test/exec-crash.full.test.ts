// kill -9 of the real gateway, of the real `countersign exec`, or of both, at any moment between the asking and the last word:
// no command runs twice, none runs that was not allowed, nothing that was taken is left without a word, the chain verifies.
// Where exactly somebody dies is chosen in packages/countersign/src/store/grants.full.test.ts; here chance chooses.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { RealGateway } from './gateway.ts';

const BIN = fileURLToPath(new URL('../packages/countersign/bin/countersign.js', import.meta.url));
const ROUNDS = process.env['CI'] === undefined ? 40 : 12;
/** From the start of the command to its last word: unasked, and with somebody who says yes. */
const WHOLE_MS = { unasked: 600, asked: 2_000 };
const SILENT_MS = 120_000;

const work = mkdtempSync(join(tmpdir(), 'cs-work-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

interface Row {
  readonly id: string;
  readonly state: string;
  readonly hint?: string;
  readonly action: { readonly shell?: string; readonly argv?: readonly string[] };
}

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What it is called in the journal. */
function labelOf({ action }: Row): string {
  return /run-\d+/.exec(action.shell ?? action.argv?.join(' ') ?? '')?.[0] ?? '';
}

const CLEAN =
  'for f in /proc/$$/fd/*; do n=${f##*/}; if [ "$n" -gt 2 ]; then eval "exec $n>&-"; fi; done; exec "$0" "$@"';

function exec(gateway: RealGateway, label: string, isAsked: boolean): ChildProcess {
  // The first writes in its own folder, which nobody is asked about; the second is a program that nobody knows.
  const args = isAsked ? ['--', './tool.sh', label] : ['--shell', `echo ${label} >> journal`];
  // Whatever runs the tests may have left a descriptor open, with which exec would refuse to begin.
  return spawn('bash', ['-c', CLEAN, process.execPath, BIN, 'exec', ...args], {
    env: gateway.env,
    cwd: work,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Says yes to whatever waits, until it is told to stop. */
async function says(gateway: RealGateway, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const listed = await gateway.cli('approvals', 'list', '--json');
    const { items }: { items: Row[] } = listed.code === 0 ? JSON.parse(listed.stdout) : { items: [] };
    for (const { id } of items) await gateway.cli('approvals', 'approve', id);
    await later(50);
  }
}

const exited = (child: ChildProcess) =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise<void>((resolve) => child.once('exit', () => resolve()));

test(`${ROUNDS} rounds of kill -9: one run at most, none unasked, nothing unsaid`, {
  timeout: 900_000,
}, async () => {
  writeFileSync(join(work, 'tool.sh'), '#!/bin/sh\necho "$1" >> journal\n', { mode: 0o755 });
  await using gateway = await RealGateway.prepare();
  expect(await gateway.cli('people', 'add', 'Ana', '--role', 'owner')).toMatchObject({ code: 0 });
  for (let round = 0; round < ROUNDS; round++) {
    await gateway.start();
    const isAsked = round % 2 === 1;
    const command = exec(gateway, `run-${round}`, isAsked);
    const stop = new AbortController();
    const saying = isAsked ? says(gateway, stop.signal) : Promise.resolve();
    await later(Math.random() * WHOLE_MS[isAsked ? 'asked' : 'unasked']);
    const dies = round % 3;
    if (dies !== 1) await gateway.stop('SIGKILL');
    if (dies !== 0) command.kill('SIGKILL');
    stop.abort();
    await saying;
    // Whoever is still there tells it to the gateway that comes back.
    if (dies === 0) await gateway.start();
    await Promise.race([exited(command), later(20_000)]);
    command.kill('SIGKILL');
    await exited(command);
    await gateway.stop('SIGKILL');
  }
  await gateway.start();
  await later(SILENT_MS + 10_000);

  const { items } = await gateway.json<{ items: Row[] }>('approvals', 'history');
  const journal = existsSync(join(work, 'journal'))
    ? readFileSync(join(work, 'journal'), 'utf8').trimEnd().split('\n')
    : [];
  // Rounds in which everybody died before anything ran prove nothing.
  expect(journal.length).toBeGreaterThan(ROUNDS / 8);
  expect(new Set(journal).size, 'nothing ran twice').toBe(journal.length);
  for (const label of journal) {
    const row = items.find((one) => labelOf(one) === label);
    expect(['finished', 'lost'], `${label} ran: ${row?.state}`).toContain(row?.state);
  }
  for (const row of items) {
    expect(row.state, 'heard of to the end, or said to be lost').not.toBe('redeemed');
    if (row.state === 'lost') expect(row.hint).toMatch(/may not have run|how it ended is not known/);
  }
  expect(await gateway.cli('audit', 'verify')).toMatchObject({ code: 0 });
  expect(await gateway.stop()).toBe(0);
});
