// How much of what came may be called handled (XEP-0198). Stanzas are counted in order, and one is handled when it is
// durable: what stands behind one that is not yet waits with it, and our server keeps all of it for us.

const WRAP = 2 ** 32;

export class Acks {
  #taken = 0;
  #handled = 0;
  readonly #ahead = new Set<number>();

  /** @returns what to call when it is handled. */
  take(): () => void {
    const number = this.#taken;
    this.#taken += 1;
    return () => {
      this.#ahead.add(number);
      while (this.#ahead.delete(this.#handled)) this.#handled += 1;
    };
  }

  /** As it is told to the server. */
  get h(): number {
    return this.#handled % WRAP;
  }

  get handled(): number {
    return this.#handled;
  }

  get open(): number {
    return this.#taken - this.#handled;
  }
}
