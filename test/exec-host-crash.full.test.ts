// kill -9 of the gateway, of the machine, or of both, at any moment between the asking and the last word: no command runs twice
// there, none runs that was not allowed, none that was redeemed is left without a word, and the chain verifies.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApprovalRow } from '@countersign/protocol/approval';
import { expect, test } from 'vitest';
import { RealGateway } from './gateway.ts';
import { program, RealNode } from './real-node.ts';

const ROUNDS = 24;
/** From the asking to the last word. */
const WHOLE_MS = 400;
const LOST_MS = 150_000;

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test(`${ROUNDS} rounds of kill -9: one run at most, none unasked, nothing unsaid`, async () => {
  await using gateway = await RealGateway.start();
  await using node = new RealNode();
  // Names are looked up in the system's own folders alone: elsewhere somebody would have to be asked (H43).
  node.path = '/usr/bin:/bin';
  await gateway.json('people', 'add', 'Ana', '--role', 'owner');
  const device = await node.pair(gateway);
  const journal = join(node.folder, 'journal');
  const asked = new Map<string, string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const label = `run-${round}`;
    // In its own folder: nobody is asked about that.
    const ask = { host: device, shell: `echo ${label} >> journal; sleep 0.05` };
    const asking = program(gateway)
      .exec.ask(ask, `key-${round}`)
      .then(
        ({ approval }) => asked.set(label, approval.id),
        () => undefined,
      );
    await later(Math.random() * WHOLE_MS);
    const dies = ['gateway', 'node', 'both'][round % 3];
    if (dies !== 'gateway') await node.stop('SIGKILL');
    if (dies !== 'node') await gateway.stop('SIGKILL');
    await asking;
    node.output = '';
    if (dies !== 'node') await gateway.start();
    if (dies !== 'gateway') node.start();
    await node.says(/connected/);
  }
  const all = async () => (await gateway.json<{ items: ApprovalRow[] }>('approvals', 'list', '--all')).items;
  const isOver = ({ state }: ApprovalRow) =>
    state !== 'pending' && state !== 'redeemed' && state !== 'approved';
  await expect
    .poll(async () => (await all()).every(isOver), { timeout: LOST_MS, interval: 2_000 })
    .toBe(true);

  const ran = existsSync(journal) ? readFileSync(journal, 'utf8').trimEnd().split('\n') : [];
  expect(new Set(ran).size, 'none ran twice').toBe(ran.length);
  const rows = await all();
  for (const row of rows) {
    const action = row.action;
    const label =
      action?.kind === 'exec' && 'shell' in action ? (/run-\d+/.exec(action.shell)?.[0] ?? '') : '';
    const wasRedeemed = row.run?.redeemedAt !== undefined;
    if (ran.includes(label)) expect([label, wasRedeemed]).toEqual([label, true]);
    if (wasRedeemed) expect(['finished', 'lost'], label).toContain(row.state);
    if (row.state === 'finished' && row.run?.failure === undefined) expect(ran).toContain(label);
  }
  expect(rows.length).toBeGreaterThan(ROUNDS / 4);
  expect((await gateway.cli('audit', 'verify')).code).toBe(0);
}, 600_000);
