// How long things of devices last, each once (R63).

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** A device that was not seen for so long, or was paired so long ago, asks anew. */
export const DEVICE_LIMITS = { idleMs: 30 * DAY, absoluteMs: 180 * DAY } as const;
/** How long a request waits for a decision. */
export const REQUEST_LIFE_MS = 15 * MINUTE;
/** How long a setup code can be shown (R16: ten minutes at most). */
export const SETUP_LIFE_MS = 10 * MINUTE;
export const TOKEN_LIFE_MS = 15 * MINUTE;
/** `lastSeenAt` is a fact for people: once a minute is enough, and a busy device writes no row a request. */
export const SEEN_EVERY_MS = MINUTE;
/** Requests that may be pending at once. What an owner invited with a setup code needs no place among them. */
export const MAX_PENDING = 20;
/** After a no the same key may ask again, but nobody's phone rings for it. */
export const QUIET_AFTER_NO_MS = 60 * MINUTE;
/** What is over is kept so long for people to read. */
export const KEEP_OVER_MS = 90 * DAY;
export const KEEP_SETUP_MS = DAY;
