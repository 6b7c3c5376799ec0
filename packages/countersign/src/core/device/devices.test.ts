import { expect, test } from 'vitest';
import { AT_HOST, DeviceWorld, HOST } from '../../testing/device-world.ts';
import { ALL_SCOPES } from './scopes.ts';
import { setupCode, setupToken } from './setup-code.ts';

const FULL = ['approvals', 'manage', 'pairing', 'read'] as const;
const made = (role: 'operator' | 'node', scopes: readonly (typeof ALL_SCOPES)[number][] | null = null) => ({
  role,
  scopes,
  makerScopes: ALL_SCOPES,
});

test('a new key asks, a person says yes, and it connects with what it asked for', async () => {
  await using world = await DeviceWorld.open();
  const owner = await world.person('Ana');
  const asked = await world.asks('kitchen');
  expect(asked).toMatchObject({ reason: 'new_key', held: [] });
  expect(asked.command).toBe(`countersign devices approve ${asked.requestId}`);
  const { device, granted } = await world.devices.approve(asked.requestId, HOST, AT_HOST);
  expect(granted).toEqual(['pairing', 'read']);
  expect(device).toMatchObject({ principal: owner.id, role: 'operator', name: 'kitchen', via: 'approval' });
  const entered = await world.enters('kitchen');
  expect(entered).toMatchObject({ scopes: ['pairing', 'read'], expiresAt: world.clock.now() + 15 * 60_000 });
  expect(entered.token).toMatch(/^cdt_[a-z2-7]{52}$/);
  expect(await world.eventTypes()).toEqual(['device.requested', 'device.approved', 'device.paired']);
  expect(world.heard).toEqual([asked.requestId, device.id, asked.requestId]);
});

test('D-02, Q17: a hundred retries keep the id, and the first one pasted works', async () => {
  await using world = await DeviceWorld.open();
  await world.person('Ana');
  const first = await world.asks('kitchen', { address: '192.0.2.7' });
  for (let n = 0; n < 100; n += 1) {
    world.clock.advance('7s');
    const again = await world.asks('kitchen', { address: '192.0.2.7', name: `kitchen ${n}` });
    expect(again.requestId).toBe(first.requestId);
  }
  await world.devices.approve(first.requestId, HOST, AT_HOST);
  await world.enters('kitchen');
});

test('a retry keeps the id when its setup code has run out in between', async () => {
  await using world = await DeviceWorld.open();
  await world.person('Ana');
  const { token } = await world.devices.issueSetup(HOST, made('node'));
  world.clock.advance('9m');
  const ask = () => world.asks('node', { role: 'node', scopes: ['node'], token });
  const first = await ask();
  world.clock.advance('5m');
  expect((await ask()).requestId).toBe(first.requestId);
  await world.devices.approve(first.requestId, HOST, AT_HOST);
  await world.enters('node', { role: 'node', scopes: ['node'], token });
});

test('H28: asking for more is a request, and what was held works as before', async () => {
  await using world = await DeviceWorld.open();
  await world.person('Ana');
  await world.paired('kitchen');
  const more = await world.asks('kitchen', { scopes: FULL });
  expect(more).toMatchObject({ reason: 'more_scopes', held: ['pairing', 'read'], asked: FULL });
  expect((await world.enters('kitchen', { scopes: ['read'] })).scopes).toEqual(['read']);
  expect((await world.enters('kitchen')).scopes).toEqual(['pairing', 'read']);
  await world.devices.approve(more.requestId, HOST, AT_HOST);
  expect((await world.enters('kitchen', { scopes: FULL })).scopes).toEqual(FULL);
  expect(await world.eventTypes()).toContain('device.scopes_changed');
});

test('H29, R21: a wider request is another one; the id that was shown gives nothing any more', async () => {
  await using world = await DeviceWorld.open();
  await world.person('Ana');
  const shown = await world.asks('kitchen', { scopes: ['read'] });
  const wider = await world.asks('kitchen', { scopes: FULL });
  expect(wider.requestId).not.toBe(shown.requestId);
  await expect(world.devices.approve(shown.requestId, HOST, AT_HOST)).rejects.toMatchObject({
    code: 'expired',
  });
  expect(await world.store.devices.list({ states: ['paired'], limit: 9 })).toEqual([]);
});

test('H36: neither a device token nor a setup code makes an unknown key anything', async () => {
  await using world = await DeviceWorld.open();
  await world.person('Ana');
  await world.paired('kitchen');
  const { token } = await world.enters('kitchen');
  expect(await world.connect('stranger', { token })).toMatchObject({ as: 'pairing_required' });
  expect(await world.devices.tokens.use(token, 'stranger'.padEnd(43, '-'))).toBeNull();
  const setup = await world.devices.issueSetup(HOST, made('operator'));
  expect(await world.connect('other', { token: setup.token, scopes: FULL })).toMatchObject({
    as: 'pairing_required',
  });
  expect(await world.store.devices.list({ states: ['paired'], limit: 9 })).toHaveLength(1);
});

