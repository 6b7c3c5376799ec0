// The app before any route and after every failure: what it refuses, in which form, and what it keeps to itself.
import { expect, test } from 'vitest';
import { FakeClock, MemoryLog, SeededRandom } from '../testing/fakes.ts';
import { jsonOf, openHouse } from '../testing/house.ts';
import { createApp } from './app.ts';
import { Counters } from './counters.ts';
import { route } from './route.ts';
import type { Services } from './services.ts';

const NOBODY = {
  devices: { isDevice: () => false, authenticate: () => Promise.reject(new Error('no devices here')) },
  tokens: { authenticate: async () => null },
};

test('every refusal is a problem document', async () => {
  await using house = await openHouse();
  const cases: readonly [Response, number, string][] = [
    [await house.call('tcp', 'GET', '/api/v1/pairings'), 401, 'auth_required'],
    [await house.call('tcp', 'GET', '/api/v1/nothing'), 401, 'auth_required'],
    [await house.call('tcp', 'GET', '/nothing'), 404, 'not_found'],
    [await house.call('tcp', 'DELETE', '/healthz'), 405, 'request_unsupported'],
    [await house.call('host', 'GET', '/api/v1/nothing'), 404, 'not_found'],
    [await house.call('host', 'PUT', '/api/v1/people'), 405, 'request_unsupported'],
    [await house.call('host', 'GET', '/api/v1/pairings?colour=red'), 400, 'request_malformed'],
    [await house.call('host', 'GET', '/api/v1/pairings?limit=1&limit=2'), 400, 'request_malformed'],
    [await house.call('host', 'GET', '/api/v1/pairings?limit=501'), 400, 'request_malformed'],
    [await house.call('host', 'GET', '/api/v1/pairings/pair_aaaaaaaaaaaaaaaaaaaaaaaa'), 404, 'not_found'],
    [await house.call('host', 'GET', '/api/v1/pairings?channel=myspace'), 400, 'unknown_channel'],
    [
      await house.call('tcp', 'GET', '/healthz', undefined, { host: 'evil.example' }),
      421,
      'request_misdirected',
    ],
    [
      await house.call('tcp', 'POST', '/api/v1/claim', {}, { origin: 'http://localhost:3000' }),
      403,
      'auth_origin_forbidden',
    ],
    [
      await house.call('tcp', 'GET', '/healthz', undefined, { authorization: 'Bearer cst_x' }),
      401,
      'auth_required',
    ],
    [await house.call('agent', 'GET', '/readyz'), 401, 'auth_required'],
    [await house.call('host', 'POST', '/api/v1/gateway/stop', {}), 503, 'gateway_down'],
  ];
  for (const [answer, status, code] of cases) {
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const problem = await answer.json();
    expect([answer.status, problem]).toMatchObject([status, { code, status, type: `/docs/errors#${code}` }]);
  }
});

test.each([
  ['a key twice', '{"name":"Ana","name":"Eve"}'],
  ['a prototype key', '{"name":"Ana","__proto__":{"role":"owner"}}'],
  ['an unknown field', '{"name":"Ana","owner":true}'],
  ['a wrong type', '{"name":7}'],
  ['an array', '[]'],
  ['no JSON', 'name=Ana'],
])('a body with %s is malformed, and its values are not repeated', async (_name, body) => {
  await using house = await openHouse();
  const answer = await house.call('host', 'POST', '/api/v1/people', body);
  const text = await answer.text();
  expect(answer.status).toBe(400);
  expect(text).toContain('request_malformed');
  expect(text).not.toContain('Eve');
});

test('a form is no JSON, whatever is in it', async () => {
  await using house = await openHouse();
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=utf-16',
  ]) {
    const answer = await house.call('host', 'POST', '/api/v1/people', '{"name":"Ana"}', {
      'content-type': type,
    });
    expect(answer.status).toBe(400);
  }
});

test('a body over one MiB is refused by its declared length, and by what comes', async () => {
  await using house = await openHouse();
  const declared = await house.call('host', 'POST', '/api/v1/people', '{}', { 'content-length': '1048577' });
  expect(declared.status).toBe(413);
  const streamed = await house.call('host', 'POST', '/api/v1/people', ' '.repeat(1024 * 1024 + 1));
  expect(streamed.status).toBe(413);
  expect(await streamed.json()).toMatchObject({ code: 'request_too_large' });
});

