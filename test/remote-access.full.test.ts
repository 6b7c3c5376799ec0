// D-12, H24, H32: the recipes of docs/remote-access.md with the real programs. A page over TLS, a socket, streams, limits;
// and what a visitor writes into headers makes them neither local nor somebody else.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DeviceKey, sha256 } from '../packages/countersign/src/testing/device-key.ts';
import { BrowserKey, ChatClient, type Frame } from './chat-client.ts';
import { RealGateway } from './gateway.ts';
import { askPlain, NAME, outsideAddress, type ProxyName, RealProxy, recipe, whyNot } from './proxies.ts';

const JSON_BODY = { 'content-type': 'application/json' };
const OUTSIDE = outsideAddress();

interface Row {
  readonly identifier: string;
  readonly state: string;
}

/** Says the beginning of an answer, and the rest when it is told to. */
class SlowServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #open: ServerResponse[] = [];

  constructor() {
    this.#server = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify({ choices: [{ delta: { content: 'first words' } }] })}\n\n`);
      this.#open.push(response);
    });
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  finish(): void {
    for (const response of this.#open.splice(0)) response.end('data: [DONE]\n\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

const lanes: readonly ProxyName[] = ['caddy', 'nginx'];

describe.each(lanes)('behind %s, as the document says', { timeout: 180_000 }, (name) => {
  const missing = whyNot(name);
  const agent = new SlowServer();
  let gateway: RealGateway;
  let proxy: RealProxy;

  beforeAll(async () => {
    if (missing !== null) return;
    gateway = await RealGateway.prepare();
    const places = await RealProxy.places(gateway.port);
    const config = {
      gateway: { publicUrl: `https://${NAME}:${places.tls}`, trustedProxies: ['127.0.0.1', '::1'] },
      agent: { url: `http://127.0.0.1:${await agent.listen()}/v1` },
    };
    writeFileSync(join(gateway.home, 'countersign.jsonc'), JSON.stringify(config), { mode: 0o600 });
    await gateway.start();
    proxy = await RealProxy.start(name, places);
  }, 300_000);
  afterAll(async () => {
    await proxy?.[Symbol.asyncDispose]();
    await gateway?.[Symbol.asyncDispose]();
    await agent[Symbol.asyncDispose]();
  });

  const strangerFrom = async (from: string, headers: Record<string, string>): Promise<string> => {
    const key = new BrowserKey();
    const client = await ChatClient.connect(proxy.url, key, {}, { ...proxy.options(from), headers });
    client.send({ type: 'chat.say', id: 'say-0001', text: 'hello' });
    await client.any(
      ({ type, state }) => type === 'chat.hold' || (type === 'chat.state' && state !== 'unknown'),
    );
    const { items } = await gateway.json<{ items: Row[] }>('pairing', 'list');
    client.close();
    return items.find(({ identifier }) => identifier === key.identifier)?.state ?? 'nobody';
  };

  test('the pages load over TLS under the public name, and plain HTTP leads there', async (context) => {
    if (missing !== null) return context.skip(missing);
    for (const path of ['/', '/chat']) {
      const page = await proxy.ask('GET', path, { headers: { accept: 'text/html' } });
      expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
      expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    }
    const plain = await askPlain(proxy.places.plain, { host: NAME });
    expect([301, 308]).toContain(plain.status);
    expect(plain.headers.location).toMatch(new RegExp(`^https://${NAME}`));
  });

  test('web chat: a stranger, a yes, and words of the answer before it is complete', async (context) => {
    if (missing !== null) return context.skip(missing);
    const key = new BrowserKey();
    const client = await ChatClient.connect(proxy.url, key, { name: 'Ana' }, proxy.options());
    client.send({ type: 'chat.say', id: 'say-0001', text: 'hello' });
    const { code } = await client.next('chat.state', ({ state }) => state === 'pending');
    expect(await gateway.cli('pairing', 'approve', 'webchat', String(code))).toMatchObject({ code: 0 });
    await client.next('chat.state', ({ state }) => state === 'paired');
    client.send({ type: 'chat.say', id: 'say-0002', text: 'and now?' });
    // The agent holds its breath until these words have come the whole way.
    const { text } = await client.next('chat.delta');
    expect(text).toContain('first words');
    agent.finish();
    await client.next('chat.message', ({ from }) => from === 'agent');
    client.close();
  });

  test('a streamed answer over HTTP is passed on as it comes', async (context) => {
    if (missing !== null) return context.skip(missing);
    await using upstream = new SlowServer();
    await using second = await RealProxy.start(name, await RealProxy.places(await upstream.listen()));
    const answer = await second.ask('POST', '/v1/chat/completions', {
      headers: JSON_BODY,
      body: '{"stream":true}',
      onData: (text) => (text.includes('first words') ? upstream.finish() : undefined),
    });
    expect(answer.text).toMatch(/first words[\s\S]*\[DONE\]/);
  });

  test('R60: a device proves the address its browser shows, and a passkey is made for that origin', async (context) => {
    if (missing !== null) return context.skip(missing);
    await gateway.cli('people', 'add', 'Ana', '--role', 'owner');
    const key = new DeviceKey();
    const knock = async (): Promise<Frame> => {
      const client = new ChatClient(proxy.url, { origin: proxy.url }, proxy.options());
      const { gateway: house, nonce, ts } = await client.next('connect.challenge');
      const challenge = { gateway: String(house), nonce: String(nonce), ts: Number(ts) };
      client.send(key.connect(challenge, { role: 'operator', scopes: ['read', 'manage'] }));
      const said = await client.any(({ type }) => type === 'hello' || type === 'error');
      client.close();
      return said;
    };
    const { requestId } = await knock();
    expect(await gateway.cli('devices', 'approve', String(requestId))).toMatchObject({ code: 0 });
    const { token, nonce } = await knock();
    let count = 0;
    const call = (method: string, path: string, origin: string, body?: string) => {
      count += 1;
      const bound = {
        jti: `proof-${count}-${name}`,
        ath: sha256(String(token)),
        bh: sha256(body ?? ''),
        nonce,
      };
      const proof = key.proof({ htm: method, htu: `${origin}${path}`, iat: 1, ...bound });
      const headers = {
        authorization: `DPoP ${String(token)}`,
        dpop: proof,
        origin: proxy.url,
        ...JSON_BODY,
      };
      return proxy.ask(method, path, { headers, ...(body === undefined ? {} : { body }) });
    };
    expect(await call('GET', '/api/v1/people', proxy.url)).toMatchObject({ status: 200 });
    for (const other of [proxy.url.replace('https', 'http'), `https://${NAME}`, gateway.url]) {
      expect((await call('GET', '/api/v1/people', other)).status, other).toBe(401);
    }
    const begun = await call('POST', '/api/v1/factors/passkey', proxy.url, '{}');
    expect(begun).toMatchObject({ status: 200 });
    expect(JSON.parse(begun.text)).toMatchObject({ options: { rp: { id: NAME } } });
  });

  test('H24: host names and origins are checked through the proxy as they are without it', async (context) => {
    if (missing !== null) return context.skip(missing);
    for (const host of ['evil.example', 'localhost', `localhost:${gateway.port}`, NAME, `${NAME}:1`]) {
      const answer = await proxy.ask('GET', '/api/v1/login', { headers: { host } });
      // Whoever refuses it: nothing of ours comes back. NAME without the port is another name than publicUrl.
      expect(answer.text, host).not.toContain('"nonce"');
    }
    const write = (headers: Record<string, string>) =>
      proxy.ask('POST', '/api/v1/login/challenge', { headers: { ...JSON_BODY, ...headers }, body: '{}' });
    expect(await write({ origin: proxy.url })).toMatchObject({ status: 400 });
    for (const origin of [
      'https://evil.example',
      proxy.url.replace('https', 'http'),
      `https://${NAME}`,
      'null',
    ]) {
      const answer = await write({ origin, 'x-forwarded-host': 'evil.example' });
      expect([answer.status, answer.text.includes('auth_origin_forbidden')], origin).toEqual([403, true]);
      const socket = new ChatClient(proxy.url, { origin }, proxy.options());
      expect((await socket.closed).code, origin).toBe(1006);
      expect(socket.frames).toEqual([]);
    }
    const own = new ChatClient(proxy.url, { origin: proxy.url }, proxy.options());
    await own.next('connect.challenge');
    own.close();
  });

  test('H32: forwarded headers and the way through this machine open no door', async (context) => {
    if (missing !== null) return context.skip(missing);
    const headers = {
      'x-forwarded-for': '127.0.0.1',
      'x-real-ip': '127.0.0.1',
      'x-forwarded-host': 'localhost',
      'x-forwarded-proto': 'http',
      forwarded: 'for=127.0.0.1;host=localhost',
      'tailscale-user-login': 'owner@example.com',
    };
    for (const path of ['/api/v1/gateway', '/api/v1/people', '/metrics']) {
      expect((await proxy.ask('GET', path, { headers })).status, path).toBe(401);
    }
  });

  test('a body over 1 MiB is 413 from the gateway, one far over it 413 from whoever sees it first', async (context) => {
    if (missing !== null) return context.skip(missing);
    const send = (bytes: number) =>
      proxy.ask('POST', '/api/v1/login/challenge', { headers: JSON_BODY, body: Buffer.alloc(bytes, 0x20) });
    const answer = await send(1024 * 1024 + 1);
    expect([answer.status, answer.headers['content-type']]).toEqual([413, 'application/problem+json']);
    expect((await send(3 * 1024 * 1024)).status).toBe(413);
    expect((await send(1024 * 1024)).status).toBe(400);
  });

  test('H32, H64: slots per address count the visitor, whatever the visitor writes to the left', async (context) => {
    if (missing !== null) return context.skip(missing);
    if (OUTSIDE === null)
      return context.skip('this machine has no address but loopback: nobody could come from outside');
    await gateway.cli('pairing', 'reset', '--yes');
    // Two of the account's three slots are one address's share.
    expect(await strangerFrom(OUTSIDE, { 'x-forwarded-for': '127.0.0.1' })).toBe('pending');
    expect(await strangerFrom(OUTSIDE, { 'x-forwarded-for': '198.51.100.1' })).toBe('pending');
    expect(await strangerFrom(OUTSIDE, { 'x-forwarded-for': '198.51.100.2, 127.0.0.1' })).toBe('waiting');
    expect(await strangerFrom('127.0.0.1', {})).toBe('pending');
  });

  test('a proxy that is not named: its visitors are unknown, and only the account’s own cap holds', async (context) => {
    if (missing !== null) return context.skip(missing);
    if (OUTSIDE === null)
      return context.skip('this machine has no address but loopback: nobody could come from outside');
    expect(await gateway.cli('config', 'set', 'gateway.trustedProxies', '[]')).toMatchObject({ code: 0 });
    await gateway.cli('pairing', 'reset', '--yes');
    for (let visitor = 0; visitor < 3; visitor++) {
      expect(await strangerFrom(OUTSIDE, { 'x-forwarded-for': '198.51.100.1' })).toBe('pending');
    }
    expect(await strangerFrom(OUTSIDE, {})).toBe('waiting');
  });
});

test('H32: with an nginx that appends, what stands to the left is not read either', async (context) => {
  const missing = whyNot('nginx');
  if (missing !== null) return context.skip(missing);
  await using gateway = await RealGateway.prepare();
  const places = await RealProxy.places(gateway.port);
  const config = { gateway: { publicUrl: `https://${NAME}:${places.tls}`, trustedProxies: ['127.0.0.1'] } };
  writeFileSync(join(gateway.home, 'countersign.jsonc'), JSON.stringify(config), { mode: 0o600 });
  const block = recipe('nginx').replace(
    'X-Forwarded-For $remote_addr',
    'X-Forwarded-For $proxy_add_x_forwarded_for',
  );
  expect(block).toContain('$proxy_add_x_forwarded_for');
  await gateway.start();
  await using proxy = await RealProxy.start('nginx', places, block);
  if (OUTSIDE === null)
    return context.skip('this machine has no address but loopback: nobody could come from outside');
  const states: unknown[] = [];
  for (const left of ['198.51.100.1', '203.0.113.9, 127.0.0.1', '::1']) {
    const options = { ...proxy.options(OUTSIDE), headers: { 'x-forwarded-for': left } };
    const client = await ChatClient.connect(proxy.url, new BrowserKey(), {}, options);
    client.send({ type: 'chat.say', id: 'say-0001', text: 'hello' });
    await client.any(
      ({ type, state }) => type === 'chat.hold' || (type === 'chat.state' && state !== 'unknown'),
    );
    client.close();
  }
  const { items } = await gateway.json<{ items: Row[] }>('pairing', 'list');
  states.push(...items.map(({ state }) => state).toSorted());
  expect(states).toEqual(['pending', 'pending', 'waiting']);
}, 180_000);
