// Finding one of many, and not forgetting somebody by a habit of the fingers.
import type { PersonRow } from '@countersign/protocol/identity';
import { expect, test } from 'vitest';
import { allPages } from './everyone.ts';
import { confirmsForget, forgetWords, found, inOrder, isRole } from './find.ts';

const person = (more: Partial<PersonRow>): PersonRow => ({
  id: 'prn_abcdefgh',
  name: 'Ana',
  role: 'user',
  state: 'active',
  peers: [],
  createdAt: '2026-01-01T00:00:00.000Z',
  ...more,
});
const chat = {
  channel: 'telegram',
  account: 'support',
  identifier: '555001',
  ceiling: 'user',
  assurance: 'medium',
  blocked: false,
  username: 'ana_b',
} as const;

test('by name in any case and width, by id, by chat, by what a chat calls itself', () => {
  const all = [person({ peers: [chat] }), person({ id: 'prn_zzz', name: 'Bo' })];
  for (const typed of ['ＡNA', 'prn_abc', 'telegram:support:555', '5550', 'ana_b'])
    expect(
      found(all, typed, null).map(({ id }) => id),
      typed,
    ).toEqual(['prn_abcdefgh']);
  expect(found(all, '', null)).toHaveLength(2);
  expect(found(all, '', 'owner')).toEqual([]);
  expect(found(all, '.*', null)).toEqual([]);
});

test('who decides stands first, then names as people sort them', () => {
  const rows = [person({ name: 'n10' }), person({ name: 'n9' }), person({ name: 'z', role: 'owner' })];
  expect(inOrder(rows).map(({ name }) => name)).toEqual(['z', 'n9', 'n10']);
});

test.each([
  ['prn_abcd', true],
  [' PRN_ABCDE ', true],
  ['Ana', true],
  ['prn_', false],
  ['ana', false],
  ['', false],
  ['prn_zzzz', false],
])('typing %j confirms forgetting: %s', (typed, isConfirmed) => {
  expect(confirmsForget(typed, person({}))).toBe(isConfirmed);
});

test('a name that is nothing but spaces is not confirmed by typing nothing', () => {
  expect(confirmsForget('   ', person({ name: '   ' }))).toBe(false);
  expect(confirmsForget(forgetWords(person({})), person({}))).toBe(true);
});

test('every page is read, in order, and a list without an end is given up', async () => {
  const pages = [{ items: [1, 2], next: 'a' }, { items: [3], next: 'b' }, { items: [] as number[] }];
  const asked: (string | undefined)[] = [];
  const read = await allPages(async (after) => {
    asked.push(after);
    return pages[asked.length - 1] ?? { items: [] };
  });
  expect([read, asked]).toEqual([
    [1, 2, 3],
    [undefined, 'a', 'b'],
  ]);
  expect(await allPages(async () => ({ items: [0], next: 'again' }))).toHaveLength(400);
  expect([isRole('owner'), isRole('constructor'), isRole(null)]).toEqual([true, false, false]);
});
