// When browsers are told: a moment after something began to wait, so that a crowd is one notification, and again where a
// push service was busy. Timers live here; who is told, and whether anything still waits, is asked when they go off.
import { Problem } from '@countersign/protocol/problem';
import type { EventType } from '../core/audit/event.ts';
import type { Clock, Log, Millis } from '../core/ports.ts';
import { kindsOf, type NoticeKind } from '../core/push/notice.ts';
import type { Again, Pushes } from '../core/push/pushes.ts';

export interface BellPace {
  /** What begins to wait within it is one notification. */
  readonly gatherMs: number;
  /** Of one kind there is no second one sooner. */
  readonly quietMs: number;
}

export const PACE: BellPace = { gatherMs: 2_000, quietMs: 60_000 };
/** Retries that wait at once: beyond that a service is down, and the next notification tries it again. */
const MAX_WAITING = 200;

interface Ports {
  readonly pushes: Pick<Pushes, 'tell' | 'again'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly pace?: BellPace;
}

export class PushBell {
  readonly #ports: Ports;
  readonly #pace: BellPace;
  readonly #last = new Map<NoticeKind, Millis>();
  readonly #kinds = new Map<NoticeKind, NodeJS.Timeout>();
  readonly #retries = new Set<NodeJS.Timeout>();
  readonly #work = new Set<Promise<void>>();
  #over = false;

  constructor(ports: Ports) {
    this.#ports = ports;
    this.#pace = ports.pace ?? PACE;
  }

  /** The events of one commit. */
  readonly committed = (types: { keys(): Iterable<EventType> }): void => {
    for (const kind of kindsOf(types.keys())) this.#ring(kind);
  };

  /** Resolves when no notification is under way any more; those that wait are given up. */
  async stop(): Promise<void> {
    this.#over = true;
    for (const timer of [...this.#kinds.values(), ...this.#retries]) clearTimeout(timer);
    await Promise.all(this.#work);
  }

  #ring(kind: NoticeKind): void {
    if (this.#over || this.#kinds.has(kind)) return;
    const { gatherMs, quietMs } = this.#pace;
    const last = this.#last.get(kind);
    // A clock that was set back makes nobody wait longer than that.
    const quiet = last === undefined ? 0 : Math.min(quietMs, last + quietMs - this.#ports.clock.now());
    const timer = setTimeout(() => this.#goOff(kind), Math.max(gatherMs, quiet));
    timer.unref();
    this.#kinds.set(kind, timer);
  }

  #goOff(kind: NoticeKind): void {
    this.#kinds.delete(kind);
    this.#last.set(kind, this.#ports.clock.now());
    this.#run(async () => {
      for (const again of await this.#ports.pushes.tell(kind)) this.#later(again);
    });
  }

  #later(again: Again): void {
    if (this.#over || this.#retries.size >= MAX_WAITING) return;
    const timer = setTimeout(() => {
      this.#retries.delete(timer);
      this.#run(async () => {
        const more = await this.#ports.pushes.again(again);
        if (more !== null) this.#later(more);
      });
    }, again.afterMs);
    timer.unref();
    this.#retries.add(timer);
  }

  #run(work: () => Promise<void>): void {
    const done = work()
      .catch((cause: unknown) => this.#ports.log.error('push.broken', { reason: Problem.codeOf(cause) }))
      .finally(() => this.#work.delete(done));
    this.#work.add(done);
  }
}
