// Two at once: one wins, the other is told, and nothing is half done. (The store suite runs the same single-use writes on
// PostgreSQL with two processes' worth of connections.)
import { expect, test } from 'vitest';
import { AT_HOST, DeviceWorld, HOST } from '../../testing/device-world.ts';
import { ALL_SCOPES } from './scopes.ts';

const codes = (outcomes: readonly PromiseSettledResult<unknown>[]) =>
  outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []));

test('of twenty approvals one pairs; nineteen are told who was first', async () => {
  await using world = await DeviceWorld.open();
  await world.person('Ana');
  const { requestId } = await world.asks('kitchen');
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, () => world.devices.approve(requestId, HOST, AT_HOST)),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(codes(outcomes)).toEqual(Array(19).fill('already_decided'));
  expect((await world.eventTypes()).filter((type) => type === 'device.paired')).toHaveLength(1);
});

test('an approval and a rejection at once: one stands', async () => {
  await using world = await DeviceWorld.open();
  await world.person('Ana');
  for (let n = 0; n < 10; n += 1) {
    const { requestId } = await world.asks(`key${n}`);
    const outcomes = await Promise.allSettled([
      world.devices.reject(requestId, HOST),
      world.devices.approve(requestId, HOST, AT_HOST),
    ]);
    expect(codes(outcomes)).toEqual(['already_decided']);
  }
});

test('Q9: two keys redeem one setup code at once, and one of them asks', async () => {
  await using world = await DeviceWorld.open();
  await world.person('Ana');
  const made = { role: 'operator', scopes: null, makerScopes: ALL_SCOPES } as const;
  const { token } = await world.devices.issueSetup(HOST, made);
  const outcomes = await Promise.all(['one', 'two', 'three'].map((key) => world.connect(key, { token })));
  expect(outcomes.map((outcome) => ('code' in outcome ? outcome.code : outcome.as)).toSorted()).toEqual([
    'pairing_required',
    'setup_code_used',
    'setup_code_used',
  ]);
});

test('H31: whichever comes first, a device that is revoked during a connect has no token that works', async () => {
  await using world = await DeviceWorld.open();
  await world.person('Ana');
  for (let n = 0; n < 10; n += 1) {
    const { device } = await world.paired(`key${n}`);
    const [entered] = await Promise.all([
      world.connect(`key${n}`),
      world.devices.revoke(device.id, HOST),
      world.connect(`key${n}`),
    ]);
    if (entered.as === 'connected')
      expect(await world.devices.tokens.use(entered.token, device.thumbprint)).toBeNull();
  }
});
