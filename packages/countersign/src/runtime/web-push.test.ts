// One notification on the wire: only its browser reads it, the service can check who sends, and whatever the service or a
// name's resolver does, the connection goes where it was judged to go.
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { PushTarget } from '../core/push/push-port.ts';
import { FakeClock } from '../testing/fakes.ts';
import { PushBrowser, PushService, readVapid } from '../testing/push-service.ts';
import { createPushSender, type Resolved } from './web-push.ts';

const NOTICE = { kind: 'pairing', channel: 'telegram', language: 'de' } as const;
const clock = new FakeClock();
const subject = () => 'https://assistant.example';
const sender = createPushSender({ clock, rules: { loopback: true }, subject });
const strict = createPushSender({ clock, rules: { loopback: false }, subject });
const keys = sender.makeKeys();

test('is read by its browser alone, and says who sends to the service it is for', async () => {
  await using service = await PushService.open();
  const browser = new PushBrowser();
  const target = browser.subscription(`${service.origin}/send/1`);
  expect(await sender.send(target, keys, NOTICE)).toEqual({ as: 'delivered' });
  const [delivered = expect.fail()] = service.delivered;
  expect(JSON.parse(browser.read(delivered))).toEqual(NOTICE);
  expect(() => new PushBrowser().read(delivered)).toThrow();
  const { key, claims } = readVapid(delivered);
  expect([key, claims]).toEqual([
    keys.publicKey,
    { aud: service.origin, sub: 'https://assistant.example', exp: expect.any(Number) },
  ]);
  expect([Number(delivered.headers['ttl']) > 0, delivered.headers['urgency']]).toEqual([true, 'high']);
  expect(delivered.headers['topic']).toMatch(/^[\w-]{32}$/);
});

test('what the service sees is the same for every kind: length, headers, and a topic only the browser’s key explains', async () => {
  await using service = await PushService.open();
  const [one, other] = [new PushBrowser(), new PushBrowser()];
  for (const browser of [one, other])
    for (const kind of ['pairing', 'device', 'recovery', 'config', 'test'] as const)
      await sender.send(browser.subscription(service.origin), keys, { kind, channel: null, language: 'en' });
  const seen = service.delivered.map(({ body, headers }) =>
    [body.length, headers['ttl'], headers['urgency']].join(),
  );
  expect(new Set(seen).size).toBe(1);
  expect(new Set(service.delivered.map(({ headers }) => headers['topic'])).size).toBe(10);
  const again = service.delivered[0]?.headers['topic'];
  await sender.send(one.subscription(service.origin), keys, {
    kind: 'pairing',
    channel: 'x',
    language: 'en',
  });
  expect(service.delivered.at(-1)?.headers['topic']).toBe(again);
});

test.each([
  [{ status: 200 }, { as: 'delivered' }],
  [{ status: 404 }, { as: 'gone' }],
  [{ status: 410 }, { as: 'gone' }],
  [{ status: 429 }, { as: 'later', why: 'busy_429', afterMs: null }],
  [
    { status: 429, headers: { 'retry-after': '7' } },
    { as: 'later', why: 'busy_429', afterMs: 7_000 },
  ],
  [
    { status: 503, headers: { 'retry-after': new Date(clock.now() + 60_000).toUTCString() } },
    { as: 'later', why: 'busy_503', afterMs: 60_000 },
  ],
  [
    { status: 500, headers: { 'retry-after': 'soon' } },
    { as: 'later', why: 'busy_500', afterMs: null },
  ],
  [{ status: 400 }, { as: 'refused', why: 'refused_400' }],
  [{ status: 403 }, { as: 'refused', why: 'refused_403' }],
  [{ status: 413 }, { as: 'refused', why: 'refused_413' }],
] as const)('%j is %j', async (answer, fate) => {
  await using service = await PushService.open();
  service.answers.push(answer);
  expect(await sender.send(new PushBrowser().subscription(service.origin), keys, NOTICE)).toEqual(fate);
});

test.each([301, 302, 307, 308])('a redirect (%i) is followed nowhere', async (status) => {
  await using service = await PushService.open();
  await using inside = await PushService.open();
  service.answers.push({ status, headers: { location: `${inside.origin}/secret` } });
  const target = new PushBrowser().subscription(service.origin);
  expect(await sender.send(target, keys, NOTICE)).toEqual({ as: 'refused', why: `refused_${status}` });
  expect([service.delivered.length, inside.delivered.length]).toEqual([1, 0]);
});

