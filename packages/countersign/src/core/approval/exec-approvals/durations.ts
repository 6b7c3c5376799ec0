// Durations as a document writes them. A bound that is passed is a mistake, never moved to the nearest allowed value.

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of `10m`, `0s`; null when it is no duration. */
export function millisOf(text: string): number | null {
  const [, amount, unit] = /^(0|[1-9]\d{0,5})(ms|s|m|h|d)$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined || !isUnit(unit)) return null;
  return Number(amount) * UNITS[unit];
}

/** The shortest way to write it: the largest unit that divides it. */
export function durationText(millis: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const)
    if (millis % UNITS[unit] === 0 && millis > 0) return `${millis / UNITS[unit]}${unit}`;
  return millis === 0 ? '0s' : `${millis}ms`;
}

function isUnit(text: string): text is keyof typeof UNITS {
  return Object.hasOwn(UNITS, text);
}
