import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeHome, standIn } from './fixtures/stand-in.ts';
import { hostSocket, openTransport } from './transport.ts';

test('a home too deep for a socket is a mistake of configuration, exit 10, with what to do', () => {
  const deep = `/tmp/${'d'.repeat(90)}`;
  expect(() => hostSocket(deep, 'linux')).toThrow(/longer than 100 bytes/);
  expect(() => hostSocket(deep, 'linux')).toThrow(
    expect.objectContaining({ code: 'config_invalid', exit: 10 }),
  );
  // Bytes, not characters: the kernel counts bytes.
  expect(() => hostSocket(`/tmp/${'é'.repeat(45)}`, 'linux')).toThrow(/longer than/);
  expect(hostSocket('/tmp/short', 'linux')).toBe('/tmp/short/run/host.sock');
});

test('with a running gateway the socket is the road', async () => {
  const home = makeHome();
  await standIn(home, { 'GET /api/v1/x': { hello: true } });
  const transport = openTransport({ home, env: {} });
  const answer = await transport.fetch('/api/v1/x', { method: 'GET' });
  expect(await answer.text()).toBe('{"hello":true}');
  expect(transport.running()).toBe(true);
  await transport.close();
});

test('where only a running gateway will do, none is `gateway_down`', async () => {
  const transport = openTransport({ home: makeHome(), env: {} }, { onlyRunning: true });
  await expect(transport.fetch('/x', { method: 'GET' })).rejects.toMatchObject({ code: 'gateway_down' });
  expect(transport.running()).toBe(false);
});

test('a socket file left behind by a dead gateway counts as no gateway', async () => {
  const home = makeHome();
  mkdirSync(join(home, 'run'), { recursive: true });
  const path = join(home, 'run', 'host.sock');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  await new Promise((resolve) => server.close(resolve));
  writeFileSync(path, '');
  const transport = openTransport({ home, env: {} }, { onlyRunning: true });
  await expect(transport.fetch('/x', { method: 'GET' })).rejects.toMatchObject({ code: 'gateway_down' });
});
