// XMPP on the stage: the real channel and the real library over TCP against a server of our own, which keeps what was not
// acknowledged and hands it over late.

import { Xmpp } from '../../channels/xmpp/channel.ts';
import { XMPP_TRAITS } from '../../channels/xmpp/traits.ts';
import { type Native, parseNative } from '../../core/identity/peer.ts';
import type { Millis } from '../../core/ports.ts';
import { MemoryLog } from '../fakes.ts';
import { escaped, XmppStub } from '../xmpp-stub.ts';
import type { TestEvent } from './events.ts';
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

const NO_ROOMS = 'we join no rooms: a nick in a room is nobody';
const SESSION = 'our own server says it on a connection of our own: there is nothing in between to change';

const LACKS: ChannelHarness['lacks'] = {
  'group-text': NO_ROOMS,
  'group-mention': NO_ROOMS,
  'thread-text': NO_ROOMS,
  inline: 'nobody writes for somebody else on XMPP',
  press: 'there are no buttons on XMPP',
  'group-press': 'there are no buttons on XMPP',
  bot: 'a program is an account like any other on XMPP, and says nothing of it',
  names: 'a message on XMPP carries no name but the address',
  tampered: SESSION,
  unsigned: SESSION,
  'wrong-secret': SESSION,
  stale: SESSION,
  'other-account': 'every account has a connection of its own',
};

const STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas';
const FAILURES: Readonly<Record<VendorFailure, string>> = {
  unreachable: `<error type='wait'><remote-server-timeout xmlns='${STANZAS}'/></error>`,
  rate_limited: `<error type='wait'><policy-violation xmlns='${STANZAS}'/></error>`,
  refused: `<error type='modify'><bad-request xmlns='${STANZAS}'/></error>`,
  cannot_initiate: `<error type='cancel'><item-not-found xmlns='${STANZAS}'/></error>`,
};

function nativeOf(name: string): Native {
  const native = parseNative(`${name}@example.org`, XMPP_TRAITS.peerIds);
  if (native === null) throw new Error(`${name} is no name`);
  return native;
}

const stampOf = (at: Millis) => new Date(at).toISOString();

class XmppBench implements ChannelBench {
  readonly channel: Xmpp;
  readonly press = NOT_HERE.press;
  readonly told = NOT_HERE.told;
  readonly forge = NOT_HERE.forge;
  readonly #stub: XmppStub;
  readonly #now: () => Millis;

  constructor(channel: Xmpp, stub: XmppStub, now: () => Millis) {
    this.channel = channel;
    this.#stub = stub;
    this.#now = now;
  }

  peer(name: string) {
    return { channel: 'xmpp', account: this.channel.account, native: nativeOf(name) };
  }

  deliver(event: TestEvent): Promise<Answer> {
    return this.#stub.deliver(this.#stanzaOf(event));
  }

