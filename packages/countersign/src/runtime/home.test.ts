import { chmodSync, existsSync, mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { homePath, openHome, protectAgentSocket } from './home.ts';

const mode = (path: string) => statSync(path).mode & 0o7777;
const freshRoot = () => join(mkdtempSync(join(tmpdir(), 'cs-')), 'h');

test('a home is made 0700 with its folders, whatever the umask', () => {
  for (const mask of [0, 0o077, 0o777]) {
    const umask = process.umask(mask);
    try {
      const home = openHome(freshRoot());
      for (const folder of [
        home.root,
        home.keys,
        home.run,
        join(home.run, 'agent'),
        home.logs,
        home.channels,
      ]) {
        expect([folder, mode(folder)]).toEqual([folder, 0o700]);
      }
    } finally {
      process.umask(umask);
    }
  }
});

test('an open home is closed when it is opened again, except one that others could have written', () => {
  const { root, keys } = openHome(freshRoot());
  chmodSync(root, 0o755);
  openHome(root);
  expect(mode(root)).toBe(0o700);
  for (const open of [0o770, 0o702, 0o777]) {
    chmodSync(root, open);
    expect(() => openHome(root)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
    expect(mode(root)).toBe(open);
  }
  chmodSync(root, 0o700);
  chmodSync(keys, 0o750);
  expect(() => openHome(root)).toThrow('is open to others');
});

test('a folder of other things is no home and is left as it is', () => {
  const root = freshRoot();
  mkdirSync(root, { mode: 0o755 });
  writeFileSync(join(root, 'hosts'), '');
  expect(() => openHome(root)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
  expect([mode(root), existsSync(join(root, 'keys'))]).toEqual([0o755, false]);
});

test('a socket path over 100 bytes is refused before anything is made, and the hint says how to move it', () => {
  const long = join(tmpdir(), 'x'.repeat(80));
  expect(() => openHome(long)).toThrow(
    expect.objectContaining({ code: 'config_invalid', hint: expect.stringContaining('agentSocket') }),
  );
  expect(() => openHome(join(tmpdir(), 'é'.repeat(45)))).toThrow(
    expect.objectContaining({ code: 'config_invalid' }),
  );
  expect(existsSync(long)).toBe(false);
  const root = freshRoot();
  expect(openHome(root, { agentSocket: '/tmp/a.sock' }).agentSocket).toBe('/tmp/a.sock');
});

test('with an agent group the home lets it pass to its socket and no further', async () => {
  const gid = process.getgid?.() ?? 0;
  const home = openHome(freshRoot(), { agentGroup: String(gid) });
  expect([mode(home.root), mode(home.run), mode(join(home.run, 'agent')), mode(home.keys)]).toEqual([
    0o710, 0o710, 0o750, 0o700,
  ]);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(home.agentSocket, resolve));
  protectAgentSocket(home);
  expect(statSync(home.agentSocket)).toMatchObject({ gid });
  expect(mode(home.agentSocket)).toBe(0o660);
  await new Promise((resolve) => server.close(resolve));
  expect(mode(openHome(home.root).root)).toBe(0o700);
});

test('a group that does not exist is refused', () => {
  expect(() => openHome(freshRoot(), { agentGroup: 'no-such-group-here' })).toThrow('there is no group');
});

test('the home is COUNTERSIGN_HOME, else .countersign in the user’s own', () => {
  expect(homePath({ COUNTERSIGN_HOME: '/srv/cs' })).toBe('/srv/cs');
  expect(homePath({ HOME: '/home/ana', COUNTERSIGN_HOME: '' })).toBe('/home/ana/.countersign');
});
