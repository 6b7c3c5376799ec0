// The audit as pages ask for it: by any id, by kinds of types, by how it ended and when; and every page of it fits to the
// one before.
import { createClient } from '@countersign/protocol/client';
import type { AuditEvent } from '@countersign/protocol/gateway';
import { expect, test } from 'vitest';
import { openHouse, type TestHouse } from '../testing/house.ts';

function clientOf(house: TestHouse) {
  return createClient((path, { method, body }) =>
    house.call('host', method, path, body === undefined ? undefined : JSON.parse(body)),
  );
}

const typesOf = (items: readonly AuditEvent[]) => items.map(({ type }) => type);

async function lived() {
  const house = await openHouse({ running: true });
  const client = clientOf(house);
  const ana = await client.people.add({ name: 'Ana' });
  const bob = await client.people.add({ name: 'Bob' });
  await client.people.suspend(ana.id);
  await client.people.rename(bob.id, 'Bobby');
  await client.people.resume(ana.id);
  return { house, client, ana, bob };
}

test('everything about one id, and about two of them together', async () => {
  const { house, client, ana, bob } = await lived();
  await using _ = house;
  const about = async (...ids: string[]) => typesOf((await client.audit.list({ about: ids })).items);
  expect(await about(ana.id)).toEqual(['person.resumed', 'person.suspended', 'person.added']);
  expect(await about(ana.id, bob.id)).toEqual([]);
  expect(await about(ana.id, ana.id)).toEqual(await about(ana.id));
  expect(typesOf((await client.audit.list({ person: 'Bobby' })).items)).toEqual([
    'person.renamed',
    'person.added',
  ]);
});

test('types by their names and by their beginnings, how it ended, and when', async () => {
  const { house, client, ana } = await lived();
  await using _ = house;
  const { items } = await client.audit.list({ types: 'person.suspended,person.resumed' });
  expect(typesOf(items)).toEqual(['person.resumed', 'person.suspended']);
  const all = (await client.audit.list({ types: 'person.' })).items;
  expect(typesOf(all)).toHaveLength(5);
  expect((await client.audit.list({ types: 'person.', outcome: 'denied' })).items).toEqual([]);
  expect((await client.audit.list({ about: [ana.id], until: all.at(-1)?.at })).items).toEqual([]);
  expect(
    (await client.audit.list({ about: [ana.id], since: '2020-01-01T01:00:00+01:00' })).items,
  ).toHaveLength(3);
  expect((await client.audit.list({ since: '2999-01-01T00:00:00Z' })).items).toEqual([]);
});

test('pages of two miss nothing and repeat nothing, whatever narrows them', async () => {
  const { house, client, ana } = await lived();
  await using _ = house;
  for (const query of [{}, { types: 'person.' }, { about: [ana.id] }, { person: ana.id, about: [ana.id] }]) {
    const whole = (await client.audit.list({ ...query, limit: 1_000 })).items;
    const seen: AuditEvent[] = [];
    for (let after: string | undefined; ; ) {
      const page = await client.audit.list({ ...query, limit: 2, after });
      seen.push(...page.items);
      if (page.next === undefined) break;
      after = page.next;
    }
    expect(seen).toEqual(whole);
  }
});

test('what makes no sense is refused and not ignored', async () => {
  await using house = await openHouse();
  const ask = async (query: string) => (await house.call('host', 'GET', `/api/v1/audit?${query}`)).status;
  expect(await ask('types=person')).toBe(400);
  expect(await ask('types=nothing.')).toBe(400);
  expect(await ask('about=Ana')).toBe(400);
  expect(await ask('about=prn_a&about=prn_b&about=prn_c')).toBe(400);
  expect(await ask('outcome=maybe')).toBe(400);
  expect(await ask('since=yesterday')).toBe(400);
  expect(await ask('limit=5&limit=6')).toBe(400);
  expect(await ask('about=prn_aaaa&about=ses_bbbb&limit=5')).toBe(200);
});
