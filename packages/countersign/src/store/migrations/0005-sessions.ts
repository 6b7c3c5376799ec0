// When a session ended; the audit found also by who did it, by type and by what ended badly; and how much there was of what
// in each hour. What is filed already is filed under the new keys here, so that a list is whole from the first start on.
import { byKey, outcomeKey, typeKey } from '../audit-rows.ts';
import type { ColumnTypes } from '../dialects/database.ts';

/** A principal's or a device's id: prefix and 24 letters. */
const ID = 28;
const HOUR = 3_600_000;

export function sessions(types: ColumnTypes): readonly string[] {
  const { text, time, small } = types;
  const file = (key: string, where: string) =>
    `insert into audit_subjects (subject, at, event)
     select ${key}, e.at, e.id from audit_events as e
     join audit_heads as h on h.writer = e.writer and e.seq <= h.indexed
     where ${where} on conflict (subject, at, event) do nothing`;
  return [
    `alter table sessions add column ended_at ${time}`,
    `alter table sessions add column revoked ${small}`,
    `update sessions set ended_at = last_turn_at where key_folded like 'ended:%'`,
    'create index sessions_live on sessions (n) where ended_at is null',

    `create table audit_hours (
      hour ${time} not null, type ${text} not null, outcome ${text} not null, count ${time} not null,
      primary key (hour, type, outcome)) ${types.end(true)}`,
    `insert into audit_hours (hour, type, outcome, count)
     select e.at - e.at % ${HOUR}, e.type, e.outcome, count(*) from audit_events as e
     join audit_heads as h on h.writer = e.writer and e.seq <= h.indexed
     group by e.at - e.at % ${HOUR}, e.type, e.outcome`,

    file(`'${typeKey('')}' || e.type`, `e.type not in ('message.admitted', 'turn.answered')`),
    file(`'${outcomeKey('')}' || e.outcome`, `e.outcome <> 'ok'`),
    file(`'${byKey('')}' || substr(e.actor, 1, ${ID})`, `e.actor like 'prn_%@%'`),
    file(`'${byKey('')}' || substr(e.actor, 6, ${ID})`, `e.actor like 'host+prn_%'`),
    file(`'${byKey('')}' || substr(e.actor, ${ID + 9}, ${ID})`, `e.actor like 'prn_%@device:dev_%'`),
  ];
}
