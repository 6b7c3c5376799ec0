// A database that the first release wrote opens with everything in it, on whatever database; and it is brought to the
// newest schema once, however many gateways start at the same moment.
import { expect } from 'vitest';
import type { Store } from '../../core/store-port.ts';
import type { Database, Row } from '../../store/dialects/database.ts';
import { HOUR, NOW, StoreBench, toAgent } from './bench.ts';
import { livedIn, rowsOfSchemaOne, writeSchemaOne } from './schema-one.ts';

/** Fills `old` with a house of the first release, lets `open` open it, and looks at everything. */
export async function checkMigration(
  made: { readonly store: Store; readonly database: Database },
  old: Database,
  open: () => Promise<readonly Store[]>,
): Promise<void> {
  const house = await livedIn(made.store);
  await writeSchemaOne(old, made.database);
  const before = await rowsOfSchemaOne(old);
  expect(comparable(before)).toEqual(comparable(await rowsOfSchemaOne(made.database)));
  // A table without a row would prove nothing.
  for (const [name, rows] of before) expect(rows.length, name).toBeGreaterThan(0);

  const [store, ...others] = await open();
  if (store === undefined) throw new Error('nothing was opened');
  expect(comparable(await rowsOfSchemaOne(old))).toEqual(comparable(before));
  for (const one of others)
    expect([one.installation, one.writer]).toEqual([store.installation, store.writer]);
  expect(store.installation).toBe(made.store.installation);

  const { person, owner, ownerPeer, peer, requests, session, said, events } = house;
  expect(await store.people.get(person.id)).toEqual(person);
  expect((await store.people.owners()).map(({ id }) => id)).toEqual([owner.id]);
  expect((await store.people.standing(ownerPeer)).principal?.id).toBe(owner.id);
  for (const { id, state } of requests)
    expect(await store.pairings.get(id)).toEqual(
      await made.store.pairings.get(id).then((row) => ({ ...row, state })),
    );
  expect(await store.turns.history(session, { messages: 9, bytes: 999 })).toEqual([
    { user: 'first', assistant: 'first answer' },
  ]);
  expect(await store.messages.accept([said], toAgent(person.id), NOW)).toEqual([
    { as: 'repeated', first: 'agent' },
  ]);
  expect(await store.outbox.claim([peer], store.writer, NOW + 9, NOW, 9)).toMatchObject([{ text: 'queued' }]);
  expect((await store.outbox.recent({ limit: 9 })).map(({ fate }) => fate)).toEqual(['queued', 'sent']);
  const bench = new StoreBench('migrated');
  bench.begin(store, undefined);
  expect(await bench.chain()).toEqual(events);

  // And what came with the later schema is there.
  const card = bench.id('card');
  const conversation = { kind: 'direct', id: ownerPeer.native } as const;
  const about = { id: card, peer: ownerPeer, conversation, about: 'x', text: 'asks', createdAt: NOW };
  await store.cards.open({ ...about, buttons: [{ verb: 'approve', hash: 'h' }], expiresAt: NOW + HOUR });
  const shown = {
    peer: ownerPeer,
    conversation,
    kind: 'card',
    text: 'asks',
    deadline: NOW + 9,
    card,
  } as const;
  await store.outbox.put([{ ...shown, buttons: [{ label: 'Approve', value: 'v' }] }], NOW);
  expect(await store.outbox.claim([ownerPeer], store.writer, NOW + 9, NOW, 9)).toMatchObject([
    { card, buttons: [{ value: 'v' }] },
  ]);
  expect(await store.people.forget(person.id)).toBe(true);
}

/** Bytes from different drivers are of different classes. */
function comparable(rows: ReadonlyMap<string, readonly Row[]>): unknown {
  const text = (value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value);
  return Object.fromEntries(
    [...rows].map(([name, found]) => [
      name,
      found.map((row) =>
        Object.fromEntries(Object.entries(row).map(([column, value]) => [column, text(value)])),
      ),
    ]),
  );
}
