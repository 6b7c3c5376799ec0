// A database whose process dies by SIGKILL before the write it was told: tests start it again and again, one write later each
// time. Reads change nothing: dying among them is dying before the next write.
import type { Connection, Database } from '../../store/dialects/database.ts';

export class Mortal {
  readonly database: Database;
  readonly #dieAt: number;
  /** Counted once it was told that life begins: opening a store is tested elsewhere. */
  #writes = Number.NEGATIVE_INFINITY;

  constructor(database: Database, dieAt: number) {
    this.#dieAt = dieAt;
    this.database = {
      dialect: database.dialect,
      types: database.types,
      connection: this.#mortal(database.connection),
      transaction: (work) =>
        database.transaction(async (connection) => {
          const done = await work(this.#mortal(connection));
          this.#step();
          return done;
        }),
      hasTable: (connection, name) => database.hasTable(connection, name),
      lockSchema: (connection) => database.lockSchema(connection),
      takeTurn: (connection, what) => database.takeTurn(connection, what),
      close: () => database.close(),
    };
  }

  begin(): void {
    this.#writes = 0;
  }

  get writes(): number {
    return this.#writes;
  }

  #step(): void {
    this.#writes += 1;
    if (this.#writes === this.#dieAt) process.kill(process.pid, 'SIGKILL');
  }

  #mortal(connection: Connection): Connection {
    return {
      all: (sql, values) => {
        if (!/^\s*select/i.test(sql)) this.#step();
        return connection.all(sql, values);
      },
      run: (sql, values) => {
        this.#step();
        return connection.run(sql, values);
      },
      insert: (...args) => {
        this.#step();
        return connection.insert(...args);
      },
      insertNew: (...args) => {
        this.#step();
        return connection.insertNew(...args);
      },
      findEach: (...args) => connection.findEach(...args),
      findMany: (...args) => connection.findMany(...args),
    };
  }
}
