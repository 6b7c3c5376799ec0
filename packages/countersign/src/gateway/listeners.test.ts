// H63: connections that take their time take it away from everybody. What says nothing whole ends; what is too large ends
// before it is read. And the doors: none of them takes a socket from somebody who answers on it.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
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
const patience = { headersMs: 200, requestMs: 400, lookEveryMs: 50 };

async function open(
  before: (hostSocket: string) => Promise<unknown> = async () => undefined,
): Promise<Opened> {
  const house = await openHouse();
  const folder = mkdtempSync(join(tmpdir(), 'cs-doors-'));
  const local = {
    hostSocket: join(folder, 'host.sock'),
    agentSocket: join(folder, 'agent.sock'),
    protectAgentSocket: () => undefined,
  };
  const ports = {
    app: house.composed.app,
    socket: noSocket,
    names: () => ({ publicUrl: null, chatUrl: null }),
    trustedProxies: () => [],
    patience,
  };
  const dispose = async () => {
    await house[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await before(local.hostSocket);
    const doors = await listen(ports, { hosts: ['127.0.0.1'], port: 0, local });
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
async function speak(port: number, text: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
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
  expect(await slow).toMatch(/^(HTTP\/1\.1 (400|408)|$)/);
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
