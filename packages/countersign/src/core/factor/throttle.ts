// How long to wait after failures (R4, R28, R38): five are free, then 30 seconds that double up to an hour, and at fifty the
// surface is closed until the person proves a factor elsewhere or is recovered on the host. Counted for one person on one
// surface: whoever fails there shuts nobody out elsewhere (H71).
import type { Millis } from '../ports.ts';
import type { Failures } from './factors-port.ts';

export const FREE_TRIES = 5;
export const CLOSED_AT = 50;
const FIRST_WAIT_MS = 30_000;
export const LONGEST_WAIT_MS = 60 * 60_000;
/** Where a closed surface stands once it is opened again: every further failure costs an hour. */
export const REOPENED_AT = 12;

/** Milliseconds until the next try on that surface is looked at; 0: now. */
export function waitAfter({ count, lastAt }: Failures, now: Millis): Millis {
  const delay = delayAfter(count);
  if (count >= CLOSED_AT || delay === 0) return delay;
  // A clock that went back makes nobody wait longer than the delay.
  return Math.min(delay, Math.max(0, lastAt + delay - now));
}

export function delayAfter(count: number): Millis {
  if (count < FREE_TRIES) return 0;
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (Math.min(count, CLOSED_AT) - FREE_TRIES));
}
