// WhatsApp, through Meta's cloud interface. Messages come in signed, and are acknowledged when they are durable; what goes
// out is free words within 24 hours of the person's last message and an approved template after that. What becomes of a
// message is told later, by a status, and recorded.
import { Problem } from '@countersign/protocol/problem';
import { z } from 'zod';
import type { Address, Channel, ChannelStatus, Delivery, Inbox, Outbound } from '../../core/channel-port.ts';
import { parseNative } from '../../core/identity/peer.ts';
import type { OutboundKind } from '../../core/outbound.ts';
import type { Clock, Millis } from '../../core/ports.ts';
import { SentMessages } from '../sent.ts';
import { Windows } from '../window.ts';
import { callGraph, type Hidden, loginProblem, OUTSIDE_WINDOW, WINDOW_OVER } from './api.ts';
import { fetchMedia, type Media } from './media.ts';
import { freeWords, hasPhone, type Templates, templated } from './say.ts';
import { CLOUD_PEER, WHATSAPP_CLOUD_TRAITS } from './traits.ts';
import { answerHandshake, MAX_BODY, receiveDelivery, SIGNATURE } from './webhook.ts';
import { type Happening, readDelivery } from './wire.ts';

export interface CloudSettings {
  readonly account: string;
  readonly phoneNumberId: string;
  readonly accessToken: Hidden;
  readonly appSecret: Hidden;
  readonly verifyToken: Hidden;
  /** Null: Meta's own. */
  readonly apiRoot: string | null;
  readonly templates: Templates;
}

interface Ports {
  readonly clock: Clock;
  /** The state, or the reason beside it, is another than before. */
  readonly changed?: () => void;
}

const numberSchema = z.looseObject({
  display_phone_number: z.string().max(40),
  verified_name: z.string().max(200).optional(),
});
const sentSchema = z.looseObject({
  messages: z.array(z.looseObject({ id: z.string().min(1).max(256) })).min(1),
});

export class WhatsAppCloud implements Channel {
  readonly id = 'whatsapp-cloud';
  readonly account: string;
  readonly traits = WHATSAPP_CLOUD_TRAITS;
  /** One app has one address for all its numbers. */
  readonly deliveries = {
    shared: true,
    header: 'x-hub-signature-256',
    form: SIGNATURE,
    handshake: true,
    maxBytes: MAX_BODY,
  } as const;
  readonly #settings: CloudSettings;
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #windows = new Windows();
  readonly #sent = new SentMessages();
  #listening: { readonly inbox: Inbox; readonly since: Millis } | null = null;
  #state: ChannelStatus['state'] = 'off';
  #detail: string | null = null;
  #lastIn: Millis | null = null;
  #lastOut: Millis | null = null;

  constructor(settings: CloudSettings, { clock, changed = () => undefined }: Ports) {
    this.account = settings.account;
    this.#settings = settings;
    this.#clock = clock;
    this.#changed = changed;
  }

