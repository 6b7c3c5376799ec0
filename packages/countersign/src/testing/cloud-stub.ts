// Meta's cloud interface, played on loopback: messages by free words, buttons and templates, the 24 hours when a test
// wants them, statuses, media, and deliveries that are really signed.
import { createHmac } from 'node:crypto';
import { type VendorAnswer, type VendorCall, type VendorFault, VendorServer } from './vendor-server.ts';

export interface CloudMessage {
  readonly id: string;
  /** As it was addressed: digits, a business-scoped id, or a group. */
  readonly to: string;
  readonly type: string;
  readonly text: string;
  readonly buttons: readonly { readonly id: string; readonly title: string }[];
  readonly template: string | null;
  readonly answers: string | null;
  /** What we gave it to be told by. */
  readonly ours: string | null;
}

interface Options {
  readonly phoneNumberId?: string;
  readonly now?: () => number;
  /** Where deliveries go; by default the network. */
  readonly post?: (request: Request) => Promise<Response>;
}

export const CLOUD_SECRET = 'app-secret-0123456789abcdef';
export const CLOUD_VERIFY = 'verify-token-of-the-house';
export const CLOUD_TOKEN = 'EAAG-stub-token';

/** What stands in a delivery for one number. */
export interface CloudValue {
  readonly messages?: readonly object[];
  readonly contacts?: readonly object[];
  readonly statuses?: readonly object[];
  readonly [more: string]: unknown;
}

export class CloudStub implements AsyncDisposable {
  readonly phoneNumberId: string;
  readonly messages: CloudMessage[] = [];
  readonly server: VendorServer;
  /** Free words go to these only; null: to everybody. */
  windows: Set<string> | null = null;
  media: { readonly url: string; readonly mime: string; readonly bytes: Uint8Array } | null = null;
  readonly #options: Options;
  #next = 1;

  private constructor(options: Options, server: (stub: () => CloudStub) => VendorServer) {
    this.#options = options;
    this.phoneNumberId = options.phoneNumberId ?? '106540352242922';
    this.server = server(() => this);
  }

  static async start(options: Options = {}): Promise<CloudStub> {
    let answer: (call: VendorCall) => VendorAnswer = () => refused(503, 2, 'not yet');
    const server = await VendorServer.start((call) => answer(call));
    const stub = new CloudStub(options, () => server);
    answer = (call) => stub.#answer(call);
    return stub;
  }

  get url(): string {
    return this.server.url;
  }

