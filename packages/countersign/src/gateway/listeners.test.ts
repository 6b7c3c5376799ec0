// H63: connections that take their time take it away from everybody. What says nothing whole ends; what is too large ends
// before it is read. And the doors: none of them takes a socket from somebody who answers on it.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openHouse } from '../testing/house.ts';
import { type Listeners, listen } from './listeners.ts';
import type { Socket } from './socket.ts';

interface Opened extends AsyncDisposable {
  readonly doors: Listeners;
  readonly hostSocket: string;
}

const noSocket: Socket = {
  upgrade: (_request, socket) => void socket.destroy(),
  close: async () => undefined,
  size: 0,
};
/** Short, and longer than a busy machine lets anybody wait for their turn. */
const patience = { headersMs: 800, requestMs: 1_600, lookEveryMs: 50 };

interface Network {
  readonly listen?: string;
  readonly publicUrl?: string;
  readonly chatUrl?: string;
  readonly trustedProxies?: readonly string[];
  readonly socket?: Socket;
}

async function open(
  before: (hostSocket: string) => Promise<unknown> = async () => undefined,
  { listen: host = '127.0.0.1', publicUrl, chatUrl, trustedProxies = [], socket = noSocket }: Network = {},
): Promise<Opened> {
  const house = await openHouse(publicUrl === undefined ? {} : { config: { gateway: { publicUrl } } });
  const folder = mkdtempSync(join(tmpdir(), 'cs-doors-'));
  const local = {
    hostSocket: join(folder, 'host.sock'),
    agentSocket: join(folder, 'agent.sock'),
    protectAgentSocket: () => undefined,
  };
  const ports = {
    app: house.composed.app,
    socket,
    names: () => ({ publicUrl: publicUrl ?? null, chatUrl: chatUrl ?? null }),
    trustedProxies: () => trustedProxies,
    patience,
  };
  const dispose = async () => {
    await house[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await before(local.hostSocket);
    const doors = await listen(ports, { hosts: [host], port: 0, local });
    return {
      doors,
      hostSocket: local.hostSocket,
      async [Symbol.asyncDispose]() {
        await doors.close(0);
        await dispose();
      },
    };
  } catch (cause) {
    await dispose();
    throw cause;
  }
}

/** Writes `pieces`, one after each answer of the clock, and gives what was heard until the other side ended it. */
async function speak(port: number, text: string, host = '127.0.0.1'): Promise<string> {
  const socket = connect({ port, host });
  let heard = '';
  socket.on('data', (chunk) => {
    heard += chunk.toString();
  });
  socket.on('error', () => undefined);
  socket.write(text);
  await once(socket, 'close');
  return heard;
}

test.each([
  ['half a request line', 'GET /healthz HT'],
  ['headers without an end', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n'],
  [
    'a body that does not come',
    'POST /api/v1/claim HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{',
  ],
])('slowloris: %s is ended, and others are served meanwhile', async (_name, text) => {
  await using opened = await open();
  const { port } = opened.doors;
  const slow = speak(port, text);
  const served = await speak(port, 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  expect(served).toContain('200 OK');
  expect(await slow).toMatch(/^HTTP\/1\.1 408 /);
});

test('a connection that a browser holds in reserve is closed without a word', async () => {
  await using opened = await open();
  // What stands in it would be taken for the answer to the browser's next request.
  expect(await speak(opened.doors.port, '')).toBe('');
});

test('a declared megabyte too many is refused before it is sent', async () => {
  await using opened = await open();
  const head =
    'POST /api/v1/claim HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9999999\r\nConnection: close\r\n\r\n';
  expect(await speak(opened.doors.port, head)).toMatch(/^HTTP\/1\.1 413 /);
});

test('a request that names two lengths, or smuggles a second request, is one bad request', async () => {
  await using opened = await open();
  const smuggled =
    'POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
  const heard = await speak(opened.doors.port, smuggled);
  expect(heard).toMatch(/^HTTP\/1\.1 400 /);
  expect(heard).not.toContain('"ready"');
});

test.each([
  ['two host headers', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n'],
  ['an address of another host', 'GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost\r\n'],
  [
    'two host headers, for a socket',
    'GET /ws HTTP/1.1\r\nHost: localhost\r\nHost: a.b\r\nUpgrade: websocket\r\n',
  ],
])('H24: %s: a request that means two hosts is a bad one', async (_name, head) => {
  await using opened = await open();
  const close = head.includes('Upgrade') ? 'Connection: Upgrade\r\n\r\n' : 'Connection: close\r\n\r\n';
  expect(await speak(opened.doors.port, head + close)).toMatch(/^HTTP\/1\.1 400 /);
});

test('an address in full, of the host that is asked, is fine', async () => {
  await using opened = await open();
  const full = 'GET http://localhost/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
  expect(await speak(opened.doors.port, full)).toContain('200 OK');
});

test('a socket that somebody answers on is theirs', async () => {
  const other = createServer((socket) => socket.end());
  const opening = open(async (path) => {
    other.listen(path);
    await once(other, 'listening');
  });
  await expect(opening).rejects.toMatchObject({ code: 'gateway_busy' });
  other.close();
});

test('a gateway that stops answers what is under way and takes nobody new', async () => {
  const opened = await open();
  const { port } = opened.doors;
  const idle = connect({ port, host: '127.0.0.1' });
  await once(idle, 'connect');
  await opened[Symbol.asyncDispose]();
  const late = connect({ port, host: '127.0.0.1' });
  const [error]: { code?: string }[] = await once(late, 'error');
  expect(error?.code).toBe('ECONNREFUSED');
  idle.destroy();
});

/** An address of this machine that is not loopback: connections to it come from it. */
const OUTSIDE = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
const PUBLIC = 'https://assistant.example';
const asks = (host: string, path: string, more = '') =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/html\r\n${more}Connection: close\r\n\r\n`;
const upgrades = asks('assistant.example', '/ws').replace('close', 'Upgrade\r\nUpgrade: websocket');

test('D-12, H32: the https name, asked for in the clear and past every named proxy, is refused with the reason', async (context) => {
  if (OUTSIDE === undefined) return context.skip('this machine has no address but loopback');
  await using opened = await open(undefined, { listen: '0.0.0.0', publicUrl: PUBLIC });
  const { port } = opened.doors;
  const claimed = 'X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: https\r\nForwarded: for=127.0.0.1\r\n';
  for (const path of ['/', '/healthz', '/api/v1/claim']) {
    const page = await speak(port, asks('assistant.example', path, claimed), OUTSIDE);
    expect(page).toMatch(/^HTTP\/1\.1 421 /);
    expect(page).toContain('gateway.trustedProxies');
  }
  expect(await speak(port, upgrades, OUTSIDE)).toMatch(/^HTTP\/1\.1 421 /);
  // What a container's published port looks like, and a proxy on this machine.
  expect(await speak(port, asks('localhost:8787', '/healthz'), OUTSIDE)).toContain('200 OK');
  expect(await speak(port, asks('assistant.example', '/healthz'))).toContain('200 OK');
});

test('D-12: a named proxy on another machine brings the https name, and the visitor’s address', async (context) => {
  if (OUTSIDE === undefined) return context.skip('this machine has no address but loopback');
  const remotes: string[] = [];
  const socket: Socket = {
    ...noSocket,
    upgrade: (_request, stream, _head, { remote }) => {
      remotes.push(remote);
      stream.destroy();
    },
  };
  const network = { listen: '0.0.0.0', publicUrl: PUBLIC, trustedProxies: [OUTSIDE], socket };
  await using opened = await open(undefined, network);
  const { port } = opened.doors;
  expect(await speak(port, asks('assistant.example', '/healthz'), OUTSIDE)).toContain('200 OK');
  const says = (header: string) => upgrades.replace('Accept', `${header}\r\nAccept`);
  await speak(port, says('X-Forwarded-For: 127.0.0.1, 198.51.100.1:4711'), OUTSIDE);
  // Two headers are one list.
  await speak(port, says('X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-For: 198.51.100.2'), OUTSIDE);
  await speak(port, says('X-Forwarded-For: 127.0.0.1'), OUTSIDE);
  await speak(port, says('X-Nothing: 1'), OUTSIDE);
  await speak(port, says('X-Forwarded-For: 198.51.100.3'), '127.0.0.1');
  expect(remotes).toEqual(['198.51.100.1', '198.51.100.2', 'unknown', OUTSIDE, 'unknown']);
});

test('a socket that came by the name of web chat alone is known as such', async () => {
  const only: boolean[] = [];
  const socket: Socket = {
    ...noSocket,
    upgrade: (_request, stream, _head, { isChatOnly }) => {
      only.push(isChatOnly);
      stream.destroy();
    },
  };
  await using opened = await open(undefined, { publicUrl: PUBLIC, chatUrl: 'https://chat.example', socket });
  for (const host of ['chat.example', 'CHAT.example:443', 'assistant.example', 'localhost']) {
    await speak(opened.doors.port, upgrades.replace('assistant.example', host));
  }
  expect(only).toEqual([true, true, false, false]);
});
