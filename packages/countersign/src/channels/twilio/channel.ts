// Twilio: SMS, and WhatsApp by way of Twilio. Messages come in signed over the address we configured and are acknowledged
// when they are durable. Over SMS a sender is what the phone network says they are, which is little.
import { Problem } from '@countersign/protocol/problem';
import { z } from 'zod';
import type {
  Address,
  Channel,
  ChannelStatus,
  Delivery,
  Inbox,
  Outbound,
  Traits,
} from '../../core/channel-port.ts';
import type { OutboundKind } from '../../core/outbound.ts';
import type { Clock, Millis } from '../../core/ports.ts';
import { forTemplate } from '../one-line.ts';
import { SentMessages } from '../sent.ts';
import { Windows } from '../window.ts';
import { callTwilio, type Hidden, loginProblem, OUTSIDE_WINDOW, WINDOW_OVER } from './api.ts';
import { TWILIO_SMS_TRAITS, TWILIO_WHATSAPP_TRAITS, type Way, wayOf } from './traits.ts';
import { isSigned, readForm, readMessage, readStatus, SIGNATURE, statusId, statusUrl } from './wire.ts';

export interface TwilioSettings {
  readonly account: string;
  readonly accountSid: string;
  readonly authToken: Hidden;
  /** Our number: `+1…`, or `whatsapp:+1…`. */
  readonly from: string;
  readonly apiRoot: string | null;
  /** The origin at which Twilio finds us; null when we have no public address. */
  readonly publicUrl: string | null;
  /** Content templates that WhatsApp has approved, by their SID. */
  readonly templates: { readonly login: string | null; readonly notice: string | null };
}

interface Ports {
  readonly clock: Clock;
  /** The state, or the reason beside it, is another than before. */
  readonly changed?: () => void;
}

const HEADER = 'x-twilio-signature';
/** The path is signed with the rest; any other than these could hide what a field was meant to say. */
const OUR_PATH = /^\/webhooks\/twilio\/[a-z0-9][a-z0-9_-]{0,31}$/;
const MAX_BODY = 64 * 1024;
/** Nothing to say at once: what there is to say goes through the outbox. */
const NOTHING = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>';

const accountSchema = z.looseObject({ friendly_name: z.string().max(200), status: z.string().max(40) });
const sentSchema = z.looseObject({ sid: z.string().regex(/^(?:SM|MM)[0-9a-f]{32}$/) });

export class Twilio implements Channel {
  readonly id = 'twilio';
  readonly account: string;
  readonly traits: Traits;
  /** Several numbers of one account may be given one address: `To` says whose it is. */
  readonly deliveries = {
    shared: true,
    header: HEADER,
    form: SIGNATURE,
    handshake: false,
    maxBytes: MAX_BODY,
  } as const;
  readonly #settings: TwilioSettings;
  readonly #way: Way | null;
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #windows = new Windows();
  readonly #sent = new SentMessages();
  #listening: { readonly inbox: Inbox; readonly origin: string; readonly way: Way } | null = null;
  #state: ChannelStatus['state'] = 'off';
  #detail: string | null = null;
  #lastIn: Millis | null = null;
  #lastOut: Millis | null = null;

  constructor(settings: TwilioSettings, { clock, changed = () => undefined }: Ports) {
    this.account = settings.account;
    this.#settings = settings;
    this.#way = wayOf(settings.from);
    this.traits = this.#way === 'sms' ? TWILIO_SMS_TRAITS : TWILIO_WHATSAPP_TRAITS;
    this.#clock = clock;
    this.#changed = changed;
  }

