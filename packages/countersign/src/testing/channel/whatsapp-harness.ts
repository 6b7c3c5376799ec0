// WhatsApp as a linked device on the stage: the real channel and the real library against a server of our own root, with
// messages that are really sealed. Once as people are met today, by LID, and once by number alone.
import { createHash } from 'node:crypto';
import type { proto } from 'baileys';
import { WhatsApp } from '../../channels/whatsapp/channel.ts';
import { WHATSAPP_TRAITS } from '../../channels/whatsapp/traits.ts';
import { checkChain } from '../../channels/whatsapp/trust.ts';
import { type Native, parseNative } from '../../core/identity/peer.ts';
import { MemoryLog } from '../fakes.ts';
import { MemoryCredentials } from '../whatsapp/credentials.ts';
import { OUR_LID, OUR_PHONE } from '../whatsapp/directory.ts';
import type { Names } from '../whatsapp/person.ts';
import { GROUP, WhatsAppStub } from '../whatsapp/stub.ts';
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

type By = 'lid' | 'phone';

const LACKS: ChannelHarness['lacks'] = {
  'thread-text': 'WhatsApp has no threads',
  inline: 'nobody writes for somebody else on WhatsApp',
  bot: 'bots do not write to one another on WhatsApp',
  anonymous: 'everybody writes as themselves on WhatsApp',
  press: 'a linked device shows no buttons',
  'group-press': 'a linked device shows no buttons',
  tampered: 'what comes is sealed on a connection of our own: there is nothing in between to change',
  'wrong-secret': 'there is no secret that both sides hold',
  stale: 'what is played back on a connection of our own does not open a second time',
  'other-account': 'every account has a connection of its own',
};

const FAILURES: Readonly<Record<VendorFailure, { error: string; backoff?: string }>> = {
  unreachable: { error: '503' },
  rate_limited: { error: '429', backoff: '3' },
  refused: { error: '400' },
  cannot_initiate: { error: '463' },
};

function namesOf(name: string): Names {
  const number = createHash('sha256').update(name).digest().readUInt32BE(0);
  return { phone: String(15_000_000_000 + number), lid: String(200_000_000_000_000 + number) };
}

function nativeOf(name: string, by: By): Native {
  const { phone, lid } = namesOf(name);
  const native = parseNative(by === 'lid' ? `${lid}@lid` : `+${phone}`, WHATSAPP_TRAITS.peerIds);
  if (native === null) throw new Error(`${name} is no name`);
  return native;
}

class WhatsAppBench implements ChannelBench {
  readonly channel: WhatsApp;
  readonly press = NOT_HERE.press;
  readonly told = NOT_HERE.told;
  readonly #stub: WhatsAppStub;
  readonly #by: By;
  readonly #names = new Map<string, string>();

  constructor(channel: WhatsApp, stub: WhatsAppStub, by: By) {
    this.channel = channel;
    this.#stub = stub;
    this.#by = by;
  }

