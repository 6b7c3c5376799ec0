// Long polling. Asking for what comes after an update is what confirms it, so the offset moves past a message only when
// that message is durable: a lost answer, a full disk or a dead process means that Telegram hands it over again.

import { Problem } from '@countersign/protocol/problem';
import type { Api } from 'grammy';
import type { ChannelStatus } from '../../core/channel-port.ts';
import type { Clock, Log, Millis } from '../../core/ports.ts';
import type { Pause } from '../pause.ts';
import { type Refusal, refusalOf, signalOf } from './api.ts';
import { ASKED, updateNumber } from './wire.ts';

/** Shorter than what proxies and mobile networks let a silent connection live. */
export const POLL_SECONDS = 25;
const BATCH = 100;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
const HURRIED_MS = 500;
/** A line that was down for less has not been away: whoever wrote meanwhile is answered as if nothing had been. */
const AWAY_MS = 10_000;
/** A message that cannot be stored for a reason that stays is given up after so many times: it would jam all others. */
const MAX_TRIES = 5;

export interface Moment {
  readonly since: Millis;
  readonly catchingUp: boolean;
}

interface Line {
  readonly api: Api;
  readonly clock: Clock;
  readonly log: Log;
  readonly pause: Pause;
  readonly account: string;
  /** When this login was made. */
  readonly since: Millis;
  readonly pollSeconds: number;
  /** Resolves when the update is durable, or is none of ours. */
  take(update: unknown, moment: Moment): Promise<void>;
  tell(state: ChannelStatus['state'], detail: string | null): void;
}

/** Runs until `signal` aborts. Never throws. */
export async function poll(line: Line, signal: AbortSignal): Promise<void> {
  const { api, clock, pause, tell } = line;
  const tries = new Map<number, number>();
  let offset: number | null = null;
  let { since } = line;
  let catchingUp = true;
  let failures = 0;
  let downAt: Millis | null = null;
  while (!signal.aborted) {
    const askedAt = clock.now();
    // What waited comes at once; after that we wait for what is said.
    const timeout = catchingUp || downAt !== null ? 0 : line.pollSeconds;
    let updates: readonly unknown[];
    try {
      updates = await api.getUpdates(
        {
          ...(offset === null ? {} : { offset }),
          limit: BATCH,
          timeout,
          allowed_updates: [...ASKED],
        },
        signalOf(signal),
      );
    } catch (cause) {
      if (signal.aborted) return;
      const refusal = refusalOf(cause);
      tell(...stateOf(refusal));
      downAt ??= clock.now();
      failures += 1;
      await pause(pauseAfter(failures, refusal), signal);
      continue;
    }
    if (downAt !== null && askedAt - downAt > AWAY_MS) {
      since = askedAt;
      catchingUp = true;
    }
    downAt = null;
    const taken = await takeAll(updates, { since, catchingUp }, tries, line);
    if (taken.offset !== null) offset = taken.offset;
    if (taken.failed === null) {
      tell('connected', null);
      failures = 0;
      // A server that answers nothing at once, instead of waiting, is not asked a thousand times a second.
      const hurried = updates.length === 0 && timeout > 0 && clock.now() - askedAt < HURRIED_MS;
      if (updates.length < BATCH) catchingUp = false;
      if (hurried) await pause(HURRIED_MS, signal);
      continue;
    }
    if (signal.aborted) return;
    tell('retrying', `messages wait at Telegram: ${taken.failed}`);
    failures += 1;
    await pause(pauseAfter(failures, null), signal);
  }
}

interface Taken {
  /** Everything before it is durable; null when nothing was. */
  readonly offset: number | null;
  readonly failed: string | null;
}

/** All of a batch goes to the inbox at once, to be stored in one transaction. What comes after the first message that
 * could not be stored is asked for again with it, and known by its id then. */
async function takeAll(
  updates: readonly unknown[],
  moment: Moment,
  tries: Map<number, number>,
  line: Line,
): Promise<Taken> {
  const numbered = updates
    .flatMap((update) => {
      const number = updateNumber(update);
      return number === null ? [] : [{ number, update }];
    })
    .sort((a, b) => a.number - b.number);
  const fates = await Promise.allSettled(numbered.map(({ update }) => line.take(update, moment)));
  let offset: number | null = null;
  for (const [index, { number }] of numbered.entries()) {
    const fate = fates[index];
    if (fate?.status === 'rejected' && !isGivenUp(number, fate.reason, tries, line)) {
      return { offset: offset ?? number, failed: Problem.codeOf(fate.reason) };
    }
    tries.delete(number);
    offset = number + 1;
  }
  return { offset, failed: null };
}

function isGivenUp(number: number, cause: unknown, tries: Map<number, number>, line: Line): boolean {
  if (cause instanceof Problem && cause.retryable) return false;
  const count = (tries.get(number) ?? 0) + 1;
  tries.set(number, count);
  if (count < MAX_TRIES) return false;
  const { log, account } = line;
  log.error('channel.update_lost', {
    channel: 'telegram',
    account,
    update: number,
    reason: Problem.codeOf(cause),
  });
  return true;
}

function pauseAfter(failures: number, refusal: Refusal | null): Millis {
  const growing = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10), LONGEST_PAUSE_MS);
  // A token that was taken back comes back by hand, if at all.
  if (refusal?.code === 401 || refusal?.code === 404) return LONGEST_PAUSE_MS;
  return Math.max(growing, (refusal?.retryAfter ?? 0) * 1_000);
}

function stateOf({ code, retryAfter }: Refusal): [ChannelStatus['state'], string] {
  switch (code) {
    case null:
      return ['retrying', 'Telegram cannot be reached'];
    case 401:
    case 404:
      return ['failed', 'Telegram does not know this bot token any more: ask @BotFather for a new one'];
    case 409:
      return [
        'failed',
        'another program takes the messages of this bot: stop it, or give each its own bot; tried again meanwhile',
      ];
    case 429:
      return ['retrying', `Telegram asks for a pause of ${retryAfter ?? 1} s`];
    default:
      return ['retrying', `Telegram answered ${code}`];
  }
}
