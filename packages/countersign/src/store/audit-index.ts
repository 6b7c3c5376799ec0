// The index of the audit: by subject, actor, type and bad end, and how much there was of what in each hour. It follows the
// chain at some distance, in order: everything of a writer up to its mark is in, nothing after it. An event is a hundred
// times cheaper to append to the end of a chain than to file, and the front door must not wait for the filing.
import { setImmediate as breathe } from 'node:timers/promises';
import { filedUnder, SELECTED, talliedAs, WITH_PERSONAL } from './audit-rows.ts';
import { type Context, together } from './context.ts';
import type { Connection, Row, Value } from './dialects/database.ts';
import { int, text } from './row.ts';

/** Events of one transaction: between two of them others have their turn. */
const PART = 250;
export const HOUR_MS = 3_600_000;

/** Brings every writer's part up to date. Returns how many events went in. */
export async function indexEvents(context: Context): Promise<number> {
  let indexed = 0;
  for (const { writer } of await unindexed(context)) {
    for (;;) {
      const part = await together(context, (inside) => indexPart(inside, writer));
      indexed += part;
      if (part < PART) break;
      if (!context.inside) await breathe();
    }
  }
  return indexed;
}

export interface Unindexed {
  readonly writer: string;
  /** The last event that is in the index. */
  readonly mark: number;
  readonly count: number;
}

export async function unindexed({ connection: c }: Context): Promise<Unindexed[]> {
  const rows = await c.all('select writer, indexed, seq from audit_heads where seq > indexed');
  return rows.map((row) => {
    const mark = int(row, 'indexed');
    return { writer: text(row, 'writer'), mark, count: int(row, 'seq') - mark };
  });
}

async function indexPart({ connection: c }: Context, writer: string): Promise<number> {
  // Taking the row first: two processes index one after the other, each what the other left.
  const [head] = await c.all('update audit_heads set indexed = indexed where writer = ? returning indexed', [
    writer,
  ]);
  if (head === undefined) return 0;
  const rows = await c.all(
    `select ${SELECTED} from audit_events ${WITH_PERSONAL}
     where audit_events.writer = ? and audit_events.seq > ? order by audit_events.seq limit ${PART}`,
    [writer, int(head, 'indexed')],
  );
  const last = rows.at(-1);
  if (last === undefined) return 0;
  await c.insert('audit_subjects', ['subject', 'at', 'event'], rows.flatMap(filed).toSorted(bySubject));
  await tally(c, rows);
  await c.run('update audit_heads set indexed = ? where writer = ?', [int(last, 'seq'), writer]);
  return rows.length;
}

function filed(row: Row): Value[][] {
  return [...filedUnder(row)].map((subject) => [subject, int(row, 'at'), text(row, 'id')]);
}

/** Counting a day is then a few hundred rows to read, however many events it had, and a restart forgets nothing. */
async function tally(c: Connection, rows: readonly Row[]): Promise<void> {
  const counts = new Map<string, { readonly key: Value[]; count: number }>();
  for (const row of rows) {
    const { type, count } = talliedAs(row);
    const key = [int(row, 'at') - (int(row, 'at') % HOUR_MS), type, text(row, 'outcome')];
    const name = key.join(' ');
    const known = counts.get(name);
    if (known === undefined) counts.set(name, { key, count });
    else known.count += count;
  }
  // In one order everywhere: two writers never wait for each other's rows crosswise.
  for (const [, { key, count }] of [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    await c.run(
      `insert into audit_hours (hour, type, outcome, count) values (?, ?, ?, ?)
       on conflict (hour, type, outcome) do update set count = audit_hours.count + excluded.count`,
      [...key, count],
    );
}

/** Neighbours in the index are written together. */
function bySubject(a: readonly Value[], b: readonly Value[]): number {
  return String(a[0]) < String(b[0]) ? -1 : 1;
}
