// WhatsApp through Meta's cloud interface on the stage: the real channel against our stub, with deliveries that are really
// signed. Once with people known by phone number alone, once by the ids that outlive it.
import { createHash } from 'node:crypto';
import { WhatsAppCloud } from '../../channels/whatsapp-cloud/channel.ts';
import { WHATSAPP_CLOUD_TRAITS } from '../../channels/whatsapp-cloud/traits.ts';
import { type Native, parseNative } from '../../core/identity/peer.ts';
import {
  CLOUD_SECRET,
  CLOUD_TOKEN,
  CLOUD_VERIFY,
  CloudStub,
  type CloudValue,
  refused,
} from '../cloud-stub.ts';
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

type By = 'phone' | 'scoped';

const GROUP = 'GRP.120363025246125486';

const LACKS: ChannelHarness['lacks'] = {
  'group-mention': 'a business number is not named in groups: nothing says that a message meant it',
  'thread-text': 'WhatsApp has no threads',
  edit: 'a business number is told of no changes',
  inline: 'nobody writes for somebody else on WhatsApp',
  quotation: 'a quoted message comes beside the text, never in it',
  join: 'a business number is told of nobody who comes or goes',
  bot: 'bots do not write to one another on WhatsApp',
  anonymous: 'everybody writes as themselves on WhatsApp',
  stale: 'Meta signs no time; an old delivery is known by its id and by the time of its messages',
  connection: 'Meta comes to us: there is no connection of ours to lose',
};

const FAILURES: Readonly<Record<VendorFailure, VendorFault>> = {
  unreachable: refused(503, 131_016, 'Service unavailable'),
  rate_limited: { ...refused(429, 130_429, 'Rate limit hit'), headers: { 'retry-after': '3' } },
  refused: refused(400, 131_009, 'Parameter value is not valid'),
  cannot_initiate: refused(400, 131_026, 'Message undeliverable'),
};

function nativeOf(name: string, by: By): Native {
  const number = createHash('sha256').update(name).digest().readUInt32BE(0) + 15_000_000_000;
  const native = parseNative(
    by === 'phone' ? `+${number}` : `US.${number}00A`,
    WHATSAPP_CLOUD_TRAITS.peerIds,
  );
  if (native === null) throw new Error(`${name} is no name`);
  return native;
}

class CloudBench implements ChannelBench {
  readonly channel: WhatsAppCloud;
  readonly disconnect = NOT_HERE.disconnect;
  readonly reconnect = NOT_HERE.reconnect;
  readonly #stub: CloudStub;
  readonly #by: By;
  readonly #names = new Map<string, string>();

  constructor(channel: WhatsAppCloud, stub: CloudStub, by: By) {
    this.channel = channel;
    this.#stub = stub;
    this.#by = by;
  }

