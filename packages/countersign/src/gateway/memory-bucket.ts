// A token bucket of one connection, or of one program. In memory: it ends with what it slows down.
import type { Millis } from '../core/ports.ts';
import type { LimitRule } from '../core/store-port.ts';

export class MemoryBucket {
  readonly #rule: LimitRule;
  #level: number;
  #at: Millis | null = null;

  constructor(rule: LimitRule) {
    this.#rule = rule;
    this.#level = rule.burst;
  }

  /** 0 when so many tokens were there, else the milliseconds until they are. A clock that goes back gives nothing. */
  take(now: Millis, count = 1): number {
    const wait = this.wait(now, count);
    if (wait === 0) this.#level -= count;
    return wait;
  }

  /** What take would answer, taking nothing. */
  wait(now: Millis, count = 1): number {
    const { burst, refillMs } = this.#rule;
    const passed = this.#at === null ? 0 : Math.max(0, now - this.#at);
    this.#level = Math.min(burst, this.#level + passed / refillMs);
    this.#at = now;
    return this.#level < count ? Math.ceil((count - this.#level) * refillMs) : 0;
  }
}
