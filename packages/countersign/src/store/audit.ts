// The audit's verbs: append to the chain (audit-append.ts), walk it, list it. A list by what the index knows is the index and
// what the index does not hold yet, together: exact at any moment, page by page.
import type { WriterId } from '@countersign/protocol/ids';
import type { Audit, AuditQuery, StoredEvent, Tally } from '../core/audit/event.ts';
import { appendEvents } from './audit-append.ts';
import { HOUR_MS, indexEvents, unindexed } from './audit-index.ts';
import { ALL, conditions, FILED, inParts, type Part } from './audit-parts.ts';
import {
  byKey,
  filedUnder,
  isFiledByType,
  outcomeKey,
  readEvent,
  SELECT_EVENTS,
  SELECTED,
  subjectsOf,
  typeKey,
  WITH_PERSONAL,
} from './audit-rows.ts';
import { type Context, together } from './context.ts';
import type { Row } from './dialects/database.ts';
import { anyOf } from './peers.ts';
import { int, text, word } from './row.ts';

/** With more than this to look through, a reader files first. */
const MAX_LOOKED_THROUGH = 1_000;
/** A set that holds more is not rare. */
const FEW = 500;

/** Keys of the index: an event has to stand under one of each set. */
type Filing = readonly (readonly string[])[];

export function audit(context: Context): Audit {
  const { connection: c } = context;
  const read = (row: Row) => readEvent(row, context);

  return {
    async append(drafts) {
      if (drafts.length > 0) await together(context, (inside) => appendEvents(inside, drafts));
    },

    async list(query) {
      const { ids, lead } = await filingOf(context, query);
      if (lead === null) {
        const page = (part: Part): Promise<readonly Row[]> => {
          const { sql, values } = conditions(part, 'audit_events.at', 'audit_events.id');
          const order = 'order by audit_events.at desc, audit_events.id desc limit ?';
          return c.all(`${SELECT_EVENTS} where ${sql} ${order}`, [...values, part.limit]);
        };
        const isEvery = query.types === undefined && query.outcome === undefined;
        const rows = isEvery ? await page(query) : await inParts(context, ALL, query, page);
        return rows.map(read);
      }
      const rest = ids.filter((keys) => keys !== lead);
      // First what is not filed yet: an event filed in between is then seen twice, never missed.
      const found = new Map<string, StoredEvent>();
      for (const row of await lookThrough(context, query, ids)) found.set(text(row, 'id'), read(row));
      for (const key of lead) {
        const under = { ...FILED, where: `${FILED.where} = ?`, values: [key] };
        const rows = await inParts(context, under, query, (part) => lookUp(context, part, key, rest));
        for (const row of rows) found.set(text(row, 'id'), read(row));
      }
      return [...found.values()].sort(newestFirst).slice(0, query.limit);
    },

    async tally(since) {
      await indexEvents(context);
      const hour = since - (since % HOUR_MS);
      const rows = await c.all(
        'select type, outcome, sum(count) as count from audit_hours where hour >= ? group by type, outcome',
        [hour],
      );
      // Postgres answers a sum as text.
      const items = rows.map((row): Tally => {
        const { type, outcome } = { type: text(row, 'type'), outcome: text(row, 'outcome') };
        return {
          type: type as Tally['type'],
          outcome: outcome as Tally['outcome'],
          count: Number(row['count']),
        };
      });
      return { since: hour, items };
    },

    async walk(writer, after, limit) {
      const where =
        'where audit_events.writer = ? and audit_events.seq > ? order by audit_events.seq limit ?';
      return (await c.all(`${SELECT_EVENTS} ${where}`, [writer, after, limit])).map(read);
    },

    async heads() {
      const rows = await c.all('select writer, seq, hash from audit_heads where seq > 0 order by writer');
      return rows.map((row) => ({
        writer: word<WriterId>(row, 'writer'),
        seq: int(row, 'seq'),
        hash: text(row, 'hash'),
      }));
    },

    async told(subject, types, since) {
      const { sql, values } = conditions({ types, since }, 'audit_events.at', 'audit_events.id');
      const where = `where ${sql} and audit_events.subject like ?`;
      const rows = await c.all(`${SELECT_EVENTS} ${where}`, [...values, `%${subject}%`]);
      return rows.filter((row) => subjectsOf(row).has(subject)).map(read);
    },

    index: () => indexEvents(context),
  };
}

/** What an event has to stand under, and the set that leads through the index: the rarest, or there is none. */
async function filingOf(
  context: Context,
  { subjects = [], about = [], types = [], outcome }: AuditQuery,
): Promise<{ readonly ids: Filing; readonly lead: Filing[number] | null }> {
  const ids = [...subjects.map((id) => [id]), ...about.map((id) => [id, byKey(id)])];
  const byType = types.length > 0 && types.every(isFiledByType) ? [types.map(typeKey)] : [];
  const badly = outcome === undefined || outcome === 'ok' ? [] : [[outcomeKey(outcome)]];
  return { ids, lead: await rarest(context, [...ids, ...byType, ...badly]) };
}

async function rarest({ connection: c }: Context, sets: Filing): Promise<Filing[number] | null> {
  const [first = null] = sets;
  if (sets.length < 2) return first;
  let best = { keys: first, count: FEW };
  for (const keys of sets) {
    const some = `select 1 from audit_subjects where ${anyOf('subject', keys)} limit ${best.count}`;
    const { length: count } = await c.all(some, [...keys]);
    if (count < best.count) best = { keys, count };
    if (count === 0) break;
  }
  return best.keys;
}

/** One key at a time: each is read in its own order, and no more of it than a page. */
function lookUp(
  { connection: c }: Context,
  query: Part,
  lead: string,
  rest: Filing,
): Promise<readonly Row[]> {
  const { sql, values } = conditions(query, FILED.at, FILED.id);
  const too = rest.map(
    (keys) => `and exists (select 1 from audit_subjects as too where ${anyOf('too.subject', keys)}
       and too.at = audit_subjects.at and too.event = audit_subjects.event)`,
  );
  return c.all(
    `select ${SELECTED} from audit_subjects
     join audit_events on audit_events.at = audit_subjects.at and audit_events.id = audit_subjects.event ${WITH_PERSONAL}
     where audit_subjects.subject = ? ${too.join(' ')} and ${sql}
     order by audit_subjects.at desc, audit_subjects.event desc limit ?`,
    [lead, ...rest.flat(), ...values, query.limit],
  );
}

async function lookThrough(context: Context, query: AuditQuery, filing: Filing): Promise<readonly Row[]> {
  const behind = await unindexed(context);
  if (behind.some(({ count }) => count > MAX_LOOKED_THROUGH)) {
    await indexEvents(context);
    return lookThrough(context, query, filing);
  }
  const { sql, values } = conditions(query, 'audit_events.at', 'audit_events.id');
  const rows: Row[] = [];
  for (const { writer, mark } of behind) {
    const some = await context.connection.all(
      `select ${SELECTED} from audit_events ${WITH_PERSONAL}
       where audit_events.writer = ? and audit_events.seq > ? and ${sql}`,
      [writer, mark, ...values],
    );
    rows.push(...some.filter((row) => stands(filedUnder(row), filing)));
  }
  return rows;
}

function stands(under: ReadonlySet<string>, filing: Filing): boolean {
  return filing.every((keys) => keys.some((key) => under.has(key)));
}

function newestFirst({ body: a }: StoredEvent, { body: b }: StoredEvent): number {
  return b.at - a.at || (a.id < b.id ? 1 : -1);
}
