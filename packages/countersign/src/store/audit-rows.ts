// Audit events as rows: a column for each member of the hashed body, so that none is kept twice and an edit of any is
// found by the hash.
import type { Json } from '@countersign/protocol/canonical';
import type { EventId, WriterId } from '@countersign/protocol/ids';
import { subjectText } from '../core/audit/chain.ts';
import type { EventBody, EventType, StoredEvent } from '../core/audit/event.ts';
import type { Ports } from './context.ts';
import type { Row, Value } from './dialects/database.ts';
import { bytes, int, text, textOrNull, word } from './row.ts';

export const EVENT_COLUMNS = [
  'writer',
  'seq',
  'prev',
  'id',
  'type',
  'at',
  'actor',
  'subject',
  'outcome',
  'reason',
  'personal',
  'v',
  'hash',
] as const;

export function eventValues({ body, hash }: StoredEvent): Value[] {
  const { writer, seq, prev, id, type, at, actor, subject, outcome, reason, personal, v } = body;
  return [writer, seq, prev, id, type, at, actor, subjectText(subject), outcome, reason, personal, v, hash];
}

export const SELECTED = `${EVENT_COLUMNS.map((column) => `audit_events.${column} as ${column}`).join(', ')},
  audit_personal.about as about, audit_personal.salt as salt, audit_personal.content as content`;
export const WITH_PERSONAL = 'left join audit_personal on audit_personal.event = audit_events.id';
export const SELECT_EVENTS = `select ${SELECTED} from audit_events ${WITH_PERSONAL}`;

/** Where a personal part is bound to. */
export function personalBind(id: EventId): string {
  return `audit_personal/content/${id}`;
}

export function readEvent(row: Row, { vault }: Ports): StoredEvent {
  const body: EventBody = {
    v: int(row, 'v') as 1,
    writer: word<WriterId>(row, 'writer'),
    seq: int(row, 'seq'),
    prev: text(row, 'prev'),
    id: word(row, 'id'),
    type: word(row, 'type'),
    at: int(row, 'at'),
    actor: text(row, 'actor'),
    subject: readSubject(row),
    outcome: word(row, 'outcome'),
    reason: textOrNull(row, 'reason'),
    personal: textOrNull(row, 'personal'),
  };
  const hash = text(row, 'hash');
  if (row['content'] === null) return { body, hash, personal: null };
  const data = JSON.parse(vault.open(bytes(row, 'content'), personalBind(body.id))) as Record<string, string>;
  return { body, hash, personal: { salt: text(row, 'salt'), data } };
}

/** What somebody edited into no JSON at all is shown as it is: the hash says that it was edited. */
function readSubject(row: Row): EventBody['subject'] {
  const written = text(row, 'subject');
  try {
    const parsed: Json = JSON.parse(written);
    if (typeof parsed === 'object' && parsed !== null && !isArray(parsed)) return parsed;
  } catch {}
  return { unreadable: written };
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

const ID_TEXT =
  '(?:prn|pair|ses|msg|turn|out|dev|devreq|chal|appr|grant|elev|fac|rec|setup|push|link|card)_[a-z0-9]+';
const ID = new RegExp(`^${ID_TEXT}$`);
const IDS = new RegExp(`(?<![a-z0-9])${ID_TEXT}`, 'g');

/** What an event is found by: the ids its subject names, and the person it is about. */
export function subjectsOf(row: Row): ReadonlySet<string> {
  const found = new Set<string>();
  for (const value of Object.values(readSubject(row)))
    if (typeof value === 'string' && ID.test(value)) found.add(value);
  if (typeof row['about'] === 'string') found.add(row['about']);
  return found;
}

/** Every message writes these two: whoever looks for them finds them at once without an index, and it would cost a row each. */
const COMMON: ReadonlySet<string> = new Set<EventType>(['message.admitted', 'turn.answered']);

/** Keys of the index that are no ids: none has the form of one. */
export const byKey = (id: string): string => `by ${id}`;
export const typeKey = (type: string): string => `type ${type}`;
export const outcomeKey = (outcome: string): string => `outcome ${outcome}`;
export const isFiledByType = (type: string): boolean => !COMMON.has(type);

/** Where an event is filed: under what it is about, who did it, its type, and under how it ended where that was not well. */
export function filedUnder(row: Row): ReadonlySet<string> {
  const keys = new Set(subjectsOf(row));
  for (const [id] of text(row, 'actor').matchAll(IDS)) keys.add(byKey(id));
  const type = text(row, 'type');
  if (isFiledByType(type)) keys.add(typeKey(type));
  const outcome = text(row, 'outcome');
  if (outcome !== 'ok') keys.add(outcomeKey(outcome));
  return keys;
}

/** What it counts for: itself once, or what it is the count of. */
export function talliedAs(row: Row): { readonly type: string; readonly count: number } {
  const type = text(row, 'type');
  if (type !== 'denials.counted') return { type, count: 1 };
  const { of, more } = readSubject(row);
  return typeof of === 'string' && typeof more === 'number' ? { type: of, count: more } : { type, count: 1 };
}
