// How much is read of this machine for one action, before anybody said yes: so many bytes, so long, and no longer than somebody
// waits for it. A file of four gigabytes that is one hole is free to make, and sixty-four of them are, too.
import { setImmediate } from 'node:timers/promises';
import { Problem } from '@countersign/protocol/problem';

/** Of one file, and of all together. */
export const MOST_BYTES = 4_294_967_296;
const MOST_MS = 60_000;
/** So many steps nobody else has a turn. */
const STEPS = 32;

interface Limits {
  /** Aborted: nobody waits for it any more. */
  readonly signal?: AbortSignal | undefined;
  readonly mostBytes?: number;
  /** Aborted: it took too long. */
  readonly timeUp?: AbortSignal;
}

export class Reading {
  readonly #signal: AbortSignal | undefined;
  readonly #timeUp: AbortSignal;
  #left: number;
  #steps = 0;

  constructor({ signal, mostBytes = MOST_BYTES, timeUp = AbortSignal.timeout(MOST_MS) }: Limits = {}) {
    this.#signal = signal;
    this.#timeUp = timeUp;
    this.#left = mostBytes;
  }

  /** @throws why it was aborted, or Problem `usage`: it took too long. */
  goOn(): void {
    this.#signal?.throwIfAborted();
    if (this.#timeUp.aborted) throw tooMuch('takes too long to read');
  }

  /** Between any two steps of what goes on for long: others have their turn, and whoever stops it is heard. @throws as above. */
  async turn(): Promise<void> {
    this.#steps += 1;
    if (this.#steps % STEPS !== 0) return;
    await setImmediate();
    this.goOn();
  }

  /** Before it is begun. @throws Problem `usage`: so much more is not read for one action. */
  expect(bytes: bigint): void {
    if (bytes > BigInt(this.#left)) throw tooMuch('is too large');
  }

  /** @throws Problem `usage`: more than is read for one action. */
  take(bytes: number): void {
    this.goOn();
    this.#left -= bytes;
    if (this.#left < 0) throw tooMuch('is too large');
  }
}

function tooMuch(why: string): Problem {
  return new Problem('usage', {
    detail: `what it would start, with its scripts, ${why}`,
    hint: 'name fewer files, or smaller ones',
    members: { field: 'script' },
  });
}
