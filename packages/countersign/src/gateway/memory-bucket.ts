// A token bucket of one connection. In memory: it ends with the connection it slows down.
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

  /** 0 when a token was there, else the milliseconds until one is. A clock that goes back gives nothing. */
  take(now: Millis): number {
    const wait = this.wait(now);
    if (wait === 0) this.#level -= 1;
    return wait;
  }

  /** What take would answer, taking nothing. */
  wait(now: Millis): number {
    const { burst, refillMs } = this.#rule;
    const passed = this.#at === null ? 0 : Math.max(0, now - this.#at);
    this.#level = Math.min(burst, this.#level + passed / refillMs);
    this.#at = now;
    return this.#level < 1 ? Math.ceil((1 - this.#level) * refillMs) : 0;
  }
}
