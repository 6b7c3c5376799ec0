// One socket at a time, proven by the browser's key and opened again whenever it ends. Backs off with jitter, so that a
// gateway that restarts is not met by all its pages in the same instant. Timers, chance and the socket are injected.
import { type Challenge, type ChatFrame, type ClientFrame, type ConnectFrame, parseFrame } from './frames.ts';
import type { Link } from './state.ts';

export interface Wire {
  send(text: string): void;
  close(): void;
}

export interface Ports {
  dial(on: { message(data: unknown): void; closed(): void }): Wire;
  /** Runs once, later; the answer cancels. */
  later(ms: number, run: () => void): () => void;
  /** 0 ≤ x < 1. */
  chance(): number;
}

export interface Listener {
  link(link: Link): void;
  challenged(challenge: Challenge): void;
  frame(frame: ChatFrame): void;
}

const HANDSHAKE_MS = 10_000;
const STEADY_MS = 10_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** After an error frame: the gateway has said no, asking at once again would be noise. */
const REFUSED_WAIT_MS = 10_000;

export class Connection {
  readonly #ports: Ports;
  readonly #prove: (challenge: Challenge) => Promise<ConnectFrame>;
  readonly #listener: Listener;
  /** Counts sockets: what an older one still says is not heard. */
  #generation = 0;
  #wire: Wire | null = null;
  #open = false;
  #failures = 0;
  #refused: Link | null = null;
  #cancel: () => void = () => {};
  #running = false;

  constructor(ports: Ports, prove: (challenge: Challenge) => Promise<ConnectFrame>, listener: Listener) {
    this.#ports = ports;
    this.#prove = prove;
    this.#listener = listener;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#listener.link({ is: 'connecting' });
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

  /** The socket may be dead without knowing it: begin again. */
  doubt(): void {
    if (!this.#running) return;
    this.#hangUp();
    this.#listener.link({ is: 'connecting' });
    this.#dial();
  }

  /** False when nothing is open: the caller keeps what it wanted to say. */
  send(frame: ClientFrame): boolean {
    if (!this.#open || this.#wire === null) return false;
    this.#wire.send(JSON.stringify(frame));
    return true;
  }

  #dial(): void {
    this.#hangUp();
    const generation = this.#generation;
    const current = (): boolean => generation === this.#generation;
    this.#cancel = this.#ports.later(HANDSHAKE_MS, () => current() && this.#lost());
    try {
      this.#wire = this.#ports.dial({
        message: (data) => current() && this.#heard(data, current),
        closed: () => current() && this.#lost(),
      });
    } catch {
      this.#lost();
    }
  }

  #heard(data: unknown, current: () => boolean): void {
    const frame = parseFrame(data);
    if (frame === null) return;
    if (frame.type === 'connect.challenge') {
      this.#listener.challenged(frame);
      this.#prove(frame).then(
        (connect) => current() && this.#wire?.send(JSON.stringify(connect)),
        () => current() && this.#lost(),
      );
      return;
    }
    if (frame.type === 'error') {
      // A gateway that goes down in order says goodbye: that is an offline spell, not a refusal.
      if (frame.code === 'gateway_stopping') return;
      this.#refused = { is: 'refused', code: frame.code, hint: frame.hint };
      this.#listener.link(this.#refused);
      return;
    }
    if (frame.type === 'hello') {
      this.#open = true;
      this.#refused = null;
      this.#cancel();
      this.#cancel = this.#ports.later(STEADY_MS, () => {
        this.#failures = 0;
      });
      this.#listener.link({ is: 'online' });
    }
    if (this.#open) this.#listener.frame(frame);
  }

  #lost(): void {
    const said = this.#refused;
    this.#hangUp();
    if (!this.#running) return;
    this.#refused = said;
    this.#listener.link(said ?? { is: 'offline' });
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    const wait = Math.max(said === null ? 0 : REFUSED_WAIT_MS, longest) * (0.5 + this.#ports.chance() / 2);
    this.#cancel = this.#ports.later(wait, () => this.#dial());
  }

  #hangUp(): void {
    this.#cancel();
    this.#cancel = () => {};
    this.#generation += 1;
    this.#open = false;
    const wire = this.#wire;
    this.#wire = null;
    wire?.close();
  }
}
