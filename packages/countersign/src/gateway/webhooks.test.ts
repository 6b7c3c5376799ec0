// Deliveries at the front door: whatever does not verify is answered alike, nothing large or slow is kept waiting for,
// and who guesses secrets is not let guess for long.
import { Problem } from '@countersign/protocol/problem';
import { expect, test } from 'vitest';
import { Loopback } from '../channels/loopback/channel.ts';
import { FakeClock } from '../testing/fakes.ts';
import { jsonOf, openHouse, type TestHouse } from '../testing/house.ts';
import { ANA } from '../testing/telegram-line.ts';
import { TelegramStub } from '../testing/telegram-stub.ts';
import { AddressLimits } from './address-limits.ts';
import { Webhooks } from './webhooks.ts';

const SECRETS = { default: 'secret-of-the-first-bot', support: 'secret-of-the-second-bot' };

interface Stage extends AsyncDisposable {
  readonly house: TestHouse;
  post(
    path: string,
    more?: { secret?: string; body?: string | ReadableStream<Uint8Array>; remote?: string },
  ): Promise<Response>;
}

/** Two bots by webhook and one by polling. */
async function open(): Promise<Stage> {
  const stubs = await Promise.all(
    ['default', 'support', 'polling'].map((_, n) => TelegramStub.start({ token: `70000000${n}:stub` })),
  );
  const [first, second, third] = stubs;
  const own = (stub: TelegramStub | undefined) => ({
    botToken: stub?.token,
    apiRoot: stub?.url,
    localApi: true,
  });
  const config = {
    gateway: { publicUrl: 'https://gate.example' },
    channels: {
      telegram: {
        ...own(first),
        mode: 'webhook',
        webhookSecret: SECRETS.default,
        accounts: {
          support: { ...own(second), webhookSecret: SECRETS.support },
          polling: { ...own(third), mode: 'polling' },
        },
      },
    },
  };
  const house = await openHouse({ config, running: true });
  await house.composed.channels.follow();
  return {
    house,
    post: (path, { secret, body = JSON.stringify(update(1)), remote = '203.0.113.7' } = {}) =>
      house.composed.app.fetch(
        new Request(`https://gate.example${path}`, {
          method: 'POST',
          headers: {
            host: 'gate.example',
            'content-type': 'application/json',
            ...(secret === undefined ? {} : { 'x-telegram-bot-api-secret-token': secret }),
          },
          body,
          duplex: 'half',
        }),
        { door: 'tcp', remote },
      ),
    async [Symbol.asyncDispose]() {
      house.composed.channels.stop();
      await house[Symbol.asyncDispose]();
      for (const stub of stubs) await stub[Symbol.asyncDispose]();
    },
  };
}

function update(number: number) {
  const date = Math.floor(Date.now() / 1_000);
  return {
    update_id: number,
    message: { message_id: number, date, chat: { id: ANA.id, type: 'private' }, from: ANA, text: 'hello' },
  };
}

test('a delivery that verifies is taken, by the account whose secret it carries and by no other (H22)', async () => {
  await using stage = await open();
  const { house, post } = stage;
  expect((await post('/webhooks/telegram/default', { secret: SECRETS.default })).status).toBe(200);
  // A repeat is 200 and has no effect.
  expect((await post('/webhooks/telegram/default', { secret: SECRETS.default })).status).toBe(200);
  const { items } = await jsonOf<{ items: { account: string; identifier: string }[] }>(
    house.call('host', 'GET', '/api/v1/pairings'),
  );
  expect(items.map(({ account, identifier }) => [account, identifier])).toEqual([['default', '555001']]);

  // The path says one account and the secret another: neither takes it.
  expect((await post('/webhooks/telegram/support', { secret: SECRETS.default })).status).toBe(401);
  expect((await post('/webhooks/telegram/default', { secret: SECRETS.support })).status).toBe(401);
});

test('whatever does not verify is answered alike: nobody learns which accounts there are', async () => {
  await using stage = await open();
  const answers = await Promise.all(
    [
      ['/webhooks/telegram/default', undefined],
      ['/webhooks/telegram/default', 'wrong'],
      ['/webhooks/telegram/nobody', SECRETS.default],
      ['/webhooks/telegram/polling', SECRETS.default],
      ['/webhooks/webchat/default', SECRETS.default],
      ['/webhooks/signal/default', SECRETS.default],
    ].map(async ([path = '', secret]) => {
      const answer = await stage.post(path, secret === undefined ? {} : { secret });
      return `${answer.status} ${[...answer.headers].join()} ${await answer.text()}`;
    }),
  );
  expect(new Set(answers).size).toBe(1);
  expect(answers[0]).toMatch(/^401 .*channel_signature_invalid/);
});

