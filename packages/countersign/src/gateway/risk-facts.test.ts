// R68: what is Countersign's own on this machine is never anything less than destructive to name: its home by its name and by
// a link to it, its configuration elsewhere, its sockets, its port, its process, and the program itself. R45, H43: and a home is
// one by what this machine knows, not by what a program says.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { shown, shownText } from '@countersign/protocol/action-display';
import { actionSchema } from '@countersign/protocol/approval';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApprovalHouse, command, LOOK, openApprovalHouse } from '../testing/approval-house.ts';
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

test('H43: a link to what is not there yet is where it leads: who writes to it makes that', async () => {
  const links: readonly (readonly [string, string])[] = [
    ['outside', '../not-here/yet'],
    ['own', join(stage.house.home, 'keys', 'new.pem')],
    ['twice', 'own'],
    ['round', 'round'],
  ];
  for (const [name, target] of links) symlinkSync(target, join(folder, name));
  const tierOf = async (name: string) => {
    const cwd = { path: folder, device: '1', inode: '1' };
    return (await stage.asks(here(command('tee', name), { cwd }))).tier;
  };
  expect(await tierOf('new')).toBe('write');
  expect(await tierOf('outside')).toBe('elevated');
  expect(await tierOf('own')).toBe('destructive');
  expect(await tierOf('twice')).toBe('destructive');
  expect(await tierOf('round')).toBe('write');
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

/** As it would run on this very machine. */
const here = (action: typeof LOOK, more: object = {}): typeof LOOK =>
  actionSchema.parse({ ...action, host: stage.house.composed.store.installation, ...more });

test('R45: git with a home that somebody made is not let run unasked, and its home stands on the card', async () => {
  writeFileSync(join(folder, '.gitconfig'), '[core]\n\tfsmonitor = ./evil\n');
  const asked = await stage.asks(here(LOOK, { env: { PATH: '/usr/bin:/bin', HOME: folder } }));
  expect(asked.tier).toBe('elevated');
  expect(asked.state).not.toBe('approved');
  expect(asked.reasons.map(({ rule }) => rule)).toContain('env.home');
  expect(shownText(shown(actionSchema.parse(asked.action)))).toContain(`\nwith: HOME=${folder}\n`);
  for (const HOME of [userInfo().homedir, '/home/agent']) {
    const { tier, state } = await stage.asks(here(LOOK, { env: { PATH: '/usr/bin:/bin', HOME } }));
    expect([tier, state], HOME).toEqual(['read', 'approved']);
  }
});

test('H43: what a shell of that home would run is not written unasked, in whichever home the command begins', async () => {
  for (const path of ['/home/agent', '/home/somebody', userInfo().homedir])
    for (const name of ['.bashrc', '.gitconfig', '.config/autostart/x.desktop', '.local/bin/git']) {
      const { tier, state } = await stage.asks(
        here(command('tee', name), { cwd: { path, device: '1', inode: '1' } }),
      );
      expect([tier, state], `${path} ${name}`).toEqual(['destructive', 'denied']);
    }
  const read = command('cat', '.config/gh/hosts.yml');
  const asked = await stage.asks(here(read, { cwd: { path: '/home/agent', device: '1', inode: '1' } }));
  expect(asked.tier).toBe('elevated');
  expect(asked.state).not.toBe('approved');
});
