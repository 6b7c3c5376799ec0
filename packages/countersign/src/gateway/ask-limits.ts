// How often one program asks, and how much of what it says is kept: what it asks is stored for ninety days whatever becomes of it,
// and one program that asks without end would fill the disk and stop everybody (H63). In memory: a restart forgets what was asked.

import type { Action } from '@countersign/protocol/approval';
import { canonicalJson } from '@countersign/protocol/canonical';
import type { TokenId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Millis } from '../core/ports.ts';
import type { LimitRule } from '../core/store-port.ts';
import { MemoryBucket } from './memory-bucket.ts';

/** A command with all that it is given; people read it. */
export const LARGEST_ACTION = 256 * 1_024;
const HOUR_MS = 3_600_000;
/** A script that asks for each of its lines may; it may not for days. */
export const ASKS: LimitRule = { burst: 600, refillMs: 500 };
/** As bytes. */
export const KEPT: LimitRule = { burst: 16 * 1_024 * 1_024, refillMs: HOUR_MS / (16 * 1_024 * 1_024) };
/** What a request costs beside its action: its row, its events, what the index keeps of them. */
export const ROW_BYTES = 2_048;
const MAX_TOKENS = 10_000;

interface Asking {
  readonly often: MemoryBucket;
  readonly kept: MemoryBucket;
}

export class AskLimits {
  readonly #tokens = new Map<TokenId, Asking>();

  /** @throws Problem `request_too_large`; `rate_limited`, with `retryAfter`. */
  take(token: TokenId, action: Action, now: Millis): void {
    const bytes = Buffer.byteLength(canonicalJson(action));
    if (bytes > LARGEST_ACTION)
      throw new Problem('request_too_large', {
        detail: `an action has at most ${LARGEST_ACTION} bytes, and this one has ${bytes}`,
        hint: 'put what is long into a file, and ask for a command that is given that file',
      });
    const asking = this.#of(token);
    const cost = ROW_BYTES + bytes;
    const wait = Math.max(asking.often.wait(now), asking.kept.wait(now, cost));
    if (wait > 0)
      throw new Problem('rate_limited', {
        detail: 'this program asks too often, or too much',
        members: { reason: 'asks_too_much', retryAfter: Math.ceil(wait / 1_000) },
      });
    asking.often.take(now);
    asking.kept.take(now, cost);
  }

  /** Past so many the one unheard of for longest is forgotten. */
  #of(token: TokenId): Asking {
    const asking = this.#tokens.get(token) ?? {
      often: new MemoryBucket(ASKS),
      kept: new MemoryBucket(KEPT),
    };
    this.#tokens.delete(token);
    this.#tokens.set(token, asking);
    const [oldest] = this.#tokens.keys();
    if (this.#tokens.size > MAX_TOKENS && oldest !== undefined) this.#tokens.delete(oldest);
    return asking;
  }
}