  peer(name: string) {
    return { channel: 'whatsapp-cloud', account: this.channel.account, native: nativeOf(name, this.#by) };
  }

  async deliver(event: TestEvent): Promise<Answer> {
    const { field, ...value } = this.#valueOf(event);
    return answerOf(await this.#stub.deliver(value, field));
  }

  async forge(event: TestEvent, how: Forgery): Promise<Answer> {
    const { field, ...value } = this.#valueOf(event);
    const body = this.#stub.bodyOf(value, field);
    const request = {
      unsigned: () => this.#stub.requestOf(body, { signature: '' }),
      'wrong-secret': () => this.#stub.requestOf(body, { secret: 'guessed' }),
      'other-account': () => this.#stub.requestOf(body, { secret: 'app-secret-of-support' }),
      tampered: () => {
        const signed = this.#stub.requestOf(body);
        const signature = signed.headers.get('x-hub-signature-256') ?? '';
        return this.#stub.requestOf(body.replace('"type"', '"typf"'), { signature });
      },
      stale: () => this.#stub.requestOf(body, { signature: '' }),
    }[how]();
    return answerOf((await this.channel.webhook(request)).status);
  }

  async shown(name: string, place: Place = 'direct'): Promise<readonly Shown[]> {
    const to = place === 'direct' ? nativeOf(name, this.#by).replace('+', '') : GROUP;
    return this.#stub
      .shown(to)
      .filter(({ answers }) => answers === null)
      .map(({ id, text, buttons }) => ({
        ref: id,
        text,
        buttons: buttons.map(({ title }) => title),
        edited: false,
        removed: false,
      }));
  }

  async visible(): Promise<number> {
    return this.#stub.messages.length;
  }

  async press(message: Shown, label: string, as: string): Promise<Answer> {
    const card = this.#stub.messages.find(({ id }) => id === message.ref);
    const button = card?.buttons.find(({ title }) => title === label);
    if (button === undefined) throw new Error('nobody was shown that button');
    const made = { kind: 'press', from: as, id: this.#stub.name(), text: '', value: button.id } as const;
    return this.deliver(made);
  }

  async told(name: string): Promise<readonly string[]> {
    const to = nativeOf(name, this.#by).replace('+', '');
    return this.#stub
      .shown(to)
      .filter(({ answers }) => answers !== null)
      .map(({ text }) => text);
  }

  failNext(how: VendorFailure, times: number): void {
    this.#stub.failNext(/\/messages$/, FAILURES[how], times);
  }

  async until(...states: string[]): Promise<void> {
    while (!states.includes(this.channel.status().state)) {
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stub[Symbol.asyncDispose]();
  }

  #nameOf(id: string): string {
    const known = this.#names.get(id) ?? this.#stub.name();
    this.#names.set(id, known);
    return known;
  }

  #valueOf(event: TestEvent): CloudValue & { readonly field?: string } {
    const native = nativeOf(event.from, this.#by);
    const who = this.#by === 'phone' ? { from: native.slice(1) } : { from_user_id: native };
    const own = this.#by === 'phone' ? { wa_id: native.slice(1) } : { user_id: native };
    const seconds = (at: number) => String(Math.floor(at / 1_000));
    const timestamp = event.at === undefined ? this.#stub.timestamp : seconds(event.at);
    const id = this.#nameOf(event.id);
    const profile = {
      name: event.displayName ?? event.from,
      ...(event.username === undefined ? {} : { username: event.username }),
    };
    // Somebody else's card stands first: it is nobody's here.
    const contacts = [
      { profile: { name: 'Mallory' }, wa_id: '15550000001', user_id: 'US.1' },
      { profile, ...own },
    ];
    const value = (message: object): CloudValue => ({
      contacts,
      messages: [{ ...who, id, timestamp, ...message }],
    });
    const text = { type: 'text', text: { body: event.text } };
    const pressed = {
      type: 'interactive',
      interactive: { type: 'button_reply', button_reply: { id: event.value, title: 'Approve' } },
      context: { from: '15550783881', id: 'wamid.CARD' },
    };
    switch (event.kind) {
      case 'text':
      case 'old':
      case 'empty':
        return value(text);
      case 'backlog':
        return value({ ...text, timestamp: String(Number(timestamp) - 60) });
      case 'group-text':
        return value({ ...text, group_id: GROUP });
      case 'forwarded':
        return value({ ...text, context: { forwarded: true } });
      case 'reply':
        return value({ ...text, context: { from: '15550783881', id: 'wamid.OTHER' } });
      case 'reaction':
        return value({ type: 'reaction', reaction: { message_id: 'wamid.OTHER', emoji: '👍' } });
      case 'receipt': {
        const told = { id: 'wamid.OTHER', status: 'read', timestamp, recipient_id: native };
        return { statuses: [{ ...told, biz_opaque_callback_data: 'out_unknown' }] };
      }
      case 'own': {
        const message = { from: '15550783881', to: native.replace('+', ''), id, timestamp };
        return { field: 'smb_message_echoes', message_echoes: [{ ...message, ...text }] };
      }
      case 'system':
        return value({ type: 'system', system: { body: event.text, type: 'something_new' } });
      case 'media':
        return value({ type: 'image', image: { id: '1', mime_type: 'image/jpeg' } });
      case 'press':
        return value(pressed);
      case 'group-press':
        return value({ ...pressed, group_id: GROUP });
      case 'history': {
        const thread = { id: native, messages: [{ ...who, id, timestamp, ...text }] };
        return { field: 'history', history: [{ threads: [thread] }] };
      }
      case 'unknown':
        return value({ type: 'telepathy', telepathy: { thought: event.text } });
      case 'group-mention':
      case 'thread-text':
      case 'edit':
      case 'inline':
      case 'quotation':
      case 'join':
      case 'bot':
      case 'anonymous':
        throw new Error(`WhatsApp has no ${event.kind}`);
      default:
        return event.kind satisfies never;
    }
  }
}

function answerOf(status: number): Answer {
  return status === 200 ? 'acknowledged' : 'refused';
}

async function open(by: By, { clock, account }: StagePorts): Promise<ChannelBench> {
  const stub = await CloudStub.start({
    now: () => clock.now(),
    post: (request) => channel.webhook(request),
  });
  const settings = {
    account,
    phoneNumberId: stub.phoneNumberId,
    accessToken: { reveal: () => CLOUD_TOKEN },
    appSecret: { reveal: () => CLOUD_SECRET },
    verifyToken: { reveal: () => CLOUD_VERIFY },
    apiRoot: stub.url,
    templates: { login: null, notice: null, language: 'en' },
  };
  const channel = new WhatsAppCloud(settings, { clock });
  return new CloudBench(channel, stub, by);
}

function harness(by: By): ChannelHarness {
  return {
    name: `whatsapp-cloud, people known by ${by === 'phone' ? 'number' : 'business-scoped id'}`,
    channel: 'whatsapp-cloud',
    traits: WHATSAPP_CLOUD_TRAITS,
    lacks: LACKS,
    native: (name) => nativeOf(name, by),
    groupIds: [GROUP, '120363025246125486@g.us', '15550783881-1623456789'],
    open: (ports) => open(by, ports),
  };
}

export const cloudHarness = harness('phone');
export const cloudScopedHarness = harness('scoped');
