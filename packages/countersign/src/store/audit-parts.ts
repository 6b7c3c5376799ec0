// The audit read from new to old in parts. What somebody asks for may be rare among millions, or not there at all: looked for
// in one statement, it would stop the front door for as long. Between two parts others have their turn.
import { setImmediate as breathe } from 'node:timers/promises';
import type { AuditQuery } from '../core/audit/event.ts';
import type { Context } from './context.ts';
import type { Row, Value } from './dialects/database.ts';
import { anyOf } from './peers.ts';
import { int, word } from './row.ts';

/** Looked at in one go. */
const PART = 2_000;

type Place = NonNullable<AuditQuery['before']>;

/** A query for one part of what there is. */
export interface Part extends AuditQuery {
  /** Its oldest event. */
  readonly from?: Place;
}

/** What is read in the order of its time. */
interface Source {
  readonly table: string;
  readonly at: string;
  readonly id: string;
  readonly where: string;
  readonly values: readonly Value[];
}

export const ALL: Source = {
  table: 'audit_events',
  at: 'audit_events.at',
  id: 'audit_events.id',
  where: '1 = 1',
  values: [],
};

/** `where` still wants a subject. */
export const FILED: Source = {
  table: 'audit_subjects',
  at: 'audit_subjects.at',
  id: 'audit_subjects.event',
  where: 'audit_subjects.subject',
  values: [],
};

/** As many rows as the query asks for, or all there are. */
export async function inParts(
  context: Context,
  source: Source,
  query: AuditQuery,
  read: (part: Part) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const found: Row[] = [];
  for (let rest = query; ; ) {
    const last = await endOfPart(context, source, rest);
    const limit = query.limit - found.length;
    found.push(...(await read({ ...rest, limit, ...(last === null ? {} : { from: last }) })));
    if (last === null || found.length >= query.limit) return found;
    rest = { ...query, before: last };
    if (!context.inside) await breathe();
  }
}

/** Null where it is the last part. */
async function endOfPart(
  { connection: c }: Context,
  { table, at, id, where, values }: Source,
  { before, since, until }: AuditQuery,
): Promise<Place | null> {
  const times = {
    ...(before === undefined ? {} : { before }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };
  const span = conditions(times, at, id);
  const [row] = await c.all(
    `select ${at} as at, ${id} as id from ${table} where ${where} and ${span.sql}
     order by ${at} desc, ${id} desc limit 1 offset ${PART - 1}`,
    [...values, ...span.values],
  );
  return row === undefined ? null : { at: int(row, 'at'), id: word(row, 'id') };
}

export function conditions(
  { before, from, types, outcome, since, until }: Omit<Part, 'limit'>,
  at: string,
  id: string,
): { readonly sql: string; readonly values: readonly Value[] } {
  const parts = ['1 = 1'];
  const values: Value[] = [];
  const add = (sql: string, ...more: readonly Value[]) => {
    parts.push(sql);
    values.push(...more);
  };
  if (before !== undefined) add(`(${at}, ${id}) < (?, ?)`, before.at, before.id);
  if (from !== undefined) add(`(${at}, ${id}) >= (?, ?)`, from.at, from.id);
  if (since !== undefined) add(`${at} >= ?`, since);
  if (until !== undefined) add(`${at} < ?`, until);
  if (types !== undefined) add(anyOf('audit_events.type', types), ...types);
  if (outcome !== undefined) add('audit_events.outcome = ?', outcome);
  return { sql: parts.join(' and '), values };
}
