// Twilio, played on loopback: messages by words and by templates, the 24 hours of WhatsApp when a test wants them, fates,
// and deliveries signed by Twilio's own library.
import { createHash } from 'node:crypto';
import webhooks from 'twilio/lib/webhooks/webhooks.js';
import { type VendorAnswer, type VendorCall, type VendorFault, VendorServer } from './vendor-server.ts';

export interface TwilioMessage {
  readonly sid: string;
  readonly to: string;
  readonly from: string;
  readonly text: string;
  readonly template: string | null;
  readonly callback: string | null;
}

export type Form = Readonly<Record<string, string>>;

interface Options {
  readonly from?: string;
  /** Where deliveries go; by default the network. */
  readonly post?: (request: Request) => Promise<Response>;
  readonly origin?: string;
}

export const TWILIO_SID = `AC${'0123456789abcdef'.repeat(2)}`;
export const TWILIO_TOKEN = 'twilio-auth-token-0123456789';

export class TwilioStub implements AsyncDisposable {
  readonly from: string;
  readonly messages: TwilioMessage[] = [];
  readonly server: VendorServer;
  readonly origin: string;
  /** Free words go to these only; null: to everybody. */
  windows: Set<string> | null = null;
  status = 'active';
  readonly #options: Options;
  #next = 1;

  private constructor(options: Options, server: VendorServer) {
    this.#options = options;
    this.from = options.from ?? '+15550783881';
    this.origin = options.origin ?? 'https://stage.example';
    this.server = server;
  }

  static async start(options: Options = {}): Promise<TwilioStub> {
    let answer: (call: VendorCall) => VendorAnswer = () => refusedBy(503, 20_500, 'not yet');
    const server = await VendorServer.start((call) => answer(call));
    const stub = new TwilioStub(options, server);
    answer = (call) => stub.#answer(call);
    return stub;
  }

  get url(): string {
    return this.server.url;
  }

  sid(): string {
    return `SM${createHash('md5')
      .update(`${this.from} ${this.#next++}`)
      .digest('hex')}`;
  }

  shown(to: string): readonly TwilioMessage[] {
    return this.messages.filter((one) => one.to === to);
  }

  failNext(path: RegExp, how: VendorFault, times = 1): void {
    this.server.failNext(path, how, times);
  }

  /** What Twilio posts for a message. */
  formOf(from: string, text: string, sid = this.sid(), more: Form = {}): Form {
    const isWhatsApp = from.startsWith('whatsapp:');
    return {
      AccountSid: TWILIO_SID,
      ApiVersion: '2010-04-01',
      Body: text,
      From: from,
      MessageSid: sid,
      NumMedia: '0',
      NumSegments: '1',
      SmsMessageSid: sid,
      SmsSid: sid,
      SmsStatus: 'received',
      To: this.from,
      ...(isWhatsApp
        ? { ProfileName: 'Somebody', MessageType: 'text', WaId: from.replace(/^whatsapp:\+/, '') }
        : { FromCity: 'SAN FRANCISCO', FromCountry: 'US', ToCountry: 'US' }),
      ...more,
    };
  }

  requestOf(
    form: Form,
    {
      path = '/webhooks/twilio/default',
      token = TWILIO_TOKEN,
      signature = webhooks.getExpectedTwilioSignature(token, `${this.origin}${path}`, { ...form }),
    } = {},
  ): Request {
    return new Request(`${this.origin}${path}`, {
      method: 'POST',
      headers: {
        host: new URL(this.origin).host,
        'content-type': 'application/x-www-form-urlencoded',
        ...(signature === '' ? {} : { 'x-twilio-signature': signature }),
      },
      body: new URLSearchParams(form).toString(),
    });
  }

  async deliver(form: Form, path?: string): Promise<number> {
    const { post = fetch } = this.#options;
    return (await post(this.requestOf(form, path === undefined ? {} : { path }))).status;
  }

  say(from: string, text: string, more: Form = {}): Promise<number> {
    this.windows?.add(from);
    return this.deliver(this.formOf(from, text, this.sid(), more));
  }

  /** What became of a message, told where we asked to be told. */
  async tell(message: TwilioMessage, status: string, error?: string): Promise<number> {
    if (message.callback === null) throw new Error('nobody asked to be told');
    const { pathname, search } = new URL(message.callback);
    const form = {
      AccountSid: TWILIO_SID,
      ApiVersion: '2010-04-01',
      From: this.from,
      To: message.to,
      MessageSid: message.sid,
      MessageStatus: status,
      SmsSid: message.sid,
      SmsStatus: status,
      ...(error === undefined ? {} : { ErrorCode: error }),
    };
    return this.deliver(form, `${pathname}${search}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }

  #answer({ method, path, headers, body }: VendorCall): VendorAnswer {
    const basic = Buffer.from(`${TWILIO_SID}:${TWILIO_TOKEN}`).toString('base64');
    if (headers.authorization !== `Basic ${basic}`) return refusedBy(401, 20_003, 'Authenticate');
    const root = `/2010-04-01/Accounts/${TWILIO_SID}`;
    if (method === 'GET' && path === `${root}.json`)
      return { status: 200, body: { sid: TWILIO_SID, friendly_name: 'House', status: this.status } };
    if (method === 'POST' && path === `${root}/Messages.json`) return this.#send(new URLSearchParams(body));
    return refusedBy(404, 20_404, 'The requested resource was not found');
  }

  #send(form: URLSearchParams): VendorAnswer {
    const to = form.get('To') ?? '';
    const template = form.get('ContentSid');
    const holes: unknown = JSON.parse(form.get('ContentVariables') ?? '{}');
    const filled = typeof holes === 'object' && holes !== null && '1' in holes ? String(holes['1']) : '';
    const text = form.get('Body') ?? filled;
    if (form.get('From') !== this.from) return refusedBy(400, 21_606, 'The From number is not yours');
    if (text.trim() === '') return refusedBy(400, 21_602, 'Message body is required');
    if (text.length > 1_600) return refusedBy(400, 21_617, 'The message exceeds the limit');
    if (this.windows !== null && template === null && !this.windows.has(to))
      return refusedBy(400, 63_016, 'Outside the allowed window');
    const message = {
      sid: this.sid(),
      to,
      from: this.from,
      text,
      template,
      callback: form.get('StatusCallback'),
    };
    this.messages.push(message);
    return { status: 201, body: { sid: message.sid, status: 'queued' } };
  }
}

export function refusedBy(status: number, code: number, message: string): VendorAnswer {
  return { status, body: { code, message, status, more_info: 'https://www.twilio.com/docs/errors' } };
}
