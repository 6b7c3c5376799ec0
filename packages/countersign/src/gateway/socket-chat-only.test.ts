// With an address of its own, web chat shows what strangers write under it: a flaw there must not reach an owner's device.
import { expect, test } from 'vitest';
import { DeviceKey } from '../testing/device-key.ts';
import { DeviceSocket } from '../testing/device-socket.ts';

test('under the name of web chat alone no device joins, and nobody is asked', async () => {
  await using at = await DeviceSocket.open({ isChatOnly: true });
  await at.world.person('Ana');
  for (const role of ['operator', 'node']) {
    const client = await at.knock(new DeviceKey('P-256'), { role });
    expect(await client.next('error')).toMatchObject({ code: 'auth_forbidden' });
  }
  expect(await at.world.devices.waiting({ limit: 5 })).toEqual([]);
});
