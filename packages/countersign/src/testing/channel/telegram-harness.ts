// Telegram on the stage: the real channel and the real client against our stub, once by long polling and once by webhook.
import { createHash } from 'node:crypto';
import { Telegram } from '../../channels/telegram/channel.ts';
import { TELEGRAM_TRAITS } from '../../channels/telegram/traits.ts';
import { type Native, parseNative } from '../../core/identity/peer.ts';
import { MemoryLog } from '../fakes.ts';
import type { StubUser } from '../telegram-chats.ts';
import { type StubFailure, TelegramStub } from '../telegram-stub.ts';
import type { Forgery, TestEvent } from './events.ts';
import type { VendorFailure } from './failures.ts';
import type { Answer, ChannelBench, ChannelHarness, Place, Shown, StagePorts } from './harness.ts';

type Mode = 'polling' | 'webhook';

const GROUP = -1_001_234_567_890;
const THREAD = 7;
const SECRET = 'stage-secret_0123456789';
const WE_ASK = 'we ask for updates with our own login: nobody can deliver one to us';

const LACKS: ChannelHarness['lacks'] = {
  receipt: 'a bot is told nothing of what was delivered or read',
  history: 'a bot is never handed the past',
};
const POLLING_LACKS: ChannelHarness['lacks'] = {
  ...LACKS,
  tampered: WE_ASK,
  unsigned: WE_ASK,
  'wrong-secret': WE_ASK,
  stale: WE_ASK,
  'other-account': WE_ASK,
};
const WEBHOOK_LACKS: ChannelHarness['lacks'] = {
  ...LACKS,
  tampered: 'Telegram signs nothing: a fixed secret stands in a header, and TLS keeps the body whole',
  stale: 'the secret has no time; an old delivery is known by its message id',
  connection: 'Telegram comes to us: there is no connection of ours to lose',
};

const FAILURES: Readonly<Record<VendorFailure, StubFailure>> = {
  unreachable: { code: 502, description: 'Bad Gateway' },
  rate_limited: {
    code: 429,
    description: 'Too Many Requests: retry after 3',
    parameters: { retry_after: 3 },
  },
  refused: { code: 400, description: 'Bad Request: message text is wrong' },
  cannot_initiate: { code: 403, description: 'Forbidden: bot was blocked by the user' },
};

/** The same person for the same name; a number far from those that Telegram keeps for itself. */
function nativeOf(name: string): Native {
  const number = createHash('sha256').update(name).digest().readUInt32BE(0) + 2_000_000_000;
  const native = parseNative(String(number), TELEGRAM_TRAITS.peerIds);
  if (native === null) throw new Error(`${name} is no name`);
  return native;
}

class TelegramBench implements ChannelBench {
  readonly channel: Telegram;
  readonly #stub: TelegramStub;
  readonly #mode: Mode;
  readonly #numbers = new Map<string, number>();

  constructor(channel: Telegram, stub: TelegramStub, mode: Mode) {
    this.channel = channel;
    this.#stub = stub;
    this.#mode = mode;
  }

  peer(name: string) {
    return { channel: 'telegram', account: this.channel.account, native: nativeOf(name) };
  }