  /** Seconds, as Meta counts, in its own form. */
  get timestamp(): string {
    return String(Math.floor((this.#options.now ?? Date.now)() / 1_000));
  }

  name(): string {
    return `wamid.STUB${this.#next++}`;
  }

  shown(to: string): readonly CloudMessage[] {
    return this.messages.filter((one) => one.to === to);
  }

  failNext(path: RegExp, how: VendorFault, times = 1): void {
    this.server.failNext(path, how, times);
  }

  /** The bytes of a delivery, as Meta writes them: with escapes that nobody else would write. */
  bodyOf(value: CloudValue, field = 'messages', phoneNumberId = this.phoneNumberId): string {
    const metadata = { display_phone_number: '15550783881', phone_number_id: phoneNumberId };
    const change = { field, value: { messaging_product: 'whatsapp', metadata, ...value } };
    const whole = {
      object: 'whatsapp_business_account',
      entry: [{ id: '102290129340398', changes: [change] }],
    };
    return JSON.stringify(whole)
      .replace(/[\u0080-\uffff]/g, escaped)
      .replaceAll('/', '\\/');
  }

  requestOf(
    body: string,
    { secret = CLOUD_SECRET, signature = sign(body, secret), path = '/webhooks/whatsapp-cloud/default' } = {},
  ): Request {
    return new Request(`https://stage.example${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        host: 'stage.example',
        ...(signature === '' ? {} : { 'x-hub-signature-256': signature }),
      },
      body,
    });
  }

  async deliver(value: CloudValue, field = 'messages'): Promise<number> {
    const { post = fetch } = this.#options;
    return (await post(this.requestOf(this.bodyOf(value, field)))).status;
  }

  /** A person writes. `from` are digits, or a business-scoped id. */
  say(from: string, text: string, more: object = {}): Promise<number> {
    return this.deliver(this.said(from, text, more));
  }

  said(from: string, text: string, more: object = {}): CloudValue {
    const who = /^\d/.test(from) ? { from } : { from_user_id: from };
    const card = /^\d/.test(from) ? { wa_id: from } : { user_id: from };
    this.windows?.add(from);
    const base = { ...who, id: this.name(), timestamp: this.timestamp, type: 'text', text: { body: text } };
    return { contacts: [{ profile: { name: 'Somebody' }, ...card }], messages: [{ ...base, ...more }] };
  }

  status(message: CloudMessage, status: string, errors?: readonly object[]): Promise<number> {
    const told = {
      id: message.id,
      status,
      timestamp: this.timestamp,
      recipient_id: message.to,
      ...(message.ours === null ? {} : { biz_opaque_callback_data: message.ours }),
      ...(errors === undefined ? {} : { errors }),
    };
    return this.deliver({ statuses: [told] });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }

  #answer({ method, path, headers, body }: VendorCall): VendorAnswer {
    if (headers.authorization !== `Bearer ${CLOUD_TOKEN}`)
      return refused(401, 190, 'Error validating access token');
    const [, place = ''] = /^\/v\d+\.\d+\/(.*)$/.exec(path) ?? [];
    if (method === 'GET' && place.startsWith(`${this.phoneNumberId}?`)) {
      return ok({ display_phone_number: '+1 555-078-3881', verified_name: 'House', id: this.phoneNumberId });
    }
    if (method === 'POST' && place === `${this.phoneNumberId}/messages`) return this.#send(JSON.parse(body));
    if (method === 'GET' && this.media !== null) {
      if (path === '/media') return { status: 200, body: this.media.bytes };
      return ok({ url: this.media.url, mime_type: this.media.mime, id: place });
    }
    return refused(404, 100, 'Unsupported request');
  }

  // biome-ignore lint/suspicious/noExplicitAny: what was posted is looked at as it came.
  #send(sent: any): VendorAnswer {
    const to = String(sent.to ?? sent.recipient ?? '');
    const text = String(sent.text?.body ?? sent.interactive?.body?.text ?? textOfTemplate(sent) ?? '');
    // Meta takes a scoped id in the place of a number, answers well, and delivers nothing.
    const isLost = sent.to !== undefined && sent.recipient_type === 'individual' && !/^\d+$/.test(to);
    if (text.trim() === '') return refused(400, 100, 'the text is empty');
    if (sent.type === 'text' && text.length > 4_096) return refused(400, 100, 'the text is too long');
    const buttons = (sent.interactive?.action?.buttons ?? []).map((one: { reply: object }) => one.reply);
    if (sent.type === 'interactive' && (text.length > 1_024 || buttons.length > 3 || buttons.length === 0))
      return refused(400, 131_009, 'Parameter value is not valid');
    if (buttons.some((one: { id: string; title: string }) => one.title.length > 20 || one.id.length > 256))
      return refused(400, 131_009, 'Button title is too long');
    if (this.windows !== null && sent.type !== 'template' && !this.windows.has(to))
      return refused(400, 131_047, 'Re-engagement message');
    const message = {
      id: this.name(),
      to,
      type: String(sent.type),
      text,
      buttons,
      template: sent.template?.name ?? null,
      answers: sent.context?.message_id ?? null,
      ours: sent.biz_opaque_callback_data ?? null,
    };
    if (!isLost) this.messages.push(message);
    return ok({ messaging_product: 'whatsapp', contacts: [{ input: to }], messages: [{ id: message.id }] });
  }
}

/** The words of a template are Meta's; what we put into its holes is ours. */
// biome-ignore lint/suspicious/noExplicitAny: what was posted is looked at as it came.
function textOfTemplate(sent: any): string | null {
  return sent.template?.components?.[0]?.parameters?.[0]?.text ?? null;
}

export function sign(body: string | Uint8Array, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function ok(body: object): VendorAnswer {
  return { status: 200, body };
}

export function refused(status: number, code: number, message: string): VendorAnswer {
  return { status, body: { error: { message, type: 'OAuthException', code, fbtrace_id: 'stub' } } };
}
