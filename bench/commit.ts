// Group commit: how many messages a second are decided and durable before they are acknowledged, against transactions
// of one insert on the same disk with the same promises.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { median, quantile, ratio } from './figures.ts';
import { cost, type Row, temporary } from './house.ts';
import { inboxOf, SENDERS, send, sustain } from './load.ts';
import { seeded } from './seed.ts';

const ROUNDS = 11;
const PEOPLE = 1_000;
const MESSAGES = 4_096;
const INSERTS = 200;
const TEXT = 'x'.repeat(200);
const BASELINE = 'one-insert transactions, WAL, synchronous=FULL, node:sqlite, same disk';

const place = temporary();
try {
  const { store, people } = await seeded(place.folder, PEOPLE);
  const inbox = inboxOf(store);
  const db = new DatabaseSync(join(place.folder, 'baseline.db'));
  db.exec('pragma journal_mode = wal; pragma synchronous = full');
  db.exec('create table t (id integer primary key, text text)');
  const insert = db.prepare('insert into t (text) values (?)');
  const inserts = () =>
    cost(() => {
      for (let n = 0; n < INSERTS; n++) insert.run(TEXT);
    });

  const rates: number[] = [];
  const ratesCpu: number[] = [];
  const diskShares: number[] = [];
  const waits: number[] = [];
  const p99s: number[] = [];
  const lone: number[] = [];
  const loneCpu: number[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const one = await inserts();
    let waited: number[] = [];
    const many = await cost(async () => {
      waited = await sustain(inbox, MESSAGES, people);
    });
    const again = await inserts();
    const single = await cost(async () => {
      for (let n = 0; n < INSERTS; n++) await send(inbox, people);
    });
    if (round < 0) continue; // Warm-up.
    rates.push(one.wall / INSERTS / (many.wall / MESSAGES));
    ratesCpu.push(one.cpu / INSERTS / (many.cpu / MESSAGES));
    diskShares.push(1 - one.cpu / one.wall);
    waits.push(...waited);
    p99s.push(quantile(waited, 0.99));
    lone.push(single.wall / again.wall);
    loneCpu.push(single.cpu / again.cpu);
  }
  db.close();
  await store.close();

  const p99 = quantile(waits, 0.99);
  const disk = Math.round(median(diskShares) * 100);
  const under = `${SENDERS} senders, each with one message under way`;
  const results: Row[] = [
    {
      what: `messages decided and durable, sustained, ${under} (rate, wall)`,
      baseline: BASELINE,
      budget: '≥ 5 ×, goal 7',
      measured: `${ratio(rates)}; CPU ${ratio(ratesCpu)}; the baseline waits for the disk ${disk} % of its time`,
      met: median(rates) >= 5,
    },
    {
      what: 'p99 of the acknowledgement under that load',
      baseline: 'none',
      budget: '≤ 20 ms',
      measured: `${p99.toFixed(1)} ms of all rounds; median of the rounds ${median(p99s).toFixed(1)} ms`,
      met: p99 <= 20,
    },
    {
      what: 'a lone message, nobody else writing (wall)',
      baseline: BASELINE,
      budget: '≤ 1.5 ×',
      measured: `${ratio(lone)}; CPU ${ratio(loneCpu)}`,
      met: median(lone) <= 1.5,
    },
  ];
  console.log(JSON.stringify(results));
} finally {
  place.remove();
}