test('a refusal is told in the audit, counted and not one by one', async () => {
  await using stage = await open();
  for (let n = 0; n < 5; n++) await stage.post('/webhooks/telegram/default', { secret: 'wrong' });
  const { composed } = stage.house;
  const events = await composed.store.audit.list({ limit: 50 });
  const told = events.filter(
    ({ body }) => body.type === 'call.denied' && body.subject['verb'] === 'webhooks.receive',
  );
  expect(told.length).toBeGreaterThan(0);
  expect(told.length).toBeLessThan(5);
});

test('more than 64 KiB is 413, declared or not; junk is 400; a GET is refused like a wrong secret', async () => {
  await using stage = await open();
  const secret = SECRETS.default;
  const large = 'x'.repeat(64 * 1024 + 1);
  expect((await stage.post('/webhooks/telegram/default', { secret, body: large })).status).toBe(413);
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 8_192;
      controller.enqueue(new Uint8Array(8_192));
    },
  });
  expect((await stage.post('/webhooks/telegram/default', { secret, body: endless })).status).toBe(413);
  expect(sent).toBeLessThan(128 * 1024);
  expect((await stage.post('/webhooks/telegram/default', { secret, body: '{' })).status).toBe(400);
  const got = await stage.house.call('tcp', 'GET', '/webhooks/telegram/default');
  expect(got.status).toBe(401);
});

test('H63: a body that does not come is not waited for', async () => {
  const channel = new Loopback(new FakeClock());
  const reads = Object.assign(channel, {
    webhook: async (request: Request) => new Response(await request.text()),
  });
  const webhooks = new Webhooks({
    clock: new FakeClock(),
    running: () => [reads],
    refused: async () => undefined,
    bodyMs: 10,
  });
  const never = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) });
  const request = new Request('https://gate.example/', { method: 'POST', body: never, duplex: 'half' });
  const delivered = webhooks.receive({ channel: 'loopback', account: 'default', request, remote: null });
  await expect(delivered).rejects.toMatchObject({ code: 'request_malformed' });
});

test('H64: who guesses is slowed down by address, however it is written; others are not', async () => {
  await using stage = await open();
  const guess = (remote: string, secret = 'guess') =>
    stage.post('/webhooks/telegram/default', { secret, remote });
  const statuses = new Set<number>();
  for (let n = 0; n < 25; n++) statuses.add((await guess(n % 2 === 0 ? '1.2.3.4' : '::ffff:1.2.3.4')).status);
  expect([...statuses].sort()).toEqual([401, 429]);
  const slowed = await guess('::ffff:102:304', SECRETS.default);
  expect(slowed.status).toBe(429);
  expect(Number(slowed.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await guess('1.2.3.5', SECRETS.default)).status).toBe(200);
  // Loopback is everybody behind a proxy that was not named: nobody there can lock out the rest.
  for (let n = 0; n < 25; n++) await guess('127.0.0.1');
  expect((await guess('127.0.0.1', SECRETS.default)).status).toBe(200);
});

test('buckets fill again, and a flood of addresses forgets the oldest', () => {
  const limits = new AddressLimits({ burst: 1, refillMs: 1_000 });
  limits.count('192.0.2.1', 0);
  expect(limits.wait('192.0.2.1', 0)).toBe(1_000);
  expect(limits.wait('192.0.2.1', 1_000)).toBe(0);
  expect(limits.wait(null, 0)).toBe(0);
  limits.count('192.0.2.1', 1_000);
  for (let n = 0; n < 10_000; n++) limits.count(`198.51.${n >> 8}.${n & 255}`, 1_000);
  expect(limits.wait('192.0.2.1', 1_000)).toBe(0);
});

test('H63: without the header that carries the proof no byte of the body is read, and bodies under way are bounded', async () => {
  let reads = 0;
  const channel = new Loopback(new FakeClock());
  const proven = Object.assign(channel, {
    deliveries: { shared: false, header: 'x-proof', form: /^x$/, handshake: false, maxBytes: 1_000_000 },
    webhook: async (request: Request) => {
      reads += 1;
      return new Response(await request.text());
    },
  });
  const webhooks = new Webhooks({
    clock: new FakeClock(),
    running: () => [proven],
    refused: async () => undefined,
    bodyMs: 50,
  });
  const never = () => new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) });
  const deliver = (headers: Record<string, string>) =>
    webhooks
      .receive({
        channel: 'loopback',
        account: 'default',
        request: new Request('https://gate.example/', {
          method: 'POST',
          headers,
          body: never(),
          duplex: 'half',
        }),
        remote: null,
      })
      .then(
        () => 'taken',
        (cause: unknown) => Problem.codeOf(cause),
      );
  expect(await deliver({})).toBe('channel_signature_invalid');
  expect(await deliver({ 'x-proof': 'y' })).toBe('channel_signature_invalid');
  expect(reads).toBe(0);
  const under = Array.from({ length: 64 }, () => deliver({ 'x-proof': 'x' }));
  expect(await deliver({ 'x-proof': 'x' })).toBe('rate_limited');
  expect(new Set(await Promise.all(under))).toEqual(new Set(['request_malformed']));
  expect(reads).toBe(64);
});

