// The socket of web chat as an attacker and a page meet it: a real gateway, real frames, keys of the test's own.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BrowserKey, ChatClient, connectFrame } from './chat-client.ts';
import { RealGateway } from './gateway.ts';

let gateway: RealGateway;
beforeAll(async () => {
  gateway = await RealGateway.start();
}, 60_000);
afterAll(() => gateway?.[Symbol.asyncDispose]());

const listed = async () =>
  (await gateway.json<{ items: { identifier: string; code?: string }[] }>('pairing', 'list')).items;

test('a stranger gets a code and silence; after the yes the answer comes in pieces and whole', async () => {
  const key = new BrowserKey();
  const client = await ChatClient.connect(gateway.url, key, { name: 'Ana' });
  expect(client.frames.map(({ type }) => type)).toEqual(['connect.challenge', 'hello', 'chat.state']);
  client.send({ type: 'chat.say', id: 'say-0001', text: 'hello' });
  await client.next('chat.hold', ({ id }) => id === 'say-0001');
  const { code } = await client.next('chat.state', ({ state }) => state === 'pending');
  const row = (await listed()).find(({ identifier }) => identifier === key.identifier);
  expect(row?.code).toBe(code);
  await gateway.cli('pairing', 'approve', 'webchat', String(code));
  await client.next('chat.state', ({ state }) => state === 'paired');
  client.send({ type: 'chat.say', id: 'say-0002', text: 'hello again' });
  await client.next('chat.message', ({ id, from }) => id === 'say-0002' && from === 'you');
  const answer = await client.next('chat.message', ({ from }) => from === 'agent');
  const { turn } = await client.next('chat.done', ({ seq }) => seq === answer['seq']);
  const pieces = client.frames.filter((frame) => frame.type === 'chat.delta' && frame['turn'] === turn);
  expect(pieces.map(({ index }) => index)).toEqual(pieces.map((_, n) => n));
  expect(pieces.map(({ text }) => text).join('')).toBe(answer['text']);
  client.close();

  // The same words under the same id are the same message, however often the page repeats them.
  const again = await ChatClient.connect(gateway.url, key);
  again.send({ type: 'chat.say', id: 'say-0002', text: 'hello again' });
  again.send({ type: 'chat.resume', after: 0 });
  await again.next('chat.message', ({ seq }) => seq === answer['seq']);
  const mine = again.frames.filter((frame) => frame.type === 'chat.message' && frame['id'] === 'say-0002');
  expect(new Set(mine.map(({ seq }) => seq)).size).toBe(1);
  again.close();
});

test('what an owner orders in web chat is taken and answered, and nothing says that it was held', async () => {
  const key = new BrowserKey();
  await gateway.cli('people', 'add', 'Olga', '--role', 'owner', '--peer', `webchat:${key.identifier}`);
  const client = await ChatClient.connect(gateway.url, key);
  await client.next('chat.state', ({ state }) => state === 'paired');
  client.send({ type: 'chat.say', id: 'say-3001', text: '/whoami' });
  await client.next('chat.taken', ({ id }) => id === 'say-3001');
  await client.next(
    'chat.message',
    ({ from, text }) => from === 'gateway' && String(text).startsWith('You are '),
  );
  client.close();

  // The page did not hear of it and says it again.
  const again = await ChatClient.connect(gateway.url, key);
  again.send({ type: 'chat.say', id: 'say-3001', text: '/whoami' });
  await again.next('chat.taken', ({ id }) => id === 'say-3001');
  expect(again.frames.some(({ type }) => type === 'chat.hold')).toBe(false);
  again.close();
});

test('H17: a signature that does not fit leaves no row, no reply and no socket', async () => {
  const key = new BrowserKey();
  const other = new BrowserKey();
  const flaws: ((challenge: Parameters<typeof connectFrame>[1]) => object)[] = [
    (challenge) => ({ ...connectFrame(other, challenge), key: key.jwk }),
    (challenge) => connectFrame(key, { ...challenge, nonce: 'another-nonce' }),
    (challenge) => connectFrame(key, { ...challenge, ts: Number(challenge['ts']) + 1 }),
    (challenge) => connectFrame(key, { ...challenge, gateway: 'another-gateway' }),
    (challenge) => connectFrame(key, challenge, { role: 'operator' }),
    (challenge) => connectFrame(key, challenge, { signature: 'A'.repeat(86) }),
  ];
  for (const flaw of flaws) {
    const client = new ChatClient(gateway.url);
    const challenge = await client.next('connect.challenge');
    client.send(flaw(challenge));
    client.send({ type: 'chat.say', id: 'say-1001', text: 'let me in' });
    const { code, reason } = await client.closed;
    expect(code).toBe(1008);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
    expect(client.frames.map(({ type }) => type)).toEqual(['connect.challenge', 'error']);
  }
  expect((await listed()).some(({ identifier }) => identifier === key.identifier)).toBe(false);
});

test("a connect of one socket opens no other: the challenge is this socket's own", async () => {
  const key = new BrowserKey();
  const first = new ChatClient(gateway.url);
  const frame = connectFrame(key, await first.next('connect.challenge'));
  const second = new ChatClient(gateway.url);
  await second.next('connect.challenge');
  second.send(frame);
  expect((await second.closed).code).toBe(1008);
  first.close();
});

