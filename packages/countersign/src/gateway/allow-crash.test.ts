// Killed between any two writes of a decision (store → file → note) and of what a hand did (found → ended → forgotten):
// after the next start file and store agree, nobody is lost, and nobody is let in.
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Cuts, ListsHouse, telegram } from '../testing/lists-house.ts';
import { HOST } from '../testing/world.ts';

const POINTS: readonly (readonly [string, Cuts])[] = [
  ['before the file is touched', { beforeFile: true }],
  ['before the written file is noted', { beforeDone: true }],
];

/** What the file lists and what the store remembers of it, and nothing owed. */
async function agree(house: ListsHouse): Promise<unknown> {
  const seen = (await house.store.allowLists.seen('telegram', 'default')) ?? [];
  expect(await house.store.allowLists.wanted()).toEqual([]);
  expect(seen.map(({ native }) => native).sort()).toEqual(house.listed());
  return house.listed();
}

test.each(POINTS)('an approval, %s', async (_, cuts) => {
  let house = await ListsHouse.open({ text: telegram(['222']), cuts });
  await house.owns('1');
  await house.approves('555', 60_000 * 60);
  house = await house.restarts();
  await using open = house;
  expect(await agree(open)).toEqual(['222', '555']);
  expect(await open.mayTalk('555')).toBe(true);
  expect(await open.events('allow_list.added')).toEqual([]);
  // Nobody took our entry for a hand's: it ends with the access.
  open.clock.advance('2h');
  expect(await open.mayTalk('555')).toBe(false);
  expect(await open.mayTalk('222')).toBe(true);
});

test.each(POINTS)('a revocation, %s', async (_, cuts) => {
  let house = await ListsHouse.open({ text: telegram(['222', '333']) });
  await house.approves('555');
  house = await house.restarts({ cuts });
  for (const native of ['222', '555']) await house.revokes(native);
  house = await house.restarts();
  await using open = house;
  expect(await agree(open)).toEqual(['333']);
  for (const native of ['222', '555']) expect(await open.mayTalk(native), native).toBe(false);
  expect(await open.mayTalk('333')).toBe(true);
  expect(await open.events('allow_list.added')).toEqual([]);
});

test.each(POINTS)('an approval, and somebody mends the file meanwhile, %s', async (_, cuts) => {
  let house = await ListsHouse.open({ text: telegram(['222', '333']), cuts });
  await house.approves('555');
  const { text } = house;
  await house.close();
  house.clock.advance('1m');
  writeFileSync(house.path, text.replace('"222", // 222\n', ''));
  house = await ListsHouse.open({ home: house.home, clock: house.clock });
  await using open = house;
  expect(await agree(open)).toEqual(['333', '555']);
  expect(await open.mayTalk('222')).toBe(false);
  expect(await open.mayTalk('555')).toBe(true);
});

test('an approval that is rolled back leaves neither access nor entry', async () => {
  await using house = await ListsHouse.open({ text: telegram(['222']) });
  const { id } = await house.asks('555');
  const both = [
    house.core.pairings.approve(id, HOST, { forMs: null, name: null }),
    house.core.pairings.deny(id, HOST),
  ];
  const settled = await Promise.allSettled(both);
  expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const isIn = await house.mayTalk('555');
  expect(house.listed()).toEqual(isIn ? ['222', '555'] : ['222']);
});

test('a hand that took several out is obeyed to the end, killed after each one', async () => {
  const everybody = ['11', '22', '33', '44', '55'];
  let house = await ListsHouse.open({ text: telegram(everybody) });
  for (const native of everybody) await house.mayTalk(native);
  house = await house.restarts({ cuts: { revokeFrom: 2 } });
  await expect(house.saves(telegram(['33', '44', '55']))).rejects.toThrow('died');
  for (const native of ['11', '22']) expect(await house.mayTalk(native), native).toBe(false);
  house = await house.restarts();
  await using open = house;
  expect(await agree(open)).toEqual(['33', '44', '55']);
  for (const native of ['11', '22']) expect(await open.mayTalk(native), native).toBe(false);
  for (const native of ['33', '44', '55']) expect(await open.mayTalk(native), native).toBe(true);
});

test('killed while a held list is being accepted, those that are left still wait', async () => {
  let house = await ListsHouse.open({ text: telegram(['11', '22', '33']), cuts: { revokeFrom: 2 } });
  await house.saves(telegram(['33']));
  await expect(house.config.accept('channels.telegram.allowFrom', HOST)).rejects.toThrow('died');
  house = await house.restarts();
  await using open = house;
  expect(await open.mayTalk('11')).toBe(false);
  expect(await open.mayTalk('22')).toBe(true);
  expect(await open.config.pending()).toMatchObject([{ gone: ['22'] }]);
  await open.config.accept('channels.telegram.allowFrom', HOST);
  expect(await agree(open)).toEqual(['33']);
  expect(await open.mayTalk('22')).toBe(false);
});
