// Times as people say them. Exact times are in --json; here they are rounded down, so that "2 minutes ago" is never a
// minute that has not been.
import { Problem } from '@countersign/protocol/problem';

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

/** `2 minutes ago`, `in 3 days`, `just now`. */
export function relative(iso: string, now: number): string {
  const distance = now - Date.parse(iso);
  if (Number.isNaN(distance)) return 'at an unknown time';
  // What is to come is rounded up to the second: ten minutes from now are ten when they are printed, not nine.
  const size = distance < 0 ? 999 - distance : distance;
  for (const [unit, ms] of UNITS) {
    const count = Math.floor(size / ms);
    if (count === 0) continue;
    const words = `${count} ${unit}${count === 1 ? '' : 's'}`;
    return distance > 0 ? `${words} ago` : `in ${words}`;
  }
  return 'just now';
}

const FORM = /^([1-9]\d{0,5})([smhd])$/;
const SHORT: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a typed duration. @throws Problem `usage` naming the option. */
export function durationOption(option: string, text: string): number {
  const [, count, unit] = FORM.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return Number(count) * (SHORT[unit] ?? 0);
  throw new Problem('usage', {
    detail: `${option} takes a number and a unit, like 90s, 10m, 24h or 30d`,
    hint: `${option} 24h`,
  });
}
