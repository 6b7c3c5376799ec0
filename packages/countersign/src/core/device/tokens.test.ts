import { expect, test } from 'vitest';
import { AT_HOST, DeviceWorld, HOST } from '../../testing/device-world.ts';

const FULL = ['approvals', 'manage', 'pairing', 'read'] as const;

test('H31, Q24: revoking ends the token at once; the key asks anew and is nobody until then', async () => {
  await using world = await DeviceWorld.open();
  await world.person('Ana');
  const { device } = await world.paired('kitchen');
  const { token } = await world.enters('kitchen');
  const print = device.thumbprint;
  expect(await world.devices.tokens.use(token, print)).toMatchObject({ scopes: ['pairing', 'read'] });
  await world.devices.revoke(device.id, HOST);
  expect(await world.devices.tokens.use(token, print)).toBeNull();
  expect(await world.devices.tokens.renew(device.id, token)).toBeNull();
  await expect(world.devices.mint(device.id)).rejects.toMatchObject({ code: 'auth_forbidden' });
  const again = await world.asks('kitchen');
  expect(again).toMatchObject({ reason: 'was_ended', held: [] });
  const { device: fresh } = await world.devices.approve(again.requestId, HOST, AT_HOST);
  expect(fresh.id).not.toBe(device.id);
  expect(await world.devices.tokens.use(token, print)).toBeNull();
  await expect(world.devices.revoke(device.id, HOST)).rejects.toMatchObject({ code: 'already_decided' });
});

test('devices follow their person: blocked, suspended, lowered, and back', async () => {
  await using world = await DeviceWorld.open();
  const ana = await world.person('Ana');
  const { device } = await world.paired('kitchen', { scopes: FULL });
  const { token } = await world.enters('kitchen', { scopes: FULL });
  const may = async () => (await world.devices.tokens.use(token, device.thumbprint))?.scopes ?? null;
  expect(await may()).toEqual(FULL);
  await world.store.people.setRole(ana.id, 'owner', 'approver');
  expect(await may()).toEqual(['approvals', 'read']);
  expect((await world.enters('kitchen', { scopes: FULL })).scopes).toEqual(['approvals', 'read']);
  await world.store.people.setRole(ana.id, 'approver', 'user');
  expect(await may()).toBeNull();
  expect(await world.connect('kitchen')).toMatchObject({ as: 'refused', code: 'auth_forbidden' });
  await world.store.people.setRole(ana.id, 'user', 'owner');
  await world.store.people.setState(ana.id, ['active'], 'blocked');
  expect(await may()).toBeNull();
  await world.store.people.setState(ana.id, ['blocked'], 'active');
  expect(await may()).toEqual(FULL);
});

test('a device unproven since its person has a factor keeps the everyday, until it proves one', async () => {
  await using world = await DeviceWorld.open();
  const ana = await world.person('Ana');
  const { device } = await world.paired('kitchen', { scopes: FULL });
  await world.factorOf(ana);
  expect((await world.enters('kitchen', { scopes: FULL })).scopes).toEqual(['pairing', 'read']);
  expect(await world.connect('kitchen', { scopes: ['manage'] })).toMatchObject({ code: 'auth_forbidden' });
  const by = { kind: 'principal', id: ana.id, surface: 'device' } as const;
  const prove = () => world.store.atomically((tx) => world.devices.prove(tx, device.id, by));
  expect([await prove(), await prove()]).toEqual([true, false]);
  expect((await world.enters('kitchen', { scopes: FULL })).scopes).toEqual(FULL);
});

test('R63: idle for thirty days, or paired for a hundred and eighty, it asks anew', async () => {
  await using world = await DeviceWorld.open();
  await world.person('Ana');
  const { device } = await world.paired('kitchen');
  world.clock.advance('29d');
  await world.enters('kitchen');
  world.clock.advance('30d');
  expect((await world.devices.shown(await world.devices.find(device.id))).state).toBe('expired');
  expect(await world.asks('kitchen')).toMatchObject({ reason: 'was_ended' });
  expect((await world.events()).at(-2)?.body).toMatchObject({ type: 'device.revoked', reason: 'expired' });
  await world.paired('busy', { scopes: ['read'] });
  for (let days = 0; days < 175; days += 25) {
    await world.enters('busy', { scopes: ['read'] });
    world.clock.advance('25d');
  }
  world.clock.advance('5d');
  expect(await world.asks('busy', { scopes: ['read'] })).toMatchObject({ reason: 'was_ended' });
});

test('D-08: after a renewal both tokens are good until the new one was used', async () => {
  await using world = await DeviceWorld.open();
  await world.person('Ana');
  const { device } = await world.paired('kitchen');
  const { token } = await world.enters('kitchen');
  const use = async (one: string) => (await world.devices.tokens.use(one, device.thumbprint)) !== null;
  expect(await use(token)).toBe(true);
  const next = (await world.devices.tokens.renew(device.id, token))?.token ?? '';
  expect([await use(token), await use(token), await use(next), await use(token), await use(next)]).toEqual([
    true,
    true,
    true,
    false,
    true,
  ]);
  world.clock.advance('15m');
  expect(await use(next)).toBe(false);
});

test('lastSeenAt is written once a minute at most', async () => {
  await using world = await DeviceWorld.open();
  await world.person('Ana');
  const { device } = await world.paired('kitchen');
  const { token } = await world.enters('kitchen');
  const seen = async () => (await world.devices.find(device.id)).lastSeenAt - device.createdAt;
  world.clock.advance('59s');
  await world.devices.tokens.use(token, device.thumbprint);
  expect(await seen()).toBe(0);
  world.clock.advance('1s');
  await world.devices.tokens.use(token, device.thumbprint);
  expect(await seen()).toBe(60_000);
});