test('Q9, H30: a setup code is good for its role, its scopes and the first key that shows it', async () => {
  await using world = await DeviceWorld.open();
  const owner = await world.person('Ana');
  const by = { kind: 'principal', id: owner.id, surface: 'chat' } as const;
  const { token } = await world.devices.issueSetup(by, made('operator', ['read', 'pairing']));
  expect(await world.connect('node', { role: 'node', scopes: ['node'], token })).toMatchObject({
    as: 'refused',
    code: 'auth_forbidden',
  });
  const asked = await world.asks('kitchen', { scopes: FULL, token });
  expect(asked.asked).toEqual(['pairing', 'read']);
  expect(await world.connect('thief', { token })).toMatchObject({ as: 'refused', code: 'setup_code_used' });
  const { granted, device } = await world.devices.approve(asked.requestId, HOST, AT_HOST);
  expect([granted, device.principal]).toEqual([['pairing', 'read'], owner.id]);
  // H29: the code of a device that is paired widens nothing.
  expect(await world.connect('kitchen', { scopes: FULL, token })).toMatchObject({
    as: 'refused',
    code: 'expired',
  });
  expect(await world.connect('thief', { token })).toMatchObject({ code: 'setup_code_used' });
  await world.enters('kitchen', { token });
  expect(await world.eventTypes()).toEqual(
    expect.arrayContaining(['setup.issued', 'setup.used', 'setup.refused']),
  );
});

test('a setup code runs out after ten minutes, and an unknown one is no code', async () => {
  await using world = await DeviceWorld.open();
  await world.person('Ana');
  const { token, expiresAt } = await world.devices.issueSetup(HOST, made('node'));
  expect(expiresAt - world.clock.now()).toBe(600_000);
  world.clock.advance('10m');
  const show = (shown: string) => world.connect('n', { role: 'node', scopes: ['node'], token: shown });
  expect(await show(token)).toMatchObject({ as: 'refused', code: 'expired' });
  expect(await show('nonsense')).toMatchObject({ as: 'refused', code: 'auth_forbidden' });
});

test('D-13: the code typed and the code scanned are one, and hold nothing that lasts', async () => {
  await using world = await DeviceWorld.open();
  await world.person('Ana');
  const { token } = await world.devices.issueSetup(HOST, made('node'));
  const code = setupCode('https://assistant.example', token);
  expect(JSON.parse(Buffer.from(code, 'base64').toString())).toEqual({
    url: 'https://assistant.example',
    token,
  });
  expect([setupToken(code), setupToken(` ${token}\n`), setupToken('eyJ9')]).toEqual([token, token, 'eyJ9']);
  await world.asks('node', { role: 'node', scopes: ['node'], token: code });
});

test('GHSA-xr4f: only an active owner and the host invite devices', async () => {
  await using world = await DeviceWorld.open();
  const owner = await world.person('Ana');
  const approver = await world.person('Ben', 'approver');
  const by = (id: typeof owner.id) => ({ kind: 'principal', id, surface: 'chat' }) as const;
  await expect(world.devices.issueSetup(by(approver.id), made('operator'))).rejects.toMatchObject({
    code: 'auth_forbidden',
  });
  await world.store.people.setState(owner.id, ['active'], 'suspended');
  await expect(world.devices.issueSetup(by(owner.id), made('operator'))).rejects.toMatchObject({
    code: 'auth_forbidden',
  });
});

test('a code whose maker owns nothing any more invites nobody', async () => {
  await using world = await DeviceWorld.open();
  const [ana] = [await world.person('Ana'), await world.person('Ben')];
  const by = { kind: 'principal', id: ana.id, surface: 'chat' } as const;
  const { token } = await world.devices.issueSetup(by, made('operator'));
  const { requestId } = await world.asks('kitchen', { token });
  await world.store.people.setRole(ana.id, 'owner', 'user');
  await expect(world.devices.approve(requestId, HOST, AT_HOST)).rejects.toMatchObject({ code: 'expired' });
});

test('one key is one role: joining as a node ends what it was as an operator, and the card says so', async () => {
  await using world = await DeviceWorld.open();
  await world.chat(await world.person('Ana'), 'ana');
  const { device } = await world.paired('kitchen');
  const node = await world.asks('kitchen', { role: 'node', scopes: ['node'] });
  expect(node.reason).toBe('other_role');
  expect((await world.told()).at(-1)).toContain('paired as operator now, and would be that no longer');
  const { device: now } = await world.devices.approve(node.requestId, HOST, AT_HOST);
  expect(now).toMatchObject({ role: 'node', scopes: ['node'] });
  expect(await world.devices.find(device.id)).toMatchObject({ state: 'revoked', endedWhy: 'replaced' });
});

