// E-09: a request is given up when nobody could be told, and not while somebody who decides has it before their eyes.
import { makeId, type PushId } from '@countersign/protocol/ids';
import { expect, test, vi } from 'vitest';
import { type ApprovalHouse, openApprovalHouse } from '../testing/approval-house.ts';
import { DeviceKey } from '../testing/device-key.ts';
import { DeviceSocket, join } from '../testing/device-socket.ts';
import { isElsewhere } from './presence.ts';

const looks = ({ house, people }: ApprovalHouse, who: 'olga' | 'ari') => {
  const { presence, store, core } = house.composed;
  return isElsewhere([people[who]], { presence, store, tokens: core.devices.tokens });
};

test('a page that is open counts for its own person, while it may decide, until the last of them is closed', async () => {
  await using stage = await openApprovalHouse();
  const { presence } = stage.house.composed;
  const { device } = await stage.browser('ari');
  expect(await looks(stage, 'ari')).toBe(false);
  const closes = [presence.enter(device), presence.enter(device)];
  expect([await looks(stage, 'ari'), await looks(stage, 'olga')]).toEqual([true, false]);
  closes[0]?.();
  closes[0]?.();
  expect(await looks(stage, 'ari')).toBe(true);
  closes[1]?.();
  expect(await looks(stage, 'ari')).toBe(false);
  presence.enter((await stage.browser('ari', ['read'])).device);
  expect(await looks(stage, 'ari')).toBe(false);
  presence.enter(device);
  await stage.house.call('host', 'POST', `/api/v1/people/${stage.people.ari}/suspend`);
  expect(await looks(stage, 'ari')).toBe(false);
});

test('a browser that is told counts once a notification arrived, until one does not', async () => {
  await using stage = await openApprovalHouse();
  const { store } = stage.house.composed;
  const { device } = await stage.browser('ari');
  const id: PushId = makeId('push', new Uint8Array(15));
  const keys = { endpoint: 'https://push.example/x', p256dh: 'p', auth: 'a', language: 'en' } as const;
  await store.push.put({ id, device, ...keys, createdAt: 1 }, 3);
  expect(await looks(stage, 'ari')).toBe(false);
  await store.push.note(id, { okAt: 2 });
  expect(await looks(stage, 'ari')).toBe(true);
  await store.push.note(id, { failing: 'busy' });
  expect(await looks(stage, 'ari')).toBe(false);
});

test('an open socket is a presence from its hello to its end', async () => {
  await using at = await DeviceSocket.open();
  await at.world.person('Olga');
  const { client, hello } = await join(at, new DeviceKey());
  expect(at.presence.devices).toEqual([hello['id']]);
  client.hangUp();
  await vi.waitFor(() => expect(at.presence.devices).toEqual([]), 30_000);
});
