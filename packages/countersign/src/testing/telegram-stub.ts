// Telegram, played on loopback: the Bot API as far as our channel uses it, with the failures that emulators leave out. It
// keeps updates until they are confirmed by the next offset, as the real one does, and shows what people would see.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  type Payload,
  type Refused,
  type StubMessage,
  type StubUser,
  TelegramChats,
} from './telegram-chats.ts';

/** How a call goes wrong: the service says no, or the connection breaks before or after the deed was done. */
export type StubFailure = Refused | 'drop' | 'lose';

interface Waiting {
  readonly number: number;
  readonly update: object;
  readonly taken: (status: number) => void;
}

interface Fault {
  readonly method: RegExp;
  readonly how: StubFailure;
  times: number;
}

interface Options {
  readonly token?: string;
  readonly username?: string;
  /** Milliseconds: what the dates of its messages are made from. */
  readonly now?: () => number;
  /** Where webhooks are called; by default the network. */
  readonly post?: (request: Request) => Promise<Response>;
}

export class TelegramStub implements AsyncDisposable {
  readonly bot: StubUser;
  readonly token: string;
  readonly calls: { readonly method: string; readonly payload: Payload }[] = [];
  readonly chats: TelegramChats;
  webhook: { readonly url: string; readonly secret: string } | null = null;
  /** Sends every caller elsewhere. */
  redirectTo: string | null = null;
  /** Answers the next batch from the end. */
  reversed = false;
  readonly #options: Options;
  readonly #server: Server;
  readonly #faults: Fault[] = [];
  readonly #watchers = new Set<() => void>();
  #queue: Waiting[] = [];
  #given = new Set<number>();
  #poll: (() => void) | null = null;
  #down = false;
  #nextUpdate = 700_000_001;

