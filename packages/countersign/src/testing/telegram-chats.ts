// What people see of our messages on the played Telegram: the chats, the buttons under them, the answers to presses.

export interface StubUser {
  readonly id: number;
  readonly is_bot: boolean;
  readonly first_name: string;
  readonly username?: string;
}

export interface StubMessage {
  readonly id: number;
  readonly chat: number;
  readonly thread: number | null;
  text: string;
  buttons: readonly { readonly text: string; readonly callback_data: string }[];
  edited: boolean;
  removed: boolean;
}

export type Payload = Readonly<Record<string, unknown>>;

/** The service says no. */
export interface Refused {
  readonly code: number;
  readonly description?: string;
  readonly parameters?: object;
}

export class TelegramChats {
  readonly told: { readonly by: number; readonly text: string }[] = [];
  /** Chats that this bot may not write to. */
  readonly blocked = new Set<number>();
  /** How often somebody could see that we did something. */
  visible = 0;
  readonly #bot: StubUser;
  readonly #date: () => number;
  readonly #messages: StubMessage[] = [];
  readonly #presses = new Map<string, number>();
  #next = 1;

  constructor(bot: StubUser, date: () => number) {
    this.#bot = bot;
    this.#date = date;
  }

  /** A number no message had before. */
  number(): number {
    return this.#next++;
  }

  get presses(): number {
    return this.#presses.size;
  }

  shown(chat: number, thread: number | null): readonly StubMessage[] {
    return this.#messages.filter((one) => one.chat === chat && one.thread === thread);
  }

  find(id: number): StubMessage | undefined {
    return this.#messages.find((one) => one.id === id);
  }

  pressed(id: string, by: number): void {
    this.#presses.set(id, by);
  }

  send(payload: Payload): unknown {
    const chat = Number(payload['chat_id']);
    const text = String(payload['text'] ?? '');
    if (this.blocked.has(chat)) return { code: 403, description: 'Forbidden: bot was blocked by the user' };
    if (text.trim() === '') return bad('message text is empty');
    if (text.length > 4_096) return bad('message is too long');
    const thread = payload['message_thread_id'];
    const message: StubMessage = {
      id: this.number(),
      chat,
      thread: typeof thread === 'number' ? thread : null,
      text,
      buttons: buttonsOf(payload),
      edited: false,
      removed: false,
    };
    this.#messages.push(message);
    this.visible += 1;
    return {
      message_id: message.id,
      date: this.#date(),
      chat: { id: chat, type: 'private' },
      from: this.#bot,
      text,
    };
  }

  #find(payload: Payload): StubMessage | undefined {
    const [chat, id] = [Number(payload['chat_id']), Number(payload['message_id'])];
    return this.#messages.find((one) => one.chat === chat && one.id === id && !one.removed);
  }

  edit(payload: Payload): unknown {
    const message = this.#find(payload);
    if (message === undefined) return bad('message to edit not found');
    const text = String(payload['text'] ?? '');
    const buttons = buttonsOf(payload);
    if (text === message.text && JSON.stringify(buttons) === JSON.stringify(message.buttons))
      return bad(
        'message is not modified: specified new message content and reply markup are exactly the same',
      );
    Object.assign(message, { text, buttons, edited: true });
    this.visible += 1;
    return { message_id: message.id, date: this.#date(), chat: { id: message.chat, type: 'private' }, text };
  }

  remove(payload: Payload): unknown {
    const message = this.#find(payload);
    if (message === undefined) return bad('message to delete not found');
    Object.assign(message, { removed: true, buttons: [] });
    this.visible += 1;
    return true;
  }

  tell(payload: Payload): unknown {
    const by = this.#presses.get(String(payload['callback_query_id']));
    if (by === undefined) return bad('query is too old and response timeout expired or query ID is invalid');
    this.told.push({ by, text: String(payload['text'] ?? '') });
    this.visible += 1;
    return true;
  }
}

function bad(description: string): Refused {
  return { code: 400, description: `Bad Request: ${description}` };
}

function buttonsOf(payload: Payload): StubMessage['buttons'] {
  const markup = payload['reply_markup'];
  if (typeof markup !== 'object' || markup === null || !('inline_keyboard' in markup)) return [];
  const rows: StubMessage['buttons'][] = Array.isArray(markup.inline_keyboard) ? markup.inline_keyboard : [];
  return rows.flat();
}
