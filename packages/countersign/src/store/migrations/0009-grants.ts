// What a yes leaves behind: its grant and what became of it, one row a request; proofs that count again for a while; and
// elevations. What a program told of itself (why nothing started, the end of its output) is sealed.
import type { ColumnTypes } from '../dialects/database.ts';

export function grants({ serial, text, time, sealed, end }: ColumnTypes): readonly string[] {
  return [
    // One grant a request, for ever (R40).
    `create table runs (
      n ${serial}, approval ${text} not null unique, grant_id ${text} not null unique, issued_at ${time} not null,
      expires_at ${time} not null, redeemed_at ${time}, redeemed_by ${text}, started_at ${time}, seen_at ${time},
      finished_at ${time}, lost_at ${time}, failure ${sealed}, exit_code ${time}, signal ${text}, output_digest ${text},
      output_size ${time}, output ${sealed}) ${end(false)}`,
    // Those that somebody is to be heard of; few at any time.
    `create index runs_silent on runs (seen_at) where seen_at is not null and finished_at is null and lost_at is null`,

    // session is '' for requests without one: a null would be equal to no other.
    `create table proof_windows (
      principal ${text} not null, agent ${text} not null, tier ${text} not null, host ${text} not null, session ${text} not null,
      until ${time} not null, primary key (principal, agent, tier, host, session)) ${end(true)}`,
    'create index proof_windows_until on proof_windows (until)',

    `create table elevations (
      n ${serial}, id ${text} not null unique, agent ${text} not null, session ${text}, by_whom ${text} not null,
      surface ${text} not null, created_at ${time} not null, until ${time} not null, ended_at ${time}, ended_by ${text})
      ${end(false)}`,
    'create index elevations_live on elevations (until) where ended_at is null',
    'create index elevations_person on elevations (by_whom)',
  ];
}
