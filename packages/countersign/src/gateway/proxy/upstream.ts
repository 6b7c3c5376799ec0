// The way to the upstream and back: bytes pipe through with backpressure, nothing is held, and whoever of the two ends
// goes away takes the other with it. Invariant: an answer that broke off never looks whole, and a redirect is only told.
import type { ServerResponse } from 'node:http';
import { Problem } from '@countersign/protocol/problem';
import { type Dispatcher, errors, Pool } from 'undici';
import { forCaller, type HeaderList } from './claimed-headers.ts';
import { type Usage, UsageReader } from './usage.ts';

const CONNECT_MS = 10_000;

export interface UpstreamSettings {
  /** The base, as in `https://api.example/v1`. */
  readonly upstream: string;
  /** How long it may stay silent, before its answer and in it. */
  readonly timeoutMs: number;
}

export interface Asked {
  readonly method: 'GET' | 'POST';
  /** Below the base, with its query. */
  readonly path: string;
  readonly headers: HeaderList;
  readonly body: Buffer | null;
}

/** How an exchange ended. */
export interface Passed {
  readonly status: number;
  readonly bytes: number;
  readonly usage: Usage | null;
  /** `aborted` by the caller; `broken` by the upstream, or the way to it, in the middle. */
  readonly end: 'whole' | 'aborted' | 'broken';
}

export class Upstream {
  readonly origin: string;
  readonly #base: string;
  readonly #pool: Pool;
  readonly #timeoutMs: number;

  constructor({ upstream, timeoutMs }: UpstreamSettings) {
    const url = new URL(upstream);
    this.origin = url.origin;
    this.#base = url.pathname.replace(/\/+$/, '');
    this.#timeoutMs = timeoutMs;
    // HTTP/1.1: a caller who gives up closes a socket, and every upstream understands that.
    this.#pool = new Pool(url.origin, {
      allowH2: false,
      connect: { timeout: Math.min(CONNECT_MS, timeoutMs) },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
  }

  /** Resolves when the exchange is over, however. @param more headers of our own on the answer.
   * @throws Problem `upstream_unreachable`, `upstream_timeout` while nothing was passed on. */
  pass({ method, path, headers, body }: Asked, response: ServerResponse, more: HeaderList): Promise<Passed> {
    return new Promise((resolve, reject) => {
      const passing = new Passing(response, more, this.#timeoutMs, resolve, reject);
      this.#pool.dispatch({ method, path: `${this.#base}${path}`, headers: [...headers], body }, passing);
    });
  }

  /** New calls go elsewhere; those under way end by themselves. */
  retire(): void {
    this.#pool.close().catch(() => {});
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}

class Passing implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse;
  readonly #more: HeaderList;
  readonly #stallMs: number;
  readonly #resolve: (passed: Passed) => void;
  readonly #reject: (problem: Problem) => void;
  #controller: Dispatcher.DispatchController | null = null;
  #usage: UsageReader | null = null;
  #arrived: Buffer[] = [];
  #status = 0;
  #bytes = 0;
  #isAborted = false;
  #isOver = false;
  #stalled: NodeJS.Timeout | null = null;

  constructor(
    response: ServerResponse,
    more: HeaderList,
    stallMs: number,
    resolve: (passed: Passed) => void,
    reject: (problem: Problem) => void,
  ) {
    this.#response = response;
    this.#more = more;
    this.#stallMs = stallMs;
    this.#resolve = resolve;
    this.#reject = reject;
    if (response.destroyed) this.#abort();
    else response.on('close', this.#abort);
  }

  /** The caller went away before the answer was whole. */
  readonly #abort = (): void => {
    if (this.#isOver || this.#response.writableFinished) return;
    this.#isAborted = true;
    this.#controller?.abort(new Error('the caller went away'));
  };

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isAborted) controller.abort(new Error('the caller went away'));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    // Interim answers (103 and its like) are between two neighbours.
    if (status < 200) return;
    const raw = textOf(controller.rawHeaders);
    this.#status = status;
    this.#response.writeHead(status, [...forCaller(raw), ...this.#more]);
    if (!isCompressed(raw)) this.#usage = new UsageReader();
    // The head goes with the first bytes when they are here already, and alone when they let people wait.
    setImmediate(() => {
      if (!this.#isOver && this.#bytes === 0) this.#response.flushHeaders();
    });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    this.#usage?.see(chunk);
    this.#arrived.push(chunk);
    // What came in one read goes on in one write, as soon as the read is over: no piece waits for the next read.
    if (this.#arrived.length === 1) queueMicrotask(() => this.#write(controller));
  }

  #write(controller: Dispatcher.DispatchController): void {
    if (this.#isOver || this.#arrived.length === 0 || this.#response.write(this.#taken())) return;
    controller.pause();
    this.#response.once('drain', () => {
      if (this.#stalled !== null) clearTimeout(this.#stalled);
      this.#stalled = null;
      controller.resume();
    });
    // H63: who asks and does not read holds the upstream no longer than an upstream may stay silent.
    this.#stalled ??= setTimeout(() => this.#response.destroy(), this.#stallMs);
  }

  #taken(): Buffer {
    const [only] = this.#arrived;
    const bytes = this.#arrived.length === 1 && only !== undefined ? only : Buffer.concat(this.#arrived);
    this.#arrived = [];
    return bytes;
  }

  onResponseEnd(): void {
    if (this.#arrived.length > 0) this.#response.end(this.#taken());
    else this.#response.end();
    this.#finish('whole');
  }

  onResponseError(_controller: Dispatcher.DispatchController, cause: Error): void {
    if (this.#isAborted) {
      this.#response.destroy();
      this.#finish('aborted');
    } else if (this.#status === 0) {
      this.#over();
      this.#reject(problemOf(cause));
    } else {
      this.#response.destroy();
      this.#finish('broken');
    }
  }

  #finish(end: Passed['end']): void {
    this.#over();
    this.#resolve({ status: this.#status, bytes: this.#bytes, usage: this.#usage?.read() ?? null, end });
  }

  #over(): void {
    this.#isOver = true;
    this.#response.off('close', this.#abort);
    if (this.#stalled !== null) clearTimeout(this.#stalled);
  }
}

function textOf(raw: Dispatcher.DispatchController['rawHeaders']): string[] {
  if (!Array.isArray(raw)) return [];
  return raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1')));
}

function isCompressed(raw: HeaderList): boolean {
  return raw.some((name, at) => at % 2 === 0 && name.toLowerCase() === 'content-encoding');
}

function problemOf(cause: Error): Problem {
  if (cause instanceof errors.HeadersTimeoutError || cause instanceof errors.BodyTimeoutError)
    return new Problem('upstream_timeout', { cause });
  if (cause instanceof errors.ConnectTimeoutError)
    return new Problem('upstream_timeout', { detail: 'the upstream cannot be reached in time', cause });
  if (cause instanceof errors.InvalidArgumentError)
    return new Problem('request_malformed', { detail: 'the path or a header cannot be sent on', cause });
  if (cause instanceof errors.HTTPParserError)
    return new Problem('upstream_unreachable', { detail: 'the upstream does not speak HTTP', cause });
  return new Problem('upstream_unreachable', {
    detail: `the upstream did not answer${nameOf(cause)}`,
    cause,
  });
}

/** The name of a network error: ECONNREFUSED, UND_ERR_SOCKET. Never its message. */
function nameOf(cause: Error): string {
  const code = 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,63}$/.test(code) ? ` (${code})` : '';
}
