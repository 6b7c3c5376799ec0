// Telegram, through a bot. Messages come in by long polling or by webhook and are acknowledged only when they are durable;
// what goes out is plain text, so that nothing a stranger is called can become a link or a format.

import { Problem } from '@countersign/protocol/problem';
import type { Api } from 'grammy';
import type { Address, Channel, ChannelStatus, Delivery, Inbox, Outbound } from '../../core/channel-port.ts';
import type { Button } from '../../core/outbound.ts';
import type { Clock, Log, Millis } from '../../core/ports.ts';
import { type Pause, systemPause } from '../pause.ts';
import { type Hidden, loginProblem, openApi, problemOf, refusalOf, signalOf } from './api.ts';
import { type Moment, POLL_SECONDS, poll } from './polling.ts';
import { TELEGRAM_TRAITS } from './traits.ts';
import { openWebhook, receiveWebhook, type Webhook } from './webhook.ts';
import { readUpdate } from './wire.ts';

export interface TelegramSettings {
  readonly account: string;
  readonly mode: 'polling' | 'webhook';
  readonly token: Hidden;
  /** Null: Telegram's own. */
  readonly apiRoot: string | null;
  readonly webhookSecret: Hidden | null;
  /** Where Telegram finds our webhook; null when we have no public address. */
  readonly webhookUrl: string | null;
}

interface Ports {
  readonly clock: Clock;
  readonly log: Log;
  readonly pause?: Pause;
  readonly pollSeconds?: number;
  /** The state, or the reason beside it, is another than before. */
  readonly changed?: () => void;
}

/** Messages remembered by our own id: a retry after a lost record of a success shows nothing twice. */
const MAX_REMEMBERED = 1_000;
/** Telegram's own limit for what a presser is told. */
const MAX_ANSWER = 200;
const NO_PREVIEW = { is_disabled: true } as const;

/** A login that works: what inbound and outbound need until the signal aborts. */
interface Session {
  readonly api: Api;
  readonly me: { readonly id: number; readonly username: string };
  readonly inbox: Inbox;
  readonly webhook: Webhook | null;
}

export class Telegram implements Channel {
  readonly id = 'telegram';
  readonly account: string;
  readonly traits = TELEGRAM_TRAITS;
  readonly #settings: TelegramSettings;
  readonly #ports: Ports;
  readonly #remembered = new Map<string, string>();
  #session: Session | null = null;
  #state: ChannelStatus['state'] = 'off';
  #detail: string | null = null;
  #lastIn: Millis | null = null;
  #lastOut: Millis | null = null;

  constructor(settings: TelegramSettings, ports: Ports) {
    this.account = settings.account;
    this.#settings = settings;
    this.#ports = ports;
  }