  private constructor(options: Options) {
    this.#options = options;
    this.token = options.token ?? '700000001:stub-token_AAAAAAAAAAAAAAAAAAAAAAA';
    const username = options.username ?? 'house_bot';
    this.bot = { id: Number(this.token.split(':')[0]), is_bot: true, first_name: 'House', username };
    this.chats = new TelegramChats(this.bot, () => this.date);
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(options: Options = {}): Promise<TelegramStub> {
    const stub = new TelegramStub(options);
    await new Promise<void>((resolve) => stub.#server.listen(0, '127.0.0.1', resolve));
    return stub;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  /** Seconds, as Telegram counts. */
  get date(): number {
    return Math.floor((this.#options.now ?? Date.now)() / 1_000);
  }

  get waiting(): number {
    return this.#queue.length;
  }

  messageId(): number {
    return this.chats.number();
  }

  /** Hands an update over; resolves when it is confirmed by a later offset (200), or with the answer of the webhook. */
  deliver(update: object, number: number = this.#nextUpdate++): Promise<number> {
    if (this.webhook !== null) return this.#post({ update_id: number, ...update }, this.webhook);
    return new Promise((taken) => {
      this.#queue.push({ number, update: { update_id: number, ...update }, taken });
      this.#poll?.();
    });
  }

  /** A person writes in their direct chat. */
  say(from: StubUser, text: string, more: object = {}): Promise<number> {
    return this.deliver({
      message: {
        message_id: this.messageId(),
        date: this.date,
        chat: { id: from.id, type: 'private', first_name: from.first_name },
        from,
        text,
        ...more,
      },
    });
  }

  /** Anybody who sees a card, or plays one back, presses what hangs on it. */
  press(message: StubMessage, label: string, by: StubUser): Promise<number> {
    const button = message.buttons.find(({ text }) => text === label);
    if (button === undefined) throw new Error(`there is no button ${label}`);
    return this.pressValue(button.callback_data, by, message);
  }

  pressValue(data: string, by: StubUser, message?: StubMessage): Promise<number> {
    return this.deliver(this.pressOf(data, by, String(this.chats.presses + 1), message));
  }

  /** The update of a press; `id` is the platform's name of it. */
  pressOf(data: string, by: StubUser, id: string, message?: StubMessage): object {
    this.chats.pressed(id, by.id);
    const chat = { id: message?.chat ?? by.id, type: (message?.chat ?? 1) < 0 ? 'supergroup' : 'private' };
    const card = {
      message_id: message?.id ?? 1,
      date: this.date,
      chat,
      from: this.bot,
      text: message?.text ?? '',
    };
    return { callback_query: { id, from: by, message: card, chat_instance: '1', data } };
  }

  /** What we said in a chat, oldest first, as it looks now. */
  shown(chat: number, thread: number | null = null): readonly StubMessage[] {
    return this.chats.shown(chat, thread);
  }

  called(method: string): number {
    return this.calls.filter((call) => call.method === method).length;
  }

  failNext(method: RegExp, how: StubFailure, times = 1): void {
    this.#faults.push({ method, how, times });
  }

  /** No connection gets through, and those that are open break. */
  disconnect(): void {
    this.#down = true;
    this.#poll?.();
    this.#server.closeAllConnections();
  }

  reconnect(): void {
    this.#down = false;
  }

  /** Resolves when `holds` does; asked after everything that happens here. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        const watcher = () => {
          this.#watchers.delete(watcher);
          resolve();
        };
        this.#watchers.add(watcher);
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disconnect();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #post(
    update: object,
    { url, secret }: { readonly url: string; readonly secret: string },
  ): Promise<number> {
    const { post = fetch } = this.#options;
    const request = new Request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': secret },
      body: JSON.stringify(update),
    });
    return (await post(request)).status;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return;
    }
    const [, token, method = ''] = /^\/bot([^/]+)\/(\w+)$/.exec(request.url ?? '') ?? [];
    const body = Buffer.concat(chunks).toString();
    const payload: Payload = body === '' ? {} : JSON.parse(body);
    if (this.#down) return void response.destroy();
    if (this.redirectTo !== null)
      return void response.writeHead(307, { location: this.redirectTo + request.url }).end();
    this.calls.push({ method, payload });
    this.#changed();
    const fault =
      token === this.token ? this.#fault(method) : ({ code: 401, description: 'Unauthorized' } as const);
    if (fault === 'drop') response.destroy();
    else if (fault !== null && fault !== 'lose') sendJson(response, refusal(fault));
    else await this.#answer(method, payload, response, fault === 'lose');
    this.#changed();
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }

  async #answer(method: string, payload: Payload, response: ServerResponse, lost: boolean): Promise<void> {
    const result =
      method === 'getUpdates' ? await this.#updates(payload, response) : this.#act(method, payload);
    if (lost || this.#down) return void response.destroy();
    sendJson(response, isRefusal(result) ? refusal(result) : { ok: true, result });
  }

  #fault(method: string): StubFailure | null {
    const fault = this.#faults.find((one) => one.times > 0 && one.method.test(method));
    if (fault === undefined) return null;
    fault.times -= 1;
    return fault.how;
  }

  /** Everything from the offset on; asking for it confirms what lies before. */
  async #updates(payload: Payload, response: ServerResponse): Promise<unknown> {
    if (this.webhook !== null) return conflict("can't use getUpdates method while webhook is active");
    const offset = Number(payload['offset'] ?? 0);
    for (const { number, taken } of this.#queue) if (number < offset && this.#given.has(number)) taken(200);
    this.#queue = this.#queue.filter(({ number }) => number >= offset || !this.#given.has(number));
    // The newer of two who ask at once is told, too: whichever it is, somebody else is there.
    if (this.#poll !== null) return conflict('terminated by other getUpdates request');
    const seconds = Number(payload['timeout'] ?? 0);
    if (this.#queue.length === 0 && seconds > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, seconds * 1_000);
        this.#poll = resolve;
        response.on('close', resolve);
        response.on('close', () => clearTimeout(timer));
      });
      this.#poll = null;
    }
    const batch = this.#queue.slice(0, Number(payload['limit'] ?? 100));
    if (response.destroyed) return [];
    for (const { number } of batch) this.#given.add(number);
    const updates = batch.map(({ update }) => update);
    return this.reversed ? updates.toReversed() : updates;
  }

  #act(method: string, payload: Payload): unknown {
    switch (method) {
      case 'getMe':
        return { ...this.bot, can_join_groups: true, can_read_all_group_messages: false };
      case 'deleteWebhook':
        this.webhook = null;
        return true;
      case 'setWebhook':
        this.webhook = { url: String(payload['url']), secret: String(payload['secret_token'] ?? '') };
        return true;
      case 'getWebhookInfo':
        return {
          url: this.webhook?.url ?? '',
          has_custom_certificate: false,
          pending_update_count: this.#queue.length,
        };
      case 'sendMessage':
        return this.chats.send(payload);
      case 'editMessageText':
        return this.chats.edit(payload);
      case 'deleteMessage':
        return this.chats.remove(payload);
      case 'answerCallbackQuery':
        return this.chats.tell(payload);
      default:
        return { code: 404, description: 'Not Found: method not found' };
    }
  }
}

function conflict(description: string): Refused {
  return { code: 409, description: `Conflict: ${description}` };
}

function isRefusal(result: unknown): result is Refused {
  return typeof result === 'object' && result !== null && 'code' in result;
}

function refusal({ code, description = 'Stub', parameters }: Refused): object {
  return { ok: false, error_code: code, description, ...(parameters === undefined ? {} : { parameters }) };
}

function sendJson(response: ServerResponse, value: object): void {
  if (response.destroyed) return;
  response.writeHead('error_code' in value ? Number(value.error_code) : 200, {
    'content-type': 'application/json',
  });
  response.end(JSON.stringify(value));
}
