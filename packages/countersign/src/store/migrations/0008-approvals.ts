// Requests for approval, the words of people on them, and the policy by version. A card tells when it reached its chat.
import type { ColumnTypes } from '../dialects/database.ts';

export function approvals(types: ColumnTypes): readonly string[] {
  const { serial, text, time, sealed, small } = types;
  const rows = types.end(false);
  const tree = types.end(true);
  return [
    `create table approvals (
      n ${serial}, id ${text} not null unique, state ${text} not null, agent ${text} not null, token ${text} not null,
      connection ${text} not null, session ${text}, requester ${text}, requester_peer ${sealed}, host ${text} not null,
      action ${sealed} not null, action_digest ${text} not null, request_digest ${text} not null, short ${text} not null,
      nonce ${text} not null, policy ${time} not null, tier ${text} not null, judged ${sealed} not null, need ${text},
      flags ${text} not null, quietly ${small} not null, because ${text}, repeat_key ${text}, created_at ${time} not null,
      expires_at ${time} not null, decided_at ${time}, redeem_by ${time}, ended_at ${time}, ended_by ${text}) ${rows}`,
    // One request a key, whatever it asks (R40).
    'create unique index approvals_repeat on approvals (token, repeat_key) where repeat_key is not null',
    'create index approvals_short on approvals (short)',
    'create index approvals_asked on approvals (agent, created_at)',
    'create index approvals_state on approvals (state, n)',
    'create index approvals_agent on approvals (agent, n)',
    'create index approvals_requester on approvals (requester) where requester is not null',
    // Those that can run out; few at any time.
    `create index approvals_live on approvals (state, expires_at) where state in ('pending', 'approved')`,
    'create index approvals_ended on approvals (ended_at) where ended_at is not null',

    // A yes and a no of one person each count once.
    `create table approval_words (
      n ${serial}, approval ${text} not null, by_whom ${text} not null, decision ${text} not null, surface ${sealed},
      factors ${text} not null, at ${time} not null, reason ${sealed}, unique (approval, by_whom, decision)) ${rows}`,
    'create index approval_words_person on approval_words (by_whom)',

    `create table policies (version ${time} not null primary key, document ${sealed} not null, at ${time} not null) ${tree}`,

    `alter table cards add column delivered_at ${time}`,
  ];
}
