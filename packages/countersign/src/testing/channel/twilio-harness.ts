// Twilio on the stage, by SMS and by WhatsApp: the real channel against our stub, with deliveries signed by Twilio's own
// library.
import { createHash } from 'node:crypto';
import { Twilio } from '../../channels/twilio/channel.ts';
import { TWILIO_SMS_TRAITS, TWILIO_WHATSAPP_TRAITS, type Way } from '../../channels/twilio/traits.ts';
import { type Native, parseNative } from '../../core/identity/peer.ts';
import { type Form, refusedBy, TWILIO_SID, TWILIO_TOKEN, TwilioStub } from '../twilio-stub.ts';
import type { VendorFault } from '../vendor-server.ts';
import type { Forgery, TestEvent } from './events.ts';
import type { VendorFailure } from './failures.ts';
import {
  type Answer,
  type ChannelBench,
  type ChannelHarness,
  NOT_HERE,
  type Place,
  type Shown,
  type StagePorts,
} from './harness.ts';

const NO_GROUPS = 'Twilio brings direct messages only';
const NO_BUTTONS = 'buttons would be templates of their own, approved one by one';
const NO_TIME = 'Twilio tells no time of a message';

const LACKS: ChannelHarness['lacks'] = {
  'group-text': NO_GROUPS,
  'group-mention': NO_GROUPS,
  'thread-text': NO_GROUPS,
  'group-press': NO_GROUPS,
  press: NO_BUTTONS,
  backlog: NO_TIME,
  history: 'Twilio never hands over the past',
  old: NO_TIME,
  edit: 'Twilio tells of no changes',
  inline: 'nobody writes for somebody else by Twilio',
  reply: 'what a message answers comes beside the text, as an id alone',
  quotation: 'a quoted message comes beside the text, never in it',
  join: 'Twilio tells of nobody who comes or goes',
  own: 'what we say does not come back',
  bot: 'a program that writes has a number like anybody else',
  anonymous: 'everybody has a number',
  stale: 'Twilio signs no time; an old delivery is known by its message id',
  connection: 'Twilio comes to us: there is no connection of ours to lose',
};
const SMS_LACKS: ChannelHarness['lacks'] = {
  ...LACKS,
  forwarded: 'an SMS does not say that it was forwarded',
  reaction: 'an SMS has none',
  names: 'an SMS comes from a number and nothing else',
};

const FAILURES: Readonly<Record<VendorFailure, VendorFault>> = {
  unreachable: refusedBy(503, 20_503, 'Service unavailable'),
  rate_limited: { ...refusedBy(429, 20_429, 'Too many requests'), headers: { 'retry-after': '3' } },
  refused: refusedBy(400, 21_602, 'Message body is required'),
  cannot_initiate: refusedBy(400, 21_610, 'Attempt to send to unsubscribed recipient'),
};

function nativeOf(name: string, way: Way): Native {
  const number = createHash('sha256').update(name).digest().readUInt32BE(0) + 15_000_000_000;
  const { peerIds } = way === 'sms' ? TWILIO_SMS_TRAITS : TWILIO_WHATSAPP_TRAITS;
  const native = parseNative(`${way === 'sms' ? '' : 'whatsapp:'}+${number}`, peerIds);
  if (native === null) throw new Error(`${name} is no name`);
  return native;
}

class TwilioBench implements ChannelBench {
  readonly channel: Twilio;
  readonly press = NOT_HERE.press;
  readonly told = NOT_HERE.told;
  readonly disconnect = NOT_HERE.disconnect;
  readonly reconnect = NOT_HERE.reconnect;
  readonly #stub: TwilioStub;
  readonly #way: Way;
  readonly #sids = new Map<string, string>();

  constructor(channel: Twilio, stub: TwilioStub, way: Way) {
    this.channel = channel;
    this.#stub = stub;
    this.#way = way;
  }

