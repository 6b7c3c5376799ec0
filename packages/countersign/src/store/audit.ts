// The audit's verbs: append to the chain (audit-append.ts), walk it, list it. A list by subject is the index and what the
// index does not hold yet, together: exact at any moment.
import type { WriterId } from '@countersign/protocol/ids';
import type { Audit, StoredEvent } from '../core/audit/event.ts';
import { appendEvents } from './audit-append.ts';
import { indexEvents, unindexed } from './audit-index.ts';
import { readEvent, SELECT_EVENTS, SELECTED, subjectsOf, WITH_PERSONAL } from './audit-rows.ts';
import { type Context, together } from './context.ts';
import type { Row, Value } from './dialects/database.ts';
import { anyOf } from './peers.ts';
import { int, text, word } from './row.ts';

/** With more than this to look through, a reader files first. */
const MAX_LOOKED_THROUGH = 1_000;

type Query = Parameters<Audit['list']>[0];

export function audit(context: Context): Audit {
  const { connection: c } = context;
  const read = (row: Row) => readEvent(row, context);

  return {
    async append(drafts) {
      if (drafts.length > 0) await together(context, (inside) => appendEvents(inside, drafts));
    },

    async list(query) {
      const { subject, limit } = query;
      if (subject === undefined) {
        const { sql, values } = conditions(query, 'audit_events.at', 'audit_events.id');
        const order = 'order by audit_events.at desc, audit_events.id desc limit ?';
        return (await c.all(`${SELECT_EVENTS} where ${sql} ${order}`, [...values, limit])).map(read);
      }
      // First what is not filed yet: an event filed in between is then seen twice, never missed.
      const found = new Map<string, StoredEvent>();
      for (const row of await lookThrough(context, query, subject)) found.set(text(row, 'id'), read(row));
      for (const row of await lookUp(context, query, subject)) found.set(text(row, 'id'), read(row));
      return [...found.values()].sort(newestFirst).slice(0, limit);
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

    index: () => indexEvents(context),
  };
}

function lookUp({ connection: c }: Context, query: Query, subject: string): Promise<readonly Row[]> {
  const { sql, values } = conditions(query, 'audit_subjects.at', 'audit_subjects.event');
  return c.all(
    `select ${SELECTED} from audit_subjects
     join audit_events on audit_events.at = audit_subjects.at and audit_events.id = audit_subjects.event ${WITH_PERSONAL}
     where audit_subjects.subject = ? and ${sql}
     order by audit_subjects.at desc, audit_subjects.event desc limit ?`,
    [subject, ...values, query.limit],
  );
}

async function lookThrough(context: Context, query: Query, subject: string): Promise<readonly Row[]> {
  const behind = await unindexed(context);
  if (behind.some(({ count }) => count > MAX_LOOKED_THROUGH)) {
    await indexEvents(context);
    return lookThrough(context, query, subject);
  }
  const { sql, values } = conditions(query, 'audit_events.at', 'audit_events.id');
  const rows: Row[] = [];
  for (const { writer, mark } of behind) {
    // The text narrows it down; whether the subject names it is told by the parsed one.
    const some = await context.connection.all(
      `select ${SELECTED} from audit_events ${WITH_PERSONAL}
       where audit_events.writer = ? and audit_events.seq > ?
         and (audit_events.subject like ? or audit_personal.about = ?) and ${sql}`,
      [writer, mark, `%${subject}%`, subject, ...values],
    );
    rows.push(...some.filter((row) => subjectsOf(row).has(subject)));
  }
  return rows;
}

function conditions({ before, types }: Query, at: string, id: string): { sql: string; values: Value[] } {
  const parts = ['1 = 1'];
  const values: Value[] = [];
  if (before !== undefined) {
    parts.push(`(${at}, ${id}) < (?, ?)`);
    values.push(before.at, before.id);
  }
  if (types !== undefined) {
    parts.push(anyOf('audit_events.type', types));
    values.push(...types);
  }
  return { sql: parts.join(' and '), values };
}

function newestFirst({ body: a }: StoredEvent, { body: b }: StoredEvent): number {
  return b.at - a.at || (a.id < b.id ? 1 : -1);
}
