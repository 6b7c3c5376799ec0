// The filters of the audit as the address holds them, and as the gateway is asked: pure. What makes no sense in an address
// is as if it were not there.
import type { AuditQuery } from '@countersign/protocol/client';
import type { AuditEvent } from '@countersign/protocol/gateway';
import type { Text } from '../../text/say.ts';
import { isId, KIND_TYPES, type Kind } from './words.ts';

export type Time = keyof Text['audit']['times'];

export interface Filters {
  readonly kind: Kind;
  readonly outcome: AuditEvent['outcome'] | 'all';
  readonly time: Time;
  /** Only for `chosen`: moments, or nothing. */
  readonly since: string | null;
  readonly until: string | null;
  /** At most two. */
  readonly about: readonly string[];
}

export const KINDS: readonly Kind[] = [
  'all',
  'chat',
  'door',
  'people',
  'sessions',
  'devices',
  'signIn',
  'factors',
  'approvals',
  'tools',
  'settings',
  'refused',
];
export const OUTCOMES = ['all', 'ok', 'denied', 'failed'] as const;
export const TIMES: readonly Time[] = ['all', 'hour', 'day', 'week', 'month', 'chosen'];
const MOST_ABOUT = 2;

const HOUR = 3_600_000;
const SPAN: Readonly<Record<Exclude<Time, 'all' | 'chosen'>, number>> = {
  hour: HOUR,
  day: 24 * HOUR,
  week: 7 * 24 * HOUR,
  month: 30 * 24 * HOUR,
};

export function readFilters(query: URLSearchParams): Filters {
  const about = [query.get('about'), query.get('person'), query.get('also')].filter(
    (id): id is string => id !== null && isId(id),
  );
  return {
    kind: KINDS.find((kind) => kind === query.get('kind')) ?? 'all',
    outcome: OUTCOMES.find((outcome) => outcome === query.get('outcome')) ?? 'all',
    time: TIMES.find((time) => time === query.get('time')) ?? 'all',
    since: moment(query.get('since')),
    until: moment(query.get('until')),
    about: [...new Set(about)].slice(0, MOST_ABOUT),
  };
}

/** As `go` takes them. What stands by itself is left out. */
export function writeFilters({
  kind,
  outcome,
  time,
  since,
  until,
  about,
}: Filters): Record<string, string | null> {
  const [first = null, second = null] = about;
  return {
    kind: kind === 'all' ? null : kind,
    outcome: outcome === 'all' ? null : outcome,
    time: time === 'all' ? null : time,
    since: time === 'chosen' ? since : null,
    until: time === 'chosen' ? until : null,
    about: first,
    also: second,
  };
}

/** @param now the moment the filter was chosen: a page that is left open keeps what it shows. */
export function asked({ kind, outcome, time, since, until, about }: Filters, now: number): AuditQuery {
  const from = time === 'chosen' ? since : time === 'all' ? null : new Date(now - SPAN[time]).toISOString();
  const to = time === 'chosen' ? until : null;
  return {
    ...(kind === 'all' ? {} : { types: KIND_TYPES[kind].join(',') }),
    ...(outcome === 'all' ? {} : { outcome }),
    ...(from === null ? {} : { since: from }),
    ...(to === null ? {} : { until: to }),
    ...(about.length === 0 ? {} : { about }),
  };
}

export function isNarrowed(filters: Filters): boolean {
  return Object.keys(asked(filters, 0)).length > 0;
}

/** Follows one more id: the one before stays beside it, an older one goes. */
export function following({ about }: Filters, id: string): readonly string[] {
  return [...about.filter((one) => one !== id), id].slice(-MOST_ABOUT);
}

/** What a field for a date and a time holds, in the clock of this browser. */
export function localOf(iso: string | null): string {
  if (iso === null) return '';
  const date = new Date(iso);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export function isoOf(local: string): string | null {
  return moment(local === '' ? null : local);
}

function moment(text: string | null): string | null {
  const at = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}
