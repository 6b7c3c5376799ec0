// One command on its way to a machine elsewhere, as long as this process lives: who asked, how far it is, and what it printed
// that nobody has taken yet. What it may do stands in the store; here is only what is waited for.
import { CHANGEABLE } from '@countersign/protocol/approval';
import { MAX_UNACKED, type NodeHears, type NodeSays } from '@countersign/protocol/exec';
import type { ApprovalId, DeviceId, JobId, TokenId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Millis } from '../core/ports.ts';

/** Kept for whoever asked; beyond it the machine waits, and so does the command. */
const BUFFER_BYTES = 512 * 1024;

type Output = Extract<NodeSays, { type: 'exec.output' }>;
type Ended = Extract<NodeSays, { type: 'exec.ended' }>;

export interface Chunk {
  readonly seq: number;
  readonly stream: 'out' | 'err';
  readonly data: string;
}

export interface RunEnded {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly outputDigest?: string | undefined;
  readonly outputSize?: number | undefined;
  readonly changed?: 'program' | 'script' | undefined;
}

export type JobState = 'deriving' | 'asked' | 'granted' | 'running' | 'ended' | 'refused' | 'lost';

export interface NotRun {
  readonly why?: string;
  readonly hint?: string;
  readonly field?: string;
}

export const ALONE: NotRun = { why: 'nobody waited for it any more' };
export const ENDED: NotRun = { why: 'the token of the program that asked was revoked' };

/** What a machine says has changed, where that is a word of ours. */
export function changedOf({ field }: NotRun): (typeof CHANGEABLE)[number] | undefined {
  return CHANGEABLE.find((one) => one === field);
}

interface Begun {
  readonly id: JobId;
  readonly device: DeviceId;
  readonly token: TokenId;
  readonly now: Millis;
  send(frame: NodeHears): void;
}

export class ExecJob {
  readonly id: JobId;
  readonly device: DeviceId;
  readonly token: TokenId;
  approval: ApprovalId | null = null;
  state: JobState = 'deriving';
  version = 1;
  dropped = 0;
  end: RunEnded | null = null;
  notRun: NotRun = {};
  /** When somebody last looked; null while somebody waits. */
  lookedAt: Millis | null;
  overAt: Millis | null = null;
  readonly #send: Begun['send'];
  readonly #waiting = new Set<() => void>();
  #chunks: Chunk[] = [];
  #buffered = 0;
  #received = 0;
  #acked = 0;
  #isDiscarding = false;
  #lookers = 0;

  constructor({ id, device, token, now, send }: Begun) {
    this.id = id;
    this.device = device;
    this.token = token;
    this.lookedAt = now;
    this.#send = send;
  }

  get isOver(): boolean {
    return this.overAt !== null;
  }

  /** Nothing of it has begun, as far as is known here. */
  get isAhead(): boolean {
    return this.state === 'deriving' || this.state === 'asked';
  }

  /** Bytes of output that are kept for whoever asked. */
  get kept(): number {
    return this.#buffered;
  }

  get output(): readonly Chunk[] {
    return this.#chunks;
  }

  move(state: 'asked' | 'granted' | 'running'): void {
    if (this.isOver || this.state === state) return;
    this.state = state;
    this.#changed();
  }

  /** The first end stands. */
  refuse(notRun: NotRun, now: Millis): void {
    this.#over('refused', now, () => {
      this.notRun = { ...this.notRun, ...notRun };
    });
  }

  lose(now: Millis): void {
    this.#over('lost', now, () => undefined);
  }

  finish(end: RunEnded, now: Millis): void {
    this.#over('ended', now, () => {
      this.end = end;
    });
  }

  /** What it printed, once each and in order. @throws Problem `request_malformed`: that is no order. */
  take({ seq, stream, data }: Output): void {
    if (!this.#isNext(seq)) return;
    const bytes = bytesOf(data);
    if (this.#isDiscarding || this.isOver) this.dropped += bytes;
    else {
      this.#chunks.push({ seq, stream, data });
      this.#buffered += bytes;
      this.#changed();
    }
    this.#acknowledge();
  }

  /** Its machine says that it is over. */
  hearEnd({ type: _, job: __, seq, ...end }: Ended, now: Millis): void {
    if (!this.#isNext(seq)) return;
    this.#send({ type: 'exec.ack', job: this.id, seq });
    this.#acked = seq;
    this.finish(end, now);
  }

  /** Everything up to there was taken by whoever asked. */
  taken(upTo: number): void {
    this.#chunks = this.#chunks.filter(({ seq }) => seq > upTo);
    this.#buffered = this.#chunks.reduce((sum, { data }) => sum + bytesOf(data), 0);
    this.#isDiscarding = false;
    this.#acknowledge();
  }

  /** Nobody reads: the command does not wait for ever, and what it prints is gone. */
  discard(): void {
    if (this.#isDiscarding) return;
    this.#isDiscarding = true;
    this.dropped += this.#buffered;
    this.#chunks = [];
    this.#buffered = 0;
    this.#acknowledge();
  }

  /** Resolves once something is newer than `version`, or `end` aborts. */
  async newer(version: number, end: AbortSignal, now: () => Millis): Promise<void> {
    this.#lookers += 1;
    this.lookedAt = null;
    try {
      while (this.version <= version && !end.aborted && !this.isOver) await this.#next(end);
    } finally {
      this.#lookers -= 1;
      if (this.#lookers === 0) this.lookedAt = now();
    }
  }

  #next(end: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        end.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      end.addEventListener('abort', wake);
    });
  }

  /** False for what was had before: its acknowledgement was lost. */
  #isNext(seq: number): boolean {
    if (seq <= this.#received) {
      this.#acknowledge();
      return false;
    }
    if (seq !== this.#received + 1 || seq - this.#acked > MAX_UNACKED)
      throw new Problem('request_malformed', { detail: 'output that is not the next' });
    this.#received = seq;
    return true;
  }

  #acknowledge(): void {
    if (this.#buffered > BUFFER_BYTES || this.#acked === this.#received) return;
    this.#acked = this.#received;
    this.#send({ type: 'exec.ack', job: this.id, seq: this.#acked });
  }

  #over(state: 'ended' | 'refused' | 'lost', now: Millis, say: () => void): void {
    if (this.isOver) return;
    say();
    this.state = state;
    this.overAt = now;
    this.#changed();
  }

  #changed(): void {
    this.version += 1;
    for (const wake of [...this.#waiting]) wake();
  }
}

function bytesOf(base64: string): number {
  return Math.floor((base64.length * 3) / 4);
}
