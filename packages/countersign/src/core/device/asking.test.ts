import { expect, test } from 'vitest';
import { AT_HOST, DeviceWorld, HOST } from '../../testing/device-world.ts';
import { ALL_SCOPES } from './scopes.ts';

const made = (role: 'operator' | 'node', scopes: readonly (typeof ALL_SCOPES)[number][] | null = null) => ({
  role,
  scopes,
  makerScopes: ALL_SCOPES,
});

test('D-14, R19: the card says in words what a yes gives, quotes what the device calls itself, and closes everywhere', async () => {
  await using world = await DeviceWorld.open();
  const ana = await world.person('Ana');
  await world.chat(ana, 'ana');
  await world.chat(ana, 'sms', 'low');
  const { token } = await world.devices.issueSetup(HOST, made('operator', ['read', 'manage']));
  const { requestId } = await world.asks('kitchen', {
    scopes: ['read', 'manage'],
    name: 'Ana\u202E phone',
    address: '192.0.2.7',
    token,
  });
  const cards = [...(await world.told())];
  const short = requestId.slice(7, 15);
  const scrub = (text: string) => text.replaceAll(requestId, 'devreq_ID').replaceAll(short, 'SHORT');
  expect(cards.map(scrub)).toMatchInlineSnapshot(`
    [
      "A device asks to be paired: "Ana\\u{202E} phone" (operator)
    It would be able to: see people, devices, requests, settings and the audit; change people, devices, policy and settings: as good as owning this gateway
    It came with a setup code made by the host.
    Request devreq_ID, from 192.0.2.7, key kitchen-
    /pair approve SHORT · /pair reject SHORT
    In a terminal: countersign devices approve devreq_ID",
      "A device asks to be paired: "Ana\\u{202E} phone" (operator)
    It would be able to: see people, devices, requests, settings and the audit; change people, devices, policy and settings: as good as owning this gateway
    It came with a setup code made by the host.
    Request devreq_ID, from 192.0.2.7, key kitchen-
    Yes, in a terminal: countersign devices approve devreq_ID
    No: /pair reject SHORT",
    ]
  `);
  expect((await world.store.outbox.recent({ limit: 9 })).every(({ kind }) => kind === 'card')).toBe(true);
  await world.devices.reject(requestId, HOST);
  expect(await world.eventTypes()).toContain('device.rejected');
  await expect(world.devices.approve(requestId, HOST, AT_HOST)).rejects.toMatchObject({
    code: 'already_decided',
    members: { state: 'rejected', by: 'host' },
  });
});

test('R8, H57: strangers ring five times an hour, then once; who was turned down rings no more, who is invited always', async () => {
  await using world = await DeviceWorld.open();
  await world.chat(await world.person('Ana'), 'ana');
  for (let n = 0; n < 12; n += 1) await world.asks(`stranger${n}`);
  const rung = await world.told();
  expect(rung.filter((text) => text.startsWith('A device asks'))).toHaveLength(5);
  expect(rung.filter((text) => text.startsWith('More devices ask'))).toHaveLength(1);
  world.clock.advance('2h');
  const { requestId } = await world.asks('pest');
  await world.devices.reject(requestId, HOST);
  const { length: before } = await world.told();
  const again = await world.asks('pest');
  expect(again.requestId).not.toBe(requestId);
  expect(await world.told()).toHaveLength(before);
  const { token } = await world.devices.issueSetup(HOST, made('operator'));
  await world.asks('guest', { token });
  expect((await world.told()).length).toBe(before + 1);
});

test('one address opens a few requests and all strangers together twenty; loopback and guests stand outside', async () => {
  await using world = await DeviceWorld.open();
  await world.person('Ana');
  const from = (address: string, n: number) => world.connect(`${address}/${n}`, { address });
  const far = [];
  for (let n = 0; n < 8; n += 1) far.push((await from('192.0.2.7', n)).as);
  expect(far.filter((as) => as === 'pairing_required')).toHaveLength(5);
  expect(await from('::ffff:192.0.2.7', 9)).toMatchObject({ as: 'refused', code: 'rate_limited' });
  for (let n = 0; n < 15; n += 1) expect((await from('127.0.0.1', n)).as).toBe('pairing_required');
  expect(await from('127.0.0.1', 99)).toMatchObject({ as: 'refused', code: 'rate_limited' });
  const { token } = await world.devices.issueSetup(HOST, made('operator'));
  expect((await world.connect('guest', { token })).as).toBe('pairing_required');
  world.clock.advance('15m');
  expect((await from('127.0.0.1', 99)).as).toBe('pairing_required');
});
