// A duration as it came over the wire (durationSchema) in milliseconds.
import { Problem } from '@countersign/protocol/problem';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** A date past the year 9999 is no date any more. */
const LONGEST_MS = 100 * 366 * 86_400_000;

export function readDuration(text: string | undefined): number | null {
  if (text === undefined) return null;
  const [, count = '', unit = ''] = /^(\d+)([a-z]+)$/.exec(text) ?? [];
  const ms = Number(count) * (UNITS[unit] ?? Number.NaN);
  if (ms > 0 && ms <= LONGEST_MS) return ms;
  throw new Problem('request_malformed', {
    detail: 'that duration is longer than anybody lives',
    hint: '30d',
  });
}
