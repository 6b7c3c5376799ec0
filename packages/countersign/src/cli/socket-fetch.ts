// `fetch` over a local socket: one request, one connection, HTTP/1.1 on node:net. node:http would do the same and costs
// more to load than the whole command (measured: 2.8 times a bare start against 1.1). The peer is our own gateway.
// Invariants: an answer is whole or a failure; `NotListening` means that nothing was sent, so that the caller may do the
// work another way.
import { createConnection, type Socket } from 'node:net';
import type { FetchAnswer, FetchInit } from '@countersign/protocol/client';
import { visible } from '@countersign/protocol/display';
import { Problem } from '@countersign/protocol/problem';

/** Nobody answers on that socket: there is none, or it was left behind by a dead gateway. */
export class NotListening extends Error {}

/** `body` gives the bytes as they come, once; so does a Response of an app in this process. */
export interface StreamedAnswer extends FetchAnswer {
  readonly body?: AsyncIterable<Uint8Array> | null;
}

export function socketFetch(socketPath: string, timeoutMs: number) {
  return async (path: string, init: FetchInit): Promise<StreamedAnswer> => {
    const asked = requestBytes(path, init);
    const socket = createConnection({ path: socketPath });
    socket.setTimeout(timeoutMs, () => socket.destroy(slow(timeoutMs)));
    const giveUp = () => socket.destroy(new Problem('gateway_down', { detail: 'the call was given up' }));
    init.signal?.addEventListener('abort', giveUp, { once: true });
    socket.once('close', () => init.signal?.removeEventListener('abort', giveUp));
    socket.write(asked);
    const bytes = new Incoming(socket);
    const [first = '', ...lines] = (await bytes.until('\r\n\r\n')).toLowerCase().split('\r\n');
    const status = Number(/^http\/1\.[01] (\d{3})/.exec(first)?.[1]);
    if (Number.isNaN(status)) throw cutShort();
    const body = bodyOf(bytes, lines);
    return { status, body, text: () => textOf(body) };
  };
}

function requestBytes(path: string, { method, body, headers = {} }: FetchInit): string {
  const head = [
    `${method} ${path} HTTP/1.1`,
    'host: localhost',
    'accept: application/json',
    'connection: close',
  ];
  for (const [name, value] of Object.entries(headers)) {
    // Whatever is not printable ASCII could end the line and begin another one.
    if (!/^[\w-]+$/.test(name) || !/^[\x20-\x7e]*$/.test(value))
      throw new Problem('request_malformed', { detail: `${visible(name)} holds what no header can hold` });
    head.push(`${name}: ${value}`);
  }
  if (body !== undefined)
    head.push('content-type: application/json', `content-length: ${Buffer.byteLength(body)}`);
  return `${head.join('\r\n')}\r\n\r\n${body ?? ''}`;
}

async function* bodyOf(bytes: Incoming, lines: readonly string[]): AsyncGenerator<Uint8Array> {
  const header = (name: string) =>
    lines
      .find((line) => line.startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  const length = header('content-length');
  if (header('transfer-encoding') !== 'chunked')
    return yield* bytes.take(length === undefined ? Infinity : Number(length));
  for (;;) {
    const size = Number.parseInt(await bytes.until('\r\n'), 16);
    if (Number.isNaN(size)) throw cutShort();
    if (size === 0) return;
    yield* bytes.take(size);
    await bytes.until('\r\n');
  }
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

/** What has come and was not read yet. */
class Incoming {
  readonly #chunks: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.#chunks = socket[Symbol.asyncIterator]();
  }

  /** The text up to `mark`, which is taken too. */
  async until(mark: string): Promise<string> {
    for (;;) {
      const at = this.#held.indexOf(mark);
      if (at >= 0) {
        const text = this.#held.toString('latin1', 0, at);
        this.#held = this.#held.subarray(at + mark.length);
        return text;
      }
      if (!(await this.#more())) throw cutShort();
    }
  }

  /** Exactly `count` bytes; all until the end when it is Infinity. */
  async *take(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0; ) {
      if (this.#held.length === 0 && !(await this.#more())) {
        if (left === Infinity) return;
        throw cutShort();
      }
      const part = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  async #more(): Promise<boolean> {
    try {
      const { done, value } = await this.#chunks.next();
      if (done === true) return false;
      this.#held = this.#held.length === 0 ? value : Buffer.concat([this.#held, value]);
      return true;
    } catch (error) {
      throw error instanceof Problem ? error : unreachable(error);
    }
  }
}

const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'ENOTDIR']);

function unreachable(cause: unknown): Error {
  const { code, syscall }: NodeJS.ErrnoException = cause instanceof Error ? cause : new Error(String(cause));
  if (syscall === 'connect' && ABSENT.has(code ?? ''))
    return new NotListening('nobody listens there', { cause });
  if (code === 'EACCES' || code === 'EPERM') {
    return new Problem('auth_forbidden', {
      detail: 'the gateway on this home belongs to another user of this machine',
      hint: 'run this as that user, or set COUNTERSIGN_HOME',
      cause,
    });
  }
  return new Problem('gateway_down', { detail: 'the gateway went away in the middle of the call', cause });
}

function cutShort(): Problem {
  return new Problem('gateway_down', { detail: 'the gateway went away before its answer was complete' });
}

/** O-10: slow is said to be slow, and never anything else. */
function slow(timeoutMs: number): Problem {
  return new Problem('gateway_timeout', {
    detail: `the gateway did not answer within ${timeoutMs / 1000} seconds`,
  });
}
