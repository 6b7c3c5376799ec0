// Browsers that are told of what needs a decision, and the one key pair by which push services know this gateway.
import type { ColumnTypes } from '../dialects/database.ts';

export function push(types: ColumnTypes): readonly string[] {
  const { serial, text, time, sealed } = types;
  return [
    `create table push_subscriptions (
      n ${serial}, id ${text} not null unique, device ${text} not null, endpoint_hash ${text} not null,
      endpoint ${sealed} not null, p256dh ${sealed} not null, auth ${sealed} not null, language ${text} not null,
      created_at ${time} not null, last_ok_at ${time}, failing ${text}) ${types.end(false)}`,
    'create unique index push_subscriptions_endpoint on push_subscriptions (device, endpoint_hash)',
    `create table push_keys (
      id ${text} primary key, public ${text} not null, private ${sealed} not null, created_at ${time} not null)
      ${types.end(true)}`,
  ];
}
