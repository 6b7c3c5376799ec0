// Devices through the house's doors: a composed gateway, real requests, nothing of ours in between replaced.
import { createClient } from '@countersign/protocol/client';
import type { DeviceRow, Setup } from '@countersign/protocol/device';
import type { PublicJwk } from '@countersign/protocol/gateway';
import { describe, expect, test } from 'vitest';
import type { Caller, DeviceScope } from '../core/authorise.ts';
import type { ConnectRequest } from '../core/device/connecting.ts';
import { totpAt } from '../testing/factor-stage.ts';
import { jsonOf, openHouse, type TestHouse } from '../testing/house.ts';
import { HOST } from '../testing/world.ts';
import { ROUTES } from './routes.ts';

const SEED = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const KEY: PublicJwk = { kty: 'OKP', crv: 'Ed25519', x: 'x'.repeat(43) };

function knock(house: TestHouse, key: string, more: Partial<ConnectRequest> = {}) {
  return house.composed.core.devices.connect({
    key: KEY,
    thumbprint: key.padEnd(43, '-'),
    role: 'operator',
    scopes: ['pairing', 'read'],
    token: null,
    name: key,
    address: '127.0.0.1',
    ...more,
  });
}

async function asks(house: TestHouse, key: string, more: Partial<ConnectRequest> = {}) {
  const outcome = await knock(house, key, more);
  if (outcome.as !== 'pairing_required') throw new Error(JSON.stringify(outcome));
  return outcome;
}

/** The host's own client over this house. */
const hostOf = (house: TestHouse) =>
  createClient((path, { method, body }) => house.call('host', method, path, body)).devices;

/** What somebody who came in with a device's rights is answered: the caller is made here, the rest is the real route. */
async function byDevice(
  house: TestHouse,
  caller: Caller,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
) {
  const [, id = ''] = /^\/api\/v1\/devices\/([^/?]+)/.exec(path) ?? [];
  const pattern = ROUTES.some((route) => route.path === path) ? path : path.replace(id, ':id');
  const route = ROUTES.find((one) => one.method === method && one.path === pattern);
  if (route === undefined) throw new Error(`no route ${method} ${pattern}`);
  const url = new URL(`http://localhost:8787${path}`);
  const request = new Request(url, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const { services } = house.composed;
  return route.answer({
    request,
    url,
    params: { id },
    caller,
    bindings: { door: 'tcp', remote: null },
    services,
  });
}

async function owned(options: Parameters<typeof openHouse>[0] = {}) {
  const house = await openHouse(options);
  const ana = await house.composed.core.directory.add({ name: 'Ana', role: 'owner', peer: null }, HOST);
  return { house, ana };
}

const at = (device: string, principal: `prn_${string}`, scopes: readonly DeviceScope[]): Caller => ({
  door: 'device',
  device: `dev_${device}`,
  principal,
  role: 'owner',
  scopes,
});

test('D-02: a hundred retries of the same key keep the request id, and the list shows one', async () => {
  const { house } = await owned();
  await using _ = house;
  const ids = new Set<string>();
  for (let n = 0; n < 100; n++) ids.add((await asks(house, 'tablet')).requestId);
  const { items } = await hostOf(house).list({ show: 'pending' });
  expect(items.map(({ id }) => id)).toEqual([...ids]);
  expect(ids.size).toBe(1);
});

test('D-03: what a refused device is told is what the list shows, and the command it names works as it stands', async () => {
  const { house } = await owned();
  await using _ = house;
  const { requestId, command, expiresAt, reason } = await asks(house, 'tablet');
  expect({ command, reason }).toEqual({
    command: `countersign devices approve ${requestId}`,
    reason: 'new_key',
  });
  const row = await hostOf(house).get(requestId);
  expect(row).toMatchObject({
    id: requestId,
    state: 'pending',
    expiresAt: new Date(expiresAt).toISOString(),
  });
  expect((await hostOf(house).approve(requestId)).state).toBe('paired');
});

describe('D-04: the id of the device where the id of its request is wanted', () => {
  test('is taken for what that device asks now, and explained when it asks nothing', async () => {
    const { house } = await owned();
    await using _ = house;
    const devices = hostOf(house);
    const first = await devices.approve((await asks(house, 'tablet')).requestId);
    await expect(devices.approve(first.id)).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('it asks for nothing now'),
    });
    const more = await asks(house, 'tablet', { scopes: ['manage', 'pairing', 'read'] });
    expect(await devices.get(first.id, { as: 'request' })).toMatchObject({
      id: more.requestId,
      state: 'pending',
    });
    expect(await devices.get(first.id)).toMatchObject({ id: first.id, state: 'paired' });
    const after = await devices.approve(first.id);
    expect(after).toMatchObject({ id: first.id, scopes: ['manage', 'pairing', 'read'] });
  });

  test('and the other way round: a request id is no device to end', async () => {
    const { house } = await owned();
    await using _ = house;
    const { requestId } = await asks(house, 'tablet');
    await expect(hostOf(house).revoke(requestId)).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('the id of a request, not of a device'),
    });
  });
});

