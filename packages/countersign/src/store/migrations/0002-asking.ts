// What asking an owner takes: cards with buttons, allowFrom as last seen, offers to link two chats, guarded keys as last
// accepted.
import type { ColumnTypes } from '../dialects/database.ts';

export function asking(types: ColumnTypes): readonly string[] {
  const { serial, text, time, sealed, small } = types;
  const rows = types.end(false);
  const tree = types.end(true);
  return [
    `alter table outbox add column card ${text}`,
    `alter table outbox add column buttons ${sealed}`,
    'create index outbox_card on outbox (card) where card is not null',
    // A week of settled messages lies in the outbox: what is looked for every second is found among the open ones alone.
    'drop index outbox_due',
    'create index outbox_open on outbox (channel, account, native, n) where settled_at is null',
    'create index outbox_deadline on outbox (deadline) where settled_at is null',

    `create table cards (
      n ${serial}, id ${text} not null unique, channel ${text} not null, account ${text} not null,
      native ${text} not null, conversation_kind ${text} not null, conversation ${text} not null, about ${text} not null,
      content ${sealed} not null, state ${text} not null, ref ${text}, created_at ${time} not null,
      expires_at ${time} not null) ${rows}`,
    'create index cards_about on cards (about)',
    `create index cards_open on cards (expires_at) where state = 'open'`,
    'create index cards_peer on cards (channel, account, native)',
    `create table card_buttons (hash ${text} primary key, card ${text} not null, verb ${text} not null) ${tree}`,
    'create index card_buttons_card on card_buttons (card)',

    // A list that was seen empty has its row in allow_lists and none in allow_entries.
    `create table allow_lists (
      writer ${text} not null, channel ${text} not null, account ${text} not null, seen_at ${time} not null,
      primary key (writer, channel, account)) ${tree}`,
    `create table allow_entries (
      writer ${text} not null, channel ${text} not null, account ${text} not null, native ${text} not null,
      origin ${text} not null, primary key (writer, channel, account, native)) ${tree}`,
    `create table allow_wanted (
      n ${serial}, writer ${text} not null, channel ${text} not null, account ${text} not null, native ${text} not null,
      edit ${text} not null, at ${time} not null, unique (writer, channel, account, native)) ${rows}`,

    // One offer a peer: a newer one replaces the older.
    `create table link_offers (
      channel ${text} not null, account ${text} not null, native ${text} not null, id ${text} not null unique,
      principal ${text} not null, known_channel ${text} not null, known_account ${text} not null,
      known_native ${text} not null, known_hash ${text} not null, added_hash ${text} not null, tries ${small} not null,
      expires_at ${time} not null, primary key (channel, account, native)) ${tree}`,
    'create index link_offers_principal on link_offers (principal)',

    `create table accepted_config (
      writer ${text} not null, path ${text} not null, value ${sealed} not null, at ${time} not null,
      primary key (writer, path)) ${tree}`,
  ];
}
