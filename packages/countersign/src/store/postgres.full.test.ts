// The PostgreSQL store on a real server, with two pools: what PGlite's one connection cannot show. Races, deadlocks, a
// server that goes away.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, describe, expect, test } from 'vitest';
import type { Store } from '../core/store-port.ts';
import { type PostgresServer, startPostgres } from '../testing/postgres-server.ts';
import { HOST, NOW, StoreBench, times, toAgent } from '../testing/store/bench.ts';
import { checkMigration } from '../testing/store/migration.ts';
import { openTestStore, testStoreOver } from '../testing/store/open.ts';
import { storeConformance } from '../testing/store-conformance.ts';
import { openSqlite } from './dialects/node-sqlite.ts';
import { openPgPool } from './dialects/pg-pool.ts';
import { overPool } from './dialects/postgres.ts';

const server = await startPostgres();
if (typeof server === 'string') {
  console.warn(`SKIPPED: the PostgreSQL store was not tested on a real server: ${server}`);
  test.skip(`PostgreSQL on a real server: ${server}`, () => undefined);
} else {
  suite(server);
}

function suite({ url, stop }: PostgresServer): void {
  afterAll(stop);

  storeConformance('postgres, two pools', async () => {
    const stores = [await openTestStore(url)];
    const [store = expect.fail()] = stores;
    return {
      store,
      reopen: () => openTestStore(url),
      async asWriter(writer) {
        const other = await openTestStore(url, { writer });
        stores.push(other);
        return other;
      },
      async close() {
        await Promise.all(stores.map((one) => one.close()));
      },
    };
  });

  describe('a real PostgreSQL', () => {
    let benches = 0;
    const opened = async () => {
      const store = await openTestStore(url);
      benches += 1;
      const bench = new StoreBench(`x${benches}x`);
      bench.begin(store, undefined);
      return { store, bench };
    };

    test('ten gateways that start on an empty server at once make one schema', async () => {
      const admin = new pg.Client({ connectionString: url });
      await admin.connect();
      await admin.query('create database fresh');
      await admin.end();
      const fresh = url.replace(/postgres$/, 'fresh');
      const stores = await times(10, () => openTestStore(fresh));
      expect(new Set(stores.map(({ installation }) => installation)).size).toBe(1);
      await Promise.all(stores.map((store) => store.close()));
    });

    test('five gateways that start on schema 1 at once bring it to the newest, with every row', async () => {
      const admin = new pg.Client({ connectionString: url });
      await admin.connect();
      await admin.query('create database old');
      await admin.end();
      const there = url.replace(/postgres$/, 'old');
      const memory = openSqlite(':memory:');
      const made = { store: await testStoreOver(memory), database: memory };
      const old = overPool(await openPgPool(there));
      const stores: Store[] = [];
      await checkMigration(made, old, async () => {
        stores.push(...(await times(5, () => openTestStore(there))));
        return stores;
      });
      for (const one of [...stores, made.store, old]) await one.close();
    });

    test('transactions that lock in opposite orders both end well: the server picks one, and it runs again', async () => {
      const { store, bench } = await opened();
      const [one, two] = [await bench.person(), await bench.person()];
      await times(6, (n) =>
        store.atomically(async (tx) => {
          const [first, second] = n % 2 === 0 ? [one, two] : [two, one];
          await tx.people.rename(first.id, `${n}`);
          await tx.people.rename(second.id, `${n}`);
        }),
      );
      expect((await store.people.get(one.id))?.name).toBe((await store.people.get(two.id))?.name);
      await store.close();
    });

    test('batches of the same messages in opposite orders at once admit each once', async () => {
      const { store, bench } = await opened();
      const { peer, person } = await bench.known();
      const batch = Array.from({ length: 64 }, () => bench.says(peer, 'hello'));
      const answers = await times(8, (n) =>
        store.messages.accept(n % 2 === 0 ? batch : batch.toReversed(), toAgent(person.id), NOW),
      );
      const admitted = answers.flat().filter((answer) => 'as' in answer && answer.as === 'agent');
      expect(admitted).toHaveLength(64);
      await bench.chain();
      await store.close();
    });

    test('writers of their own have chains of their own, and each verifies', async () => {
      const { store, bench } = await opened();
      const homes = await times(2, async () => mkdtempSync(join(tmpdir(), 'countersign-home-')));
      const stores = await Promise.all(homes.map((home) => openTestStore(url, { home })));
      const again = await Promise.all(homes.map((home) => openTestStore(url, { home })));
      expect(new Set(stores.map(({ writer }) => writer)).size).toBe(2);
      expect(again.map(({ writer }) => writer)).toEqual(stores.map(({ writer }) => writer));
      for (const one of stores) {
        await one.audit.append([{ type: 'person.added', at: NOW, actor: HOST, subject: {}, outcome: 'ok' }]);
        await bench.chain(one);
      }
      await Promise.all([...stores, ...again, store].map((one) => one.close()));
      for (const home of homes) rmSync(home, { recursive: true });
    });

    test('connections that the server ends are replaced, and no error is left unheard', async () => {
      const { store, bench } = await opened();
      const person = await bench.person();
      const admin = new pg.Client({ connectionString: url });
      await admin.connect();
      await admin.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()',
      );
      await admin.end();
      const answers = await Promise.allSettled([store.people.get(person.id), store.people.get(person.id)]);
      for (const answer of answers)
        if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'store_unavailable' });
      expect(await store.people.get(person.id)).toEqual(person);
      await store.close();
    });
  });
}