  peer(name: string) {
    // Whoever is spoken of has a phone, whether they have written or not.
    this.#stub.person(namesOf(name));
    return { channel: 'whatsapp', account: this.channel.account, native: nativeOf(name, this.#by) };
  }

  async deliver(event: TestEvent): Promise<Answer> {
    const person = this.#stub.person(namesOf(event.from));
    const { attrs, message, plain } = this.#stanzaOf(event);
    if (message === null) {
      this.#stub.tell({ tag: plain ?? 'presence', attrs });
      return 'acknowledged';
    }
    return this.#stub.say(person, attrs, message);
  }

  /** A message nobody sealed, which the library alone would take from anybody. */
  async forge(event: TestEvent, _: Forgery): Promise<Answer> {
    const { attrs } = this.#stanzaOf(event);
    const { proto: wa } = await import('baileys');
    const content = wa.Message.encode({ conversation: event.text }).finish();
    return this.#stub.stanza({
      tag: 'message',
      attrs: { type: 'text', t: this.#stub.time, ...attrs },
      content: [{ tag: 'plaintext', attrs: {}, content }],
    });
  }

  async shown(name: string, place: Place = 'direct'): Promise<readonly Shown[]> {
    const to = place === 'direct' ? namesOf(name).lid : GROUP;
    return this.#stub.shown
      .filter((one) => one.to === to)
      .map(({ id, text, edited, removed }) => ({ ref: id, text, buttons: [], edited, removed }));
  }

  async visible(): Promise<number> {
    return this.#stub.visible;
  }

  failNext(how: VendorFailure, times: number): void {
    this.#stub.failNext(FAILURES[how], times);
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

  #nameOf(id: string): string {
    const known = this.#names.get(id) ?? this.#stub.name();
    this.#names.set(id, known);
    return known;
  }

  #stanzaOf(event: TestEvent): {
    readonly attrs: Record<string, string>;
    readonly message: proto.IMessage | null;
    readonly plain?: string;
  } {
    const { phone, lid } = namesOf(event.from);
    const [pn, own] = [`${phone}@s.whatsapp.net`, `${lid}@lid`];
    const id = this.#nameOf(event.id);
    const label = { notify: event.displayName ?? event.from };
    const time = event.at === undefined ? {} : { t: String(Math.floor(event.at / 1_000)) };
    const username = event.username === undefined ? {} : { sender_username: event.username };
    const base = { id, ...label, ...time, ...username };
    const direct = this.#by === 'lid' ? { ...base, from: own, sender_pn: pn } : { ...base, from: pn };
    const group = {
      ...base,
      from: GROUP,
      ...(this.#by === 'lid' ? { participant: own, participant_pn: pn } : { participant: pn }),
    };
    const said = { conversation: event.text };
    const context = {
      stanzaId: 'AAAA',
      participant: pn,
      quotedMessage: { conversation: event.quoted ?? 'x' },
    };
    switch (event.kind) {
      case 'text':
      case 'old':
      case 'empty':
        return { attrs: direct, message: said };
      case 'backlog':
        return { attrs: { ...direct, offline: '1' }, message: said };
      case 'group-text':
        return { attrs: group, message: said };
      case 'group-mention':
        return {
          attrs: group,
          message: {
            extendedTextMessage: { text: event.text, contextInfo: { mentionedJid: [`${OUR_LID}@lid`] } },
          },
        };
      case 'edit':
        return {
          attrs: direct,
          message: {
            protocolMessage: {
              type: 14,
              key: { id: 'AAAA', remoteJid: pn, fromMe: false },
              editedMessage: said,
            },
          },
        };
      case 'forwarded':
        return {
          attrs: direct,
          message: { extendedTextMessage: { text: event.text, contextInfo: { isForwarded: true } } },
        };
      case 'reply':
        return {
          attrs: direct,
          message: { extendedTextMessage: { text: event.text, contextInfo: context } },
        };
      case 'quotation':
        return { attrs: direct, message: { conversation: `> ${event.quoted}\n${event.text}` } };
      case 'reaction':
        return {
          attrs: direct,
          message: { reactionMessage: { text: '👍', key: { id: 'AAAA', remoteJid: pn, fromMe: true } } },
        };
      case 'join':
        return { attrs: { from: pn, type: 'available' }, message: null, plain: 'presence' };
      case 'receipt':
        return {
          attrs: { from: pn, id: 'BBBB', t: this.#stub.time, type: 'read' },
          message: null,
          plain: 'receipt',
        };
      case 'own':
        return {
          attrs: { ...base, from: `${OUR_PHONE}@s.whatsapp.net`, recipient: this.#by === 'lid' ? own : pn },
          message: { deviceSentMessage: { destinationJid: own, message: said } },
        };
      case 'system':
        return { attrs: { ...base, from: 'status@broadcast', participant: pn }, message: said };
      case 'media':
        return {
          attrs: direct,
          message: { imageMessage: { mimetype: 'image/jpeg', url: 'https://mmg.whatsapp.net/x' } },
        };
      case 'history':
        return {
          attrs: { ...direct, t: String(Math.floor(this.#stub.now() / 1_000) - 60 * 24 * 3_600) },
          message: said,
        };
      case 'unknown':
        return { attrs: direct, message: { liveLocationMessage: { degreesLatitude: 1 } } };
      case 'thread-text':
      case 'inline':
      case 'bot':
      case 'anonymous':
      case 'press':
      case 'group-press':
        throw new Error(`WhatsApp has no ${event.kind}`);
      default:
        return event.kind satisfies never;
    }
  }
}

async function open(by: By, { clock, account, random }: StagePorts): Promise<ChannelBench> {
  const stub = await WhatsAppStub.start();
  stub.now = () => clock.now();
  stub.knowsLids = by === 'lid';
  const settings = { account, phoneLogin: null, url: stub.url };
  const channel = new WhatsApp(settings, {
    clock,
    random,
    log: new MemoryLog(),
    credentials: new MemoryCredentials(stub.linked()),
    ended: async () => undefined,
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    check: (chain, key) => checkChain(chain, key, stub.root),
  });
  return new WhatsAppBench(channel, stub, by);
}

function harness(by: By): ChannelHarness {
  return {
    name: `whatsapp, people met by ${by === 'lid' ? 'LID with their number' : 'number alone'}`,
    channel: 'whatsapp',
    traits: WHATSAPP_TRAITS,
    lacks: LACKS,
    native: (name) => nativeOf(name, by),
    groupIds: [GROUP, '15550783881-1623456789@g.us', 'status@broadcast', '120363025246125486@newsletter'],
    open: (ports) => open(by, ports),
  };
}

export const whatsappHarness = harness('lid');
export const whatsappPhoneHarness = harness('phone');
