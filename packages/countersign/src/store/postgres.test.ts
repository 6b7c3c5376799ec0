// The PostgreSQL store on PGlite: PostgreSQL itself in this process, with one connection. What needs several is in
// postgres.full.test.ts, on a real server.
import { PGlite } from '@electric-sql/pglite';
import { expect, test } from 'vitest';
import { StoreBench } from '../testing/store/bench.ts';
import { openTestStore, testStoreOver } from '../testing/store/open.ts';
import { poolOfOne } from '../testing/store/pglite.ts';
import { storeConformance } from '../testing/store-conformance.ts';
import { overPool } from './dialects/postgres.ts';

storeConformance('pglite', async () => {
  const pglite = await PGlite.create();
  const database = overPool(poolOfOne(pglite));
  const store = await testStoreOver(database);
  return {
    store,
    asWriter: (writer) => testStoreOver(database, { writer }),
    close: async () => {
      await store.close();
      await pglite.close();
    },
  };
});

test('a database written by a newer version is refused', async () => {
  const pglite = await PGlite.create();
  const store = await testStoreOver(overPool(poolOfOne(pglite)));
  const bench = new StoreBench();
  bench.begin(store, undefined);
  const person = await bench.person();
  const again = await testStoreOver(overPool(poolOfOne(pglite)));
  expect(await again.people.get(person.id)).toEqual(person);
  expect([again.installation, again.writer]).toEqual([store.installation, store.writer]);
  await pglite.exec(`update meta set value = '99' where key = 'schema'`);
  await expect(testStoreOver(overPool(poolOfOne(pglite)))).rejects.toMatchObject({
    code: 'store_schema_newer',
  });
  await pglite.close();
});

test('a server that is not there is store_unavailable, and its password is nowhere', async () => {
  const refused = openTestStore('postgres://user:secret@127.0.0.1:1/none');
  await expect(refused).rejects.toMatchObject({ code: 'store_unavailable' });
  await expect(refused).rejects.not.toThrow('secret');
});
