// Lines of a log file, whole lines only; with `follow` also those that come, over a rotation: the old file is read to its
// end before the new one is begun.
import { type FileHandle, open, stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

export interface ReadOptions {
  readonly follow: boolean;
  /** Only lines from this moment on; without it the last 200. */
  readonly since?: number | undefined;
  readonly everyMs?: number;
  readonly signal?: AbortSignal;
}

const LAST_LINES = 200;
const CHUNK = 64 * 1024;
const LOOK_EVERY_MS = 200;

export async function* readLog(path: string, options: ReadOptions): AsyncGenerator<string> {
  const { since, follow } = options;
  if (since !== undefined) {
    for await (const line of linesOf(`${path}.1`)) if (isSince(line, since)) yield line;
  }
  const kept: string[] = [];
  const tail = new Tail(path);
  try {
    for await (const line of tail.toEnd()) {
      if (since === undefined) {
        kept.push(line);
        if (kept.length > LAST_LINES) kept.shift();
      } else if (isSince(line, since)) yield line;
    }
    yield* kept;
    while (follow && options.signal?.aborted !== true) {
      yield* tail.toEnd();
      if (await tail.wasReplaced()) {
        // Between our last look and the rotation a line may have come.
        yield* tail.toEnd();
        await tail.close();
      } else await wait(options.everyMs ?? LOOK_EVERY_MS);
    }
    if (!follow && tail.rest !== '') yield tail.rest;
  } finally {
    await tail.close();
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const tail = new Tail(path);
  try {
    yield* tail.toEnd();
  } finally {
    await tail.close();
  }
}

function isSince(line: string, since: number): boolean {
  const time = /"time":"([^"]+)"/.exec(line)?.[1];
  // A line without a time belongs to the one before it; it is better shown than lost.
  return time === undefined || !(Date.parse(time) < since);
}

/** One open file, and how far it was read. */
class Tail {
  /** What has come of a line that has no end yet. */
  rest = '';
  readonly #path: string;
  #handle: FileHandle | undefined;
  #at = 0;
  #decoder = new TextDecoder();

  constructor(path: string) {
    this.#path = path;
  }

  async *toEnd(): AsyncGenerator<string> {
    this.#handle ??= await openOrNothing(this.#path);
    const buffer = Buffer.alloc(CHUNK);
    for (;;) {
      const { bytesRead } = (await this.#handle?.read(buffer, 0, CHUNK, this.#at)) ?? { bytesRead: 0 };
      if (bytesRead === 0) return;
      this.#at += bytesRead;
      const lines = (this.rest + this.#decoder.decode(buffer.subarray(0, bytesRead), { stream: true })).split(
        '\n',
      );
      this.rest = lines.pop() ?? '';
      yield* lines.filter((line) => line !== '');
    }
  }

  /** True when the path names another file now, or this one was cut: begin again. */
  async wasReplaced(): Promise<boolean> {
    const [now, ours] = [await statOrNothing(this.#path), await this.#handle?.stat()];
    if (now === undefined) return false;
    return ours === undefined || now.ino !== ours.ino || now.size < this.#at;
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
    this.#at = 0;
    this.rest = '';
    this.#decoder = new TextDecoder();
  }
}

async function openOrNothing(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function statOrNothing(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