test('H63: one address that sends slowly keeps nobody else out, and is slowed down itself', async () => {
  const clock = new FakeClock();
  const proven = Object.assign(new Loopback(clock), {
    deliveries: { shared: false, header: 'x-proof', form: /^x$/, handshake: false, maxBytes: 10 },
    webhook: async (request: Request) => new Response(await request.text()),
  });
  const webhooks = new Webhooks({
    clock,
    running: () => [proven],
    refused: async () => undefined,
    bodyMs: 50,
  });
  const deliver = (remote: string | null, body: string | ReadableStream<Uint8Array>) => {
    const headers = { 'x-proof': 'x' };
    const request = new Request('https://gate.example/', { method: 'POST', headers, body, duplex: 'half' });
    return webhooks.receive({ channel: 'loopback', account: 'default', request, remote }).then(
      () => 'taken',
      (cause: unknown) => Problem.codeOf(cause),
    );
  };
  const never = () => new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) });
  const slow = Array.from({ length: 70 }, () => deliver('203.0.113.7', never()));
  expect(await deliver('198.51.100.1', 'words')).toBe('taken');
  const ends = await Promise.all(slow);
  expect(ends.filter((end) => end === 'request_malformed')).toHaveLength(16);
  expect(ends.filter((end) => end === 'rate_limited')).toHaveLength(54);
  // Each of them was a try of its own: the next ones wait, also with a body that is too long.
  for (let n = 0; n < 4; n++) expect(await deliver('203.0.113.7', 'x'.repeat(11))).toBe('request_too_large');
  expect(await deliver('203.0.113.7', 'words')).toBe('rate_limited');
  expect(await deliver('203.0.113.8', 'words')).toBe('taken');
  // Nothing is left open.
  clock.advance('1h');
  const again = Array.from({ length: 16 }, () => deliver('203.0.113.7', 'words'));
  expect(new Set(await Promise.all(again))).toEqual(new Set(['taken']));
});

/** Accounts that answer as they are told to, at one address. */
function answering(statuses: Readonly<Record<string, number>>, handshake = false) {
  const asked: string[] = [];
  const running = Object.entries(statuses).map(([account, status]) =>
    Object.assign(new Loopback(new FakeClock(), account), {
      deliveries: { shared: true, header: 'x-proof', form: /^x$/, handshake, maxBytes: 100 },
      webhook: async (request: Request) => {
        asked.push(`${account} ${request.method}`);
        return new Response(null, { status });
      },
    }),
  );
  const clock = new FakeClock();
  const webhooks = new Webhooks({ clock, running: () => running, refused: async () => undefined });
  const call = (account: string, method = 'POST') =>
    webhooks
      .receive({
        channel: 'loopback',
        account,
        request: new Request('https://gate.example/', {
          method,
          headers: { 'x-proof': 'x' },
          ...(method === 'POST' ? { body: 'words' } : {}),
        }),
        remote: null,
      })
      .then(
        ({ status }) => status,
        (cause: unknown) => Problem.codeOf(cause),
      );
  return { asked, call };
}

test('one delivery for several accounts is acknowledged when all have what is theirs, and by whom it verifies', async () => {
  for (const [statuses, end] of [
    [{ one: 200, two: 200 }, 200],
    [{ one: 200, two: 503 }, 503],
    [{ one: 503, two: 200 }, 503],
    [{ one: 200, two: 401 }, 200],
    [{ one: 401, two: 200 }, 200],
    [{ one: 401, two: 401 }, 'channel_signature_invalid'],
  ] as const)
    expect(await answering(statuses).call('one'), JSON.stringify(statuses)).toBe(end);
});

test('a channel that is asked nothing by GET sees none; one that is answers for its own account alone', async () => {
  const silent = answering({ one: 200, two: 200 });
  expect(await silent.call('one', 'GET')).toBe('channel_signature_invalid');
  expect(silent.asked).toEqual([]);
  const asked = answering({ one: 401, two: 200 }, true);
  expect(await asked.call('one', 'GET')).toBe('channel_signature_invalid');
  expect(asked.asked).toEqual(['one GET']);
});
