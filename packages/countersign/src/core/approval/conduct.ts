// Somebody is asked too often, or asked until they say yes (H57, R8). What an agent's session did lately decides whether it
// may ask again, and what a person is told beside the card. Pure: the past comes in as it was stored.
import type { Millis } from '../ports.ts';

/** Of an earlier request of the same agent and session. */
export interface Past {
  readonly actionDigest: string;
  readonly askedAt: Millis;
  readonly outcome: 'open' | 'approved' | 'denied' | 'taken_back' | 'other';
  /** Null while it is open. */
  readonly endedAt: Millis | null;
}

export interface ConductLimits {
  /** Open at the same time for one session. */
  readonly maxOpen: number;
  /** Asked of people within `windowMs`; above, they hear one summary. */
  readonly maxCards: number;
  readonly windowMs: number;
  /** So many denials in a row pause the requester … */
  readonly denialsToPause: number;
  /** … for so long. */
  readonly pauseMs: number;
  /** Taken back unanswered within `pauseMs`: whoever asks and takes back looks for names, and people read cards for nothing. */
  readonly maxTakenBack: number;
}

export const CONDUCT_LIMITS: ConductLimits = {
  maxOpen: 5,
  maxCards: 10,
  windowMs: 60_000,
  denialsToPause: 3,
  pauseMs: 600_000,
  maxTakenBack: 20,
};

export type Conduct =
  | { readonly outcome: 'ask'; readonly quietly: boolean; readonly flags: readonly Flag[] }
  /** The same action waits already: its request answers for this one too. */
  | { readonly outcome: 'same' }
  | { readonly outcome: 'deny'; readonly reason: 'paused' | 'taken_back'; readonly until: Millis }
  | { readonly outcome: 'deny'; readonly reason: 'too_many_open' };

export type Flag =
  /** The same action was denied twice and is asked a third time. */
  | 'denied_before'
  /** Many at once: a summary instead of cards. */
  | 'burst';

export function conductOf(
  actionDigest: string,
  past: readonly Past[],
  now: Millis,
  limits: ConductLimits = CONDUCT_LIMITS,
): Conduct {
  const until = pausedUntil(past, limits);
  if (until !== null && now < until) return { outcome: 'deny', reason: 'paused', until };
  const quiet = takenBackUntil(past, limits);
  if (quiet !== null && now < quiet) return { outcome: 'deny', reason: 'taken_back', until: quiet };
  const open = past.filter(({ outcome }) => outcome === 'open');
  if (open.some((one) => one.actionDigest === actionDigest)) return { outcome: 'same' };
  if (open.length >= limits.maxOpen) return { outcome: 'deny', reason: 'too_many_open' };
  const lately = past.filter(({ askedAt }) => now - askedAt < limits.windowMs);
  const quietly = lately.length >= limits.maxCards;
  const denied = past.filter((one) => one.actionDigest === actionDigest && one.outcome === 'denied');
  const flags: Flag[] = [];
  if (denied.length > 0) flags.push('denied_before');
  if (quietly) flags.push('burst');
  return { outcome: 'ask', quietly, flags };
}

/** Until when nothing is asked: the last denials in a row, without a yes between them. */
function pausedUntil(past: readonly Past[], limits: ConductLimits): Millis | null {
  const ended = past
    .filter(({ outcome }) => outcome === 'approved' || outcome === 'denied')
    .flatMap((one) => (one.endedAt === null ? [] : [{ outcome: one.outcome, at: one.endedAt }]))
    .toSorted((one, other) => other.at - one.at);
  const row = ended.slice(0, limits.denialsToPause);
  const isRow = row.length === limits.denialsToPause && row.every(({ outcome }) => outcome === 'denied');
  const [latest] = row;
  const earliest = row.at(-1);
  if (!isRow || latest === undefined || earliest === undefined) return null;
  // Three denials over a month are no siege.
  return latest.at - earliest.at > limits.pauseMs ? null : latest.at + limits.pauseMs;
}

/** Until when so many of them were taken back lately. */
function takenBackUntil(past: readonly Past[], { maxTakenBack, pauseMs }: ConductLimits): Millis | null {
  const ends = past
    .flatMap(({ outcome, endedAt }) => (outcome === 'taken_back' && endedAt !== null ? [endedAt] : []))
    .toSorted((one, other) => other - one);
  const last = ends[maxTakenBack - 1];
  return last === undefined ? null : last + pauseMs;
}

/** N-11: a yes that followed on two denials of the same action. Told to every owner; it changes nothing by itself. */
export function isWornDown(actionDigest: string, past: readonly Past[]): boolean {
  const same = past
    .filter((one) => one.actionDigest === actionDigest && one.endedAt !== null)
    .toSorted((one, other) => (one.endedAt ?? 0) - (other.endedAt ?? 0));
  const [first, second, third] = same.slice(-3).map(({ outcome }) => outcome);
  return first === 'denied' && second === 'denied' && third === 'approved';
}
