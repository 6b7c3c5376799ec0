// The gateway as a process: its doors and who may open them, a home that is held, a port that is taken, a stop in order,
// and a death in the middle.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';

const BIN = fileURLToPath(new URL('../../bin/countersign.js', import.meta.url));
const started: ChildProcess[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newHome(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cs-run-'));
  folders.push(folder);
  return join(folder, 'home');
}

interface Gateway {
  readonly child: ChildProcess;
  readonly home: string;
  out(): string;
  err(): string;
  /** Resolves with the port once it answers on it, or rejects when it ended. */
  readonly ready: Promise<number>;
  readonly ended: Promise<number | string>;
}

function start(home: string, env: Record<string, string> = {}): Gateway {
  const child = spawn(process.execPath, [BIN, 'gateway', 'run'], {
    env: { PATH: process.env['PATH'], HOME: home, COUNTERSIGN_HOME: home, COUNTERSIGN_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let [out, err] = ['', ''];
  const ended = once(child, 'exit').then(([code, signal]): number | string => code ?? signal);
  const ready = new Promise<number>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      const port = /http:\/\/localhost:(\d+)\//.exec(out)?.[1];
      if (port !== undefined && /countersign pairing list/.test(out)) resolve(Number(port));
    });
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
    });
    void ended.then((code) => reject(new Error(`ended with ${code}: ${err}`)));
  });
  ready.catch(() => undefined);
  return { child, home, out: () => out, err: () => err, ready, ended };
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

function ask(
  to: { port: number; host?: string } | { socketPath: string },
  path: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({ ...to, path, headers: { host: 'localhost', ...headers } }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    call.on('error', reject);
    call.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, body: '' });
    });
    call.end();
  });
}

async function hold(host: string, port = 0): Promise<{ server: Server; port: number }> {
  const server = createServer();
  server.listen({ host, port, ipv6Only: true });
  await once(server, 'listening');
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 };
}

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

test('three doors on both loopback families, each open to whom it is meant for', async () => {
  const gateway = start(newHome());
  const port = await gateway.ready;
  const { home } = gateway;
  const run = join(home, 'run');
  expect(
    [
      home,
      run,
      join(run, 'agent'),
      join(run, 'host.sock'),
      join(run, 'agent', 'agent.sock'),
      join(run, 'gateway.json'),
    ].map(mode),
  ).toEqual(['700', '700', '700', '600', '600', '600']);
  for (const host of ['127.0.0.1', '::1'])
    expect(await ask({ port, host }, '/healthz')).toMatchObject({ status: 200 });
  expect(
    await ask({ socketPath: join(run, 'host.sock') }, '/api/v1/gateway', { host: 'evil.example' }),
  ).toMatchObject({ status: 200 });
  expect(await ask({ port }, '/api/v1/gateway')).toMatchObject({ status: 401 });
  const agent = { socketPath: join(run, 'agent', 'agent.sock') };
  expect(await ask(agent, '/healthz')).toMatchObject({ status: 200 });
  for (const path of ['/', '/readyz', '/metrics', '/api/v1/claim', '/api/v1/gateway', '/ws', '/nothing']) {
    expect(await ask(agent, path), path).toMatchObject({ status: 401 });
  }
});

test('H24: the socket upgrade asks for name and origin before a byte is spoken', async () => {
  const port = await start(newHome()).ready;
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.alloc(16).toString('base64'),
  };
  const status = async (headers: Record<string, string>, path = '/ws') =>
    (await ask({ port }, path, { ...upgrade, ...headers })).status;
  expect(await status({})).toBe(101);
  expect(await status({ host: `localhost:${port}`, origin: `http://localhost:${port}` })).toBe(101);
  expect(await status({ origin: 'https://evil.example' })).toBe(403);
  expect(await status({ host: `localhost:${port}`, origin: 'http://localhost:3000' })).toBe(403);
  expect(await status({ 'sec-fetch-site': 'cross-site' })).toBe(403);
  expect(await status({ host: 'rebound.example' })).toBe(421);
  expect(await status({}, '/healthz')).toBe(404);
});

