// Access that was given for a time: its end is announced once, in time to move it, and told once when it has come.
import { expect, test } from 'vitest';
import { LOOPBACK_TRAITS } from '../../channels/loopback/channel.ts';
import { HOST, openWorld, type World } from '../../testing/world.ts';
import { NO_FILE } from './allow-port.ts';
import { leadOf, renewalNotices } from './renewals.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

async function withGuest(forMs: number) {
  const world = await openWorld();
  await world.knows('olga', 'owner');
  await world.says('ana', 'may I?', { displayName: 'Ana' });
  const { pairing } = await world.services.findPairing({ what: world.codeOf('ana') });
  await world.services.pairings.approve(pairing.id, HOST, { forMs, name: null });
  await world.settle();
  return world;
}

async function round(world: World, removed: string[] = []): Promise<string[]> {
  const before = world.heardBy('olga').length;
  const { store, clock, services } = world;
  const allowFile = {
    settle: async () => {
      for (const { peer, edit } of await store.allowLists.wanted()) removed.push(`${edit} ${peer.native}`);
      return NO_FILE.settle();
    },
  };
  const roster = { traits: () => ({ ...LOOPBACK_TRAITS, writesConfig: true }) };
  await renewalNotices({ store, clock, roster, bus: services.bus, allowFile });
  await store.pairings.sweep(clock.now(), clock.now() - DAY);
  await world.settle();
  return world.heardBy('olga').slice(before);
}

test('a month: told three days before, once; told when it has ended, once', async () => {
  await using world = await withGuest(30 * DAY);
  expect(await round(world)).toEqual([]);
  world.clock.advance(27 * DAY - 60_000);
  expect(await round(world)).toEqual([]);
  world.clock.advance(60_000);
  expect(await round(world)).toEqual([
    'Access of loopback:ana "Ana" ends in 3 days. To prolong it: countersign pairing approve loopback ana --for 30d',
  ]);
  world.clock.advance(DAY);
  expect(await round(world)).toEqual([]);
  world.clock.advance(2 * DAY);
  expect(await round(world)).toEqual([
    'Access of loopback:ana "Ana" has ended. When they write again they ask anew, and wait for your yes.',
  ]);
  expect(await round(world)).toEqual([]);
  expect(await world.says('ana', 'hello')).toMatchObject({ as: 'desk', because: 'pairing' });
});

test('prolonged in time: the old end is not told of, the new one is', async () => {
  await using world = await withGuest(DAY);
  world.clock.advance(22 * HOUR);
  expect(await round(world)).toHaveLength(1);
  const row = await world.store.pairings.latest(world.peer('ana'));
  if (row === null) throw new Error('there is no request');
  await world.services.pairings.approve(row.id, HOST, { forMs: DAY, name: null });
  await world.settle();
  world.clock.advance(3 * HOUR);
  expect(await round(world)).toEqual([]);
  world.clock.advance(19 * HOUR);
  expect(await round(world)).toEqual([expect.stringContaining('ends in 2 hours')]);
});

test('revoked before its end: nothing is told of it any more', async () => {
  await using world = await withGuest(DAY);
  await world.services.pairings.revoke(world.peer('ana'), HOST);
  await world.settle();
  world.clock.advance(DAY);
  expect(await round(world)).toEqual([]);
});

test('the end of an access takes the entry of the store out of the list, and no entry made by hand', async () => {
  await using world = await withGuest(DAY);
  const { store, clock } = world;
  const peer = world.peer('ana');
  await store.allowLists.see('loopback', 'default', [{ native: peer.native, origin: 'hand' }], clock.now());
  world.clock.advance(DAY);
  const removed: string[] = [];
  expect(await round(world, removed)).toEqual([
    'Access of loopback:ana "Ana" has ended, but allowFrom of loopback lists them by hand, so they may still talk. To end that: countersign pairing revoke loopback ana',
  ]);
  expect(removed).toEqual([]);
  await using other = await withGuest(DAY);
  await other.store.allowLists.see(
    'loopback',
    'default',
    [{ native: peer.native, origin: 'store' }],
    other.clock.now(),
  );
  other.clock.advance(DAY);
  await round(other, removed);
  expect(removed).toEqual(['remove ana']);
});

test.each([
  [90 * DAY, 3 * DAY],
  [10 * DAY, DAY],
  [5 * HOUR, HOUR],
  [HOUR / 2, HOUR],
])('an access of %d ms is announced %d ms before its end', (length, lead) => {
  expect(leadOf(length)).toBe(lead);
});
