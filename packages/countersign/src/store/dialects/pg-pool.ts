// The pg library, an optional dependency, loaded on use. An int8 is read as a number: times and counts stay below 2^53.
import { Problem } from '@countersign/protocol/problem';
import type { PostgresPool } from './postgres.ts';

const INT8 = 20;
const MAX_CONNECTIONS = 8;
/** Also how long a query waits for a free connection. */
const CONNECT_TIMEOUT_MS = 10_000;
const LOCK_TIMEOUT_MS = 10_000;
/** A transaction that awaits something other than the store is ended by the server. */
const IDLE_IN_TRANSACTION_MS = 30_000;

/** @throws Problem `store_unavailable` naming the install command when pg is missing. */
export async function openPgPool(url: string): Promise<PostgresPool> {
  const { Pool, types } = await loadPg();
  const pool = new Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === INT8 && format !== 'binary' ? Number : types.getTypeParser(oid, format),
    },
  });
  // An idle connection that the server ends emits an error; so does one in use; without handlers the process would die.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    async connect() {
      const client = await pool.connect();
      return {
        async query(sql, values) {
          const { rows, rowCount } = await client.query<Record<string, unknown>>(sql, [...values]);
          return { rows, touched: rowCount ?? 0 };
        },
        release: (broken) => client.release(broken),
      };
    },
    end: () => pool.end(),
  };
}

async function loadPg() {
  try {
    return (await import('pg')).default;
  } catch (cause) {
    throw new Problem('store_unavailable', {
      detail: 'the PostgreSQL library is not installed',
      hint: 'npm install pg@8.23.1',
      cause,
    });
  }
}
