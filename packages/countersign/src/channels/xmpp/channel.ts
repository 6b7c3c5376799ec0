// An account on an XMPP server. A message is acknowledged when it is durable and never before; what goes out is plain
// text, and counts as sent when our server has handled it. One connection after the other, each proven before a word.
import { domainToUnicode } from 'node:url';
import { Problem } from '@countersign/protocol/problem';
import type { Element } from '@xmpp/client';
import type { Address, Channel, ChannelStatus, Delivery, Inbox, Outbound } from '../../core/channel-port.ts';
import type { Inbound } from '../../core/message.ts';
import type { Clock, Log, Millis, Random } from '../../core/ports.ts';
import { pauseBefore, systemPause } from '../pause.ts';
import { SentMessages } from '../sent.ts';
import { type Closed, CONSEQUENCES, closedBy, problemOf } from './closing.ts';
import { type Library, loadXmpp } from './library.ts';
import { Outgoing } from './outgoing.ts';
import { readService } from './service.ts';
import { type Login, Session } from './session.ts';
import { XMPP_TRAITS } from './traits.ts';
import { readMessage, readTold, type Stanza } from './wire.ts';

export interface XmppSettings {
  readonly account: string;
  readonly service: string;
  readonly domain: string;
  readonly username: string;
  readonly password: { reveal(): string };
}

interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** How the account stands, or the reason beside it, is another than before. */
  readonly changed?: () => void;
  /** By the system's timer. */
  readonly pause?: (ms: Millis, signal: AbortSignal) => Promise<void>;
  /** Where a connection may be unencrypted: on this machine. For a stage, which has no other machine. */
  readonly mayBePlain?: (address: string | undefined) => boolean;
}

