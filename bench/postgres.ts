// The same road on a real PostgreSQL: groups of 64 against one-insert transactions of one connection.
import { execFileSync } from 'node:child_process';
import { chownSync, globSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { accept, know, median, message, open, type Row, temporary, timed } from './house.ts';

const WHAT = 'messages decided and durable on PostgreSQL, groups of 64';
const BASELINE = 'one-insert rate of one connection';
const [ctl] = globSync('/usr/lib/postgresql/*/bin/pg_ctl');
const results: Row[] = ctl === undefined ? [skipped('no PostgreSQL was found')] : [await measure(ctl)];
console.log(JSON.stringify(results));

function skipped(why: string): Row {
  console.error(`  SKIPPED: ${why}`);
  return { what: WHAT, baseline: BASELINE, budget: '≥ 2 ×', measured: why, met: null };
}

async function measure(pgCtl: string): Promise<Row> {
  const place = temporary();
  const data = join(place.folder, 'data');
  const port = await freePort();
  const root = process.getuid?.() === 0;
  if (root) {
    const uid = Number(execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8' }));
    chownSync(place.folder, uid, -1);
  }
  const run = (...args: string[]) =>
    root
      ? execFileSync('runuser', ['-u', 'postgres', '--', pgCtl, ...args], { stdio: 'ignore' })
      : execFileSync(pgCtl, args, { stdio: 'ignore' });
  run('initdb', '-D', data, '-o', '-A trust -U bench');
  run(
    'start',
    '-w',
    '-D',
    data,
    '-l',
    join(place.folder, 'log'),
    '-o',
    `-p ${port} -k ${place.folder} -c listen_addresses=127.0.0.1`,
  );
  try {
    const url = `postgres://bench@127.0.0.1:${port}/postgres`;
    const store = await open(url, join(place.folder, 'home'));
    await know(store, 1_000);
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query('create table bench (id serial primary key, text text)');
    const ratios: number[] = [];
    for (let round = 0; round < 6; round++) {
      const one = await timed(async () => {
        for (let n = 0; n < 100; n++)
          await client.query({
            name: 'i',
            text: 'insert into bench (text) values ($1)',
            values: ['x'.repeat(200)],
          });
      });
      const grouped = await timed(async () => {
        for (let n = 0; n < 16; n++)
          await accept(
            store,
            Array.from({ length: 64 }, () => message(1_000)),
          );
      });
      if (round > 0) ratios.push(one.wall / 100 / (grouped.wall / (16 * 64)));
    }
    await client.end();
    await store.close();
    const ratio = median(ratios);
    return {
      what: WHAT,
      baseline: BASELINE,
      budget: '≥ 2 ×',
      measured: `${ratio.toFixed(2)} ×`,
      met: ratio >= 2,
    };
  } finally {
    run('stop', '-m', 'fast', '-D', data);
    place.remove();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