test('D-04: a device is found by what names it, and a request by its own id or the device that asks', async () => {
  await using world = await DeviceWorld.open();
  await world.person('Ana');
  const { device } = await world.paired('kitchen');
  for (const ref of [device.id, device.id.slice(0, 12), device.thumbprint, 'kitchen'])
    expect((await world.devices.find(ref)).id).toBe(device.id);
  await expect(world.devices.find('pantry')).rejects.toMatchObject({ code: 'not_found' });
  await expect(world.devices.findRequest(device.id)).rejects.toMatchObject({ code: 'not_found' });
  const { requestId } = await world.asks('kitchen', { scopes: FULL });
  for (const ref of [requestId, requestId.slice(7, 11), device.id, device.thumbprint])
    expect((await world.devices.findRequest(ref)).id).toBe(requestId);
  await expect(world.devices.findRequest(requestId.slice(7, 10))).rejects.toMatchObject({
    code: 'request_malformed',
  });
});

test('R22: approving without an id works for exactly one, and never takes the latest', async () => {
  await using world = await DeviceWorld.open();
  const [ana, ben] = [await world.person('Ana'), await world.person('Ben')];
  const by = { kind: 'principal', id: ana.id, surface: 'chat' } as const;
  await expect(world.devices.findOwnRequest(ana.id)).rejects.toMatchObject({ code: 'not_found' });
  await world.asks('uninvited');
  const one = await world.devices.issueSetup(by, made('operator'));
  const { requestId } = await world.asks('kitchen', { token: one.token });
  world.clock.advance('11m');
  expect((await world.devices.findOwnRequest(ana.id)).id).toBe(requestId);
  await expect(world.devices.findOwnRequest(ben.id)).rejects.toMatchObject({ code: 'not_found' });
  const two = await world.devices.issueSetup(by, made('operator'));
  await world.asks('pantry', { token: two.token });
  await expect(world.devices.findOwnRequest(ana.id)).rejects.toMatchObject({ code: 'ambiguous' });
});

test('whose device it becomes: the maker of its code, the only owner, whom the host names; never somebody else’s say', async () => {
  await using world = await DeviceWorld.open();
  const [ana, ben] = [await world.person('Ana'), await world.person('Ben')];
  const by = (id: typeof ana.id) => ({ kind: 'principal', id, surface: 'chat' }) as const;
  const one = await world.asks('one');
  await expect(world.devices.approve(one.requestId, HOST, AT_HOST)).rejects.toMatchObject({
    code: 'ambiguous',
  });
  await expect(
    world.devices.approve(one.requestId, by(ana.id), { ...AT_HOST, for: ben.id }),
  ).rejects.toMatchObject({ code: 'auth_forbidden' });
  const named = await world.devices.approve(one.requestId, HOST, { ...AT_HOST, for: ben.id });
  expect(named.device.principal).toBe(ben.id);
  const two = await world.asks('two');
  expect((await world.devices.approve(two.requestId, by(ana.id), AT_HOST)).device.principal).toBe(ana.id);
  const { token } = await world.devices.issueSetup(by(ben.id), made('operator'));
  const three = await world.asks('three', { token });
  expect((await world.devices.approve(three.requestId, by(ana.id), AT_HOST)).device.principal).toBe(ben.id);
  await expect(
    world.devices.approve((await world.asks('one', { scopes: FULL })).requestId, HOST, {
      ...AT_HOST,
      for: ana.id,
    }),
  ).rejects.toMatchObject({ code: 'state_conflict' });
});

test('a claim and a sign-in pair a key inside their own transaction, and end what it was', async () => {
  await using world = await DeviceWorld.open();
  const ana = await world.person('Ana');
  const { device: before } = await world.paired('kitchen');
  const { thumbprint, key, role } = before;
  const by = { kind: 'principal', id: ana.id, surface: 'claim' } as const;
  const whose = { principal: ana.id, via: 'claim', proven: false, createdAt: world.clock.now() } as const;
  const admitted = await world.store.atomically((tx) =>
    world.devices.admit(tx, { key, thumbprint, role, scopes: FULL, name: null, ...whose }, by),
  );
  expect((await world.devices.find(before.id)).state).toBe('revoked');
  expect((await world.enters('kitchen', { scopes: FULL })).device.id).toBe(admitted.id);
});

test('a rename is one line, with nothing hidden in it', async () => {
  await using world = await DeviceWorld.open();
  await world.person('Ana');
  const { device } = await world.paired('kitchen');
  expect((await world.devices.rename(device.id, ' the\u200b phone ', HOST)).name).toBe('the\\u{200B} phone');
  await expect(world.devices.rename(device.id, '  ', HOST)).rejects.toMatchObject({
    code: 'request_malformed',
  });
});

test('what is over is forgotten in time, what lives is not', async () => {
  await using world = await DeviceWorld.open();
  await world.person('Ana');
  const { device } = await world.paired('kitchen', { scopes: ['read'] });
  const { device: gone } = await world.paired('pantry');
  await world.devices.revoke(gone.id, HOST);
  await world.enters('kitchen', { scopes: ['read'] });
  world.clock.advance('91d');
  expect(await world.devices.tidy(world.clock.now())).toBeGreaterThanOrEqual(3);
  expect((await world.devices.find(device.id)).id).toBe(device.id);
  await expect(world.devices.find(gone.id)).rejects.toMatchObject({ code: 'not_found' });
});
