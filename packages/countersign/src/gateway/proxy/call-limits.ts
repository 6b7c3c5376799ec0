// How much one session may ask for: calls open at once, and calls a minute. In memory: a restart forgets what was asked,
// and nothing of it is a decision about who somebody is.
import type { SessionId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Millis } from '../../core/ports.ts';
import { MemoryBucket } from '../memory-bucket.ts';

const MAX_SESSIONS = 10_000;
const MINUTE = 60_000;

export interface CallRules {
  /** Calls of a session open at once. */
  readonly concurrent: number;
  /** Calls of a session in a minute; as many may come at once. */
  readonly perMinute: number;
}

interface Asking {
  perMinute: number;
  bucket: MemoryBucket;
  open: number;
}

export class CallLimits {
  readonly #sessions = new Map<SessionId, Asking>();

  /** @returns what ends the call again. @throws Problem `rate_limited`, with `retryAfter`. */
  begin(session: SessionId, rules: CallRules, now: Millis): () => void {
    const asking = this.#of(session, rules.perMinute);
    if (asking.open >= rules.concurrent) throw limited('too many calls of this session are open', 1);
    const wait = asking.bucket.take(now);
    if (wait > 0) throw limited('this session calls too often', Math.ceil(wait / 1_000));
    asking.open += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      asking.open -= 1;
    };
  }

  #of(session: SessionId, perMinute: number): Asking {
    const known = this.#sessions.get(session);
    if (known?.perMinute === perMinute) return known;
    const bucket = new MemoryBucket({ burst: perMinute, refillMs: MINUTE / perMinute });
    // Calls that are open count on whatever is configured meanwhile, and are taken off where they were counted.
    if (known !== undefined) return Object.assign(known, { perMinute, bucket });
    const asking = { perMinute, bucket, open: 0 };
    this.#sessions.set(session, asking);
    if (this.#sessions.size > MAX_SESSIONS) {
      const idle = [...this.#sessions].find(([, { open }]) => open === 0);
      if (idle !== undefined) this.#sessions.delete(idle[0]);
    }
    return asking;
  }
}

function limited(detail: string, retryAfter: number): Problem {
  return new Problem('rate_limited', { detail, members: { retryAfter } });
}
