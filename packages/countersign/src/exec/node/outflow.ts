// What a command prints, on its way to whoever asked: in order, once each, no faster than it is taken. The command waits
// where nobody takes it; where nobody is left to take it, it is dropped, and the command goes on.
import { MAX_OUTPUT_BYTES, MAX_UNACKED, type NodeSays } from '@countersign/protocol/exec';

/** Read from the command and not sent yet. */
const HIGH_BYTES = 256 * 1024;

type Stream = 'out' | 'err';
type Numbered = Extract<NodeSays, { type: 'exec.output' | 'exec.ended' }>;
type End = Omit<Extract<NodeSays, { type: 'exec.ended' }>, 'type' | 'job' | 'seq'>;

export class Outflow {
  readonly #job: string;
  readonly #send: (frame: NodeSays) => void;
  #queue: { readonly stream: Stream; readonly bytes: Buffer }[] = [];
  #queued = 0;
  #unacked: Numbered[] = [];
  #seq = 0;
  #end: End | null = null;
  #isEnded = false;
  #isDropped = false;
  #roomy: PromiseWithResolvers<void> | null = null;

  constructor(job: string, send: (frame: NodeSays) => void) {
    this.#job = job;
    this.#send = send;
  }

  /** Everything was taken, or nobody takes it. */
  get isDone(): boolean {
    return this.#isDropped || (this.#isEnded && this.#unacked.length === 0);
  }

  /** Resolves when there is room for more. */
  write(stream: Stream, bytes: Uint8Array): Promise<void> {
    if (this.#isDropped) return Promise.resolve();
    for (let at = 0; at < bytes.length; at += MAX_OUTPUT_BYTES)
      this.#queue.push({ stream, bytes: Buffer.from(bytes.subarray(at, at + MAX_OUTPUT_BYTES)) });
    this.#queued += bytes.length;
    this.#pump();
    if (this.#queued <= HIGH_BYTES) return Promise.resolve();
    this.#roomy ??= Promise.withResolvers();
    return this.#roomy.promise;
  }

  end(end: End): void {
    this.#end = end;
    this.#pump();
  }

  acknowledge(seq: number): void {
    this.#unacked = this.#unacked.filter((frame) => frame.seq > seq);
    this.#pump();
  }

  /** The socket is another one: what was not acknowledged may not have come through. */
  again(): void {
    for (const frame of this.#unacked) this.#send(frame);
  }

  drop(): void {
    this.#isDropped = true;
    this.#queue = [];
    this.#queued = 0;
    this.#unacked = [];
    this.#makeRoom();
  }

  #pump(): void {
    while (!this.#isDropped && !this.#isEnded && this.#unacked.length < MAX_UNACKED) {
      const next = this.#take();
      if (next !== null) {
        const { stream, bytes } = next;
        this.#number((seq) => ({
          ...{ type: 'exec.output' as const, job: this.#job, seq, stream },
          data: bytes.toString('base64'),
        }));
      } else if (this.#end !== null) {
        const end = this.#end;
        this.#isEnded = true;
        this.#number((seq) => ({ type: 'exec.ended' as const, job: this.#job, seq, ...end }));
      } else break;
    }
    if (this.#queued <= HIGH_BYTES) this.#makeRoom();
  }

  /** The next, with what follows it on the same stream as far as it fits: many small writes are one frame. */
  #take(): { readonly stream: Stream; readonly bytes: Buffer } | null {
    const first = this.#queue.shift();
    if (first === undefined) return null;
    const parts = [first.bytes];
    let size = first.bytes.length;
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      if (next.stream !== first.stream || size + next.bytes.length > MAX_OUTPUT_BYTES) break;
      this.#queue.shift();
      parts.push(next.bytes);
      size += next.bytes.length;
    }
    this.#queued -= size;
    return { stream: first.stream, bytes: Buffer.concat(parts) };
  }

  #number(frame: (seq: number) => Numbered): void {
    this.#seq += 1;
    const numbered = frame(this.#seq);
    this.#unacked.push(numbered);
    this.#send(numbered);
  }

  #makeRoom(): void {
    this.#roomy?.resolve();
    this.#roomy = null;
  }
}