  async start(inbox: Inbox, signal: AbortSignal): Promise<void> {
    this.#tell('starting', null);
    try {
      const api = await this.#open();
      const { id, username } = await api.getMe(signalOf(signal));
      const webhook = await this.#connect(api, signal);
      if (signal.aborted) return this.#tell('off', null);
      this.#session = { api, me: { id, username }, inbox, webhook };
    } catch (cause) {
      if (signal.aborted) return this.#tell('off', null);
      const problem = loginProblem(cause, this.#settings.token);
      this.#tell('failed', problem.message);
      throw problem;
    }
    signal.addEventListener('abort', () => this.#end(), { once: true });
    this.#tell('connected', null);
    if (this.#session.webhook === null) void this.#poll(this.#session, signal);
  }

  status(): ChannelStatus {
    const detail = this.#detail ?? (this.#state === 'connected' ? this.#where() : null);
    return { state: this.#state, detail, lastInboundAt: this.#lastIn, lastOutboundAt: this.#lastOut };
  }

  async probe(signal: AbortSignal): Promise<string> {
    try {
      const { username } = await (await this.#open()).getMe(signalOf(signal));
      return `@${username}`;
    } catch (cause) {
      throw loginProblem(cause, this.#settings.token);
    }
  }

  async send(to: Address, { id, text, buttons }: Outbound): Promise<Delivery> {
    const known = this.#remembered.get(id);
    if (known !== undefined) return { fate: 'sent', ref: known };
    const { chat, thread } = placeOf(to);
    const more = {
      link_preview_options: NO_PREVIEW,
      ...(thread === null ? {} : { message_thread_id: thread }),
      ...(buttons === undefined ? {} : { reply_markup: keyboard(buttons) }),
    };
    const { message_id } = await this.#call(async (api) => {
      try {
        return await api.sendMessage(chat, text, more);
      } catch (cause) {
        // A group that has grown has another number now.
        const { migratedTo } = refusalOf(cause);
        if (migratedTo === null) throw cause;
        return api.sendMessage(migratedTo, text, more);
      }
    });
    const ref = String(message_id);
    this.#remember(id, ref);
    return { fate: 'sent', ref };
  }

  async edit(to: Address, ref: string, { text, buttons }: Outbound): Promise<void> {
    const { chat } = placeOf(to);
    const more = { link_preview_options: NO_PREVIEW, reply_markup: keyboard(buttons ?? []) };
    await this.#change((api) => api.editMessageText(chat, Number(ref), text, more));
  }

  async remove(to: Address, ref: string): Promise<void> {
    const { chat } = placeOf(to);
    await this.#change((api) => api.deleteMessage(chat, Number(ref)));
  }

  /** In private chats a bot may delete what it was sent, within two days; elsewhere only as an administrator. */
  async removeTheirs(to: Address, messageId: string): Promise<void> {
    if (!/^\d+$/.test(messageId)) return;
    const { chat } = placeOf(to);
    await this.#change((api) => api.deleteMessage(chat, Number(messageId)));
  }

  /** Telegram forgets a press within seconds or minutes: nobody is told then, and nothing depends on it. */
  async answer(handle: string, text: string): Promise<void> {
    const short = text.length <= MAX_ANSWER ? text : `${text.slice(0, MAX_ANSWER - 1).toWellFormed()}…`;
    await this.#call((api) => api.answerCallbackQuery(handle, { text: short })).catch(() => undefined);
  }

  webhook(request: Request): Promise<Response> {
    const session = this.#session;
    return receiveWebhook(request, session?.webhook ?? null, (update, moment) =>
      session === null
        ? Promise.reject(new Problem('gateway_stopping'))
        : this.#take(update, moment, session),
    );
  }

  async #connect(api: Api, signal: AbortSignal): Promise<Webhook | null> {
    const { mode, webhookSecret, webhookUrl } = this.#settings;
    if (mode === 'webhook') {
      return openWebhook(api, { secret: webhookSecret, url: webhookUrl, clock: this.#ports.clock }, signal);
    }
    // What waited stays: it is handed over by the first poll.
    await api.deleteWebhook({ drop_pending_updates: false }, signalOf(signal));
    return null;
  }

  async #poll(session: Session, signal: AbortSignal): Promise<void> {
    const { clock, log, pause = systemPause, pollSeconds = POLL_SECONDS } = this.#ports;
    await poll(
      {
        api: session.api,
        clock,
        log,
        pause,
        pollSeconds,
        account: this.account,
        since: clock.now(),
        take: (update, moment) => this.#take(update, moment, session),
        tell: (state, detail) => this.#tell(state, detail),
      },
      signal,
    );
  }

  async #take(update: unknown, moment: Moment, { inbox, me }: Session): Promise<void> {
    const inbound = readUpdate(update, { account: this.account, ...me, ...moment });
    if (inbound === null) return;
    await inbox.receive(inbound);
    this.#lastIn = this.#ports.clock.now();
  }

  /** What is as it should be already, or gone, needs no change. */
  #change(work: (api: Api) => Promise<unknown>): Promise<void> {
    return this.#call(async (api) => {
      try {
        await work(api);
      } catch (cause) {
        if (!SAME_OR_GONE.test(refusalOf(cause).description)) throw cause;
      }
    });
  }

  async #call<T>(work: (api: Api) => Promise<T>): Promise<T> {
    const session = this.#session;
    if (session === null) throw new Problem('channel_unreachable', { detail: 'Telegram is not connected' });
    try {
      const done = await work(session.api);
      this.#lastOut = this.#ports.clock.now();
      return done;
    } catch (cause) {
      throw problemOf(cause, this.#settings.token);
    }
  }

  #open(): Promise<Api> {
    const { token, apiRoot } = this.#settings;
    const { pollSeconds = POLL_SECONDS } = this.#ports;
    return openApi({ token, apiRoot, timeoutSeconds: pollSeconds + 15 });
  }

  #remember(id: string, ref: string): void {
    this.#remembered.set(id, ref);
    if (this.#remembered.size <= MAX_REMEMBERED) return;
    const [oldest] = this.#remembered.keys();
    if (oldest !== undefined) this.#remembered.delete(oldest);
  }

  #where(): string | null {
    const { me, webhook } = this.#session ?? {};
    if (me === undefined) return null;
    return webhook === null ? `@${me.username}, by long polling` : `@${me.username}, by webhook`;
  }

  #tell(state: ChannelStatus['state'], detail: string | null): void {
    if (state === this.#state && detail === this.#detail) return;
    this.#state = state;
    this.#detail = detail;
    this.#ports.changed?.();
  }

  #end(): void {
    this.#session = null;
    this.#tell('off', null);
  }
}

const SAME_OR_GONE =
  /message is not modified|message to (edit|delete) not found|message not found|MESSAGE_ID_INVALID/i;

/** @throws Problem `channel_refused` for a place that is none. */
function placeOf({ peer, conversation }: Address): { readonly chat: number; readonly thread: number | null } {
  if (conversation.kind === 'direct') return { chat: Number(peer.native), thread: null };
  const [, chat, thread] = /^(-\d{1,16})(?:\/(\d{1,16}))?$/.exec(conversation.id) ?? [];
  if (conversation.kind === 'unknown' || chat === undefined) {
    throw new Problem('channel_refused', { detail: 'that conversation is no chat of Telegram' });
  }
  return { chat: Number(chat), thread: thread === undefined ? null : Number(thread) };
}

function keyboard(buttons: readonly Button[]) {
  const row = buttons.map(({ label, value }) => ({ text: label, callback_data: value }));
  return { inline_keyboard: row.length === 0 ? [] : [row] };
}
