// Messages of ours by our own id: a retry after a lost record of a success shows nothing twice. Bounded, and in memory.

interface Sent {
  readonly ref: string;
  readonly native: string;
}

const MAX_REMEMBERED = 2_000;

export class SentMessages {
  readonly #byId = new Map<string, Sent>();

  get(id: string): Sent | undefined {
    return this.#byId.get(id);
  }

  note(id: string, sent: Sent): void {
    this.#byId.set(id, sent);
    if (this.#byId.size <= MAX_REMEMBERED) return;
    const [oldest] = this.#byId.keys();
    if (oldest !== undefined) this.#byId.delete(oldest);
  }
}