  async shown(name: string, place: Place = 'direct'): Promise<readonly Shown[]> {
    if (place !== 'direct') return [];
    const shown: { ref: string; text: string; buttons: []; edited: boolean; removed: boolean }[] = [];
    for (const { to, id, text, xml } of this.#stub.taken) {
      if (to !== nativeOf(name)) continue;
      const replaced = /<replace [^>]*id="([^"]*)"/.exec(xml)?.[1];
      const known = shown.find(({ ref }) => ref === replaced);
      if (known === undefined) shown.push({ ref: id, text, buttons: [], edited: false, removed: false });
      else Object.assign(known, { text, edited: true });
    }
    return shown;
  }

  async visible(): Promise<number> {
    return this.#stub.taken.length;
  }

  failNext(how: VendorFailure, times: number): void {
    for (let n = 0; n < times; n++) this.#stub.bounces.push(FAILURES[how]);
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

  #stanzaOf({ kind, from, id, text, quoted = 'x', at }: TestEvent): string {
    const own = this.#stub.own;
    const who = nativeOf(from);
    // A resource is the sender's own to choose.
    const said = (more = '', body = text, attrs = `from='${who}/owner@example.org' type='chat'`) =>
      `<message ${attrs} to='${own}' id='${escaped(id)}'><body>${escaped(body)}</body>${more}</message>`;
    const silent = (inner: string) =>
      `<message from='${who}/x' to='${own}' id='${escaped(id)}'>${inner}</message>`;
    const delay = (stamp: Millis) =>
      `<delay xmlns='urn:xmpp:delay' from='example.org' stamp='${stampOf(stamp)}'/>`;
    switch (kind) {
      case 'text':
      case 'empty':
        return said();
      case 'backlog':
        return said(delay(this.#now()));
      case 'old':
        return said(delay(at ?? this.#now()));
      case 'edit':
        return said("<replace xmlns='urn:xmpp:message-correct:0' id='before'/>");
      case 'forwarded':
        return said(
          `<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='${nativeOf('olga')}' ` +
            `type='chat'><body>${escaped(text)}</body></message></forwarded>`,
        );
      case 'reply': {
        const words = `> ${quoted}\n`;
        return said(
          `<reply xmlns='urn:xmpp:reply:0' to='${own}' id='before'/><fallback xmlns='urn:xmpp:fallback:0' ` +
            `for='urn:xmpp:reply:0'><body start='0' end='${[...words].length}'/></fallback>`,
          `${words}${text}`,
        );
      }
      case 'quotation':
        return said('', `> ${quoted}\n${text}`);
      case 'reaction':
        return silent(
          "<reactions xmlns='urn:xmpp:reactions:0' id='before'><reaction>👍</reaction></reactions>",
        );
      case 'join':
        return `<presence from='${who}/x' to='${own}' type='subscribe' id='${escaped(id)}'/>`;
      case 'receipt':
        return silent("<received xmlns='urn:xmpp:receipts' id='before'/>");
      case 'own':
        return `<message from='${own}' to='${own}/x' type='chat'><sent xmlns='urn:xmpp:carbons:2'><forwarded
          xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='${own}/y' to='${who}' type='chat'><body>${escaped(text)}</body></message></forwarded></sent></message>`;
      case 'anonymous':
        // A private message out of a room: the nick says whatever it likes.
        return said(
          "<x xmlns='http://jabber.org/protocol/muc#user'/>",
          text,
          `from='room@rooms.example.org/${from}' type='chat'`,
        );
      case 'system':
        return said('', text, "from='example.org' type='headline'");
      case 'media':
        return said(
          "<x xmlns='jabber:x:oob'><url>https://files.example.org/a.jpg</url></x>",
          'https://files.example.org/a.jpg',
        );
      case 'history':
        return `<message from='${own}' to='${own}/x'><result xmlns='urn:xmpp:mam:2' id='1'><forwarded
          xmlns='urn:xmpp:forward:0'>${delay(0)}<message xmlns='jabber:client' from='${who}/x' to='${own}' type='chat'><body>${escaped(text)}</body></message></forwarded></result></message>`;
      case 'unknown':
        return silent(
          "<composing xmlns='http://jabber.org/protocol/chatstates'/><tune xmlns='urn:example:1'/>",
        );
      case 'group-text':
      case 'group-mention':
      case 'thread-text':
      case 'inline':
      case 'bot':
      case 'press':
      case 'group-press':
        throw new Error(`XMPP has no ${kind}`);
      default:
        return kind satisfies never;
    }
  }
}

async function open({ clock, account, random }: StagePorts): Promise<ChannelBench> {
  const stub = await XmppStub.start();
  stub.now = () => clock.now();
  const { username, password } = stub.account;
  const settings = {
    account,
    service: stub.service,
    domain: stub.domain,
    username,
    password: { reveal: () => password },
  };
  const channel = new Xmpp(settings, {
    clock,
    random,
    log: new MemoryLog(),
    pause: () => new Promise((resolve) => setImmediate(resolve)),
  });
  return new XmppBench(channel, stub, () => clock.now());
}

export const xmppHarness: ChannelHarness = {
  name: 'xmpp',
  channel: 'xmpp',
  traits: XMPP_TRAITS,
  lacks: LACKS,
  native: nativeOf,
  groupIds: ['room:room@rooms.example.org', 'room@rooms.example.org/ana', 'rooms.example.org'],
  open,
};