test('D-05: with no device paired, the host’s socket lists, approves and revokes', async () => {
  const { house, ana } = await owned();
  await using _ = house;
  const devices = hostOf(house);
  expect(await devices.list({ show: 'all' })).toEqual({ items: [] });
  const { requestId } = await asks(house, 'tablet');
  const device = await devices.approve(requestId);
  expect(device).toMatchObject({
    state: 'paired',
    role: 'operator',
    scopes: ['pairing', 'read'],
    active: ['pairing', 'read'],
    person: ana.id,
    via: 'approval',
  });
  expect((await knock(house, 'tablet')).as).toBe('connected');
  expect(await devices.revoke(device.id)).toMatchObject({ state: 'revoked', active: [] });
  expect((await knock(house, 'tablet')).as).toBe('pairing_required');
});

test('D-10: a device that lacks a scope is told what it may use, what it takes and how to get it; never to pair', async () => {
  const { house, ana } = await owned();
  await using _ = house;
  const { requestId } = await asks(house, 'tablet');
  const reader = at('reader', ana.id, ['read']);
  const refused = byDevice(house, reader, 'POST', `/api/v1/devices/${requestId}/approve`, {});
  await expect(refused).rejects.toMatchObject({
    code: 'auth_forbidden',
    members: { held: ['read'], needed: ['manage'] },
    hint: expect.stringContaining('let it connect with that scope'),
  });
  await expect(byDevice(house, reader, 'POST', '/api/v1/devices/setup', {})).rejects.toMatchObject({
    members: { needed: ['manage'] },
  });
  expect((await byDevice(house, reader, 'GET', '/api/v1/devices')).status).toBe(200);
});

test('D-14: a request says in words what a yes would give, before anybody says it', async () => {
  const { house } = await owned();
  await using _ = house;
  await asks(house, 'tablet', { scopes: ['manage', 'read'] });
  const { items } = await hostOf(house).list();
  expect(items).toMatchObject([
    {
      state: 'pending',
      name: 'tablet',
      address: '127.0.0.1',
      asks: [
        'see people, devices, requests, settings and the audit',
        'change people, devices, policy and settings: as good as owning this gateway',
      ],
    },
  ]);
});

test('R20: a device gives away no more than it may use itself, by approving and by inviting', async () => {
  const { house, ana } = await owned();
  await using _ = house;
  const manager = at('manager', ana.id, ['manage', 'read']);
  const { requestId } = await asks(house, 'tablet', { scopes: ['approvals', 'manage', 'read'] });
  const answer = await byDevice(house, manager, 'POST', `/api/v1/devices/${requestId}/approve`, {});
  const row: DeviceRow = JSON.parse(await answer.text());
  expect(row.scopes).toEqual(['manage', 'read']);
  const made = await byDevice(house, manager, 'POST', '/api/v1/devices/setup', {});
  const { setupCode }: Setup = JSON.parse(await made.text());
  const invited = await asks(house, 'phone', { scopes: ['approvals', 'read'], token: setupCode });
  expect(invited.asked).toEqual(['read']);
  const [written] = (await house.composed.store.audit.walk(house.composed.store.writer, 0, 1_000)).filter(
    ({ body }) => body.type === 'device.approved',
  );
  expect(JSON.stringify(written?.body.actor)).toContain('dev_manager');
});

