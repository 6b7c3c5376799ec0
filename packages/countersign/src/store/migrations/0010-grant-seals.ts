// What grants, elevations and windows of proof say, as a keyed hash: a row that was written without the keys makes nothing run.
// One from before has none: it is asked for, or proven, anew.
import type { ColumnTypes } from '../dialects/database.ts';

export function grantSeals({ text }: ColumnTypes): readonly string[] {
  return ['runs', 'elevations', 'proof_windows'].map(
    (table) => `alter table ${table} add column seal ${text}`,
  );
}
