// SQLite through node:sqlite: one connection, one transaction at a time, everything durable before it is answered.
// A query outside an open transaction waits for its end; it never joins it.
import { chmodSync, closeSync, openSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setImmediate as breathe } from 'node:timers/promises';
import type { ColumnTypes, Connection, Database, Row, Value } from './database.ts';
import { refuseInside, runInside } from './inside.ts';
import { BUSY, primaryOf, problemOf } from './sqlite-errors.ts';

/** T11: the default of 0 fails a second writer at once, and waiting blocks the event loop. So five seconds are waited in
 * slices that nobody notices, with everything else having its turn in between. */
const BUSY_TIMEOUT_MS = 5_000;
const BUSY_SLICE_MS = 25;
const MAX_STATEMENTS = 500;

export interface SqliteOptions {
  /** A page is 4096 bytes. For tests of a full disk. */
  readonly maxPageCount?: number;
}

const TYPES: ColumnTypes = {
  serial: 'integer primary key',
  text: 'text',
  time: 'integer',
  sealed: 'blob',
  small: 'integer',
  end: (clustered) => (clustered ? 'strict, without rowid' : 'strict'),
};

/** `:memory:` or a path. @throws Problem `store_unavailable` for a file that is no database or a damaged one. */
export function openSqlite(path: string, options: SqliteOptions = {}): Database {
  try {
    if (path !== ':memory:') makeOwnerOnly(path);
    const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    // FULL: an acknowledged message survives the power cord. secure_delete: what was forgotten is not left in free pages.
    db.exec('pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = fast');
    // A larger log is copied back less often: pages that many messages touch are written once for all of them.
    db.exec('pragma wal_autocheckpoint = 4000; pragma cache_size = -16000');
    db.exec(`pragma busy_timeout = ${BUSY_SLICE_MS}`);
    if (options.maxPageCount !== undefined) db.exec(`pragma max_page_count = ${options.maxPageCount}`);
    return new SqliteDatabase(db);
  } catch (cause) {
    throw problemOf(cause);
  }
}

/** The file is made before SQLite makes it: its log and its index take the mode of the database. */
function makeOwnerOnly(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}

class SqliteDatabase implements Database {
  readonly dialect = 'sqlite';
  readonly types = TYPES;
  readonly connection: Connection;
  readonly #db: DatabaseSync;
  readonly #direct: SqliteConnection;
  readonly #turn = new Turn();
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#begin = db.prepare('begin immediate');
    this.#commit = db.prepare('commit');
    this.#direct = new SqliteConnection(db);
    this.connection = new Waiting(this.#direct, this.#turn);
  }

