// The same road on a real PostgreSQL, a server of this run's own: against one-insert transactions of one connection.

import { makeId } from '@countersign/protocol/ids';
import pg from 'pg';
import type { Store } from '../packages/countersign/src/core/store-port.ts';
import { startPostgres } from '../packages/countersign/src/testing/postgres-server.ts';
import { median, quantile, ratio } from './figures.ts';
import { cost, open, peer, ports, type Row, temporary } from './house.ts';
import { inboxOf, SENDERS, send, sustain } from './load.ts';

const ROUNDS = 7;
const PEOPLE = 1_000;
const MESSAGES = 2_048;
const INSERTS = 150;
const BASELINE = 'one-insert rate of one connection, fsync on';

const server = await startPostgres();
if (typeof server === 'string') {
  console.error(`  SKIPPED, nothing was measured on PostgreSQL: ${server}`);
  console.log(JSON.stringify([row(`not measured: ${server}`, null)]));
} else {
  try {
    console.log(JSON.stringify([await measure(server.url)]));
  } finally {
    await server.stop();
  }
}

function row(measured: string, met: boolean | null): Row {
  const what = `messages decided and durable on PostgreSQL, sustained, ${SENDERS} senders (rate, wall)`;
  return { what, baseline: BASELINE, budget: '≥ 2 ×', measured, met };
}

async function measure(url: string): Promise<Row> {
  const place = temporary();
  const store = await open(url, place.folder);
  const client = new pg.Client({ connectionString: url });
  try {
    await know(store);
    await client.connect();
    await client.query('create table bench (id serial primary key, text text)');
    const insert = { name: 'one', text: 'insert into bench (text) values ($1)', values: ['x'.repeat(200)] };
    const inbox = inboxOf(store);
    const rates: number[] = [];
    const waits: number[] = [];
    const lone: number[] = [];
    for (let round = -1; round < ROUNDS; round++) {
      const one = await cost(async () => {
        for (let n = 0; n < INSERTS; n++) await client.query(insert);
      });
      let waited: number[] = [];
      const many = await cost(async () => {
        waited = await sustain(inbox, MESSAGES, PEOPLE);
      });
      const single = await cost(async () => {
        for (let n = 0; n < INSERTS / 3; n++) await send(inbox, PEOPLE);
      });
      if (round < 0) continue; // Warm-up: it makes the sessions as well.
      rates.push(one.wall / INSERTS / (many.wall / MESSAGES));
      waits.push(...waited);
      lone.push((single.wall * 3) / one.wall);
    }
    const beside = `p99 ${quantile(waits, 0.99).toFixed(1)} ms; a lone message ${ratio(lone)}`;
    return row(`${ratio(rates)}; ${beside}`, median(rates) >= 2);
  } finally {
    await client.end();
    await store.close();
    place.remove();
  }
}

async function know(store: Store): Promise<void> {
  const at = ports.clock.now();
  const link = { ceiling: 'user', assurance: 'medium', direct: true, accessUntil: null } as const;
  await store.atomically(async (tx) => {
    for (let n = 0; n < PEOPLE; n++) {
      const principal = makeId('principal', ports.random.bytes(15));
      await tx.people.add({ id: principal, name: `p${n}`, role: 'user', state: 'active', createdAt: at });
      await tx.people.link(peer(n), { ...link, principal, displayName: null, username: null, at });
    }
  });
}
