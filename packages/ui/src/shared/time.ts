// Times as people read them: how long ago, with the exact moment beside it.

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** "3 minutes ago", "in 2 hours", "now". */
export function relative(at: number, now: number, language = 'en'): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const away = at - now;
  for (const [unit, ms] of STEPS) {
    if (Math.abs(away) >= ms) return format.format(Math.trunc(away / ms), unit);
  }
  return format.format(0, 'second');
}

export function exact(at: number, language = 'en'): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short' }).format(at);
}

/** Of a moment that is near: "7:37 PM". */
export function clockTime(at: number, language = 'en'): string {
  return new Intl.DateTimeFormat(language, { timeStyle: 'short' }).format(at);
}
