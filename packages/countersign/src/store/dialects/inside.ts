// Work inside a transaction may await only its own `tx`. Anything else would wait for the transaction that waits for it:
// said at once, instead of a gateway that stands still.
import { AsyncLocalStorage } from 'node:async_hooks';
import { Problem } from '@countersign/protocol/problem';
import type { Connection, Value } from './database.ts';

const inside = new AsyncLocalStorage<{ open: boolean }>();

/** @throws Problem `internal` when the caller runs inside a transaction that is still open. */
export function refuseInside(): void {
  if (inside.getStore()?.open === true) {
    throw new Problem('internal', { detail: 'work inside a transaction awaited the store outside of it' });
  }
}

/** Runs `work` on `connection`, which is worth nothing once the work has ended: a late query never joins another transaction. */
export async function runInside<T>(
  connection: Connection,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const span = { open: true };
  const during = new During(connection, span);
  try {
    return await inside.run(span, () => work(during));
  } finally {
    span.open = false;
  }
}

class During implements Connection {
  readonly #connection: Connection;
  readonly #span: { readonly open: boolean };

  constructor(connection: Connection, span: { readonly open: boolean }) {
    this.#connection = connection;
    this.#span = span;
  }

  all(sql: string, values?: readonly Value[]) {
    return this.#open().all(sql, values);
  }

  run(sql: string, values?: readonly Value[]) {
    return this.#open().run(sql, values);
  }

  insert(...args: Parameters<Connection['insert']>) {
    return this.#open().insert(...args);
  }

  insertNew(...args: Parameters<Connection['insertNew']>) {
    return this.#open().insertNew(...args);
  }

  findEach(...args: Parameters<Connection['findEach']>) {
    return this.#open().findEach(...args);
  }

  findMany(...args: Parameters<Connection['findMany']>) {
    return this.#open().findMany(...args);
  }

  #open(): Connection {
    if (!this.#span.open) throw new Problem('internal', { detail: 'a transaction was used after its end' });
    return this.#connection;
  }
}