test('H12: a frame that names a sender, a route or an owner flag is no frame', async () => {
  for (const extra of [{ from: 'owner' }, { owner: true }, { peer: 'x' }, { channel: 'telegram' }]) {
    const client = await ChatClient.connect(gateway.url, new BrowserKey());
    client.send({ type: 'chat.say', id: 'say-2001', text: 'hi', ...extra });
    expect((await client.closed).code).toBe(1008);
  }
});

test.each([
  ['not JSON', 'hello'],
  ['an unknown type', JSON.stringify({ type: 'chat.admin' })],
  ['a say before connect', JSON.stringify({ type: 'chat.say', id: 'say-3001', text: 'hi' })],
  ['an array', '[]'],
])('%s ends the socket with a reason', async (_what, text) => {
  const client = new ChatClient(gateway.url);
  await client.next('connect.challenge');
  client.socket.send(text);
  expect((await client.closed).code).toBe(1008);
  expect(client.frames.at(-1)).toMatchObject({ type: 'error' });
});

test('a flood of frames ends its own socket and nobody else is the slower for it', async () => {
  const flood = await ChatClient.connect(gateway.url, new BrowserKey());
  for (let n = 0; n < 2_000; n++) flood.send({ type: 'chat.resume', after: 0 });
  expect((await flood.closed).code).toBe(1008);
  expect(flood.frames.at(-1)).toMatchObject({ type: 'error', code: 'rate_limited' });
  const other = await ChatClient.connect(gateway.url, new BrowserKey());
  other.close();
});

test('bad input is refused by name and nothing of it is kept: too long, empty, half a character', async () => {
  const client = await ChatClient.connect(gateway.url, new BrowserKey());
  const say = async (id: string, text: string) => {
    client.send({ type: 'chat.say', id, text });
    return (await client.next('chat.refused', (frame) => frame['id'] === id))['reason'];
  };
  expect(await say('say-4001', 'x'.repeat(16_001))).toBe('too_long');
  expect(await say('say-4002', '   ')).toBe('empty');
  expect(await say('say-4003', 'a\ud800b')).toBe('not_text');
  client.close();
  const big = await ChatClient.connect(gateway.url, new BrowserKey());
  big.send({ type: 'chat.say', id: 'say-4004', text: 'x'.repeat(1_000_000) });
  expect((await big.closed).code).toBe(1009);
  expect((await gateway.json<{ running: boolean }>('gateway', 'status')).running).toBe(true);
});

test("R67: NUL, bidi and zero-width characters in a name are made visible in the owner's list", async () => {
  const key = new BrowserKey();
  const client = await ChatClient.connect(gateway.url, key, { name: 'A\u202Eevil\u0000\u200B' });
  client.send({ type: 'chat.say', id: 'say-5001', text: 'hi' });
  await client.next('chat.hold');
  await client.next('chat.state', ({ state }) => state === 'pending' || state === 'waiting');
  const { stdout } = await gateway.cli('pairing', 'list');
  expect(stdout).toContain(key.identifier.slice(0, 8));
  for (const hidden of ['\u202E', '\u0000', '\u200B']) expect(stdout).not.toContain(hidden);
  client.close();
});

test('H24: a foreign Origin, a rebound host name and a cross-site fetch get no socket', async () => {
  const port = new URL(gateway.url).port;
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: `http://localhost:${Number(port) + 1}` },
    { host: 'evil.example' },
    { host: `evil.example:${port}`, origin: `http://evil.example:${port}` },
    { 'sec-fetch-site': 'cross-site' },
  ]) {
    const client = new ChatClient(gateway.url, headers as Record<string, string>);
    expect((await client.closed).code).toBe(1006);
    expect(client.frames).toEqual([]);
  }
});

test('a forgotten browser is told so, and the gateway keeps nothing of it', async () => {
  const key = new BrowserKey();
  const client = await ChatClient.connect(gateway.url, key);
  await gateway.cli('people', 'add', 'Zoe', '--peer', `webchat:${key.identifier}`);
  await client.next('chat.state', ({ state }) => state === 'paired');
  client.send({ type: 'chat.say', id: 'say-6001', text: 'remember me' });
  await client.next('chat.message', ({ from }) => from === 'agent');
  expect(await gateway.cli('people', 'forget', 'Zoe', '--yes')).toMatchObject({ code: 0 });
  await client.next('chat.reset');
  client.close();
  const back = await ChatClient.connect(gateway.url, key);
  expect(back.frames.at(-1)).toMatchObject({ type: 'chat.state', state: 'unknown' });
  back.send({ type: 'chat.resume', after: 3 });
  await back.next('chat.reset');
  back.close();
});

test('a stop tells every page and ends the process with 0', async () => {
  const client = await ChatClient.connect(gateway.url, new BrowserKey());
  const code = await gateway.stop();
  expect(code).toBe(0);
  expect((await client.closed).code).toBe(1001);
  expect(client.frames.at(-1)).toMatchObject({ type: 'error', code: 'gateway_stopping' });
  expect((await gateway.cli('audit', 'verify')).code).toBe(0);
});
