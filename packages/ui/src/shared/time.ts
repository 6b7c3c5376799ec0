// Times as people read them: how long ago, with the exact moment beside it.

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Each with the smaller one that it is rounded in: what rounds to all of them is one, and nobody reads "in 60 minutes". */
const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, ms: number, smaller: number])[] = [
  ['year', 365 * DAY_MS, DAY_MS],
  ['month', 30 * DAY_MS, DAY_MS],
  ['day', DAY_MS, HOUR_MS],
  ['hour', HOUR_MS, MINUTE_MS],
  ['minute', MINUTE_MS, MINUTE_MS],
];

/** Nearer than that it is now. */
const SOON_MS = 30_000;
/** How far the clock of the gateway may be ahead without a minute more being left for it. */
const CLOCKS_MS = 5_000;

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
  if (Math.abs(away) < (away < 0 ? MINUTE_MS : SOON_MS)) return format.format(0, 'second');
  const whole = minutes(away) * MINUTE_MS;
  for (const [unit, ms, smaller] of STEPS) {
    if (Math.abs(Math.round(whole / smaller)) * smaller >= ms)
      return format.format(Math.round(whole / ms), unit);
  }
  return format.format(0, 'second');
}

/** What is left is rounded up: of fifteen minutes that were just given, fifteen are left. What has passed, to the nearest. */
function minutes(away: number): number {
  return away > 0 ? Math.ceil((away - CLOCKS_MS) / MINUTE_MS) : Math.round(away / MINUTE_MS);
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

/** How long something lasts: "5 minutes", "90 seconds". */
export function span(seconds: number, language = spoken()): string {
  const isWhole = seconds >= 60 && seconds % 60 === 0;
  const [count, unit] = isWhole ? [seconds / 60, 'minute'] : [seconds, 'second'];
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(count);
}