/** Characters that no XML can carry: one of them would end the stream, and come again with every retry. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const NOT_XML = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g;

export class Xmpp implements Channel {
  readonly id = 'xmpp';
  readonly account: string;
  readonly traits = XMPP_TRAITS;
  readonly #settings: XmppSettings;
  readonly #ports: Ports;
  readonly #sent = new SentMessages();
  readonly #outgoing = new Outgoing();
  /** By person, while something of theirs could not be stored: what they say next waits behind it. */
  readonly #queues = new Map<string, Promise<void>>();
  readonly #resource: string;
  #session: Session | null = null;
  #state: ChannelStatus['state'] = 'off';
  #detail: string | null = null;
  #hint: string | null = null;
  #lastIn: Millis | null = null;
  #lastOut: Millis | null = null;

  constructor(settings: XmppSettings, ports: Ports) {
    this.account = settings.account;
    this.#settings = settings;
    this.#ports = ports;
    // The same for every connection of ours, so that a new one ends the dead one before it; and not to be guessed.
    this.#resource = `countersign-${Buffer.from(ports.random.bytes(9)).toString('base64url')}`;
  }

  async start(inbox: Inbox, signal: AbortSignal): Promise<void> {
    this.#tell('starting', null);
    signal.addEventListener('abort', () => this.#off(), { once: true });
    try {
      const library = await loadXmpp();
      const login = this.#login(this.#resource);
      const { promise, resolve } = Promise.withResolvers<Problem | null>();
      void this.#keepConnected({ library, login, inbox, signal, first: resolve }).catch((cause: unknown) => {
        const problem = cause instanceof Problem ? cause : new Problem('internal', { cause });
        this.#tell('failed', problem.message);
        resolve(problem);
      });
      const why = await promise;
      if (signal.aborted) return this.#off();
      if (why !== null) throw why;
    } catch (cause) {
      if (signal.aborted) return this.#off();
      const problem = cause instanceof Problem ? cause : new Problem('channel_unreachable', { cause });
      this.#tell('failed', problem.message, problem.hint ?? null);
      throw problem;
    }
  }

  status(): ChannelStatus {
    return {
      state: this.#state,
      detail: this.#detail,
      ...(this.#hint === null ? {} : { hint: this.#hint }),
      lastInboundAt: this.#lastIn,
      lastOutboundAt: this.#lastOut,
    };
  }

  /** Where it runs, the connection is asked; otherwise a login that nobody sees, and that takes no message. */
  async probe(signal: AbortSignal): Promise<string> {
    const running = this.#session;
    if (running !== null && this.#state === 'connected') {
      await this.#mended(() => running.settled());
      return running.own;
    }
    const library = await loadXmpp();
    const login = this.#login(`${this.#resource}-check`);
    const hooks = {
      take: async () => undefined,
      closed: () => undefined,
      now: () => this.#ports.clock.now(),
    };
    return this.#mended(async () => {
      const session = await Session.open(library, login, hooks, signal);
      session.end();
      return session.own;
    });
  }

  async send(to: Address, { id, text, kind }: Outbound): Promise<Delivery> {
    const known = this.#sent.get(id);
    if (known !== undefined) return { fate: 'sent', ref: known.ref };
    const isCode = kind === 'login-code';
    const { xml } = await loadXmpp();
    const ref = await this.#say(to, id, text, [
      xml('request', { xmlns: 'urn:xmpp:receipts' }),
      // XEP-0334: kept until it is read, and in no archive after that.
      ...(isCode ? [xml('no-permanent-store', { xmlns: 'urn:xmpp:hints' })] : []),
    ]);
    this.#sent.note(id, { ref, native: to.peer.native });
    return { fate: 'sent', ref };
  }

  async edit(to: Address, ref: string, { id, text }: Outbound): Promise<void> {
    const { xml } = await loadXmpp();
    await this.#say(to, `${id}:edit`, text, [
      xml('replace', { xmlns: 'urn:xmpp:message-correct:0', id: ref }),
    ]);
  }

  async #say({ peer, conversation }: Address, id: string, text: string, more: Element[]): Promise<string> {
    const session = this.#session;
    if (session === null || this.#state !== 'connected') throw notConnected(this.#detail);
    if (conversation.kind !== 'direct')
      throw new Problem('channel_refused', { detail: 'we are in no room of XMPP' });
    const { xml } = await loadXmpp();
    const name = this.#outgoing.name(id, peer.native);
    const body = xml('body', null, text.toWellFormed().replace(NOT_XML, '\uFFFD'));
    const message = xml('message', { to: addressOf(peer.native), type: 'chat', id: name }, body, ...more);
    await this.#mended(() =>
      this.#outgoing.send(name, async () => {
        await session.write(message);
        await session.settled();
      }),
    );
    this.#lastOut = this.#ports.clock.now();
    return name;
  }

  async #keepConnected(line: Line): Promise<void> {
    const { signal, first } = line;
    const { random, log } = this.#ports;
    const pause = this.#ports.pause ?? systemPause;
    for (let failures = 0, hasStood = false; !signal.aborted; ) {
      const why = await this.#one(line, () => {
        failures = 0;
        hasStood = true;
        first(null);
      });
      if (signal.aborted) return first(null);
      const { hint, again } = CONSEQUENCES[why.why];
      log.warn('channel.closed', { channel: this.id, account: this.account, reason: why.why });
      const isRare = again === 'rarely';
      this.#tell(isRare ? 'failed' : 'retrying', why.detail, hint);
      // Who waits for the start is told, and starts us again.
      if (!hasStood && !isRare) return first(problemOf(why));
      first(null);
      failures += 1;
      const chance = new DataView(Uint8Array.from(random.bytes(4)).buffer).getUint32(0) / 2 ** 32;
      await pause(pauseBefore(failures, chance, isRare), signal);
    }
  }

  /** One connection, to its end. */
  async #one({ library, login, inbox, signal }: Line, connected: () => void): Promise<Closed> {
    const { promise, resolve } = Promise.withResolvers<Closed>();
    const ended = new AbortController();
    const hooks = {
      take: (stanza: Stanza, own: string) =>
        this.#take(stanza, own, inbox, AbortSignal.any([signal, ended.signal])),
      closed: resolve,
      now: () => this.#ports.clock.now(),
    };
    let session: Session | null = null;
    const end = () => session?.end();
    try {
      session = await Session.open(library, login, hooks, signal);
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) end();
      else {
        this.#session = session;
        await session.appear();
        this.#tell('connected', this.#who(session));
        connected();
      }
      return await promise;
    } catch (cause) {
      return closedBy(cause);
    } finally {
      ended.abort();
      signal.removeEventListener('abort', end);
      session?.end();
      if (this.#session === session) this.#session = null;
    }
  }

  /** Resolves when it is durable, or nobody's: our server is not told before, and keeps it. */
  async #take(stanza: Stanza, own: string, inbox: Inbox, signal: AbortSignal): Promise<void> {
    const told = readTold(stanza);
    const report = told === null ? null : this.#outgoing.hear(told);
    if (report !== null) {
      const { id, reason } = report;
      const from = { channel: this.id, account: this.account, id };
      await inbox
        .fate?.(reason === null ? { ...from, fate: 'delivered' } : { ...from, fate: 'failed', reason })
        .catch(() => undefined);
      return;
    }
    const us = { account: this.account, own, now: this.#ports.clock.now() };
    const inbound = readMessage(stanza, us);
    if (inbound === null) return;
    const { native } = inbound.peer;
    // Handed on in their order and stored together. Once one has to wait, what its sender says next waits behind it.
    const isFirst = !this.#queues.has(native);
    if (isFirst && (await this.#stored(inbound, inbox))) return;
    const before = this.#queues.get(native) ?? Promise.resolve();
    const stored = before.then(() => this.#keepStoring(inbound, inbox, signal, isFirst ? 1 : 0));
    const tail = stored.catch(() => undefined);
    this.#queues.set(native, tail);
    try {
      await stored;
    } finally {
      if (this.#queues.get(native) === tail) this.#queues.delete(native);
    }
  }

  /** @param failures How often it was tried before. */
  async #keepStoring(inbound: Inbound, inbox: Inbox, signal: AbortSignal, failures: number): Promise<void> {
    const { random } = this.#ports;
    const pause = this.#ports.pause ?? systemPause;
    for (let tried = failures; ; tried += 1) {
      if (tried > 0) await pause(pauseBefore(tried, (random.bytes(1)[0] ?? 0) / 256), signal);
      if (signal.aborted) throw notConnected(null);
      if (await this.#stored(inbound, inbox)) return;
    }
  }

  async #stored(inbound: Inbound, inbox: Inbox): Promise<boolean> {
    const { clock, log } = this.#ports;
    try {
      await inbox.receive(inbound);
      this.#lastIn = clock.now();
      return true;
    } catch (cause) {
      log.warn('channel.waiting', { channel: this.id, reason: Problem.codeOf(cause) });
      return false;
    }
  }

  #login(resource: string): Login {
    const { service, domain, username, password } = this.#settings;
    const { mayBePlain } = this.#ports;
    return {
      service: readService(service),
      domain,
      username,
      password: password.reveal(),
      resource,
      ...(mayBePlain === undefined ? {} : { mayBePlain }),
    };
  }

  async #mended<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      throw cause instanceof Problem ? cause : problemOf(closedBy(cause));
    }
  }

  #who({ own, encrypted, acknowledges }: Session): string {
    const more = [
      encrypted ? null : 'unencrypted, on this machine',
      acknowledges ? null : 'this server loses what is on its way when a connection breaks (no XEP-0198)',
    ];
    return [`as ${own}`, ...more.filter((one) => one !== null)].join('; ');
  }

  #off(): void {
    this.#session?.end();
    this.#tell('off', null);
  }

  #tell(state: ChannelStatus['state'], detail: string | null, hint: string | null = null): void {
    if (state === this.#state && detail === this.#detail && hint === this.#hint) return;
    this.#state = state;
    this.#detail = detail;
    this.#hint = hint;
    this.#ports.changed?.();
  }
}

interface Line {
  readonly library: Library;
  readonly login: Login;
  readonly inbox: Inbox;
  readonly signal: AbortSignal;
  /** Called once at least: null when it stands, or when somebody has to do something first. */
  readonly first: (why: Problem | null) => void;
}

function notConnected(detail: string | null): Problem {
  return new Problem('channel_unreachable', {
    detail: detail === null ? 'XMPP is not connected' : `XMPP is not connected: ${detail}`,
  });
}

/** As servers write it: letters, where we keep what DNS is asked for. */
function addressOf(native: string): string {
  const at = native.lastIndexOf('@');
  const domain = native.slice(at + 1);
  return `${native.slice(0, at)}@${domainToUnicode(domain) || domain}`;
}