test('a service that is not there, or says something else than HTTP, is tried later', async () => {
  const later = { as: 'later', why: 'unreachable', afterMs: null };
  const nothing = new PushBrowser().subscription('http://127.0.0.1:1/x');
  expect(await sender.send(nothing, keys, NOTICE)).toEqual(later);
  const junk = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.resume();
    socket.end(`HTTP/1.1 201 Created\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`);
  });
  await new Promise<void>((resolve) => junk.listen(0, '127.0.0.1', resolve));
  const address = junk.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const target = new PushBrowser().subscription(`http://127.0.0.1:${port}/x`);
  expect(await sender.send(target, keys, NOTICE)).toEqual(later);
  await new Promise((resolve) => junk.close(resolve));
});

test('an address inside is never connected to, whatever name leads there', async () => {
  await using service = await PushService.open();
  const { port } = new URL(service.origin);
  const closed: readonly (readonly string[])[] = [
    ['127.0.0.1'],
    ['10.0.0.1'],
    ['169.254.169.254'],
    ['::1'],
    ['::ffff:127.0.0.1'],
    ['fd00::1'],
    ['8.8.8.8', '127.0.0.1'],
    ['127.0.0.1', '8.8.8.8'],
  ];
  for (const addresses of closed) {
    const asked: string[] = [];
    const rebound = createPushSender({
      clock,
      rules: { loopback: false },
      subject,
      resolve: async (host) => {
        asked.push(host);
        return addresses.map((address): Resolved => ({ address, family: address.includes(':') ? 6 : 4 }));
      },
    });
    const target = new PushBrowser().subscription(`https://push.example:${port}/x`);
    expect(await rebound.send(target, keys, NOTICE)).toEqual({ as: 'refused', why: 'endpoint_not_public' });
    expect(asked).toEqual(['push.example']);
  }
  expect(service.delivered).toEqual([]);
});

test('DNS rebinding: the connection goes to the address that was judged, and the name is not asked again', async () => {
  await using service = await PushService.open();
  let looks = 0;
  const pinned = createPushSender({
    clock,
    rules: { loopback: true },
    subject,
    resolve: async () => {
      looks += 1;
      return [{ address: looks === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }];
    },
  });
  const { port } = new URL(service.origin);
  const target = new PushBrowser().subscription(`http://localhost:${port}/x`);
  expect(await pinned.send(target, keys, NOTICE)).toEqual({ as: 'delivered' });
  expect(looks).toBe(1);
  expect(service.delivered[0]?.headers.host).toBe(`localhost:${port}`);
});

test('a name that nobody answers for, and a service that stays silent, hold nobody up', async () => {
  const withinMs = 20;
  const later = { as: 'later', why: 'unreachable', afterMs: null };
  const resolve = () => new Promise<never>(() => undefined);
  const unnamed = createPushSender({ clock, rules: { loopback: false }, subject, withinMs, resolve });
  const nowhere = new PushBrowser().subscription('https://push.example/x');
  expect(await unnamed.send(nowhere, keys, NOTICE)).toEqual(later);
  const silent = createServer((socket) => socket.on('error', () => undefined).resume());
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const target = new PushBrowser().subscription(`http://127.0.0.1:${port}/x`);
  const quick = createPushSender({ clock, rules: { loopback: true }, subject, withinMs });
  expect(await quick.send(target, keys, NOTICE)).toEqual(later);
  await new Promise((done) => silent.close(done));
});

test('what cannot be sent to is refused when it is named', () => {
  const good = new PushBrowser().subscription('https://push.example/x');
  const wrong: readonly (readonly [Partial<PushTarget>, string])[] = [
    [{ endpoint: 'http://push.example/x' }, 'endpoint_not_https'],
    [{ endpoint: 'https://127.0.0.1/x' }, 'endpoint_not_public'],
    [{ p256dh: `B${'A'.repeat(86)}` }, 'keys_malformed'],
    [{ p256dh: good.p256dh.slice(1) }, 'keys_malformed'],
    [{ p256dh: '' }, 'keys_malformed'],
    [{ auth: good.auth.slice(2) }, 'keys_malformed'],
  ];
  expect(strict.refuses(good)).toBeNull();
  for (const [more, why] of wrong) expect(strict.refuses({ ...good, ...more })).toBe(why);
});
