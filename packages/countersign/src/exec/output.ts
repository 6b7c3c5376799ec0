// What a command prints goes on as it comes, and is remembered by its content, its size and its end. What is shown to people
// later is the end alone.
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

/** Where it goes on to. */
export interface Sink {
  /** False once nobody reads there any more. Resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<boolean>;
}

export interface Recorded {
  readonly outputDigest: string;
  readonly outputSize: number;
  readonly output: string;
}

/** Of the report: its longest text. */
const KEPT = 65_536;

export class Recorder {
  readonly #hashes = { stdout: createHash('sha256'), stderr: createHash('sha256') };
  #size = 0;
  #end: Buffer = Buffer.alloc(0);

  add(stream: 'stdout' | 'stderr', bytes: Uint8Array): void {
    this.#hashes[stream].update(bytes);
    this.#size += bytes.length;
    this.#end = Buffer.concat([this.#end, bytes]).subarray(-KEPT);
  }

  /** Once. The digest is that of both digests, in hex, stdout's first: what came when is in neither. */
  recorded(): Recorded {
    const both = createHash('sha256');
    for (const hash of [this.#hashes.stdout, this.#hashes.stderr]) both.update(hash.digest('hex'));
    return { outputDigest: both.digest('hex'), outputSize: this.#size, output: this.#end.toString('utf8') };
  }
}

/** A program that is left behind may hold its output open for ever: so long after the end nothing has to come. */
const IDLE_MS = 1_000;

/** What a command prints, on its way. */
export class Flow {
  readonly #flows: Promise<unknown>[] = [];
  #writing = 0;
  #came = 0;

  /** To its end, or until nobody reads it: then whoever prints meets a closed pipe, as it would without us. */
  pass(from: AsyncIterable<Uint8Array>, to: Sink, record: (bytes: Uint8Array) => void): void {
    // A stream that breaks is one that nobody reads: what the command did is what it did.
    this.#flows.push(this.#pass(from, to, record).catch(() => {}));
  }

  /** Once the command has ended: resolves when all is through, or nothing comes any more. */
  async drained(): Promise<void> {
    let isOver = false;
    const all = Promise.all(this.#flows).then(() => {
      isOver = true;
    });
    for (let before = -1; !isOver && (this.#writing > 0 || before !== this.#came); ) {
      before = this.#came;
      await Promise.race([all, pause(IDLE_MS, undefined, { ref: false })]);
    }
  }

  async #pass(from: AsyncIterable<Uint8Array>, to: Sink, record: (bytes: Uint8Array) => void) {
    for await (const bytes of from) {
      this.#came += 1;
      record(bytes);
      this.#writing += 1;
      const isRead = await to.write(bytes).finally(() => {
        this.#writing -= 1;
      });
      if (!isRead) return;
    }
  }
}
