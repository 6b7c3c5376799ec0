// A pager service as a channel: it calls our webhook for every message, signed with a secret we share, and takes our
// answers at its API. Bytes are proven before they are read, and acknowledged after they are durable.
import { createHmac, timingSafeEqual } from 'node:crypto';
import {
  type Address,
  type Channel,
  type ChannelStatus,
  type Clock,
  type Delivery,
  type Inbound,
  type Inbox,
  type Outbound,
  Problem,
  parseNative,
  type Traits,
} from 'countersign/channel';

export const PAGER_TRAITS: Traits = {
  proof: 'signed-webhook',
  assurance: 'medium',
  canInitiate: 'always',
  buttons: false,
  edits: false,
  deletes: false,
  maxText: 500,
  peerIds: /^[1-9]\d{4,9}$/,
  receipts: 'sent',
  streams: false,
  writesConfig: true,
};
const FRESH_MS = 300_000;

interface Ports {
  readonly clock: Clock;
  readonly secret: string;
  /** The service's API: `fetch` with its address. */
  post(message: { to: string; text: string }): Promise<Response>;
}

export class Pager implements Channel {
  readonly id = 'pager';
  readonly traits = PAGER_TRAITS;
  readonly account: string;
  readonly #ports: Ports;
  #inbox: Inbox | null = null;
  #lastIn: number | null = null;
  #lastOut: number | null = null;

  constructor(account: string, ports: Ports) {
    this.account = account;
    this.#ports = ports;
  }

  async start(inbox: Inbox, signal: AbortSignal): Promise<void> {
    this.#inbox = inbox;
    signal.addEventListener('abort', () => {
      this.#inbox = null;
    });
  }

  async send({ peer }: Address, { text }: Outbound): Promise<Delivery> {
    const answer = await this.#ports.post({ to: peer.native, text }).catch(() => null);
    if (answer === null || answer.status >= 500) throw new Problem('channel_unreachable');
    const retryAfter = Number(answer.headers.get('retry-after') ?? 1);
    if (answer.status === 429) throw new Problem('rate_limited', { members: { retryAfter } });
    if (answer.status === 403) throw new Problem('channel_cannot_initiate');
    if (!answer.ok) throw new Problem('channel_refused');
    this.#lastOut = this.#ports.clock.now();
    return { fate: 'sent' };
  }

  async webhook(request: Request): Promise<Response> {
    const body = Buffer.from(await request.arrayBuffer());
    if (!this.#isGenuine(body, request.headers)) return new Response(null, { status: 401 });
    if (this.#inbox === null) return new Response(null, { status: 503 });
    const inbound = this.#read(body);
    if (inbound === null) return new Response(null, { status: 200 });
    try {
      await this.#inbox.receive(inbound);
    } catch {
      return new Response(null, { status: 503 }); // Not durable: the service comes again.
    }
    this.#lastIn = this.#ports.clock.now();
    return new Response(null, { status: 200 });
  }

  status(): ChannelStatus {
    const state = this.#inbox === null ? 'off' : 'connected';
    return { state, detail: null, lastInboundAt: this.#lastIn, lastOutboundAt: this.#lastOut };
  }

  /** The account is signed too: a delivery for another account of ours is no delivery for this one. */
  #isGenuine(body: Buffer, headers: Headers): boolean {
    const { clock, secret } = this.#ports;
    const at = headers.get('x-pager-time') ?? '';
    if (!/^\d{1,15}$/.test(at) || Math.abs(clock.now() - Number(at)) > FRESH_MS) return false;
    const signed = createHmac('sha256', secret).update(`${this.account}\n${at}\n`).update(body).digest();
    const given = Buffer.from(headers.get('x-pager-signature') ?? '', 'hex');
    return given.length === signed.length && timingSafeEqual(given, signed);
  }

  /** Null for everything that is no message of a person. */
  #read(body: Buffer): Inbound | null {
    const page: {
      type?: unknown;
      from?: unknown;
      id?: unknown;
      text?: unknown;
      at?: unknown;
      name?: unknown;
    } = JSON.parse(body.toString('utf8'));
    const { from, id, text, at, name } = page;
    if (page.type !== 'page' || typeof from !== 'string' || typeof id !== 'string') return null;
    const native = parseNative(from, PAGER_TRAITS.peerIds);
    if (native === null || typeof text !== 'string') return null;
    return {
      peer: { channel: this.id, account: this.account, native },
      assurance: PAGER_TRAITS.assurance,
      actor: 'human',
      conversation: { kind: 'direct', id: native },
      messageId: id,
      kind: 'text',
      text,
      sentAt: typeof at === 'number' ? at : null,
      arrived: 'live',
      forwarded: false,
      quoted: false,
      press: null,
      mentioned: true,
      displayName: typeof name === 'string' ? name : null,
      username: null,
      address: null,
    };
  }
}
