// A URL becomes a Store: `sqlite:PATH`, `sqlite::memory:` or `postgres://…`. It is brought to the newest schema first, and
// a newer one is refused.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ID_KINDS, isId, makeId, type WriterId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Random } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';
import type { Committed, Ports } from './context.ts';
import type { Connection, Database } from './dialects/database.ts';
import { migrate } from './migrate.ts';
import { text } from './row.ts';
import { storeView } from './view.ts';

export interface OpenOptions extends Ports {
  /** What a relative path is relative to; on PostgreSQL also where this gateway's writer id is kept. */
  readonly home?: string;
  /** This process's chain in the audit; by default the database's (SQLite), or the home's (PostgreSQL). */
  readonly writer?: WriterId;
  /** Pages of 4096 bytes that the SQLite file may grow to: a full disk for tests. */
  readonly maxPageCount?: number;
  /** Called after each commit that wrote to the audit. */
  readonly committed?: Committed;
}

/** @throws Problem `config_invalid` for a URL of no known form; `store_schema_newer`, `store_unavailable`, `store_full`. */
export async function openStore(url: string, options: OpenOptions): Promise<Store> {
  const database = await openDatabase(url, options);
  return overDatabase(database, options);
}

/** For a database that is open already. It is closed when the store cannot be opened on it. */
export async function overDatabase(database: Database, options: OpenOptions): Promise<Store> {
  try {
    await migrate(database);
    const { connection } = database;
    const { clock, random, vault, hasher } = options;
    const installation = await ownId(connection, 'installation', random);
    const writer = options.writer ?? (await writerOf(database, options));
    const dedupeSecret = hasher.keyed('nonce', 'message');
    const ids = { installation, writer, dedupeSecret };
    const told = { committed: options.committed };
    return storeView({ clock, random, vault, hasher, ...ids, ...told, database, connection, inside: false });
  } catch (cause) {
    await database.close().catch(() => undefined);
    throw cause;
  }
}

async function openDatabase(url: string, { home, maxPageCount }: OpenOptions): Promise<Database> {
  if (url.startsWith('sqlite:')) {
    const { openSqlite } = await import('./dialects/node-sqlite.ts');
    const path = url.slice('sqlite:'.length);
    if (path === '') throw unknownUrl();
    if (path === ':memory:') return openSqlite(path, maxPageCount === undefined ? {} : { maxPageCount });
    const file = resolve(home ?? '.', path);
    makeFolder(dirname(file));
    return openSqlite(file, maxPageCount === undefined ? {} : { maxPageCount });
  }
  if (/^postgres(ql)?:\/\//.test(url)) {
    const [{ openPgPool }, { overPool }] = await Promise.all([
      import('./dialects/pg-pool.ts'),
      import('./dialects/postgres.ts'),
    ]);
    return overPool(await openPgPool(url));
  }
  throw unknownUrl();
}

function unknownUrl(): Problem {
  // The URL may hold a password: it is not repeated.
  return new Problem('config_invalid', { detail: 'store is neither sqlite:PATH nor postgres://…' });
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new Problem('store_unavailable', { detail: 'the folder of the database cannot be made', cause });
  }
}

/** Gateways on one server are told apart by their homes. */
async function writerOf(database: Database, { home, random }: OpenOptions): Promise<WriterId> {
  if (database.dialect === 'sqlite' || home === undefined)
    return ownId(database.connection, 'writer', random);
  makeFolder(home);
  const file = resolve(home, 'writer');
  try {
    writeFileSync(file, newId('writer', random), { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) {
      throw new Problem('store_unavailable', { detail: 'the writer id cannot be kept in the home', cause });
    }
  }
  const writer = readFileSync(file, 'utf8').trim();
  if (!isId('writer', writer))
    throw new Problem('store_unavailable', { detail: 'the writer id in the home is damaged' });
  return writer;
}

type OwnKind = 'installation' | 'writer';

/** An id the database keeps from its first opening on. */
async function ownId<K extends OwnKind>(connection: Connection, kind: K, random: Random) {
  const read = async () => {
    const [row] = await connection.all('select value from meta where key = ?', [kind]);
    return row === undefined ? null : text(row, 'value');
  };
  const known = await read();
  if (known === null) await connection.insertNew('meta', ['key', 'value'], [[kind, newId(kind, random)]]);
  const id = known ?? (await read()) ?? '';
  if (!isId(kind, id))
    throw new Problem('store_unavailable', { detail: `the ${kind} id in the database is damaged` });
  return id;
}

function newId<K extends OwnKind>(kind: K, random: Random) {
  return makeId(kind, random.bytes(ID_KINDS[kind].bytes));
}
