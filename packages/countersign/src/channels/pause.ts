// Waiting before a channel tries again: by the system's timer, no longer than the signal lets us, and never everybody at
// the same moment.
import { setTimeout } from 'node:timers/promises';
import type { Millis } from '../core/ports.ts';

/** Resolves after `ms`, or at once when `signal` aborts. */
export type Pause = (ms: Millis, signal: AbortSignal) => Promise<void>;

export const systemPause: Pause = (ms, signal) =>
  setTimeout(ms, undefined, { signal, ref: false }).catch(() => undefined);

const OFTEN = { first: 1_000, longest: 5 * 60_000 };
const RARE = { first: 5 * 60_000, longest: 60 * 60_000 };

/**
 * Full jitter over the upper half: after an outage not everybody comes back at once.
 * @param attempt from 1. @param chance 0 up to 1. @param isRare for a door that is shut for hours.
 */
export function pauseBefore(attempt: number, chance: number, isRare = false): Millis {
  const { first, longest } = isRare ? RARE : OFTEN;
  const most = Math.min(first * 2 ** Math.max(0, attempt - 1), longest);
  return Math.round(most / 2 + (most / 2) * chance);
}
