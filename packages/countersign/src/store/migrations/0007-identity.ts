// Identity that reaches the tools: who spoke last on a session, handles by keyed hash, the owner's user ids, and what the
// tokens of services need. Sessions from before get the speaker of their last message, as far as one is still known.
import type { ColumnTypes } from '../dialects/database.ts';

export function identity(types: ColumnTypes): readonly string[] {
  return [...speakers(types), ...handles(types), ...users(types), ...tokens(types)];
}

function speakers({ text }: ColumnTypes): readonly string[] {
  const last = (column: string) =>
    `select m.${column} from messages as m where m.session = sessions.id and m.native is not null order by m.n desc limit 1`;
  return [
    ...['spoke_channel', 'spoke_account', 'spoke_native', 'spoke_kind'].map(
      (column) => `alter table sessions add column ${column} ${text}`,
    ),
    // For this one look: without it every session would read every message.
    'create index messages_speakers on messages (session, n)',
    `update sessions set spoke_channel = (${last('channel')}), spoke_account = (${last('account')}),
       spoke_native = (${last('native')}), spoke_kind = (${last('conversation_kind')})`,
    'drop index messages_speakers',
  ];
}

/** The handle itself is kept nowhere: it can be made again, and is found by its hash alone. */
function handles(types: ColumnTypes): readonly string[] {
  const { text, time } = types;
  return [
    `create table handles (
      hash ${text} not null primary key, session ${text} not null, agent ${text} not null, made_at ${time} not null)
      ${types.end(true)}`,
    'create index handles_session on handles (session)',
  ];
}

/** A user id belongs to one person: `user_key` is the keyed hash of tenant and user. */
function users(types: ColumnTypes): readonly string[] {
  const { text, sealed, time } = types;
  return [
    `create table user_map (
      principal ${text} not null primary key, user_key ${text} not null unique, mapped ${sealed} not null,
      mapped_at ${time} not null) ${types.end(true)}`,
  ];
}

/** Bearers are written down as they are made, so that one question tells whether they are still good. */
function tokens({ serial, text, time, sealed, end }: ColumnTypes): readonly string[] {
  return [
    `create table tokens (
      n ${serial}, id ${text} not null unique, hash ${text} not null unique, name ${text} not null,
      scope ${text} not null, agent ${text}, accounts ${text} not null, audiences ${text} not null,
      hop_secret ${sealed}, maker ${text} not null, created_at ${time} not null, expires_at ${time},
      last_used_at ${time}, revoked_at ${time}) ${end(false)}`,
    `create table bearers (
      jti ${text} not null primary key, session ${text} not null, principal ${text} not null, agent ${text} not null,
      audience ${text} not null, holder ${text}, expires_at ${time} not null, revoked_at ${time}) ${end(true)}`,
    'create index bearers_expiry on bearers (expires_at)',
    'create index bearers_holder on bearers (holder)',
  ];
}
