// PostgreSQL over any pool that speaks text and values: one connection per transaction, read committed. Decisions rest
// on rows touched, so the isolation need not be higher; what the server itself calls off is tried again.
import { Problem } from '@countersign/protocol/problem';
import type { ColumnTypes, Connection, Database, Row, Value } from './database.ts';
import { refuseInside, runInside } from './inside.ts';

export interface PostgresResult {
  readonly rows: readonly Row[];
  readonly touched: number;
}

export interface PostgresClient {
  query(sql: string, values: readonly Value[]): Promise<PostgresResult>;
  /** `broken` clients are not used again. */
  release(broken: boolean): void;
}

export interface PostgresPool {
  connect(): Promise<PostgresClient>;
  end(): Promise<void>;
}

/** Serialisation failure, deadlock: the server undid the transaction and says that it may work now. */
const TRY_AGAIN: ReadonlySet<unknown> = new Set(['40001', '40P01']);
const MAX_TRIES = 6;
/** Parameters of one statement are counted in 16 bits. */
const MAX_VALUES = 30_000;
/** Any number that no other program is likely to lock by. */
const SCHEMA_LOCK = 4_207_263_341;

const TYPES: ColumnTypes = {
  serial: 'bigint generated always as identity primary key',
  text: 'text collate "C"',
  time: 'bigint',
  sealed: 'bytea',
  small: 'integer',
  end: () => '',
};

export function overPool(pool: PostgresPool): Database {
  return new PostgresDatabase(pool);
}

class PostgresDatabase implements Database {
  readonly dialect = 'postgres';
  readonly types = TYPES;
  readonly connection: Connection;
  readonly #pool: PostgresPool;

  constructor(pool: PostgresPool) {
    this.#pool = pool;
    this.connection = new PostgresConnection(async (sql, values) => {
      refuseInside();
      return again(() => this.#with((client) => client.query(sql, values)));
    });
  }

  async transaction<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    refuseInside();
    return again(() => this.#with((client) => inTransaction(client, work)));
  }

  async hasTable(connection: Connection, name: string): Promise<boolean> {
    // A plain query, for it sees what others have committed; to_regclass may answer from a cache of before.
    const rows = await connection.all(
      'select 1 from pg_catalog.pg_tables where tablename = ? and schemaname = any (current_schemas(false))',
      [name],
    );
    return rows.length > 0;
  }

  async lockSchema(connection: Connection): Promise<void> {
    await connection.all('select pg_advisory_xact_lock(cast(? as bigint))', [SCHEMA_LOCK]);
  }

  async takeTurn(connection: Connection, what: string): Promise<void> {
    await connection.all('select pg_advisory_xact_lock(hashtextextended(?, 0))', [what]);
  }

  async close(): Promise<void> {
    refuseInside();
    await this.#pool.end();
  }

  async #with<T>(use: (client: PostgresClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken = true;
    try {
      const result = await use(client);
      broken = false;
      return result;
    } catch (cause) {
      broken = isConnectionLost(cause);
      throw cause;
    } finally {
      client.release(broken);
    }
  }
}

async function inTransaction<T>(
  client: PostgresClient,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  await client.query('begin', []);
  try {
    const connection = new PostgresConnection((sql, values) => client.query(sql, values));
    const result = await runInside(connection, work);
    await client.query('commit', []);
    return result;
  } catch (cause) {
    // On a dead connection the server has rolled back by itself.
    await client.query('rollback', []).catch(() => undefined);
    throw cause;
  }
}

async function again<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (cause) {
      if (tries < MAX_TRIES && TRY_AGAIN.has(codeOf(cause))) continue;
      throw problemOf(cause);
    }
  }
}

class PostgresConnection implements Connection {
  readonly #query: (sql: string, values: readonly Value[]) => Promise<PostgresResult>;

  constructor(query: (sql: string, values: readonly Value[]) => Promise<PostgresResult>) {
    this.#query = query;
  }

  async all(sql: string, values: readonly Value[] = []): Promise<readonly Row[]> {
    return (await this.#query(numbered(sql), values)).rows;
  }

  async run(sql: string, values: readonly Value[] = []): Promise<number> {
    return (await this.#query(numbered(sql), values)).touched;
  }

  async insert(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly Value[])[],
  ): Promise<void> {
    for (const part of parts(rows, columns.length)) {
      await this.all(`insert into ${table} (${columns.join(', ')}) values ${tuples(part)}`, part.flat());
    }
  }

  async insertNew(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly Value[])[],
  ): Promise<ReadonlySet<unknown>> {
    const written = new Set<unknown>();
    const first = columns[0] ?? '';
    for (const part of parts(rows, columns.length)) {
      const sql = `insert into ${table} (${columns.join(', ')}) values ${tuples(part)} on conflict do nothing returning ${first}`;
      for (const row of await this.all(sql, part.flat())) written.add(row[first]);
    }
    return written;
  }

  async findEach(
    select: string,
    columns: readonly string[],
    keys: readonly (readonly Value[])[],
  ): Promise<readonly (Row | undefined)[]> {
    const found = new Map<string, Row>();
    for (const row of await this.findMany(select, columns, keys)) {
      found.set(JSON.stringify(columns.map((column) => row[column])), row);
    }
    return keys.map((key) => found.get(JSON.stringify(key)));
  }

  async findMany(
    select: string,
    columns: readonly string[],
    keys: readonly (readonly Value[])[],
  ): Promise<readonly Row[]> {
    const found: Row[] = [];
    for (const part of parts(keys, columns.length)) {
      found.push(
        ...(await this.all(`${select} where (${columns.join(', ')}) in (${tuples(part)})`, part.flat())),
      );
    }
    return found;
  }
}

function tuples(rows: readonly (readonly Value[])[]): string {
  return rows.map((row) => `(${row.map(() => '?').join(', ')})`).join(', ');
}

function parts<T>(rows: readonly T[], width: number): T[][] {
  const size = Math.max(1, Math.floor(MAX_VALUES / width));
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, n) =>
    rows.slice(n * size, (n + 1) * size),
  );
}

/** `?` becomes `$1`, `$2`, …; our SQL holds no question mark of another meaning. */
function numbered(sql: string): string {
  let count = 0;
  return sql.replace(/\?/g, () => {
    count += 1;
    return `$${count}`;
  });
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}

/** Class 08, shutdowns, what a socket says, and a login that is refused. */
function isConnectionLost(cause: unknown): boolean {
  const code = codeOf(cause);
  if (typeof code !== 'string')
    return cause instanceof Error && /connect|terminated|closed|timeout/i.test(cause.message);
  return /^(08|57P|28|3D)/.test(code) || /^E[A-Z]{4,}$/.test(code);
}

const DISK_FULL = '53100';

function problemOf(cause: unknown): unknown {
  if (cause instanceof Problem) return cause;
  const code = codeOf(cause);
  if (code === DISK_FULL) return new Problem('store_full', { cause });
  if (
    isConnectionLost(cause) ||
    TRY_AGAIN.has(code) ||
    (typeof code === 'string' && /^(53|55P)/.test(code))
  ) {
    return new Problem('store_unavailable', { detail: 'the PostgreSQL server cannot be used', cause });
  }
  return cause;
}
