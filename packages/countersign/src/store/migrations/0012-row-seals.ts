// What holds a row against whoever can write to the database and has no key: where the chain tells of the policy, a seal of each
// recovery code, and a mark on what is older than seals.

import { BEFORE_SEALS } from '../../core/approval/seal.ts';
import type { ColumnTypes } from '../dialects/database.ts';
import { TELLS_OF_POLICY } from '../policy-told.ts';

export function rowSeals({ text }: ColumnTypes): readonly string[] {
  return [
    // A handful among millions, and asked for with every request.
    `create index audit_policies on audit_events (writer, seq) where ${TELLS_OF_POLICY}`,
    // Codes from before have none and prove nothing any more: a step of the schema cannot tell one that was made here from one that
    // somebody wrote beside it, and to seal both would make the second one good for ever. People make new ones.
    `alter table recovery_codes add column seal ${text}`,
    // Nobody has bent these: their grants end quietly, and what comes without a seal from now on is an alarm.
    `update runs set seal = '${BEFORE_SEALS}' where seal is null`,
    'delete from proof_windows where seal is null',
  ];
}
