// One bucket for each network address, in memory: for failures that must not cost a row each. At most so many addresses
// are remembered; past that the one unheard of for longest is forgotten, which gives it a full bucket and nobody else.
import { foldAddress } from '../core/address.ts';
import type { Millis } from '../core/ports.ts';
import type { LimitRule } from '../core/store-port.ts';
import { MemoryBucket } from './memory-bucket.ts';

const MAX_ADDRESSES = 10_000;

export class AddressLimits {
  readonly #rule: LimitRule;
  readonly #buckets = new Map<string, MemoryBucket>();

  constructor(rule: LimitRule) {
    this.#rule = rule;
  }

  /** 0 when the address may try, else the milliseconds until it may. Loopback may always: behind a proxy the owner has
   * not named everybody has that address, and one stranger would lock out all others. */
  wait(address: string | null, now: Millis): Millis {
    const key = addressKey(address);
    return key === null ? 0 : (this.#buckets.get(key)?.wait(now) ?? 0);
  }

  /** Counts one failure. */
  count(address: string | null, now: Millis): void {
    const key = addressKey(address);
    if (key === null) return;
    const bucket = this.#buckets.get(key) ?? new MemoryBucket(this.#rule);
    bucket.take(now);
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size <= MAX_ADDRESSES) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}

/** H64: one sender is one bucket, however the address is written. */
export function addressKey(address: string | null): string | null {
  const folded = address === null ? null : foldAddress(address);
  return folded === null || folded.loopback ? null : folded.text;
}
