// Times as people read them: how long ago, with the exact moment beside it.

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** Making a format costs more than using it a hundred times, and a list of events shows hundreds. */
const formats = new Map<string, Intl.DateTimeFormat | Intl.RelativeTimeFormat>();

function kept<T extends Intl.DateTimeFormat | Intl.RelativeTimeFormat>(
  of: new (...args: never[]) => T,
  key: string,
  make: () => T,
): T {
  const known = formats.get(key);
  if (known instanceof of) return known;
  const made = make();
  formats.set(key, made);
  return made;
}

/** The language of the page, which is chosen before anything is shown. */
function spoken(): string {
  const lang = globalThis.document?.documentElement.lang ?? '';
  return lang === '' ? 'en' : lang;
}

/** "3 minutes ago", "in 2 hours", "now". */
export function relative(at: number, now: number, language = spoken()): string {
  const format = kept(
    Intl.RelativeTimeFormat,
    `relative ${language}`,
    () => new Intl.RelativeTimeFormat(language, { numeric: 'auto' }),
  );
  const away = at - now;
  for (const [unit, ms] of STEPS) {
    if (Math.abs(away) >= ms) return format.format(Math.trunc(away / ms), unit);
  }
  return format.format(0, 'second');
}

export function exact(at: number, language = spoken()): string {
  const make = () => new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short' });
  return kept(Intl.DateTimeFormat, `exact ${language}`, make).format(at);
}

/** Of a moment that is near: "7:37 PM". */
export function clockTime(at: number, language = spoken()): string {
  const make = () => new Intl.DateTimeFormat(language, { timeStyle: 'short' });
  return kept(Intl.DateTimeFormat, `clock ${language}`, make).format(at);
}