  /** @throws Problem `channel_refused` when a secret is missing: unsigned deliveries are never taken (H59). */
  async start(inbox: Inbox, signal: AbortSignal): Promise<void> {
    const since = this.#clock.now();
    this.#tell('starting', null);
    try {
      this.#checkSecrets();
      const name = await this.#who(signal);
      if (signal.aborted) return this.#tell('off', null);
      this.#listening = { inbox, since };
      this.#tell('connected', `${name}, by webhook`);
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

  reaches(to: Address, kind: OutboundKind): boolean {
    if (this.#mayBeFree(to, kind)) return true;
    const { login, notice } = this.#settings.templates;
    if (kind !== 'login-code') return notice !== null;
    return login !== null && hasPhone(to);
  }

  async send(to: Address, message: Outbound): Promise<Delivery> {
    const known = this.#sent.get(message.id);
    if (known !== undefined) return { fate: 'sent', ref: known.ref };
    const ref = await this.#say(to, message);
    this.#sent.note(message.id, { ref, native: to.peer.native });
    return { fate: 'sent', ref };
  }

  /** WhatsApp shows a presser nothing by itself: they are answered in words. */
  async answer(handle: string, text: string): Promise<void> {
    const to = presserOf(handle);
    if (to === null || this.#listening === null) return;
    const peer = { channel: this.id, account: this.account, native: to.native };
    const [words] = freeWords(
      { peer, conversation: { kind: 'direct', id: to.native } },
      { id: 'answer', kind: 'control', text },
    );
    if (words === undefined) return;
    await this.#post({ ...words, context: { message_id: to.message } }).catch(() => undefined);
  }

  /** The picture or voice of a message, by the id it was announced with. */
  media(id: string, signal: AbortSignal): Promise<Media> {
    return fetchMedia(this.#settings, id, signal);
  }

  async webhook(request: Request): Promise<Response> {
    const listening = this.#listening;
    if (listening === null) return new Response(null, { status: 401 });
    if (request.method === 'GET') return answerHandshake(request, this.#settings);
    return receiveDelivery(request, this.#settings, async (delivery) => {
      const { account, phoneNumberId } = this.#settings;
      const us = { account, phoneNumberId, since: listening.since, now: this.#clock.now() };
      const happenings = readDelivery(delivery, us);
      if (happenings === null) return false;
      // Handed over in their order, and waited for together: they go into one transaction.
      await Promise.all(happenings.map((one) => this.#take(one, listening.inbox)));
      return true;
    });
  }

  async #take(one: Happening, inbox: Inbox): Promise<void> {
    const at = this.#clock.now();
    const here = { channel: this.id, account: this.account };
    switch (one.is) {
      case 'message': {
        const { inbound } = one;
        // A word in a group opens no window to the person who said it.
        if (inbound.actor === 'human' && inbound.conversation.kind === 'direct' && inbound.sentAt !== null)
          this.#windows.wrote(inbound.peer.native, Math.min(inbound.sentAt, at));
        await inbox.receive(inbound);
        this.#lastIn = at;
        return;
      }
      case 'fate': {
        const { fate } = one;
        const native = this.#sent.get(fate.id)?.native;
        if (fate.reason === 'outside_window' && native !== undefined) this.#windows.over(native);
        await inbox.fate?.({ ...here, ...fate });
        return;
      }
      case 'moved':
        await inbox.moved?.({ ...here, ...one.moved });
        return;
      default:
        one satisfies never;
    }
  }

  /** Free words while they are allowed; else, and when Meta says that the 24 hours are over, a template. */
  async #say(to: Address, message: Outbound): Promise<string> {
    const { templates } = this.#settings;
    if (!this.#mayBeFree(to, message.kind)) return this.#post(templated(to, message, templates));
    try {
      return await this.#postAll(message.id, to, freeWords(to, message));
    } catch (cause) {
      if (!(cause instanceof Problem) || cause.members['platformCode'] !== OUTSIDE_WINDOW) throw cause;
      this.#windows.over(to.peer.native);
      if (message.kind !== 'login-code' && templates.notice === null)
        throw new Problem('channel_cannot_initiate', { detail: WINDOW_OVER });
      return this.#post(templated(to, message, templates));
    }
  }

  #mayBeFree({ peer, conversation }: Address, kind: OutboundKind): boolean {
    if (conversation.kind !== 'direct') return true;
    const window = this.#windows.of(peer.native, this.#clock.now());
    if (window !== 'unknown') return window === 'open';
    // Nobody wrote since we started. A code that silently goes nowhere keeps its owner out: only what surely arrives.
    return kind !== 'login-code' && this.#settings.templates.notice === null;
  }

  /** All parts of one message, each once: what was shown before a failure is not shown again. */
  async #postAll(id: string, { peer }: Address, parts: readonly object[]): Promise<string> {
    let ref = '';
    for (const [part, body] of parts.entries()) {
      const key = `${id}/${part}`;
      ref = this.#sent.get(key)?.ref ?? (await this.#post(body));
      if (parts.length > 1) this.#sent.note(key, { ref, native: peer.native });
    }
    return ref;
  }

  async #post(body: object): Promise<string> {
    if (this.#listening === null)
      throw new Problem('channel_unreachable', { detail: 'WhatsApp is not connected' });
    const answer = await callGraph(this.#settings, {
      path: `${this.#settings.phoneNumberId}/messages`,
      body,
    });
    const sent = sentSchema.safeParse(answer);
    const [first] = sent.success ? sent.data.messages : [];
    if (first === undefined)
      throw new Problem('channel_unreachable', { detail: 'WhatsApp answered without a message id' });
    this.#lastOut = this.#clock.now();
    return first.id;
  }

  async #who(signal: AbortSignal): Promise<string> {
    const path = `${this.#settings.phoneNumberId}?fields=display_phone_number,verified_name`;
    const number = numberSchema.safeParse(await callGraph(this.#settings, { path, signal }));
    if (!number.success) {
      throw new Problem('channel_refused', {
        detail: 'Meta knows no phone number of that id',
        hint: 'phoneNumberId is the long number under WhatsApp, API setup; not the phone number itself',
      });
    }
    const { display_phone_number: phone, verified_name: name } = number.data;
    return name === undefined ? phone : `${phone} (${name})`;
  }

  #checkSecrets(): void {
    const { appSecret, verifyToken, phoneNumberId } = this.#settings;
    if (!/^\d{1,30}$/.test(phoneNumberId))
      throw new Problem('channel_refused', { detail: 'phoneNumberId is a number of digits alone' });
    if (appSecret.reveal() !== '' && verifyToken.reveal() !== '') return;
    throw new Problem('channel_refused', {
      detail: 'without appSecret and verifyToken no delivery can be proven, so none is taken',
      hint: 'appSecret is under App settings, Basic; verifyToken is a text of your own',
    });
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

const handleSchema = z.tuple([z.string(), z.string().min(1).max(256)]);

/** Null for a handle of another time. */
function presserOf(handle: string) {
  try {
    const [who, message] = handleSchema.parse(JSON.parse(handle));
    const native = parseNative(who, CLOUD_PEER);
    return native === null ? null : { native, message };
  } catch {
    return null;
  }
}
