// Counting down, as numbers: what is left, and the moments at which it is said aloud.

const SPOKEN_SECONDS = [30, 10, 0] as const;

export function secondsLeft(until: number, now: number): number {
  return Math.max(0, Math.ceil((until - now) / 1000));
}

/** What a screen reader hears: a few moments, not every second. Null before the first of them. */
export function spokenAt(left: number): number | null {
  return SPOKEN_SECONDS.findLast((moment) => left <= moment) ?? null;
}