  /** @throws Problem `channel_refused` when something a delivery is proven by is missing (H59). */
  async start(inbox: Inbox, signal: AbortSignal): Promise<void> {
    this.#tell('starting', null);
    try {
      const { origin, way } = this.#needed();
      const name = await this.#who(signal);
      if (signal.aborted) return this.#tell('off', null);
      this.#listening = { inbox, origin, way };
      this.#tell('connected', `${this.#settings.from} of ${name}, by webhook`);
    } catch (cause) {
      if (signal.aborted) return this.#tell('off', null);
      const problem = loginProblem(cause);
      this.#tell('failed', problem instanceof Problem ? problem.message : 'internal');
      throw problem;
    }
    signal.addEventListener('abort', () => this.#end(), { once: true });
  }

  status(): ChannelStatus {
    const { state, detail } = { state: this.#state, detail: this.#detail };
    return { state, detail, lastInboundAt: this.#lastIn, lastOutboundAt: this.#lastOut };
  }

  async probe(signal: AbortSignal): Promise<string> {
    return this.#who(signal).catch((cause: unknown) => Promise.reject(loginProblem(cause)));
  }

  reaches({ peer }: Address, kind: OutboundKind): boolean {
    const { login, notice } = this.#settings.templates;
    if (this.#way === 'sms' || this.#mayBeFree(peer.native, kind)) return true;
    return (kind === 'login-code' ? login : notice) !== null;
  }

  async send(to: Address, message: Outbound): Promise<Delivery> {
    const known = this.#sent.get(message.id);
    if (known !== undefined) return { fate: 'sent', ref: known.ref };
    if (to.conversation.kind !== 'direct' || wayOf(to.peer.native) !== this.#way)
      throw new Problem('channel_refused', { detail: `that person is not on this number's network` });
    const ref = await this.#say(to.peer.native, message);
    this.#sent.note(message.id, { ref, native: to.peer.native });
    return { fate: 'sent', ref };
  }

  async webhook(request: Request): Promise<Response> {
    const listening = this.#listening;
    const signature = request.headers.get(HEADER);
    if (listening === null || request.method !== 'POST' || signature === null || !SIGNATURE.test(signature))
      return answer(401);
    // Where the request says it came is not asked: the address is ours to know. Only what we put behind it may follow.
    const { pathname, search } = new URL(request.url);
    const about = statusId(search);
    if (!OUR_PATH.test(pathname) || (search !== '' && about === null)) return answer(401);
    if (Number(request.headers.get('content-length') ?? 0) > MAX_BODY) return answer(413);
    const raw = new Uint8Array(await request.arrayBuffer());
    if (raw.byteLength > MAX_BODY) return answer(413);
    const fields = readForm(raw);
    const url = `${listening.origin}${pathname}${search}`;
    if (fields === null || !isSigned(url, fields, signature, this.#settings.authToken.reveal()))
      return answer(401);
    return about === null ? this.#takeMessage(fields, listening) : this.#takeStatus(fields, about, listening);
  }

  /** What is signed and still has not the form of a message is one that the signature merely fits: refused. */
  async #takeMessage(
    fields: ReadonlyMap<string, string>,
    { inbox, way }: { readonly inbox: Inbox; readonly way: Way },
  ): Promise<Response> {
    const { account, accountSid, from } = this.#settings;
    const inbound = readMessage(fields, { account, accountSid, from, way });
    if (inbound === null) return answer(401);
    if (inbound === 'other') return answer(200);
    this.#windows.wrote(inbound.peer.native, this.#clock.now());
    try {
      await inbox.receive(inbound);
    } catch (cause) {
      return answer(503, cause);
    }
    this.#lastIn = this.#clock.now();
    return new Response(NOTHING, { status: 200, headers: { 'content-type': 'text/xml' } });
  }

  async #takeStatus(
    fields: ReadonlyMap<string, string>,
    id: string,
    { inbox, way }: { readonly inbox: Inbox; readonly way: Way },
  ): Promise<Response> {
    const { account, accountSid, from } = this.#settings;
    if (fields.get('AccountSid') !== accountSid) return answer(401);
    const fate = readStatus(fields, id, { account, accountSid, from, way });
    if (fate === null) return answer(200);
    const native = this.#sent.get(id)?.native;
    if (fate.reason === 'outside_window' && native !== undefined) this.#windows.over(native);
    try {
      await inbox.fate?.({ channel: this.id, account, ...fate });
    } catch (cause) {
      return answer(503, cause);
    }
    return answer(200);
  }

  /** SMS goes at any time. On WhatsApp: free words within 24 hours, a template after that. */
  async #say(to: string, message: Outbound): Promise<string> {
    if (this.#way === 'sms') return this.#post(to, { Body: message.text }, message.id);
    const { notice } = this.#settings.templates;
    if (!this.#mayBeFree(to, message.kind)) return this.#post(to, this.#template(message), message.id);
    try {
      return await this.#post(to, { Body: message.text }, message.id);
    } catch (cause) {
      if (!(cause instanceof Problem) || cause.members['platformCode'] !== OUTSIDE_WINDOW) throw cause;
      this.#windows.over(to);
      if (message.kind !== 'login-code' && notice === null)
        throw new Problem('channel_cannot_initiate', { detail: WINDOW_OVER });
      return this.#post(to, this.#template(message), message.id);
    }
  }

  /** After a restart nobody knows who wrote: a code that silently goes nowhere would keep its owner out. */
  #mayBeFree(to: string, kind: OutboundKind): boolean {
    const window = this.#windows.of(to, this.#clock.now());
    if (window !== 'unknown') return window === 'open';
    return kind !== 'login-code' && this.#settings.templates.notice === null;
  }

  /** @throws Problem `channel_cannot_initiate`, saying what is missing. */
  #template({ kind, text, code }: Outbound): Record<string, string> {
    const { login, notice } = this.#settings.templates;
    const isLogin = kind === 'login-code' && code !== undefined;
    const sid = isLogin ? login : notice;
    if (sid === null) throw new Problem('channel_cannot_initiate', isLogin ? NO_LOGIN : NO_NOTICE);
    const holes = { '1': isLogin ? code : forTemplate({ kind, text }) };
    return { ContentSid: sid, ContentVariables: JSON.stringify(holes) };
  }

  async #post(to: string, said: Record<string, string>, id: string): Promise<string> {
    const listening = this.#listening;
    if (listening === null) throw new Problem('channel_unreachable', { detail: 'Twilio is not connected' });
    const form = {
      To: to,
      From: this.#settings.from,
      StatusCallback: statusUrl(`${listening.origin}/webhooks/twilio/${this.account}`, id),
      ...said,
    };
    const sent = sentSchema.safeParse(await callTwilio(this.#settings, '/Messages', { form }));
    if (!sent.success)
      throw new Problem('channel_unreachable', { detail: 'Twilio answered without a message SID' });
    this.#lastOut = this.#clock.now();
    return sent.data.sid;
  }

  async #who(signal: AbortSignal): Promise<string> {
    if (!/^AC[0-9a-f]{32}$/.test(this.#settings.accountSid))
      throw new Problem('channel_refused', { detail: 'accountSid begins with AC and has 34 characters' });
    const account = accountSchema.safeParse(await callTwilio(this.#settings, '', { signal }));
    if (account.success && account.data.status === 'active') return account.data.friendly_name;
    const status = account.success ? account.data.status.replace(/[^a-z]/g, '') : 'unknown';
    throw new Problem('channel_refused', { detail: `Twilio says that this account is ${status}` });
  }

  #needed(): { readonly origin: string; readonly way: Way } {
    const { authToken, publicUrl } = this.#settings;
    if (authToken.reveal() === '') {
      throw new Problem('channel_refused', {
        detail: 'without the auth token no delivery can be proven, so none is taken',
      });
    }
    if (this.#way === null) {
      throw new Problem('channel_refused', {
        detail: 'from is no number that Twilio writes',
        hint: 'write "+15555550123" for SMS, "whatsapp:+15555550123" for WhatsApp',
      });
    }
    if (publicUrl === null) {
      throw new Problem('channel_refused', {
        detail: 'Twilio signs the address that it calls, and this gateway has none',
        hint: 'set gateway.publicUrl to "https://…"',
      });
    }
    return { origin: publicUrl, way: this.#way };
  }

  #tell(state: ChannelStatus['state'], detail: string | null): void {
    if (state === this.#state && detail === this.#detail) return;
    this.#state = state;
    this.#detail = detail;
    this.#changed();
  }

  #end(): void {
    this.#listening = null;
    this.#tell('off', null);
  }
}

const NO_LOGIN = {
  detail:
    'a login code outside the 24 hours needs an approved authentication template, and none is configured',
  hint: 'set channels.twilio.loginContentSid to its SID, or write to this number first and ask again',
};
const NO_NOTICE = {
  detail:
    'that person has not written for 24 hours, and there is no approved template to reach them with all the same',
  hint: 'set channels.twilio.noticeContentSid to the SID of one with a single hole in its body',
};

function answer(status: number, cause?: unknown): Response {
  const retry = cause instanceof Problem && cause.code === 'rate_limited' ? { 'retry-after': '1' } : {};
  return new Response(null, { status, headers: retry });
}
