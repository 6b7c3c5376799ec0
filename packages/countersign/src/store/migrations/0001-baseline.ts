// The first schema, for both dialects. Every cap and every "once" is a unique index here; the code around it only asks
// how many rows it touched. Forward only: a released migration is never edited.
import type { ColumnTypes } from '../dialects/database.ts';

export function baseline(types: ColumnTypes): readonly string[] {
  const { serial, text, time, sealed, small } = types;
  const rows = types.end(false);
  const tree = types.end(true);
  return [
    `create table principals (
      n ${serial}, id ${text} not null unique, name ${sealed} not null, name_key ${text} not null,
      role ${text} not null, state ${text} not null, created_at ${time} not null) ${rows}`,
    'create index principals_name on principals (name_key)',
    `create index principals_owners on principals (n) where role = 'owner'`,

    `create table peers (
      channel ${text} not null, account ${text} not null, native ${text} not null,
      principal ${text}, ceiling ${text} not null, assurance ${text} not null, blocked ${small} not null,
      direct ${small} not null, access_until ${time}, display_name ${sealed}, username ${sealed}, linked_at ${time},
      primary key (channel, account, native)) ${tree}`,
    'create index peers_principal on peers (principal) where principal is not null',
    'create index peers_native on peers (native)',

    // address_slot counts 1, 2, … per network address, slot per account: no two live requests hold the same (H16, R23).
    `create table pairings (
      n ${serial}, id ${text} not null unique, channel ${text} not null, account ${text} not null,
      native ${text} not null, state ${text} not null, slot ${small}, address_key ${text}, address_slot ${small},
      code_hash ${text} not null, code ${sealed}, display_name ${sealed}, username ${sealed}, first_words ${sealed},
      created_at ${time} not null, expires_at ${time} not null, decided_at ${time}, decided_by ${text},
      principal ${text}, access_until ${time}) ${rows}`,
    'create unique index pairings_slot on pairings (channel, account, slot) where slot is not null',
    `create unique index pairings_address on pairings (channel, account, address_key, address_slot)
      where address_slot is not null`,
    `create unique index pairings_live on pairings (channel, account, native) where state in ('pending', 'waiting')`,
    'create index pairings_peer on pairings (channel, account, native, n)',
    'create index pairings_native on pairings (native)',
    'create index pairings_code on pairings (code_hash)',
    'create index pairings_state on pairings (state, n)',
    `create index pairings_access on pairings (access_until) where access_until is not null and state = 'approved'`,

    // A key that only one person may hold has one row; any other has one row a person (H67).
    `create table sessions (
      n ${serial}, id ${text} not null unique, key ${text} not null, key_folded ${text} not null,
      principal ${text} not null, exclusive ${small} not null, channel ${text} not null, account ${text} not null,
      created_at ${time} not null, last_turn_at ${time} not null, unique (key_folded, principal)) ${rows}`,
    'create unique index sessions_exclusive on sessions (key_folded) where exclusive = 1',
    'create index sessions_principal on sessions (principal, n)',

    // A message is its turn as well: one row, one write, from the first byte to the answer. What the hot path writes is in
    // the order of writing, pages that the message before has touched; only `dedupe` cannot be.
    `create table messages (
      n ${serial}, id ${text} not null, dedupe ${text} not null unique, outcome ${text} not null,
      because ${text}, state ${text}, channel ${text}, account ${text}, native ${text}, conversation_kind ${text},
      conversation ${text}, principal ${text}, session ${text}, content ${sealed}, answer ${sealed}, turn ${text},
      attempt ${small} not null, claimed_by ${text}, claimed_until ${time}, received_at ${time} not null,
      settled_at ${time}) ${rows}`,
    'create index messages_open on messages (n, session) where settled_at is null',
    'create index messages_past on messages (session, n) where settled_at is not null and session is not null',
    'create unique index messages_turn on messages (turn) where turn is not null',
    'create index messages_spent on messages (received_at) where settled_at is not null and content is null',

    `create table outbox (
      n ${serial}, id ${text} not null unique, channel ${text} not null, account ${text} not null, native ${text} not null,
      conversation_kind ${text} not null, conversation ${text} not null, kind ${text} not null, content ${sealed},
      principal ${text}, turn ${text}, once_key ${text} unique, fate ${text} not null, attempts ${small} not null,
      reason ${text}, claimed_by ${text}, due_at ${time} not null, deadline ${time} not null,
      created_at ${time} not null, settled_at ${time}) ${rows}`,
    'create index outbox_due on outbox (due_at) where settled_at is null',
    'create index outbox_settled on outbox (settled_at) where settled_at is not null',
    'create index outbox_peer on outbox (channel, account, native)',
    'create index outbox_principal on outbox (principal) where principal is not null',

    `create table transcripts (
      channel ${text} not null, account ${text} not null, native ${text} not null, seq ${time} not null,
      id ${text} not null, sender ${text} not null, content ${sealed} not null, at ${time} not null,
      primary key (channel, account, native, seq), unique (channel, account, native, id)) ${tree}`,

    `create table claims (one ${small} primary key, hash ${text} not null, expires_at ${time} not null) ${rows}`,
    `create table nonces (value ${text} primary key, until ${time} not null) ${tree}`,
    'create index nonces_until on nonces (until)',
    // full_at: when the bucket is full again. One number is the whole state of a bucket.
    `create table limits (key ${text} primary key, full_at ${time} not null) ${tree}`,

    // indexed: the writer's events up to this one are in audit_subjects; later ones are looked through.
    `create table audit_heads (
      writer ${text} primary key, seq ${time} not null, hash ${text} not null, indexed ${time} not null) ${tree}`,
    `create table audit_events (
      writer ${text} not null, seq ${time} not null, prev ${text} not null, id ${text} not null,
      type ${text} not null, at ${time} not null, actor ${text} not null, subject ${text} not null,
      outcome ${text} not null, reason ${text}, personal ${text}, v ${small} not null, hash ${text} not null,
      primary key (writer, seq)) ${tree}`,
    'create index audit_events_at on audit_events (at, id)',
    `create table audit_subjects (
      subject ${text} not null, at ${time} not null, event ${text} not null, primary key (subject, at, event)) ${tree}`,
    `create table audit_personal (
      event ${text} primary key, about ${text}, peer_key ${text}, salt ${text} not null, content ${sealed} not null) ${tree}`,
    'create index audit_personal_about on audit_personal (about) where about is not null',
    'create index audit_personal_peer on audit_personal (peer_key) where peer_key is not null',
  ];
}
