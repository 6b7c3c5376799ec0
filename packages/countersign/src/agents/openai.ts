// Any OpenAI-compatible endpoint as an Agent. It hears text, correlation headers, and who is asked for where the
// configuration says so for that very origin; it can end in an answer, in `agent_unreachable` (nothing was said, ask again) or in `agent_malformed`, and in nothing else.
import { Problem } from '@countersign/protocol/problem';
import { type Dispatcher, errors, Pool } from 'undici';
import type { Agent, Carried, Question } from '../core/agent-port.ts';
import type { Log } from '../core/ports.ts';
import { CompletionReader, malformed } from './completion.ts';
import { refusal } from './refusal.ts';

const CONNECT_MS = 5_000;
/** How long usage figures and `[DONE]` may come after the reason to stop. */
const LAST_WORDS_MS = 1_000;

export interface OpenAiSettings {
  /** The base, as in `http://127.0.0.1:18789/v1`. */
  readonly url: string;
  readonly model: string;
  readonly apiKey: { reveal(): string } | null;
}

export class OpenAiAgent implements Pick<Agent, 'ask'> {
  readonly #settings: OpenAiSettings;
  readonly #log: Log;
  readonly #origin: string;
  readonly #path: string;
  readonly #pool: Pool;

  constructor(settings: OpenAiSettings, log: Log) {
    const url = new URL(settings.url);
    const base = url.pathname.replace(/\/+$/, '');
    this.#settings = settings;
    this.#log = log;
    this.#origin = url.origin;
    this.#path = `${base}/chat/completions`;
    // HTTP/1.1, so that giving up closes the socket and the upstream sees it. How long an answer may take is the signal's.
    this.#pool = new Pool(url.origin, {
      allowH2: false,
      connect: { timeout: CONNECT_MS },
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  async ask(question: Question, onText: (piece: string) => void, signal: AbortSignal): Promise<string> {
    const reader = new CompletionReader(onText);
    try {
      const response = await this.#pool.request(this.#request(question, signal)).catch(notHttp);
      if (response.statusCode !== 200) throw await refusal(response);
      await read(response, reader);
      const { text, toolCalls } = reader.end();
      if (toolCalls) this.#log.info('agent.tool_calls_ignored', { turn: question.turn });
      return text;
    } catch (cause) {
      throw failure(cause, reader.begun, signal);
    }
  }

  #request(question: Question, signal: AbortSignal): Dispatcher.RequestOptions {
    const { requestId, turn, traceparent, history, text, carried } = question;
    const { model, apiKey } = this.#settings;
    const earlier = history.flatMap(({ user, assistant }) => [
      { role: 'user', content: user },
      { role: 'assistant', content: assistant },
    ]);
    const messages = [...earlier, { role: 'user', content: text }];
    return {
      method: 'POST',
      path: this.#path,
      signal,
      // A connection of its own: one kept alive that the server has just closed would look like an absent agent.
      reset: true,
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream, application/json',
        'user-agent': 'countersign',
        'x-client-request-id': requestId,
        'x-countersign-turn': turn,
        traceparent,
        ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey.reveal()}` }),
        // The configuration may have changed since it was made: it goes where it was made for, or nowhere.
        ...(carried?.origins.includes(this.#origin) === true ? identityHeaders(carried) : {}),
      },
      body: JSON.stringify({ model, stream: true, messages }),
    };
  }
}

/** Both, or neither: the handle without the bearer would be a name without a proof. */
function identityHeaders({ header, bearer, handle }: Carried): Record<string, string> {
  const value = header === 'authorization' ? `Bearer ${bearer}` : bearer;
  return { [header]: value, 'x-countersign-session': handle };
}

/** Reads until the answer is over: not every server ends the connection there, and not every one says `[DONE]`. */
async function read({ headers, body }: Dispatcher.ResponseData, reader: CompletionReader): Promise<void> {
  // An abort between two reads is told by an event, and an error event that nobody hears ends the process.
  body.on('error', () => {});
  let lastWords: NodeJS.Timeout | undefined;
  try {
    if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
      throw malformed('the agent compressed its answer, which nobody asked for');
    }
    for await (const chunk of body) {
      reader.feed(chunk);
      if (reader.done) return;
      if (reader.finished) lastWords ??= setTimeout(() => body.destroy(), LAST_WORDS_MS);
    }
  } catch (cause) {
    // What breaks after the agent said that it was through takes nothing away from the answer.
    if (cause instanceof Problem || !reader.finished) throw cause;
  } finally {
    clearTimeout(lastWords);
    body.destroy();
  }
}

/** Before the head of a response a parser's complaint means another protocol; after it, that the connection broke. */
function notHttp(cause: unknown): never {
  if (cause instanceof errors.HTTPParserError || cause instanceof errors.HeadersOverflowError) {
    throw malformed('the agent does not speak HTTP', cause);
  }
  throw cause;
}

function failure(cause: unknown, begun: boolean, signal: AbortSignal): Problem {
  if (cause instanceof Problem) return cause;
  if (signal.aborted) {
    const late = signal.reason instanceof Error && signal.reason.name === 'TimeoutError';
    const detail = late ? 'the agent did not finish in time' : 'the question was called off';
    return new Problem('agent_unreachable', { detail, cause });
  }
  if (cause instanceof errors.InvalidArgumentError) {
    return malformed('the request cannot be sent: agent.url or agent.apiKey holds what no header can', cause);
  }
  if (begun) return malformed('the answer of the agent ends in the middle', cause);
  return new Problem('agent_unreachable', { detail: `the agent did not answer${nameOf(cause)}`, cause });
}

/** The name of a network error: ECONNREFUSED, UND_ERR_SOCKET. Never its message. */
function nameOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,63}$/.test(code) ? ` (${code})` : '';
}
