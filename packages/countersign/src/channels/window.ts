// The 24 hours in which a business may write freely to who wrote to it. Known only as far as this process has seen:
// `unknown` is neither open nor over.
import type { Millis } from '../core/ports.ts';

const DAY_MS = 24 * 60 * 60_000;
/** Less than a day: what is sent in the last minutes may arrive after it. */
const OPEN_MS = DAY_MS - 5 * 60_000;
const MAX_PEOPLE = 20_000;

export class Windows {
  /** By native id: when they last wrote; zero when the platform said that it is over. */
  readonly #last = new Map<string, Millis>();

  wrote(native: string, at: Millis): void {
    const before = this.#last.get(native) ?? 0;
    this.#last.delete(native);
    this.#last.set(native, Math.max(before, at));
    if (this.#last.size <= MAX_PEOPLE) return;
    const [oldest] = this.#last.keys();
    if (oldest !== undefined) this.#last.delete(oldest);
  }

  over(native: string): void {
    this.#last.set(native, 0);
  }

  of(native: string, now: Millis): 'open' | 'over' | 'unknown' {
    const last = this.#last.get(native);
    if (last === undefined) return 'unknown';
    return now - last < OPEN_MS ? 'open' : 'over';
  }
}
