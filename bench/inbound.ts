// Deciding inbound messages on SQLite: dedupe, admission, identity, session key, audit event, durable before the answer.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { accept, know, median, message, open, type Row, temporary, timed } from './house.ts';

const ROUNDS = 7;
const FEW = 1_000;
const MANY = 1_000_000;
const GROUP = 64;
const PER_ROUND = 32;

const place = temporary();
try {
  console.error('  seeding …');
  const few = await open(`sqlite:${join(place.folder, 'few.db')}`, place.folder);
  const many = await open(`sqlite:${join(place.folder, 'many.db')}`, place.folder);
  await know(few, FEW);
  await know(many, MANY);
  const baseline = new DatabaseSync(join(place.folder, 'baseline.db'));
  baseline.exec(
    'pragma journal_mode = wal; pragma synchronous = full; create table t (id integer primary key, text text)',
  );
  const insert = baseline.prepare('insert into t (text) values (?)');
  const text = 'x'.repeat(200);

  const rates: number[] = [];
  const loneRatios: number[] = [];
  const cpuRatios: number[] = [];
  const loneManyRatios: number[] = [];
  const waits: number[] = [];
  console.error('  measuring …');
  for (let round = 0; round < ROUNDS; round++) {
    const one = await timed(() => {
      for (let n = 0; n < 200; n++) insert.run(text);
    });
    const grouped = await timed(async () => {
      for (let n = 0; n < PER_ROUND; n++) {
        const { wall } = await timed(() =>
          accept(
            few,
            Array.from({ length: GROUP }, () => message(FEW)),
          ),
        );
        waits.push(wall / 1_000);
      }
    });
    const groupedMany = await timed(async () => {
      for (let n = 0; n < PER_ROUND; n++)
        await accept(
          many,
          Array.from({ length: GROUP }, () => message(MANY)),
        );
    });
    const lone = await timed(async () => {
      for (let n = 0; n < 200; n++) await accept(few, [message(FEW)]);
    });
    const loneMany = await timed(async () => {
      for (let n = 0; n < 200; n++) await accept(many, [message(MANY)]);
    });
    if (round === 0) continue; // warm-up
    rates.push(one.wall / 200 / (grouped.wall / (PER_ROUND * GROUP)));
    loneRatios.push(lone.wall / one.wall);
    cpuRatios.push(groupedMany.cpu / grouped.cpu);
    loneManyRatios.push(loneMany.wall / lone.wall);
  }
  const p99 = waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.99)] ?? 0;
  const row = (
    what: string,
    baselineName: string,
    budget: string,
    measured: number,
    met: boolean,
    unit = '×',
  ): Row => ({
    what,
    baseline: baselineName,
    budget,
    measured: `${measured.toFixed(2)} ${unit}`,
    met,
  });
  const [rate, lone, cpu, one] = [rates, loneRatios, cpuRatios, loneManyRatios].map(median);
  const results: Row[] = [
    row(
      'messages decided and durable, sustained, in groups of 64',
      'one-insert transactions, WAL, synchronous=FULL',
      '≥ 5 ×, goal 7',
      rate ?? 0,
      (rate ?? 0) >= 5,
    ),
    row('p99 of the acknowledgement of a group of 64', 'none', '≤ 20 ms', p99, p99 <= 20, 'ms'),
    row('a lone message', 'one one-insert transaction', '≤ 1.5 ×', lone ?? 0, (lone ?? 9) <= 1.5),
    row(
      'deciding with 1,000,000 known peers, one per transaction (wall)',
      'the same with 1,000',
      '≤ 1.2 ×',
      one ?? 0,
      (one ?? 9) <= 1.2,
    ),
    row(
      'deciding with 1,000,000 known peers, groups of 64 (CPU)',
      'the same with 1,000',
      '≤ 1.5 ×',
      cpu ?? 0,
      (cpu ?? 9) <= 1.5,
    ),
  ];
  await few.close();
  await many.close();
  baseline.close();
  console.log(JSON.stringify(results));
} finally {
  place.remove();
}
