// Notifications over HTTP, through the whole app: which door may do what, and what an answer never holds.
import { expect, test } from 'vitest';
import { ALL_SCOPES } from '../core/device/scopes.ts';
import { DeviceKey, sha256 } from '../testing/device-key.ts';
import { jsonOf, openHouse, type TestHouse } from '../testing/house.ts';
import { PushBrowser, PushService, readVapid } from '../testing/push-service.ts';

/** A paired browser, and how it calls. */
async function browserOf(house: TestHouse, scopes: readonly string[]) {
  const { core } = house.composed;
  const key = new DeviceKey();
  const asked = { key: key.jwk, thumbprint: key.thumbprint, role: 'operator', scopes } as const;
  const knock = () => core.devices.connect({ ...asked, token: null, name: 'kitchen', address: null });
  const waiting = await knock();
  if (waiting.as !== 'pairing_required') throw new Error('not asked');
  await core.devices.approve(waiting.requestId, { kind: 'host' }, { for: null, approverScopes: ALL_SCOPES });
  const entered = await knock();
  if (entered.as !== 'connected') throw new Error('not in');
  const { token } = entered;
  let count = 0;
  const once = (nonce: string, method: string, path: string, body?: object) => {
    const bh = sha256(body === undefined ? '' : JSON.stringify(body));
    count += 1;
    const proof = key.proof({
      htm: method,
      htu: `http://localhost:8787${path}`,
      iat: 1,
      jti: `${key.thumbprint}-jti-${count}`,
      ath: sha256(token),
      bh,
      nonce,
    });
    return house.call('tcp', method, path, body, { authorization: `DPoP ${token}`, dpop: proof });
  };
  return async (method: string, path: string, body?: object) => {
    const nonce = (await once('none', 'GET', '/api/v1/push')).headers.get('dpop-nonce') ?? '';
    return once(nonce, method, path, body);
  };
}

const asked = (name: string) => {
  const { endpoint, ...keys } = new PushBrowser().subscription(`https://push.example/${name}`);
  return { endpoint, keys };
};

test('a browser that decides something asks to be told, sees itself, and ends it; the host looks and ends', async () => {
  await using house = await openHouse();
  await house.call('host', 'POST', '/api/v1/people', { name: 'Ana', role: 'owner' });
  const phone = await browserOf(house, ['pairing', 'read']);
  const desk = await browserOf(house, ['manage', 'read']);
  const made = await phone('POST', '/api/v1/push', asked('phone'));
  expect(made.status).toBe(201);
  const row = await jsonOf<{ id: string }>(made);
  expect(row).toMatchObject({ id: expect.stringMatching(/^push_/), name: 'kitchen', mine: true });
  const other = await jsonOf<{ id: string }>(
    desk('POST', '/api/v1/push', { ...asked('desk'), language: 'de' }),
  );

  const list = await phone('GET', '/api/v1/push');
  const text = await list.text();
  expect(JSON.parse(text)).toMatchObject({
    publicKey: expect.any(String),
    items: [{ id: row.id, mine: true }],
  });
  expect(text).not.toMatch(/push\.example|p256dh|auth"/);

  expect((await phone('POST', `/api/v1/push/${other.id}/revoke`)).status).toBe(403);
  expect((await phone('POST', `/api/v1/push/${other.id}/test`)).status).toBe(404);
  expect((await phone('POST', `/api/v1/push/${row.id}/revoke`)).status).toBe(200);
  expect(await jsonOf(house.call('host', 'GET', '/api/v1/push'))).toMatchObject({
    items: [{ id: other.id, mine: false }],
  });
  expect((await house.call('host', 'POST', `/api/v1/push/${other.id}/revoke`)).status).toBe(200);
  expect((await house.call('host', 'POST', `/api/v1/push/${other.id}/revoke`)).status).toBe(404);
});

test('who decides nothing is not told, and neither is who is no browser', async () => {
  await using house = await openHouse();
  await house.call('host', 'POST', '/api/v1/people', { name: 'Ana', role: 'owner' });
  const reader = await browserOf(house, ['read']);
  expect((await reader('POST', '/api/v1/push', asked('reader'))).status).toBe(403);
  expect((await house.call('host', 'POST', '/api/v1/push', asked('host'))).status).toBe(403);
  expect((await house.call('tcp', 'GET', '/api/v1/push')).status).toBe(401);
  expect((await house.call('agent', 'GET', '/api/v1/push')).status).toBe(401);
});

test.each<[string, object]>([
  ['a plain endpoint', { ...asked('x'), endpoint: 'http://push.example/x' }],
  ['an address inside', { ...asked('x'), endpoint: 'https://169.254.169.254/latest' }],
  ['a name that means this machine', { ...asked('x'), endpoint: 'https://localhost/x' }],
  ['a key that is none', { ...asked('x'), keys: { p256dh: 'A'.repeat(87), auth: 'A'.repeat(22) } }],
  [
    'a key with something else in it',
    { ...asked('x'), keys: { p256dh: `${'A'.repeat(86)}=`, auth: 'A'.repeat(22) } },
  ],
  ['a language nobody wrote', { ...asked('x'), language: 'xx' }],
  ['a field too many', { ...asked('x'), expirationTime: null }],
])('%s is refused, and not repeated', async (_name, body) => {
  await using house = await openHouse();
  await house.call('host', 'POST', '/api/v1/people', { name: 'Ana', role: 'owner' });
  const phone = await browserOf(house, ['pairing', 'read']);
  const answer = await phone('POST', '/api/v1/push', body);
  expect(answer.status).toBe(400);
  expect(await answer.text()).not.toMatch(/push\.example|169\.254/);
});

test('a running gateway tells the browser that may decide it of a device that asks to be paired', async () => {
  await using service = await PushService.open();
  await using house = await openHouse({
    running: true,
    env: { COUNTERSIGN_TEST_ENDPOINTS: '1' },
    config: { gateway: { publicUrl: 'https://assistant.example' } },
  });
  await house.call('host', 'POST', '/api/v1/people', { name: 'Ana', role: 'owner' });
  const desk = await browserOf(house, ['manage', 'read']);
  const phone = await browserOf(house, ['pairing', 'read']);
  const [reads, deaf] = [new PushBrowser(), new PushBrowser()];
  for (const [call, browser, name] of [
    [desk, reads, 'desk'],
    [phone, deaf, 'phone'],
  ] as const) {
    const { endpoint, ...keys } = browser.subscription(`${service.origin}/${name}`);
    expect((await call('POST', '/api/v1/push', { endpoint, keys, language: 'de' })).status).toBe(201);
  }
  const stranger = new DeviceKey();
  const asked = {
    key: stranger.jwk,
    thumbprint: stranger.thumbprint,
    role: 'operator',
    scopes: ['read'],
  } as const;
  await house.composed.core.devices.connect({ ...asked, token: null, name: 'Mallory', address: '192.0.2.7' });
  const [delivered = expect.fail()] = await service.arrived(1);
  expect([delivered.path, JSON.parse(reads.read(delivered))]).toEqual([
    '/desk',
    { kind: 'device', channel: null, language: 'de' },
  ]);
  expect(readVapid(delivered).claims).toMatchObject({ sub: 'https://assistant.example' });
  await expect
    .poll(() => jsonOf(desk('GET', '/api/v1/push')))
    .toMatchObject({ items: [{ lastOkAt: expect.any(String) }, { name: 'kitchen' }] });
});
