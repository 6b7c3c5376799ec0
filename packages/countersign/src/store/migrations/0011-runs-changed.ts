// What of a run its machine found to be another one right after the start: for a reader as much as how it ended.
import type { ColumnTypes } from '../dialects/database.ts';

export function runsChanged({ text }: ColumnTypes): readonly string[] {
  return [`alter table runs add column changed ${text}`];
}