  peer(name: string) {
    return { channel: 'twilio', account: this.channel.account, native: nativeOf(name, this.#way) };
  }

  async deliver(event: TestEvent): Promise<Answer> {
    if (event.kind === 'receipt') {
      const path = `/webhooks/twilio/${this.channel.account}?m=out_unknown`;
      const form = { AccountSid: TWILIO_SID, From: this.#stub.from, MessageSid: this.#sidOf(event.id) };
      return answerOf(await this.#stub.deliver({ ...form, MessageStatus: 'read' }, path));
    }
    return answerOf(await this.#stub.deliver(this.#formOf(event)));
  }

  async forge(event: TestEvent, how: Forgery): Promise<Answer> {
    const form = this.#formOf(event);
    const request = {
      unsigned: () => this.#stub.requestOf(form, { signature: '' }),
      'wrong-secret': () => this.#stub.requestOf(form, { token: 'guessed' }),
      'other-account': () => this.#stub.requestOf(form, { token: 'token-of-support' }),
      tampered: () => {
        const signature = this.#stub.requestOf(form).headers.get('x-twilio-signature') ?? '';
        return this.#stub.requestOf({ ...form, Body: `${form['Body']}!` }, { signature });
      },
      stale: () => this.#stub.requestOf(form, { signature: '' }),
    }[how]();
    return answerOf((await this.channel.webhook(request)).status);
  }

  async shown(name: string, place: Place = 'direct'): Promise<readonly Shown[]> {
    if (place !== 'direct') return [];
    return this.#stub
      .shown(nativeOf(name, this.#way))
      .map(({ sid, text }) => ({ ref: sid, text, buttons: [], edited: false, removed: false }));
  }

  async visible(): Promise<number> {
    return this.#stub.messages.length;
  }

  failNext(how: VendorFailure, times: number): void {
    this.#stub.failNext(/\/Messages\.json$/, FAILURES[how], times);
  }

  async until(...states: string[]): Promise<void> {
    while (!states.includes(this.channel.status().state)) {
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stub[Symbol.asyncDispose]();
  }

  #sidOf(id: string): string {
    const known = this.#sids.get(id) ?? this.#stub.sid();
    this.#sids.set(id, known);
    return known;
  }

  #formOf(event: TestEvent): Form {
    const from = nativeOf(event.from, this.#way);
    const named =
      event.displayName === undefined || this.#way === 'sms' ? {} : { ProfileName: event.displayName };
    const form = (text: string, more: Form = {}) =>
      this.#stub.formOf(from, text, this.#sidOf(event.id), { ...named, ...more });
    switch (event.kind) {
      case 'text':
      case 'empty':
        return form(event.text);
      case 'forwarded':
        return form(event.text, { Forwarded: 'true' });
      case 'reaction':
        return form('👍', { MessageType: 'reaction' });
      case 'media':
        return form('', {
          NumMedia: '1',
          MediaUrl0: 'https://api.twilio.com/m',
          MediaContentType0: 'image/jpeg',
        });
      case 'system':
        // A short code: no person, and no number either.
        return form(event.text, { From: '32665', WaId: '15550000000' });
      case 'unknown':
        return form('', { NumMedia: '0', MessageType: 'telepathy' });
      default:
        throw new Error(`Twilio has no ${event.kind}`);
    }
  }
}

function answerOf(status: number): Answer {
  return status === 200 ? 'acknowledged' : 'refused';
}

async function open(way: Way, { clock, account }: StagePorts): Promise<ChannelBench> {
  const stub = await TwilioStub.start({
    from: way === 'sms' ? '+15550783881' : 'whatsapp:+15550783881',
    post: (request) => channel.webhook(request),
  });
  const settings = {
    account,
    accountSid: TWILIO_SID,
    authToken: { reveal: () => TWILIO_TOKEN },
    from: stub.from,
    apiRoot: stub.url,
    publicUrl: stub.origin,
    templates: { login: null, notice: null },
  };
  const channel = new Twilio(settings, { clock });
  return new TwilioBench(channel, stub, way);
}

function harness(way: Way): ChannelHarness {
  return {
    name: `twilio, by ${way === 'sms' ? 'SMS' : 'WhatsApp'}`,
    channel: 'twilio',
    traits: way === 'sms' ? TWILIO_SMS_TRAITS : TWILIO_WHATSAPP_TRAITS,
    lacks: way === 'sms' ? SMS_LACKS : LACKS,
    native: (name) => nativeOf(name, way),
    // Twilio brings no groups; what has the form of one elsewhere is nobody here.
    groupIds: ['120363025246125486@g.us', `${way === 'sms' ? 'whatsapp:' : ''}+15550000009x`],
    open: (ports) => open(way, ports),
  };
}

export const twilioSmsHarness = harness('sms');
export const twilioWhatsAppHarness = harness('whatsapp');
