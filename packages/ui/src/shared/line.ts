// One socket at a time, opened again whenever it ends. Backs off with jitter, so that a gateway that restarts is not met
// by all its pages in the same instant. Timers, chance and the socket are injected.

export interface Wire {
  send(text: string): void;
  close(): void;
}

export interface LinePorts {
  dial(on: { message(data: unknown): void; closed(): void }): Wire;
  /** Runs once, later; the answer cancels. */
  later(ms: number, run: () => void): () => void;
  /** 0 ≤ x < 1. */
  chance(): number;
}

export interface LineListener {
  /** `answer` is deaf once this socket is no longer the one in use. */
  heard(data: unknown, answer: (frame: object) => void): void;
  down(): void;
}

const HANDSHAKE_MS = 10_000;
const STEADY_MS = 10_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

export class Line {
  readonly #ports: LinePorts;
  readonly #listener: LineListener;
  /** Counts sockets: what an older one still says is not heard. */
  #generation = 0;
  #wire: Wire | null = null;
  #failures = 0;
  #least = 0;
  #cancel: () => void = () => {};
  #running = false;

  constructor(ports: LinePorts, listener: LineListener) {
    this.#ports = ports;
    this.#listener = listener;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#dial();
  }

  stop(): void {
    this.#running = false;
    this.#hangUp();
  }

  /** The network or the page came back: do not sit out the wait. */
  wake(): void {
    if (this.#running && this.#wire === null) this.#dial();
  }

  /** The socket may be dead without knowing it, or who we are has changed: begin again. */
  redial(): void {
    this.#running = true;
    this.#dial();
  }

  /** The gateway let us in: the handshake is over, and after a while the failures before it are forgotten. */
  accepted(): void {
    this.#cancel();
    this.#cancel = this.#ports.later(STEADY_MS, () => {
      this.#failures = 0;
    });
  }

  /** The gateway said no: asking again sooner than `wait` would be noise. */
  refused(wait: number): void {
    this.#least = wait;
    this.#failures = 0;
  }

  #dial(): void {
    this.#hangUp();
    this.#least = 0;
    const generation = this.#generation;
    const isCurrent = (): boolean => generation === this.#generation;
    this.#cancel = this.#ports.later(HANDSHAKE_MS, () => isCurrent() && this.#lost());
    try {
      this.#wire = this.#ports.dial({
        message: (data) => {
          if (!isCurrent()) return;
          this.#listener.heard(data, (frame) => isCurrent() && this.#wire?.send(JSON.stringify(frame)));
        },
        closed: () => isCurrent() && this.#lost(),
      });
    } catch {
      this.#lost();
    }
  }

  #lost(): void {
    this.#hangUp();
    if (!this.#running) return;
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    const wait = Math.max(this.#least, longest) * (0.5 + this.#ports.chance() / 2);
    this.#cancel = this.#ports.later(wait, () => this.#dial());
    this.#listener.down();
  }

  #hangUp(): void {
    this.#cancel();
    this.#cancel = () => {};
    this.#generation += 1;
    const wire = this.#wire;
    this.#wire = null;
    wire?.close();
  }
}
