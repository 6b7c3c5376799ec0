// Ending a session by what somebody typed of its id: never one that was not meant (R22).
import { expect, test } from 'vitest';
import { openHouse } from '../testing/house.ts';
import { NOW, StoreBench } from '../testing/store/bench.ts';

test('a beginning that an ended session and a living one share ends neither', async () => {
  await using house = await openHouse({ running: true });
  const { store } = house.composed;
  const bench = new StoreBench();
  bench.begin(store, undefined);
  const { peer, person } = await bench.known();
  const before = await bench.admit(peer, person.id, 'hello');
  await store.sessions.revoke(before.session, NOW);
  const { session } = await bench.admit(peer, person.id, 'again');
  const revoke = (ref: string) => house.call('host', 'POST', `/api/v1/sessions/${ref}/revoke`);
  expect((await revoke('ses_')).status).toBe(409);
  expect(await store.sessions.find(session)).toMatchObject([{ endedAt: null }]);
  expect((await revoke(before.session)).status).toBe(409);
  expect(await (await revoke(session)).json()).toMatchObject({ id: session });
});