test('H63: for a caller who may not call, no byte of the body is read', async () => {
  await using house = await openHouse();
  let read = 0;
  const body = new ReadableStream(
    {
      pull(controller) {
        read += 1;
        controller.enqueue(new Uint8Array(1024));
      },
    },
    { highWaterMark: 0 },
  );
  const headers = { host: 'localhost:8787', 'content-type': 'application/json' };
  const request = new Request('http://localhost:8787/api/v1/people', {
    method: 'POST',
    headers,
    body,
    duplex: 'half',
  });
  expect((await house.raw('tcp', request)).status).toBe(401);
  expect(read).toBe(0);
});

test('H12, R43: on the sockets of this machine Host, Origin and claimed identities are not read', async () => {
  await using house = await openHouse();
  const claimed = {
    host: 'evil.example',
    origin: 'https://evil.example',
    'sec-fetch-site': 'cross-site',
    'x-forwarded-for': '127.0.0.1',
  };
  expect((await house.call('host', 'POST', '/api/v1/pairings/reset', {}, claimed)).status).toBe(200);
  const spoofed = {
    'x-forwarded-for': '127.0.0.1',
    'x-real-ip': '127.0.0.1',
    forwarded: 'for=127.0.0.1',
    'x-countersign-door': 'host',
  };
  expect((await house.call('tcp', 'GET', '/api/v1/gateway', undefined, spoofed)).status).toBe(401);
});

test('a person who typed a foreign name gets one page with the recipe, and nothing of the request on it', async () => {
  await using house = await openHouse();
  const answer = await house.call('tcp', 'GET', '/<script>', undefined, {
    host: 'evil.example',
    accept: 'text/html',
  });
  const html = await answer.text();
  expect(answer.status).toBe(421);
  expect(html).toContain('gateway.publicUrl');
  expect(html).not.toContain('evil.example');
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
});

test('what breaks inside is an event id outside, and the log holds the id and no message', async () => {
  const log = new MemoryLog();
  const broken = route({
    method: 'GET',
    path: '/broken',
    verb: 'health.read',
    summary: 'breaks',
    handle: () => {
      throw new Error('the code was ABCD2345');
    },
  });
  const app = createApp({
    proofs: NOBODY,
    services: {} as Services,
    routes: [broken],
    log,
    clock: new FakeClock(),
    random: new SeededRandom('app'),
    counters: new Counters(),
    names: () => ({ publicUrl: null, chatUrl: null }),
  });
  const answer = await app.fetch(new Request('http://localhost/broken', { headers: { host: 'localhost' } }), {
    door: 'tcp',
    remote: null,
  });
  const problem: { event: string } = JSON.parse(await answer.text());
  expect([answer.status, problem]).toMatchObject([
    500,
    { code: 'internal', event: expect.stringMatching(/^evt_/) },
  ]);
  expect(log.lines).toMatchObject([{ level: 'error', event: 'http.failed', fields: { id: problem.event } }]);
  expect(JSON.stringify([problem, log.lines])).not.toContain('ABCD2345');
});

test('pages carry the policy to the letter, and assets may be kept for ever', async () => {
  await using house = await openHouse();
  const page = await house.call('tcp', 'GET', '/');
  const policy = page.headers.get('content-security-policy') ?? '';
  expect(policy).toMatch(/^default-src 'none'; script-src 'self';.* style-src 'self' 'nonce-[^']{24}';/);
  expect(policy).toMatch(
    /frame-ancestors 'none'.*require-trusted-types-for 'script'.*trusted-types default$/,
  );
  expect(page.headers.get('cache-control')).toBe('no-store');
  expect(page.headers.get('x-content-type-options')).toBe('nosniff');
  for (const path of ['/assets/..%2F..%2Fpackage.json', '/assets/index.html', '/assets/x.js', '/assets/']) {
    expect((await house.call('tcp', 'GET', path)).status, path).toBe(404);
  }
});

test('with a chat address of its own, /chat anywhere else leads there', async () => {
  await using house = await openHouse({ config: { gateway: { chatUrl: 'https://chat.example' } } });
  const answer = await house.call('tcp', 'GET', '/chat');
  expect([answer.status, answer.headers.get('location')]).toEqual([307, 'https://chat.example/chat']);
  expect((await house.call('tcp', 'GET', '/chat', undefined, { host: 'chat.example' })).status).not.toBe(307);
});

test('refused calls are in the audit, counted and not each written', async () => {
  await using house = await openHouse();
  for (let call = 0; call < 50; call++) await house.call('tcp', 'GET', '/api/v1/people');
  const { items } = await jsonOf<{ items: object[] }>(
    house.call('host', 'GET', '/api/v1/audit?type=call.denied'),
  );
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({
    actor: 'sender',
    reason: 'auth_required',
    subject: { door: 'tcp', verb: 'people.list' },
  });
});