  async deliver(event: TestEvent): Promise<Answer> {
    // What comes with the first answer had waited for us.
    if (this.#mode === 'polling' && this.channel.status().state === 'connected')
      await this.#stub.until(() => this.#stub.called('getUpdates') > 1);
    return answerOf(await this.#stub.deliver(this.#updateOf(event)));
  }

  async forge(event: TestEvent, how: Forgery): Promise<Answer> {
    const secret = {
      unsigned: null,
      'wrong-secret': 'guessed',
      'other-account': 'secret-of-support',
      tampered: null,
      stale: null,
    }[how];
    const request = new Request('https://stage.example/webhooks/telegram/default', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(secret === null ? {} : { 'x-telegram-bot-api-secret-token': secret }),
      },
      body: JSON.stringify({ update_id: 1, ...this.#updateOf(event) }),
    });
    return answerOf((await this.channel.webhook(request)).status);
  }

  async shown(name: string, place: Place = 'direct'): Promise<readonly Shown[]> {
    const chat = place === 'direct' ? Number(nativeOf(name)) : GROUP;
    return this.#stub.shown(chat, place === 'thread' ? THREAD : null).map((message) => ({
      ref: String(message.id),
      text: message.text,
      buttons: message.buttons.map(({ text }) => text),
      edited: message.edited,
      removed: message.removed,
    }));
  }

  async visible(): Promise<number> {
    return this.#stub.chats.visible;
  }

  async press(message: Shown, label: string, as: string): Promise<Answer> {
    const card = this.#stub.chats.find(Number(message.ref));
    if (card === undefined) throw new Error('nobody was shown that message');
    return answerOf(await this.#stub.press(card, label, userOf({ from: as })));
  }

  async told(name: string): Promise<readonly string[]> {
    return this.#stub.chats.told.filter(({ by }) => by === Number(nativeOf(name))).map(({ text }) => text);
  }

  failNext(how: VendorFailure, times: number): void {
    this.#stub.failNext(/^sendMessage$/, FAILURES[how], times);
  }

  async disconnect(): Promise<void> {
    this.#stub.disconnect();
  }

  async reconnect(): Promise<void> {
    this.#stub.reconnect();
  }

  async until(...states: string[]): Promise<void> {
    while (!states.includes(this.channel.status().state)) {
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stub[Symbol.asyncDispose]();
  }

  #numberOf(id: string): number {
    const known = this.#numbers.get(id) ?? this.#stub.messageId();
    this.#numbers.set(id, known);
    return known;
  }

  #updateOf(event: TestEvent): object {
    const message_id = this.#numberOf(event.id);
    const from = userOf(event);
    const date = Math.floor((event.at ?? this.#stub.date * 1_000) / 1_000);
    const direct = { id: from.id, type: 'private', first_name: from.first_name };
    const group = { id: GROUP, type: 'supergroup', title: 'A group', is_forum: true };
    const said = { message_id, date, chat: direct, from, text: event.text };
    const named = `@${this.#stub.bot.username} ${event.text}`;
    const naming = { text: named, entities: [{ type: 'mention', offset: 0, length: named.indexOf(' ') }] };
    const other = { id: 5_000_000_001, is_bot: false, first_name: 'Somebody else' };
    switch (event.kind) {
      case 'text':
      case 'old':
      case 'empty':
        return { message: said };
      case 'backlog':
        return { message: { ...said, date: date - 60 } };
      case 'group-text':
        return { message: { ...said, chat: group } };
      case 'group-mention':
        return { message: { ...said, ...naming, chat: group } };
      case 'thread-text':
        return {
          message: { ...said, ...naming, chat: group, message_thread_id: THREAD, is_topic_message: true },
        };
      case 'edit':
        return { edited_message: { ...said, edit_date: date } };
      case 'forwarded':
        return {
          message: { ...said, forward_origin: { type: 'user', sender_user: other, date: date - 90 } },
        };
      case 'inline':
        return { message: { ...said, via_bot: { id: 5_000_000_002, is_bot: true, first_name: 'Gif' } } };
      case 'reply': {
        const reply_to_message = {
          message_id: 1,
          date,
          chat: direct,
          from: this.#stub.bot,
          text: event.quoted,
        };
        return { message: { ...said, reply_to_message, quote: { text: event.quoted, position: 0 } } };
      }
      case 'quotation': {
        const text = `${event.quoted}\n${event.text}`;
        const entities = [{ type: 'blockquote', offset: 0, length: event.quoted?.length ?? 0 }];
        return { message: { ...said, text, entities } };
      }
      case 'reaction': {
        const new_reaction = [{ type: 'emoji', emoji: '👍' }];
        return {
          message_reaction: { chat: direct, message_id: 1, user: from, date, old_reaction: [], new_reaction },
        };
      }
      case 'join': {
        const member = (status: string) => ({ user: this.#stub.bot, status });
        const change = { old_chat_member: member('kicked'), new_chat_member: member('member') };
        return { my_chat_member: { chat: direct, from, date, ...change } };
      }
      case 'own':
        return { message: { ...said, from: this.#stub.bot } };
      case 'bot':
        return { message: { ...said, from: { ...from, is_bot: true } } };
      case 'anonymous': {
        const nobody = {
          id: 1_087_968_824,
          is_bot: true,
          first_name: 'Group',
          username: 'GroupAnonymousBot',
        };
        return { message: { ...said, chat: group, from: nobody, sender_chat: group } };
      }
      case 'system': {
        const channel = { id: -1_009_876_543_210, type: 'channel', title: 'News' };
        return { channel_post: { message_id, date, chat: channel, sender_chat: channel, text: event.text } };
      }
      case 'media': {
        const photo = [{ file_id: 'f', file_unique_id: 'u', width: 1, height: 1 }];
        return { message: { message_id, date, chat: direct, from, photo } };
      }
      case 'press':
        return this.#stub.pressOf(event.value ?? '', from, event.id);
      case 'group-press': {
        const card = { message_id: 1, date, chat: group, from: this.#stub.bot, text: 'a card' };
        const press = { id: event.id, from, message: card, chat_instance: '1', data: event.value ?? '' };
        return { callback_query: press };
      }
      case 'unknown':
        return { telepathy: { from, thought: event.text } };
      case 'receipt':
      case 'history':
        throw new Error(`Telegram has no ${event.kind}`);
      default:
        return event.kind satisfies never;
    }
  }
}

function userOf({
  from,
  displayName,
  username,
}: Pick<TestEvent, 'from' | 'displayName' | 'username'>): StubUser {
  return {
    id: Number(nativeOf(from)),
    is_bot: false,
    first_name: displayName ?? from,
    ...(username === undefined ? {} : { username }),
  };
}

function answerOf(status: number): Answer {
  return status === 200 ? 'acknowledged' : 'refused';
}

async function open(mode: Mode, { clock, account }: StagePorts): Promise<ChannelBench> {
  const stub = await TelegramStub.start({
    now: () => clock.now(),
    post: (request) => channel.webhook(request),
  });
  const settings = {
    account,
    mode,
    token: { reveal: () => stub.token },
    apiRoot: stub.url,
    webhookSecret: mode === 'webhook' ? { reveal: () => SECRET } : null,
    webhookUrl: mode === 'webhook' ? `https://stage.example/webhooks/telegram/${account}` : null,
  };
  const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 5));
  const channel = new Telegram(settings, { clock, log: new MemoryLog(), pause });
  return new TelegramBench(channel, stub, mode);
}

function harness(mode: Mode, lacks: ChannelHarness['lacks']): ChannelHarness {
  return {
    name: `telegram, by ${mode === 'polling' ? 'long polling' : 'webhook'}`,
    channel: 'telegram',
    traits: TELEGRAM_TRAITS,
    lacks,
    native: nativeOf,
    groupIds: [String(GROUP), `${GROUP}/${THREAD}`, '-4009001'],
    open: (ports) => open(mode, ports),
  };
}

export const telegramHarness = harness('polling', POLLING_LACKS);
export const telegramWebhookHarness = harness('webhook', WEBHOOK_LACKS);
