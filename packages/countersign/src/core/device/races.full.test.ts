// The same races on a real PostgreSQL, by two gateways with pools of their own: what one process in memory cannot show.
import { afterAll, expect, test } from 'vitest';
import { AT_HOST, DeviceWorld, HOST } from '../../testing/device-world.ts';
import { startPostgres } from '../../testing/postgres-server.ts';
import { ALL_SCOPES } from './scopes.ts';

const server = await startPostgres();
if (typeof server === 'string') {
  console.warn(`SKIPPED: devices were not raced on a real PostgreSQL: ${server}`);
  test.skip(`devices on a real PostgreSQL: ${server}`, () => undefined);
} else {
  const { url, stop } = server;
  const worlds = [await DeviceWorld.open(url, 'one'), await DeviceWorld.open(url, 'two')] as const;
  const [one, two] = worlds;
  const at = (n: number) => (n % 2 === 0 ? one : two);
  const twenty = <T>(work: (world: DeviceWorld, n: number) => Promise<T>) =>
    Promise.allSettled(Array.from({ length: 20 }, (_, n) => work(at(n), n)));
  const codes = (outcomes: readonly PromiseSettledResult<unknown>[]) =>
    outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []));
  await one.chat(await one.person('Ana'), 'ana');

  afterAll(async () => {
    for (const world of worlds) await world[Symbol.asyncDispose]();
    await stop();
  });

  test('twenty connects of one new key by two gateways are one request', async () => {
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, n) => at(n).asks('kitchen')));
    expect(new Set(outcomes.map(({ requestId }) => requestId)).size).toBe(1);
  });

  test('of twenty approvals by two gateways one pairs, and the rest are told who was first', async () => {
    const { requestId } = await one.asks('kitchen');
    const outcomes = await twenty((world) => world.devices.approve(requestId, HOST, AT_HOST));
    expect(codes(outcomes)).toEqual(Array(19).fill('already_decided'));
    const { device } = await one.enters('kitchen');
    expect((await two.enters('kitchen')).device.id).toBe(device.id);
  });

  test('of twenty keys that redeem one setup code at two gateways one asks', async () => {
    const made = { role: 'operator', scopes: null, makerScopes: ALL_SCOPES } as const;
    const { token } = await one.devices.issueSetup(HOST, made);
    const outcomes = await twenty((world, n) => world.connect(`guest${n}`, { token }));
    const said = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.as : 'failed'));
    expect(said.filter((as) => as === 'pairing_required')).toHaveLength(1);
    expect(said.filter((as) => as === 'refused')).toHaveLength(19);
  });

  test('strangers at two gateways never take more than their twenty places', async () => {
    await Promise.all(Array.from({ length: 40 }, (_, n) => at(n).connect(`stranger${n}`)));
    const waiting = await one.devices.waiting({ limit: 1_000 });
    expect(waiting.filter(({ setup }) => setup === null).length).toBeLessThanOrEqual(20);
  });

  test('H31: a device revoked at one gateway while it connects at the other holds no token that works', async () => {
    for (let n = 0; n < 8; n += 1) {
      const { device } = await one.paired(`key${n}`, { token: await invitation() });
      const outcomes = await Promise.allSettled([
        two.connect(`key${n}`),
        one.devices.revoke(device.id, HOST),
        two.connect(`key${n}`),
      ]);
      for (const outcome of outcomes) {
        if (outcome.status !== 'fulfilled' || !('as' in outcome.value)) continue;
        if (outcome.value.as !== 'connected') continue;
        expect(await one.devices.tokens.use(outcome.value.token, device.thumbprint)).toBeNull();
      }
    }
  });

  async function invitation(): Promise<string> {
    one.clock.advance('5m');
    two.clock.advance('5m');
    const made = { role: 'operator', scopes: null, makerScopes: ALL_SCOPES } as const;
    return (await one.devices.issueSetup(HOST, made)).token;
  }
}
