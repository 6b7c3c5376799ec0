// Durations are written as a whole number and one unit ("90s", "2m", "1h", "7d") and nothing else: "60" without a unit
// has meant seconds to one reader and milliseconds to the next.
import { z } from 'zod';

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const FORM = /^(0|[1-9]\d{0,6})([smhd])$/;

/** Milliseconds of a written duration; null when it is not one. */
export function durationMs(text: string): number | null {
  const [, amount, unit] = FORM.exec(text) ?? [];
  if (amount === undefined || (unit !== 's' && unit !== 'm' && unit !== 'h' && unit !== 'd')) return null;
  return Number(amount) * UNITS[unit];
}

/** A key that holds a duration between `least` and `most`. The parsed form is milliseconds. */
export function duration(standard: string, least: string, most: string, sentence: string) {
  const [from, to] = [durationMs(least) ?? 0, durationMs(most) ?? 0];
  return z
    .string()
    .regex(FORM, { error: 'this is not a duration' })
    .transform((text, context) => {
      const ms = durationMs(text) ?? -1;
      if (ms >= from && ms <= to) return ms;
      context.addIssue({ code: 'custom', message: `this must be between ${least} and ${most}` });
      return z.NEVER;
    })
    .prefault(standard)
    .meta({
      description: `${sentence} From ${least} to ${most}.`,
      'x-unit': 'duration',
      'x-least': least,
      'x-most': most,
    });
}
