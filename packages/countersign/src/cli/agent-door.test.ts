// A client.json opens the agent's door and no other. The attacks: another place is made to get the token (H66), and what is
// no client.json is taken for one.
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openAgentDoor } from './agent-door.ts';
import { makeHome } from './fixtures/stand-in.ts';

interface Heard {
  readonly url: string | undefined;
  readonly token: string | undefined;
  readonly type: string | undefined;
}

async function listening(place: string | number, answer: (heard: Heard) => [number, Record<string, string>]) {
  const heard: Heard[] = [];
  const server: Server = createServer((request, response) => {
    const { authorization: token, 'content-type': type } = request.headers;
    heard.push({ url: request.url, token, type });
    response.writeHead(...answer({ url: request.url, token, type })).end('{}');
  });
  const where = typeof place === 'number' ? { port: place, host: '127.0.0.1' } : { path: place };
  await new Promise<void>((resolve) => server.listen(where, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return { heard, port: typeof address === 'object' && address !== null ? address.port : 0 };
}

const written = (home: string, document: unknown) =>
  writeFileSync(
    join(home, 'client.json'),
    typeof document === 'string' ? document : JSON.stringify(document),
  );

const fine = (): [number, Record<string, string>] => [200, {}];

test('over the socket it says which host it is, and brings its token', async () => {
  const home = makeHome();
  const socket = join(home, 'run', 'agent.sock');
  const { heard } = await listening(socket, fine);
  written(home, { socket, token: 'cst_a', host: 'ins_a', gatewayKey: {} });
  const { fetch, host } = openAgentDoor(home, undefined);
  expect(host).toBe('ins_a');
  expect((await fetch('/api/v1/x', { method: 'POST', body: '{}' })).status).toBe(200);
  expect(heard).toEqual([{ url: '/api/v1/x', token: 'Bearer cst_a', type: 'application/json' }]);
});

test('by an address it is the host of whoever asks', async () => {
  const home = makeHome();
  const { heard, port } = await listening(0, fine);
  written(home, { url: `http://127.0.0.1:${port}`, token: 'cst_a' });
  const { fetch, host } = openAgentDoor(home, undefined);
  expect(host).toBe(hostname());
  expect((await fetch('/api/v1/x', { method: 'GET' })).status).toBe(200);
  expect(heard).toEqual([{ url: '/api/v1/x', token: 'Bearer cst_a', type: undefined }]);
});

test('H66: a redirect to another place is not followed, and the token stays here', async () => {
  const home = makeHome();
  const other = await listening(0, fine);
  const { port } = await listening(0, () => [307, { location: `http://127.0.0.1:${other.port}/` }]);
  written(home, { url: `http://127.0.0.1:${port}`, token: 'cst_a' });
  const { fetch } = openAgentDoor(home, undefined);
  await expect(fetch('/api/v1/x', { method: 'POST', body: '{}' })).rejects.toMatchObject({
    code: 'gateway_down',
  });
  expect(other.heard).toEqual([]);
});

test('nobody listens: an error, and never the way around the gateway', async () => {
  const home = makeHome();
  written(home, { socket: join(home, 'run', 'agent.sock'), token: 'cst_a' });
  const { fetch } = openAgentDoor(home, undefined);
  await expect(fetch('/api/v1/x', { method: 'GET' })).rejects.toMatchObject({ code: 'gateway_down' });
});

test.each([
  ['not there', null],
  ['no JSON', '{'],
  ['no token', { socket: '/a' }],
  ['nowhere', { token: 'a' }],
  ['two places', { socket: '/a', url: 'http://localhost', token: 'a' }],
  ['no address', { url: 'ftp://localhost', token: 'a' }],
  ['a token that would end its header', { socket: '/a', token: 'a\r\nx: y' }],
])('what is no client.json is refused: %s', (_, document) => {
  const home = makeHome();
  if (document !== null) written(home, document);
  expect(() => openAgentDoor(home, undefined)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
});
