// R68: what is Countersign's own on this machine is never anything less than destructive to name: its home by its name and by
// a link to it, its configuration elsewhere, its sockets, its port, its process, and the program itself.
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApprovalHouse, command, openApprovalHouse } from '../testing/approval-house.ts';
import { programFolder } from './risk-facts.ts';

let stage: ApprovalHouse;
let folder = '';

beforeAll(async () => {
  stage = await openApprovalHouse();
  folder = mkdtempSync(join(tmpdir(), 'cs-link-'));
  symlinkSync(stage.house.home, join(folder, 'elsewhere'));
});
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const own = (): readonly (readonly [string, ...string[]])[] => {
  const { home } = stage.house;
  return [
    ['cat', join(home, 'countersign.jsonc')],
    ['cat', join(folder, 'elsewhere', 'countersign.db')],
    ['ls', join(home, 'keys')],
    ['cp', join(home, 'client.json'), '/tmp/x'],
    ['curl', '--unix-socket', join(home, 'run', 'host.sock'), 'http://localhost/api/v1/approvals'],
    ['curl', '-X', 'POST', 'http://localhost:8787/api/v1/approvals/x/decision'],
    ['curl', 'http://[::1]:8787/'],
    ['kill', String(process.pid)],
    ['touch', join(programFolder(), 'src', 'core', 'authorise.ts')],
  ];
};

test('every way to name it is destructive, so that nothing of it runs unasked or by a rule', async () => {
  for (const argv of own()) {
    const { tier, state } = await stage.asks(command(...argv));
    expect(tier, argv.join(' ')).toBe('destructive');
    // Nobody has a factor here: it is refused, not asked.
    expect(state, argv.join(' ')).toBe('denied');
  }
});

test('what only looks like it is not', async () => {
  const { tier } = await stage.asks(command('cat', '/home/agent/work/countersign-notes.txt'));
  expect(tier).toBe('read');
});

test('a call without a gateway guards the files, and has no port and no process', async () => {
  await using still = await openApprovalHouse({ running: false });
  const { tier } = await still.asks(command('cat', join(still.house.home, 'countersign.db')));
  expect(tier).toBe('destructive');
  expect((await still.asks(command('kill', String(process.pid)))).tier).not.toBe('read');
});
