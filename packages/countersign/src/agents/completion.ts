// Reads one completion off the wire, pure: bytes in, pieces of text out. The same bytes give the same text however they
// were cut; what is not a completion is `agent_malformed`, and a problem never quotes what the agent sent.
import { Problem } from '@countersign/protocol/problem';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { type Choice, chunkSchema, errorName, type Message, textOf } from './completion-schema.ts';

/** Longest answer, in bytes of UTF-8. */
export const MAX_ANSWER = 1_048_576;
/** Longest line of a stream, longest stretch of it that carries no event. */
const MAX_LINE = 1_048_576;
/** An answer that came whole may be escaped, six bytes to one. */
const MAX_WHOLE = 8 * MAX_ANSWER;

export interface Completion {
  readonly text: string;
  /** The agent asked for tools: nothing here offers any, so the calls went nowhere. */
  readonly toolCalls: boolean;
}

export class CompletionReader {
  readonly #onText: (piece: string) => void;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  readonly #parser = createParser({
    maxBufferSize: MAX_LINE,
    onEvent: (event) => this.#event(event),
    onError: (error) => {
      // A line that is no field (HTML, say) is skipped as the standard wants it; a line without end is not.
      if (error.type === 'max-buffer-size-exceeded') throw malformed('the agent sent a line without end');
    },
  });
  #form: 'unknown' | 'events' | 'whole' = 'unknown';
  readonly #whole: string[] = [];
  /** Characters since the last event, or of the whole so far. */
  #unread = 0;
  readonly #pieces: string[] = [];
  #bytes = 0;
  /** Half of a surrogate pair that the agent cut in two. */
  #half = '';
  #finish: string | null = null;
  #done = false;
  #toolCalls = false;

  constructor(onText: (piece: string) => void) {
    this.#onText = onText;
  }

  /** True once the agent said `[DONE]`: nothing after it counts. */
  get done(): boolean {
    return this.#done;
  }

  /** True once the agent said that it was through, with `[DONE]` or a reason: the answer stands then. */
  get finished(): boolean {
    return this.#done || this.#finish !== null;
  }

  /** True from the first piece of text on: asking again would say it twice. */
  get begun(): boolean {
    return this.#bytes > 0;
  }

  /** @throws Problem `agent_malformed` */
  feed(bytes: Uint8Array): void {
    this.#text(this.#decode(bytes));
  }

  /**
   * The bytes ended.
   * @throws Problem `agent_malformed` when what came is not a whole answer.
   */
  end(): Completion {
    if (!this.finished) {
      this.#text(this.#decode());
      // Many servers leave out the blank line that ends the last event.
      if (this.#form === 'events') this.#parser.feed('\n\n');
      if (this.#form === 'whole') this.#readWhole();
    }
    if (!this.finished) throw malformed(this.#whatIsMissing());
    this.#say('', true);
    const text = this.#pieces.join('');
    if (text.trim() === '') throw malformed(this.#whyEmpty());
    return { text, toolCalls: this.#toolCalls };
  }

  #decode(bytes?: Uint8Array): string {
    try {
      return bytes === undefined ? this.#decoder.decode() : this.#decoder.decode(bytes, { stream: true });
    } catch (cause) {
      throw malformed('the agent sent bytes that are not text', cause);
    }
  }

  #text(text: string): void {
    if (text === '' || this.#done) return;
    // By its first character, for servers name the type wrongly: a stream of events never begins with a brace.
    if (this.#form === 'unknown' && text.trim() !== '') {
      this.#form = text.trimStart().startsWith('{') ? 'whole' : 'events';
    }
    this.#unread += text.length;
    if (this.#form === 'whole') {
      if (this.#unread > MAX_WHOLE) throw malformed('the answer of the agent is too long');
      this.#whole.push(text);
      return;
    }
    this.#parser.feed(text);
    if (this.#unread > MAX_LINE) throw malformed('the agent sends something that is not a stream of events');
  }

  #event({ event, data }: EventSourceMessage): void {
    this.#unread = 0;
    if (this.#done || data.trim() === '') return;
    if (data.trim() === '[DONE]') {
      this.#done = true;
      return;
    }
    if (event === 'error') throw malformed('the agent reported an error');
    for (const choice of this.#choices(data)) this.#take(choice, choice.delta);
  }

  #readWhole(): void {
    for (const choice of this.#choices(this.#whole.join(''))) {
      this.#take({ ...choice, finish_reason: choice.finish_reason ?? 'stop' }, choice.message);
    }
  }

  #take(choice: Choice, message: Message | null | undefined): void {
    if ((choice.index ?? 0) !== 0) return;
    if ((message?.tool_calls?.length ?? 0) > 0) this.#toolCalls = true;
    this.#say(textOf(message), false);
    // Some servers send an empty reason with every piece.
    this.#finish = choice.finish_reason || this.#finish;
  }

  #say(text: string, last: boolean): void {
    const joined = this.#half + text;
    const isSplit = !last && /[\uD800-\uDBFF]$/.test(joined);
    this.#half = isSplit ? joined.slice(-1) : '';
    const piece = (isSplit ? joined.slice(0, -1) : joined).toWellFormed();
    if (piece === '') return;
    this.#bytes += Buffer.byteLength(piece);
    if (this.#bytes > MAX_ANSWER) throw malformed('the answer of the agent is too long');
    this.#pieces.push(piece);
    try {
      this.#onText(piece);
    } catch (cause) {
      throw new Problem('internal', { detail: 'a piece of an answer could not be handed on', cause });
    }
  }

  #choices(json: string): readonly Choice[] {
    const { error, choices } = parse(json);
    if (error !== undefined && error !== null && error !== false) {
      const name = errorName(error);
      throw malformed(`the agent reported an error${name === null ? '' : `: ${name}`}`);
    }
    return choices ?? [];
  }

  #whatIsMissing(): string {
    return this.begun ? 'the answer of the agent ends in the middle' : 'the agent sent no completion';
  }

  #whyEmpty(): string {
    if (this.#toolCalls) return 'the agent asked for tools and said nothing';
    return this.#finish === 'content_filter'
      ? 'the agent filtered its answer away'
      : 'the agent answered nothing';
  }
}

function parse(json: string): ReturnType<typeof chunkSchema.parse> {
  try {
    return chunkSchema.parse(JSON.parse(json));
  } catch (cause) {
    // The cause of a syntax error quotes the text, and text is nobody's but the person's.
    const reason = cause instanceof SyntaxError ? 'JSON' : 'a completion';
    throw malformed(`the agent sent data that is not ${reason}`);
  }
}

export function malformed(detail: string, cause?: unknown): Problem {
  return new Problem('agent_malformed', { detail, ...(cause === undefined ? {} : { cause }) });
}
