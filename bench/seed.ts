// People who may talk and have talked, written straight into the tables: a million of them in a few large transactions.
// Names are bytes of the right length that nothing here opens; everything the front door reads is real.
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ID_KINDS, makeId } from '@countersign/protocol/ids';
import { comparableKey, sessionKey } from '../packages/countersign/src/core/session/key.ts';
import type { Store } from '../packages/countersign/src/core/store-port.ts';
import { open, peer, ports, RULES } from './house.ts';

const PER_TRANSACTION = 100_000;
const SEALED_NAME_BYTES = 40;

export interface Seeded {
  readonly store: Store;
  readonly people: number;
}

export async function seeded(folder: string, people: number): Promise<Seeded> {
  const file = join(folder, `${people}.db`);
  const url = `sqlite:${file}`;
  await (await open(url, folder)).close(); // Makes the tables.
  const db = new DatabaseSync(file);
  try {
    db.exec('pragma synchronous = off; pragma cache_size = -600000');
    const insertOne = statements(db);
    for (let from = 0; from < people; from += PER_TRANSACTION) {
      db.exec('begin');
      for (let n = from; n < Math.min(from + PER_TRANSACTION, people); n++) insertOne(n);
      db.exec('commit');
    }
    db.exec('pragma wal_checkpoint(truncate)');
  } finally {
    db.close();
  }
  flush(file);
  return { store: await open(url, folder), people };
}

/** Or the first transactions measured would pay for writing the seed out. */
function flush(file: string): void {
  const handle = openSync(file, 'r+');
  fsyncSync(handle);
  closeSync(handle);
}

function statements(db: DatabaseSync): (n: number) => void {
  const principal = db.prepare(
    `insert into principals (id, name, name_key, role, state, created_at) values (?, ?, ?, 'user', 'active', ?)`,
  );
  const link = db.prepare(
    `insert into peers (channel, account, native, principal, ceiling, assurance, blocked, direct, linked_at)
     values (?, ?, ?, ?, 'user', 'medium', 0, 1, ?)`,
  );
  const session = db.prepare(
    `insert into sessions (id, key, key_folded, principal, exclusive, channel, account, created_at, last_turn_at,
       spoke_channel, spoke_account, spoke_native, spoke_kind)
     values (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, 'direct')`,
  );
  const { random, clock } = ports;
  const at = clock.now();
  const name = random.bytes(SEALED_NAME_BYTES);
  return (n) => {
    const from = peer(n);
    const { channel, account, native } = from;
    const id = makeId('principal', random.bytes(ID_KINDS.principal.bytes));
    const { key } = sessionKey(from, { kind: 'direct', id: native }, RULES);
    const sessionId = makeId('session', random.bytes(ID_KINDS.session.bytes));
    principal.run(id, name, `bench-${n}`, at);
    link.run(channel, account, native, id, at);
    session.run(sessionId, key, comparableKey(key), id, channel, account, at, at, channel, account, native);
  };
}
