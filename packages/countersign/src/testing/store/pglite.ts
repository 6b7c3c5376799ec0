// PGlite behind the pool the PostgreSQL dialect speaks to: one connection, handed from one to the next.
import type { PGlite } from '@electric-sql/pglite';
import type { PostgresPool } from '../../store/dialects/postgres.ts';

export function poolOfOne(pglite: PGlite): PostgresPool {
  let last: Promise<void> = Promise.resolve();
  return {
    async connect() {
      const before = last;
      let done = (): void => undefined;
      last = new Promise((resolve) => {
        done = resolve;
      });
      await before;
      return {
        async query(sql, values) {
          const { rows, affectedRows } = await pglite.query<Record<string, unknown>>(sql, [...values]);
          return { rows, touched: affectedRows ?? 0 };
        },
        release: done,
      };
    },
    end: async () => undefined,
  };
}
