// The conversation behind the page: state, outbox and connection tied together. What a person wrote is stored before it
// is sent and leaves the store only by an acknowledgement, so nothing is lost; ids and sequences make nothing double.
import { Connection, type Ports } from './connection.ts';
import type { Challenge, ChatFrame, ConnectFrame, Millis } from './frames.ts';
import { Outbox, type Rows } from './outbox.ts';
import { type ChatEvent, type ChatState, EMPTY, type Link, lastWhole, reduce } from './state.ts';

export interface ConversationPorts extends Ports {
  now(): Millis;
  newId(): string;
}

export const MAX_TEXT = 16_000;
/** How long an acknowledgement may take before the socket is doubted; doubles with each doubt. */
const PATIENCE_MS = 15_000;
const LONGEST_PATIENCE_MS = 300_000;
/** Refusals that pass by themselves: the message is kept and sent again. */
const PASSING: ReadonlySet<string> = new Set([
  'rate_limited',
  'gateway_stopping',
  'store_unavailable',
  'store_full',
]);
const PAUSE_MS = 3_000;
/** A message of another tab is left to that tab this long. */
const OTHER_TAB_MS = 10_000;

export type Said = 'said' | 'empty' | 'too_long' | 'too_many';

export class Conversation {
  readonly #ports: ConversationPorts;
  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly #watchers = new Set<() => void>();
  readonly #unwatch: () => void;
  #state: ChatState = EMPTY;
  /** Ids sent over the open socket. */
  #sent = new Set<string>();
  #asked = new Set<string>();
  #skew: Millis = 0;
  #patience = PATIENCE_MS;
  #cancelDoubt: (() => void) | null = null;
  #paused = false;

  constructor(ports: ConversationPorts, rows: Rows, prove: (challenge: Challenge) => Promise<ConnectFrame>) {
    this.#ports = ports;
    this.#outbox = new Outbox(rows, () => this.#showOutbox());
    this.#connection = new Connection(ports, prove, {
      link: (link) => this.#linked(link),
      challenged: (challenge) => {
        this.#skew = challenge.ts - ports.now();
      },
      frame: (frame) => this.#received(frame),
    });
    this.#unwatch = rows.watch(() => {
      this.#showOutbox();
      ports.later(OTHER_TAB_MS, () => this.#flush());
    });
    this.#showOutbox();
  }

  get state(): ChatState {
    return this.#state;
  }

  /** The gateway's time: a wrong clock here must not shorten a code. */
  now(): Millis {
    return this.#ports.now() + this.#skew;
  }

  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  start(): void {
    this.#connection.start();
  }

  stop(): void {
    this.#unwatch();
    this.#cancelDoubt?.();
    this.#connection.stop();
  }

  wake(): void {
    this.#connection.wake();
  }

  /** Begin a new socket: the network changed, or the name we come with did. */
  reconnect(): void {
    this.#connection.doubt();
  }

  say(text: string): Said {
    const whole = text.toWellFormed();
    if (whole.trim() === '') return 'empty';
    if (whole.length > MAX_TEXT) return 'too_long';
    const after = this.#state.lines.at(-1)?.seq ?? 0;
    if (!this.#outbox.add(this.#ports.newId(), whole, this.#ports.now(), after)) return 'too_many';
    this.#flush();
    return 'said';
  }

  /** Takes a held or refused message off the page. */
  dismiss(id: string): void {
    this.#outbox.settle(id);
  }

  #linked(link: Link): void {
    if (link.is !== 'online') {
      this.#cancelDoubt?.();
      this.#cancelDoubt = null;
    }
    this.#apply({ type: 'link', link });
  }

  #received(frame: ChatFrame): void {
    if (frame.type === 'chat.message') this.#acknowledged(frame.id, () => this.#outbox.settle(frame.id));
    if (frame.type === 'chat.hold') this.#acknowledged(frame.id, () => this.#outbox.mark(frame.id, 'held'));
    if (frame.type === 'chat.taken') this.#acknowledged(frame.id, () => this.#outbox.mark(frame.id, 'taken'));
    if (frame.type === 'chat.refused') this.#refused(frame);
    this.#apply({ type: 'frame', frame });
    if (frame.type === 'hello') {
      this.#sent = new Set();
      this.#asked = new Set();
      this.#resume(`after:${lastWhole(this.#state.lines)}`);
      this.#flush();
    } else if (this.#state.gap !== null) {
      this.#resume(this.#state.gap);
    }
  }

  #refused({ id, reason, hint }: Extract<ChatFrame, { type: 'chat.refused' }>): void {
    if (!PASSING.has(reason)) {
      this.#acknowledged(id, () => this.#outbox.mark(id, 'refused', hint));
      return;
    }
    this.#paused = true;
    this.#acknowledged(id, () => this.#outbox.postpone(id, hint));
    this.#ports.later(PAUSE_MS, () => {
      this.#paused = false;
      this.#sent.delete(id);
      this.#flush();
    });
  }

  #acknowledged(id: string, settle: () => void): void {
    if (this.#sent.has(id)) {
      this.#patience = PATIENCE_MS;
      this.#cancelDoubt?.();
      this.#cancelDoubt = null;
    }
    settle();
    this.#flush();
  }

  /** Each hole is asked for once per connection: a gateway that no longer has it must not be asked for ever. */
  #resume(gap: string): void {
    if (this.#asked.has(gap)) return;
    if (this.#connection.send({ type: 'chat.resume', after: lastWhole(this.#state.lines) }))
      this.#asked.add(gap);
  }

  /** One at a time: the next is sent when the last is acknowledged, so the order is the person's. */
  #flush(): void {
    const [next] = this.#outbox.waiting();
    if (next === undefined || this.#paused) return;
    const { id, text } = next;
    if (!this.#sent.has(id)) {
      if (!this.#connection.send({ type: 'chat.say', id, text })) return;
      this.#sent.add(id);
    }
    this.#watchForSilence();
  }

  #watchForSilence(): void {
    if (this.#cancelDoubt !== null) return;
    this.#cancelDoubt = this.#ports.later(this.#patience, () => {
      this.#cancelDoubt = null;
      this.#patience = Math.min(LONGEST_PATIENCE_MS, this.#patience * 2);
      this.#connection.doubt();
    });
  }

  #showOutbox(): void {
    this.#apply({ type: 'outgoing', outgoing: this.#outbox.items() });
  }

  #apply(event: ChatEvent): void {
    const next = reduce(this.#state, event);
    if (next === this.#state) return;
    this.#state = next;
    for (const changed of this.#watchers) changed();
  }
}
