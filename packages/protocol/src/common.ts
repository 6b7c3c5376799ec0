// The pieces every wire schema shares: times as ISO-8601 UTC, lists as {items, next?}.
import { z } from 'zod';

/** ISO-8601 in UTC with milliseconds, as every answer prints times. */
export const timeSchema = z.iso.datetime().describe('ISO-8601, UTC');

/** A page of a list. `next` is the cursor of the following page, absent on the last. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().optional() });
}

export interface List<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

/** A duration as a person types it: `90s`, `10m`, `24h`, `30d`. */
export const durationSchema = z
  .string()
  .regex(/^[1-9]\d{0,5}(ms|s|m|h|d)$/, { error: 'a duration is written as 90s, 10m, 24h or 30d' })
  .describe('a duration: 90s, 10m, 24h, 30d');
