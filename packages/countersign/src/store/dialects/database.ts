// What the store asks of a database, whichever it is. Everything outside dialects/ is written against this page; SQL
// there uses `?` for values and only what SQLite and PostgreSQL both understand.

export type Value = string | number | Uint8Array | null;
export type Row = Readonly<Record<string, unknown>>;

export interface Connection {
  /** Rows of a query, or what a write returns. */
  all(sql: string, values?: readonly Value[]): Promise<readonly Row[]>;
  /** How many rows a write touched: what every single-use decision is made of. */
  run(sql: string, values?: readonly Value[]): Promise<number>;
  /** Writes many rows at once. */
  insert(table: string, columns: readonly string[], rows: readonly (readonly Value[])[]): Promise<void>;
  /** As insert, skipping rows that conflict with a unique index. Answers the first column of those written. */
  insertNew(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly Value[])[],
  ): Promise<ReadonlySet<unknown>>;
  /** For each of `keys` the one row of `select` whose `columns` equal it (`columns` are unique, and among those selected
   * in the same order): one look-up for many keys. */
  findEach(
    select: string,
    columns: readonly string[],
    keys: readonly (readonly Value[])[],
  ): Promise<readonly (Row | undefined)[]>;
  /** Rows of `select` whose `columns` equal one of `keys`. */
  findMany(
    select: string,
    columns: readonly string[],
    keys: readonly (readonly Value[])[],
  ): Promise<readonly Row[]>;
}

/** The words of a column type. Everything else in a migration is the same for both. */
export interface ColumnTypes {
  /** Counts up in the order of writing; the primary key. */
  readonly serial: string;
  /** Compared byte by byte, so that a range over a prefix is a look-up. */
  readonly text: string;
  /** Milliseconds, or a count that may pass 2^31. */
  readonly time: string;
  readonly sealed: string;
  /** 0 or 1, or a small count. */
  readonly small: string;
  /** What follows the columns. `clustered`: rows live in the primary key's own tree. */
  end(clustered: boolean): string;
}

export interface Database {
  readonly dialect: 'sqlite' | 'postgres';
  readonly types: ColumnTypes;
  /** Each statement by itself. While a transaction is open on a one-connection database it waits, and never joins. */
  readonly connection: Connection;
  /**
   * All of `work` or nothing. Where the database says that two transactions stood in each other's way, `work` runs again.
   * @throws Problem `internal` when called from within a transaction; `store_full`, `store_unavailable`; what `work` throws.
   */
  transaction<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  hasTable(connection: Connection, name: string): Promise<boolean>;
  /** Lets one process at a time past, until the transaction ends. */
  lockSchema(connection: Connection): Promise<void>;
  /** As lockSchema, for those who ask for the same `what`: what they read stays true until their transaction ends. */
  takeTurn(connection: Connection, what: string): Promise<void>;
  close(): Promise<void>;
}
