// What a release wrote, every later one opens with all that was in it; one process at a time changes the schema; and what
// a newer version wrote is refused (sqlite.test.ts, postgres.test.ts).
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, expect, test } from 'vitest';
import { times } from '../testing/store/bench.ts';
import { checkMigration } from '../testing/store/migration.ts';
import { openTestStore, testStoreOver } from '../testing/store/open.ts';
import { poolOfOne } from '../testing/store/pglite.ts';
import { livedIn, writeSchemaOne } from '../testing/store/schema-one.ts';
import { openSqlite } from './dialects/node-sqlite.ts';
import { overPool } from './dialects/postgres.ts';

const CHILD = fileURLToPath(new URL('../testing/store/child.ts', import.meta.url));
const homes: string[] = [];
afterAll(() => {
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'countersign-migrate-'));
  homes.push(home);
  return home;
}

async function today() {
  const database = openSqlite(':memory:');
  return { store: await testStoreOver(database), database };
}

test('a SQLite file of schema 1 opens with every row, by two handles at once', async () => {
  const made = await today();
  const home = newHome();
  const old = openSqlite(join(home, 'countersign.db'));
  const stores: Awaited<ReturnType<typeof openTestStore>>[] = [];
  await checkMigration(made, old, async () => {
    stores.push(...(await times(2, () => openTestStore('sqlite:countersign.db', { home }))));
    return stores;
  });
  for (const one of [...stores, made.store, old]) await one.close();
});

test('two processes that start on schema 1 at once both serve it', async () => {
  const made = await today();
  const home = newHome();
  const old = openSqlite(join(home, 'countersign.db'));
  const { person } = await livedIn(made.store);
  await writeSchemaOne(old, made.database);
  await old.close();
  const run = (name: string) =>
    new Promise<string>((resolve) => {
      const log = join(home, `${name}.log`);
      const child = spawn(process.execPath, [CHILD, 'random', home, name, '20', log], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
      child.once('exit', (code) => resolve(code === 0 ? 'served' : said));
    });
  expect(await Promise.all([run('left'), run('right'), run('third')])).toEqual([
    'served',
    'served',
    'served',
  ]);
  const store = await openTestStore('sqlite:countersign.db', { home });
  expect(await store.people.get(person.id)).toEqual(person);
  for (const one of [store, made.store]) await one.close();
});

test('a migration that fails leaves schema 1 as it was', async () => {
  const made = await today();
  const home = newHome();
  const old = openSqlite(join(home, 'countersign.db'));
  await livedIn(made.store);
  await writeSchemaOne(old, made.database);
  // Something of ours that the migration is about to make stands there already.
  await old.connection.run('create table accepted_config (path text)');
  await old.close();
  await expect(openTestStore('sqlite:countersign.db', { home })).rejects.toThrow('accepted_config');
  const db = new DatabaseSync(join(home, 'countersign.db'));
  expect({ ...db.prepare(`select value from meta where key = 'schema'`).get() }).toEqual({ value: '1' });
  const tables = db
    .prepare(`select name from sqlite_master where type = 'table' and name like 'card%'`)
    .all();
  expect(tables).toEqual([]);
  db.exec('drop table accepted_config');
  db.close();
  const store = await openTestStore('sqlite:countersign.db', { home });
  for (const one of [store, made.store]) await one.close();
});

test('a PostgreSQL database of schema 1 opens with every row', { timeout: 60_000 }, async () => {
  const pglite = await PGlite.create();
  const old = overPool(poolOfOne(pglite));
  const made = await today();
  await checkMigration(made, old, async () => [await testStoreOver(old), await testStoreOver(old)]);
  await made.store.close();
  await pglite.close();
});