describe('lists', () => {
  test('what waits comes first, `all` shows what is over, a role narrows, and pages lead through the devices', async () => {
    const { house } = await owned();
    await using _ = house;
    const devices = hostOf(house);
    for (const name of ['one', 'two', 'three']) await devices.approve((await asks(house, name)).requestId);
    await devices.reject((await asks(house, 'unwanted')).requestId);
    await asks(house, 'box', { role: 'node', scopes: ['node'] });
    const { items } = await devices.list();
    expect(items.map(({ state }) => state)).toEqual(['pending', 'paired', 'paired', 'paired']);
    const all = await devices.list({ show: 'all' });
    expect(all.items.map(({ state }) => state).toSorted()).toEqual(
      ['approved', 'approved', 'approved', 'paired', 'paired', 'paired', 'pending', 'rejected'].toSorted(),
    );
    expect(all.items[0]?.state).toBe('pending');
    expect((await devices.list({ role: 'node' })).items.map(({ name }) => name)).toEqual(['box']);
    const first = await devices.list({ limit: 2 });
    const second = await devices.list({ limit: 2, after: first.next });
    expect([first.items.length, second.items.length, second.next]).toEqual([3, 1, undefined]);
    await expect(devices.list({ after: 'devreq_x' })).rejects.toMatchObject({ code: 'request_malformed' });
  });

  test('the latest is nobody: without a whole name, more than one fit and none is decided', async () => {
    const { house } = await owned();
    await using _ = house;
    await asks(house, 'one');
    await asks(house, 'two');
    await expect(hostOf(house).approve('devreq_')).rejects.toMatchObject({ code: 'request_malformed' });
    await expect(hostOf(house).approve('latest')).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('a setup code', () => {
  test('names this machine while there is no public address, and works for the first key alone', async () => {
    const { house } = await owned();
    await using _ = house;
    const { setupCode, expiresAt, asks: words } = await hostOf(house).setup({ role: 'node' });
    const inside: Record<string, string> = JSON.parse(Buffer.from(setupCode, 'base64').toString('utf8'));
    expect(Object.keys(inside)).toEqual(['url', 'token']);
    expect(inside['url']).toBe('http://localhost:8787');
    expect(words).toEqual(['run approved actions on its own machine']);
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(9 * 60_000);
    const node = { role: 'node', scopes: ['node'], token: setupCode } as const;
    await asks(house, 'box', node);
    expect(await knock(house, 'other', node)).toMatchObject({ as: 'refused', code: 'setup_code_used' });
  });

  test('names the public address where there is one', async () => {
    const { house } = await owned({ config: { gateway: { publicUrl: 'https://house.example' } } });
    await using _ = house;
    const { setupCode } = await hostOf(house).setup();
    expect(Buffer.from(setupCode, 'base64').toString('utf8')).toContain('"url":"https://house.example"');
  });

  test('is for its role, its scopes and nobody on TCP', async () => {
    const { house } = await owned();
    await using _ = house;
    await expect(hostOf(house).setup({ role: 'node', scopes: ['read'] })).rejects.toMatchObject({
      code: 'request_malformed',
    });
    expect((await house.call('tcp', 'POST', '/api/v1/devices/setup', {})).status).toBe(401);
    const { setupCode } = await hostOf(house).setup({ scopes: ['read'] });
    const { asked } = await asks(house, 'tablet', { scopes: ['manage', 'read'], token: setupCode });
    expect(asked).toEqual(['read']);
  });
});

test('once an owner has a factor, a yes and an invitation at the host take it; a no and an ending take none', async () => {
  const { house, ana } = await owned();
  await using _ = house;
  const devices = hostOf(house);
  const [first, second] = [await asks(house, 'tablet'), await asks(house, 'phone')];
  const paired = await devices.approve((await asks(house, 'old')).requestId);
  await house.composed.store.factors.add({
    id: 'fac_a',
    principal: ana.id,
    kind: 'totp',
    label: 'phone',
    secret: SEED,
    passkey: null,
    state: 'active',
    createdAt: Date.now(),
  });
  await expect(devices.approve(first.requestId)).rejects.toMatchObject({ code: 'auth_factor_required' });
  await expect(devices.setup()).rejects.toMatchObject({ code: 'auth_factor_required' });
  const proof = { 'x-countersign-factor': `totp ${totpAt(SEED, Date.now())}` };
  const path = `/api/v1/devices/${first.requestId}/approve`;
  const row = await jsonOf<DeviceRow>(house.call('host', 'POST', path, {}, proof));
  expect(row).toMatchObject({ state: 'paired', scopes: ['pairing', 'read'] });
  expect((await devices.reject(second.requestId)).state).toBe('rejected');
  expect((await devices.revoke(paired.id)).state).toBe('revoked');
});

test('a decision stands: the second is told so, and a name that is only spaces is none', async () => {
  const { house, ana } = await owned();
  await using _ = house;
  const devices = hostOf(house);
  const { requestId } = await asks(house, 'tablet');
  const device = await devices.approve(requestId, { for: 'Ana' });
  expect(device.person).toBe(ana.id);
  await expect(devices.reject(requestId)).rejects.toMatchObject({ code: 'already_decided' });
  expect((await devices.rename(device.id, 'kitchen\u202e tablet')).name).not.toContain('\u202e');
  await expect(devices.rename(device.id, '  ')).rejects.toMatchObject({ code: 'request_malformed' });
});