  async transaction<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    refuseInside();
    await this.#turn.take();
    try {
      await patiently(() => this.#begin.run());
      const result = await runInside(this.#direct, work);
      this.#commit.run();
      return result;
    } catch (cause) {
      // A full disk may have rolled back already.
      if (this.#db.isOpen && this.#db.isTransaction) this.#db.exec('rollback');
      throw problemOf(cause);
    } finally {
      this.#turn.give();
    }
  }

  async hasTable(connection: Connection, name: string): Promise<boolean> {
    const rows = await connection.all(`select 1 from sqlite_master where type = 'table' and name = ?`, [
      name,
    ]);
    return rows.length > 0;
  }

  /** `begin immediate` has done it. */
  async lockSchema(): Promise<void> {}

  /** As above. */
  async takeTurn(): Promise<void> {}

  async close(): Promise<void> {
    refuseInside();
    await this.#turn.take();
    try {
      if (this.#db.isOpen) this.#db.close();
    } finally {
      this.#turn.give();
    }
  }
}

/** Again while another process holds the database, for as long as the busy timeout is in all. */
async function patiently<T>(attempt: () => T | Promise<T>): Promise<T> {
  for (let waited = BUSY_SLICE_MS; ; waited += BUSY_SLICE_MS) {
    try {
      return await attempt();
    } catch (cause) {
      if (primaryOf(cause) !== BUSY || waited >= BUSY_TIMEOUT_MS) throw cause;
      await breathe();
    }
  }
}

/** First come, first served. */
class Turn {
  #taken = false;
  readonly #waiting: (() => void)[] = [];

  get free(): boolean {
    return !this.#taken;
  }

  async take(): Promise<void> {
    if (!this.#taken) {
      this.#taken = true;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken = false;
    else next();
  }
}

type Columns = readonly string[];
type Rows = readonly (readonly Value[])[];

class SqliteConnection implements Connection {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** By the list of columns itself, and the words around it: the hot path's lists are constants, and their SQL is not put
   * together each time. */
  readonly #byColumns = new WeakMap<Columns, Map<string, StatementSync>>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  async all(sql: string, values: readonly Value[] = []): Promise<readonly Row[]> {
    return this.#prepare(sql).all(...values);
  }

  async run(sql: string, values: readonly Value[] = []): Promise<number> {
    return Number(this.#prepare(sql).run(...values).changes);
  }

  async insert(table: string, columns: Columns, rows: Rows): Promise<void> {
    const statement = this.#forColumns(table, columns, () => insertSql(table, columns));
    for (const row of rows) statement.run(...row);
  }

  async insertNew(table: string, columns: Columns, rows: Rows): Promise<ReadonlySet<unknown>> {
    const statement = this.#forColumns(
      `new ${table}`,
      columns,
      () => `${insertSql(table, columns)} on conflict do nothing`,
    );
    const written = new Set<unknown>();
    for (const row of rows) if (statement.run(...row).changes === 1) written.add(row[0]);
    return written;
  }

  async findEach(select: string, columns: Columns, keys: Rows): Promise<readonly (Row | undefined)[]> {
    const statement = this.#forColumns(select, columns, () => whereSql(select, columns));
    return keys.map((key) => statement.get(...key));
  }

  async findMany(select: string, columns: Columns, keys: Rows): Promise<readonly Row[]> {
    const statement = this.#forColumns(select, columns, () => whereSql(select, columns));
    const found: Row[] = [];
    for (const key of keys) found.push(...statement.all(...key));
    return found;
  }

  #forColumns(name: string, columns: Columns, sql: () => string): StatementSync {
    const named = this.#byColumns.get(columns) ?? new Map<string, StatementSync>();
    this.#byColumns.set(columns, named);
    const known = named.get(name);
    if (known !== undefined) return known;
    const statement = this.#prepare(sql());
    named.set(name, statement);
    return statement;
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    if (this.#statements.size >= MAX_STATEMENTS) this.#statements.clear();
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function whereSql(select: string, columns: Columns): string {
  return `${select} where ${columns.map((column) => `${column} = ?`).join(' and ')}`;
}

function insertSql(table: string, columns: Columns): string {
  return `insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`;
}

/** Statements that stand alone: each takes a turn of its own. */
class Waiting implements Connection {
  readonly #direct: Connection;
  readonly #turn: Turn;

  constructor(direct: Connection, turn: Turn) {
    this.#direct = direct;
    this.#turn = turn;
  }

  all(...args: Parameters<Connection['all']>) {
    return this.#alone(() => this.#direct.all(...args));
  }

  run(...args: Parameters<Connection['run']>) {
    return this.#alone(() => this.#direct.run(...args));
  }

  insert(...args: Parameters<Connection['insert']>) {
    return this.#alone(() => this.#direct.insert(...args));
  }

  insertNew(...args: Parameters<Connection['insertNew']>) {
    return this.#alone(() => this.#direct.insertNew(...args));
  }

  findEach(...args: Parameters<Connection['findEach']>) {
    return this.#alone(() => this.#direct.findEach(...args));
  }

  findMany(...args: Parameters<Connection['findMany']>) {
    return this.#alone(() => this.#direct.findMany(...args));
  }

  async #alone<T>(statement: () => Promise<T>): Promise<T> {
    refuseInside();
    await this.#turn.take();
    try {
      return await patiently(statement);
    } catch (cause) {
      throw problemOf(cause);
    } finally {
      this.#turn.give();
    }
  }
}
