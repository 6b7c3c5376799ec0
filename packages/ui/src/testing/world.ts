// A gateway and its network in memory, for the properties of the conversation: frames wait on either side of a wire
// until they are carried, and a cut loses what is under way.
import { Conversation } from '../chat/conversation.ts';
import type { PersonState } from '../chat/frames.ts';
import { memoryRows, type Outgoing, type Rows } from '../chat/outbox.ts';

type Frame = Readonly<Record<string, unknown>>;

export class FakeTime {
  #now = 1_000_000;
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  later(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const next = this.#timers
        .filter((timer) => timer.at <= until)
        .sort((one, other) => one.at - other.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = until;
  }
}

interface Socket {
  readonly up: string[];
  readonly down: Frame[];
  readonly on: { message(data: unknown): void; closed(): void };
  open: boolean;
  ready: boolean;
}

export class FakeGateway {
  readonly lines: { seq: number; id: string; from: string; text: string }[] = [];
  /** Every say that came in, repeats included. */
  readonly heard: string[] = [];
  state: PersonState = 'paired';
  reachable = true;
  /** Says taken before the page is asked to wait. */
  sayBudget = Number.POSITIVE_INFINITY;
  /** Splits of an answer; empty: nobody answers. */
  answer: readonly string[] = [];
  #sockets: Socket[] = [];
  #held = new Set<string>();

  dial(on: Socket['on']): { send(text: string): void; close(): void } {
    const socket: Socket = { up: [], down: [], on, open: this.reachable, ready: false };
    if (socket.open) {
      this.#sockets.push(socket);
      socket.down.push({ type: 'connect.challenge', gateway: 'ins_test', nonce: 'n', ts: 5 });
    } else {
      queueMicrotask(() => on.closed());
    }
    return {
      send: (text) => socket.open && socket.up.push(text),
      close: () => this.#end(socket),
    };
  }

  /** Carries up to `most` frames to the gateway. */
  up(most: number): void {
    for (const socket of [...this.#sockets])
      for (const text of socket.up.splice(0, most)) this.#take(socket, text);
  }

  /** Carries up to `most` frames to the pages. */
  down(most: number): void {
    for (const socket of [...this.#sockets]) {
      for (const frame of socket.down.splice(0, most))
        if (socket.open) socket.on.message(JSON.stringify(frame));
    }
  }

  /** Ends every socket; what was under way is lost. */
  cut(): void {
    for (const socket of [...this.#sockets]) {
      this.#end(socket);
      socket.on.closed();
    }
  }

  /** Every socket stays open and carries nothing any more: a network that went away without a word. */
  silence(): void {
    for (const socket of [...this.#sockets]) {
      socket.up.length = 0;
      socket.down.length = 0;
      this.#sockets = this.#sockets.filter((one) => one !== socket);
    }
  }

  say(from: 'agent' | 'gateway', text: string): void {
    this.#line(`g${this.lines.length}`, from, text);
  }

  tell(frame: Frame): void {
    for (const socket of this.#sockets) if (socket.ready) socket.down.push(frame);
  }

  #end(socket: Socket): void {
    socket.open = false;
    this.#sockets = this.#sockets.filter((one) => one !== socket);
  }

  #line(id: string, from: string, text: string): number {
    const seq = this.lines.length + 1;
    this.lines.push({ seq, id, from, text });
    this.tell({ type: 'chat.message', seq, id, from, text, at: 1 });
    return seq;
  }

  #take(socket: Socket, text: string): void {
    const frame: { type?: string; id?: string; text?: string; after?: number } = JSON.parse(text);
    if (frame.type === 'connect') {
      socket.ready = true;
      socket.down.push({ type: 'hello', device: 'd' }, { type: 'chat.state', state: this.state });
    }
    if (frame.type === 'chat.resume') {
      const lines = this.lines.filter((line) => line.seq > (frame.after ?? 0));
      socket.down.push(...lines.map((line) => ({ type: 'chat.message', ...line, at: 1 })));
    }
    if (frame.type === 'chat.say') this.#said(socket, frame.id ?? '', frame.text ?? '');
  }

  #said(socket: Socket, id: string, text: string): void {
    this.heard.push(id);
    if (this.sayBudget <= 0) {
      socket.down.push({ type: 'chat.refused', id, reason: 'rate_limited', hint: 'wait a moment' });
      return;
    }
    this.sayBudget -= 1;
    const known = this.lines.find((line) => line.id === id);
    if (known !== undefined) {
      socket.down.push({ type: 'chat.message', ...known, at: 1 });
    } else if (this.state !== 'paired' || this.#held.has(id)) {
      this.#held.add(id);
      socket.down.push({ type: 'chat.hold', id });
    } else {
      this.#line(id, 'you', text);
      const turn = `turn_${id}`;
      for (const [index, piece] of this.answer.entries()) {
        this.tell({ type: 'chat.delta', turn, index, text: piece });
      }
      if (this.answer.length > 0) {
        this.tell({ type: 'chat.done', turn, seq: this.#line(`a_${id}`, 'agent', this.answer.join('')) });
      }
    }
  }
}

/** A page on `gateway`. Pages that share `rows` are tabs of one browser. */
export function page(gateway: FakeGateway, time: FakeTime, rows: Rows, name = 'p'): Conversation {
  let count = 0;
  const nextCount = (): number => {
    count += 1;
    return count;
  };
  const ports = {
    dial: gateway.dial.bind(gateway),
    later: time.later.bind(time),
    now: () => time.now(),
    chance: () => 0.5,
    newId: () => `${name}${nextCount()}`,
  };
  const key = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' } as const;
  const conversation = new Conversation(ports, rows, ({ nonce, ts }) =>
    Promise.resolve({ type: 'connect', key, role: 'chat', scopes: [], ts, nonce, signature: 's' }),
  );
  conversation.start();
  return conversation;
}

/** Rows as several tabs see them: a change is told to every other tab. */
export function sharedRows(): () => Rows {
  const rows = memoryRows();
  const tabs = new Set<() => void>();
  return () => {
    let told: () => void = () => {};
    const others = (): void => {
      for (const other of tabs) if (other !== told) other();
    };
    return {
      all: () => rows.all(),
      put: (row: Outgoing) => {
        rows.put(row);
        others();
      },
      remove: (id) => {
        rows.remove(id);
        others();
      },
      watch: (changed) => {
        told = changed;
        tabs.add(changed);
        return () => tabs.delete(changed);
      },
    };
  };
}

/** Lets promises settle: the proof of the key is asynchronous. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
}

/** Carries everything both ways until nothing moves. */
export async function quiet(gateway: FakeGateway): Promise<void> {
  for (let turn = 0; turn < 6; turn += 1) {
    gateway.down(Number.POSITIVE_INFINITY);
    await settled();
    gateway.up(Number.POSITIVE_INFINITY);
    await settled();
  }
}