test('a second gateway on the same home is refused with the reason, and the first goes on', async () => {
  const home = newHome();
  const first = start(home);
  const port = await first.ready;
  const second = start(home);
  expect(await second.ended).toBe(16);
  expect(second.err()).toContain(`process ${first.child.pid}`);
  expect(second.out()).toBe('');
  expect((await ask({ port }, '/readyz')).status).toBe(200);
});

test.each(['127.0.0.1', '::1'])(
  'a port taken on %s alone ends the start before any claim link is printed',
  async (host) => {
    const { server, port } = await hold(host);
    const home = newHome();
    const gateway = start(home, { COUNTERSIGN_PORT: String(port) });
    expect(await gateway.ended).toBe(16);
    expect(gateway.err()).toContain('taken');
    expect(gateway.out() + gateway.err()).not.toContain('claim=');
    expect(existsSync(join(home, 'run', 'gateway.json'))).toBe(false);
    server.close();
  },
);

test('a stop in order leaves nothing behind but the state, and says so in the audit', async () => {
  const home = newHome();
  const gateway = start(home);
  const port = await gateway.ready;
  const idle = connect({ port, host: '127.0.0.1' });
  await once(idle, 'connect');
  gateway.child.kill('SIGTERM');
  expect(await gateway.ended).toBe(0);
  idle.destroy();
  for (const name of ['host.sock', 'agent/agent.sock', 'gateway.json'])
    expect(existsSync(join(home, 'run', name)), name).toBe(false);
  const log = readFileSync(join(home, 'logs', 'gateway.log'), 'utf8');
  expect(log).toContain('gateway.stopped');
  // H38: the link went to the terminal, and nowhere else.
  const secret = /#claim=(\w+)/.exec(gateway.out())?.[1] ?? '';
  expect(secret).not.toBe('');
  for (const name of readdirSync(home, { recursive: true, withFileTypes: true })) {
    if (name.isFile())
      expect(readFileSync(join(name.parentPath, name.name)).includes(secret), name.name).toBe(false);
  }
  const again = start(home);
  await again.ready;
  const { body } = await ask(
    { socketPath: join(home, 'run', 'host.sock') },
    '/api/v1/audit?type=gateway.stopped',
  );
  expect(JSON.parse(body).items).toHaveLength(1);
});

test('POST /api/v1/gateway/stop at the host door ends it, and its answer still arrives', async () => {
  const home = newHome();
  const gateway = start(home);
  await gateway.ready;
  const answer = await new Promise<number>((resolve, reject) => {
    const call = request(
      {
        socketPath: join(home, 'run', 'host.sock'),
        path: '/api/v1/gateway/stop',
        method: 'POST',
        headers: { host: 'localhost' },
      },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    call.on('error', reject);
    call.end();
  });
  expect(answer).toBe(200);
  expect(await gateway.ended).toBe(0);
});

test('after kill -9 the home starts again: sockets replaced, chain whole', async () => {
  const home = newHome();
  const first = start(home);
  await first.ready;
  first.child.kill('SIGKILL');
  await first.ended;
  expect(existsSync(join(home, 'run', 'host.sock'))).toBe(true);
  const second = start(home);
  const port = await second.ready;
  expect((await ask({ port }, '/readyz')).status).toBe(200);
  const { body } = await ask({ socketPath: join(home, 'run', 'host.sock') }, '/api/v1/audit/verify');
  expect(JSON.parse(body)).toMatchObject({ ok: true });
});

test('bytes that are no HTTP end the connection and nothing else', async () => {
  const port = await start(newHome()).ready;
  for (const bytes of [
    '\x16\x03\x01\x02\x00',
    'GET /\r\n\r\n',
    'GET http://[ HTTP/1.1\r\nHost: localhost\r\n\r\n',
    `GET /\\x HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`,
  ]) {
    const socket = connect({ port, host: '127.0.0.1' });
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString();
      socket.end();
    });
    socket.on('error', () => undefined);
    socket.write(bytes);
    await once(socket, 'close');
    expect(heard).toMatch(/^HTTP\/1\.1 4\d\d/);
  }
  expect((await ask({ port }, '/healthz')).status).toBe(200);
});
