// An OpenAI-compatible server on loopback that does what it is told, well or badly, and remembers what it was asked.
// It is no model and no mock of ours: every agent test speaks to it over a real socket.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause, setImmediate } from 'node:timers/promises';

/** What happens to one request. */
export type Script =
  /** A proper stream: role, the pieces, a reason to stop, usage, [DONE]. */
  | { readonly says: readonly string[]; readonly everyMs?: number }
  /** A proper answer in one JSON document, as servers give that cannot stream. */
  | { readonly whole: string }
  /** A status and a body: away, overloaded, refused, moved. */
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  /** These very bytes, one write each, and then an end: by itself, by force, or never. */
  | {
      readonly bytes: readonly (string | Uint8Array)[];
      readonly end?: 'clean' | 'reset' | 'open';
      readonly type?: string;
      readonly everyMs?: number;
    }
  /** The connection is torn down before any byte. */
  | { readonly reset: true }
  /** Nothing, ever. */
  | { readonly silent: true }
  /** The last message comes back, so that conversations can be told apart. */
  | { readonly repeats: true };

export interface FakeRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The body as it came. */
  readonly text: string;
  readonly body: {
    readonly model?: string;
    readonly stream?: boolean;
    readonly messages?: readonly { readonly role: string; readonly content: string }[];
    readonly [key: string]: unknown;
  };
  /** Resolves when the exchange is over: true when it was cut by the client before we had ended it. */
  readonly cut: Promise<boolean>;
}

export class FakeOpenAi {
  readonly requests: FakeRequest[] = [];
  #usual: Script = { says: ['Hello', ' from', ' the fake.'] };
  #next: Script[] = [];
  #server: Server;
  #port = 0;

  private constructor() {
    this.#server = this.#make();
  }

  /** Starts one on a free port of 127.0.0.1. */
  static async start(usual?: Script): Promise<FakeOpenAi> {
    const fake = new FakeOpenAi();
    if (usual !== undefined) fake.usually(usual);
    await fake.comesBack();
    return fake;
  }

  /** The base to set as `agent.url`. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}/v1`;
  }

  /** From now on, every request. */
  usually(script: Script): void {
    this.#usual = script;
  }

  /** The next requests, one each; then as usual again. */
  next(...scripts: readonly Script[]): void {
    this.#next.push(...scripts);
  }

  /** Sockets open right now. */
  async connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
    });
  }

  /** Stops listening and drops every connection: whoever calls is refused. */
  async goesAway(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** Listens again, on the same port. */
  async comesBack(): Promise<void> {
    if (this.#server.listening) return;
    this.#server = this.#make();
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  #make(): Server {
    return createServer((request, response) => {
      const chunks: Buffer[] = [];
      // A client that gives up tears the socket down under us; the request says so through `cut`.
      request.on('error', () => {});
      response.on('error', () => {});
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const cut = new Promise<boolean>((resolve) => {
          response.on('close', () => resolve(!response.writableEnded));
        });
        const { url: path = '', headers } = request;
        const asked: FakeRequest = { path, headers, text, body: readBody(text), cut };
        this.requests.push(asked);
        const script = this.#next.shift() ?? this.#usual;
        play(script, asked, response).catch(() => response.destroy());
      });
    });
  }
}

function readBody(text: string): FakeRequest['body'] {
  try {
    return JSON.parse(text) as FakeRequest['body'];
  } catch {
    return {};
  }
}

async function play(script: Script, asked: FakeRequest, response: ServerResponse): Promise<void> {
  if ('silent' in script) return;
  if ('reset' in script) {
    response.socket?.resetAndDestroy();
  } else if ('status' in script) {
    response.writeHead(script.status, { 'content-type': 'application/json', ...script.headers });
    response.end(script.body ?? '');
  } else if ('whole' in script) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(wholeAnswer(script.whole));
  } else if ('bytes' in script) {
    await stream(response, script.bytes, script);
  } else {
    const says = 'says' in script ? script.says : [`You said: ${asked.body.messages?.at(-1)?.content ?? ''}`];
    await stream(response, properStream(says), { everyMs: 'says' in script ? (script.everyMs ?? 0) : 0 });
  }
}

async function stream(
  response: ServerResponse,
  bytes: readonly (string | Uint8Array)[],
  {
    end = 'clean',
    type = 'text/event-stream',
    everyMs = 0,
  }: Omit<Extract<Script, { bytes: unknown }>, 'bytes'>,
): Promise<void> {
  response.writeHead(200, { 'content-type': type });
  response.flushHeaders();
  for (const piece of bytes) {
    if (response.destroyed) return;
    await written(response, piece);
    if (everyMs > 0) await pause(everyMs);
  }
  if (end === 'clean') response.end();
  if (end === 'reset') {
    // A reset right behind the bytes could overtake them. Who reads in this process gets their turns for certain.
    await pause(50);
    for (let turn = 0; turn < 5; turn += 1) await setImmediate();
    response.socket?.resetAndDestroy();
  }
}

/** Resolves when the socket has taken `piece`, or will never take anything again. */
async function written(response: ServerResponse, piece: string | Uint8Array): Promise<void> {
  await new Promise<void>((resolve) => response.write(piece, () => resolve()));
}

/** One event of a stream, as most servers write it. */
export function event(delta: Readonly<Record<string, unknown>>, finish: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  return `data: ${JSON.stringify({ id: 'chatcmpl-fake', object: 'chat.completion.chunk', choices })}\n\n`;
}

/** The events of a proper stream that says `pieces`. */
export function properStream(pieces: readonly string[]): string[] {
  const usage = { prompt_tokens: 1, completion_tokens: pieces.length, total_tokens: pieces.length + 1 };
  return [
    event({ role: 'assistant', content: '' }),
    ...pieces.map((content) => event({ content })),
    event({}, 'stop'),
    `data: ${JSON.stringify({ id: 'chatcmpl-fake', choices: [], usage })}\n\n`,
    'data: [DONE]\n\n',
  ];
}

/** The document of an answer that is not streamed. */
export function wholeAnswer(content: unknown): string {
  const message = { role: 'assistant', content };
  return JSON.stringify({ id: 'chatcmpl-fake', choices: [{ index: 0, message, finish_reason: 'stop' }] });
}
