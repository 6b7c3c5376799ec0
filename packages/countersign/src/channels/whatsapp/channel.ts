// WhatsApp as a linked device, through Baileys. A message is acknowledged when it is durable and never before; what goes
// out is plain text under a name that a retry repeats, so that it shows once. When WhatsApp ends the login it is cleared
// and said aloud, and nobody tries on.
import { createHash } from 'node:crypto';
import { Problem } from '@countersign/protocol/problem';
import type { Address, Channel, ChannelStatus, Delivery, Inbox, Outbound } from '../../core/channel-port.ts';
import type { Credentials } from '../../core/credentials-port.ts';
import type { LoginRequest, LoginStep } from '../../core/linking-port.ts';
import type { Clock, Log, Millis, Random } from '../../core/ports.ts';
import { pauseBefore, systemPause } from '../pause.ts';
import { SentMessages } from '../sent.ts';
import { type Closing, CONSEQUENCES, hintFor, lost, notLinked } from './closing.ts';
import { DeviceKeys } from './keys.ts';
import { loadBaileys, type Mended } from './library.ts';
import { linkPhone, whoOf } from './linking.ts';
import { Outgoing } from './outgoing.ts';
import { type Opened, Session } from './session.ts';
import { WHATSAPP_TRAITS } from './traits.ts';
import type { ChainCheck } from './trust.ts';
import { unlinkPhone } from './unlinking.ts';
import { jidOf, readStanza } from './wire.ts';

export interface WhatsAppSettings {
  readonly account: string;
  /** The number to link by a code; null: by a picture. */
  readonly phoneLogin: string | null;
  /** Null: WhatsApp's own. */
  readonly url: string | null;
}

interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly credentials: Credentials;
  /** The login ended by itself: the owner is told, somewhere else. */
  ended(reason: string): Promise<void>;
  /** The state, or the reason beside it, is another than before. */
  changed?(): void;
  /** By the system's timer. */
  pause?(ms: number, signal: AbortSignal): Promise<void>;
  /** Another root than WhatsApp's: for a stage, and set by nothing that anybody can write to. */
  readonly check?: ChainCheck;
}

/** How long one connection may take to be there. */
const CONNECT_MS = 45_000;
/** A change of a message that is older is taken by no phone: it is said anew instead. */
const EDITABLE_SECONDS = 14 * 60;

export class WhatsApp implements Channel {
  readonly id = 'whatsapp';
  readonly account: string;
  readonly traits = WHATSAPP_TRAITS;
  readonly #settings: WhatsAppSettings;
  readonly #ports: Ports;
  readonly #sent = new SentMessages();
  readonly #outgoing = new Outgoing();
  #session: Session | null = null;
  #state: ChannelStatus['state'] = 'off';
  #detail: string | null = null;
  #hint: string | null = null;
  #refused = 0;
  #lastIn: Millis | null = null;
  #lastOut: Millis | null = null;

  constructor(settings: WhatsAppSettings, ports: Ports) {
    this.account = settings.account;
    this.#settings = settings;
    this.#ports = ports;
  }

  async start(inbox: Inbox, signal: AbortSignal): Promise<void> {
    this.#tell('starting', null);
    signal.addEventListener('abort', () => this.#off(), { once: true });
    try {
      const lib = await loadBaileys();
      const why = await this.#connect(lib, inbox, signal);
      if (signal.aborted) return this.#off();
      if (why !== null) throw why;
    } catch (cause) {
      if (signal.aborted) return this.#off();
      const problem = cause instanceof Problem ? cause : new Problem('channel_unreachable', { cause });
      this.#failed(problem);
      throw problem;
    }
  }

  status(): ChannelStatus {
    const refused = this.#refused === 0 ? null : `${this.#refused} unsealed messages refused`;
    const detail = [this.#detail, refused].filter((one) => one !== null).join('; ');
    return {
      state: this.#state,
      detail: detail === '' ? null : detail,
      ...(this.#hint === null ? {} : { hint: this.#hint }),
      lastInboundAt: this.#lastIn,
      lastOutboundAt: this.#lastOut,
    };
  }

  /** What runs is the check: a second connection on one login would end the first. */
  async probe(): Promise<string> {
    if (this.#session !== null && this.#state === 'connected') return this.#who();
    const { baileys } = await loadBaileys();
    const keys = await DeviceKeys.open(baileys, this.#ports.credentials);
    if (!keys.linked) throw notLinked();
    throw new Problem('channel_unreachable', {
      detail: `linked as ${whoOf(keys)}, and not connected${this.#detail === null ? '' : `: ${this.#detail}`}`,
    });
  }

  async login(request: LoginRequest, tell: (step: LoginStep) => void, signal: AbortSignal): Promise<string> {
    const { credentials, clock, check } = this.#ports;
    const lib = await loadBaileys();
    const phone = request.phone ?? this.#settings.phoneLogin;
    const ports = { lib, credentials, clock, url: this.#settings.url };
    return linkPhone({ ...request, phone }, check === undefined ? ports : { ...ports, check }, tell, signal);
  }

  /** @returns whether WhatsApp was told. Our own keys are gone in any case. */
  async logout(signal: AbortSignal): Promise<boolean> {
    const { credentials } = this.#ports;
    try {
      const lib = await loadBaileys();
      const keys = await DeviceKeys.open(lib.baileys, credentials);
      const { url } = this.#settings;
      return keys.linked && (await unlinkPhone({ lib, keys, url, check: this.#ports.check }, signal));
    } finally {
      await credentials.clear();
    }
  }

  async send(to: Address, { id, text }: Outbound): Promise<Delivery> {
    const known = this.#sent.get(id);
    if (known !== undefined) return { fate: 'sent', ref: known.ref };
    const session = this.#open();
    const jid = await this.#jidOf(session, to);
    const messageId = nameOf(id);
    // Before it is sent: the other phone may be faster than we are.
    this.#outgoing.name(messageId, id);
    await this.#say(session, messageId, () =>
      session.socket.sendMessage(jid, { text, linkPreview: null }, { messageId }),
    );
    const ref = `${messageId}@${Math.floor(this.#ports.clock.now() / 1_000)}`;
    this.#sent.note(id, { ref, native: to.peer.native });
    return { fate: 'sent', ref };
  }

  async edit(to: Address, ref: string, message: Outbound): Promise<void> {
    const { text } = message;
    const [messageId = '', seconds] = ref.split('@');
    const age = this.#ports.clock.now() / 1_000 - Number(seconds);
    if (!(age < EDITABLE_SECONDS)) {
      await this.send(to, message);
      return;
    }
    await this.#change(to, `${message.id}:edit`, (jid) => ({
      text,
      linkPreview: null,
      edit: { remoteJid: jid, fromMe: true, id: messageId },
    }));
  }

  async remove(to: Address, ref: string): Promise<void> {
    const [messageId = ''] = ref.split('@');
    await this.#change(to, `${ref}:remove`, (jid) => ({
      delete: { remoteJid: jid, fromMe: true, id: messageId },
    }));
  }

  async #change(
    to: Address,
    id: string,
    make: (jid: string) => Parameters<Session['socket']['sendMessage']>[1],
  ): Promise<void> {
    const session = this.#open();
    const jid = await this.#jidOf(session, to);
    const messageId = nameOf(id);
    await this.#say(session, messageId, () => session.socket.sendMessage(jid, make(jid), { messageId }));
  }

  async #say(session: Session, messageId: string, send: () => Promise<unknown>): Promise<void> {
    try {
      await this.#outgoing.acknowledged(messageId, send);
    } catch (cause) {
      if (cause instanceof Problem) throw cause;
      if (session !== this.#session) throw lost();
      throw new Problem('channel_unreachable', { detail: 'WhatsApp did not take it' });
    }
    this.#lastOut = this.#ports.clock.now();
  }

  async #jidOf(session: Session, { peer, conversation }: Address): Promise<string> {
    if (conversation.kind === 'group') return conversation.id;
    const jid = jidOf(peer.native);
    if (jid.endsWith('@lid') || (await session.mapped(peer.native)) !== null) return jid;
    const [found] = (await session.socket.onWhatsApp(jid).catch(() => {
      throw lost();
    })) ?? [{ exists: false }];
    if (found?.exists === true) return jid;
    throw new Problem('channel_cannot_initiate', { detail: 'that number is not on WhatsApp' });
  }

  #open(): Session {
    if (this.#session === null || this.#state !== 'connected') throw lost(this.#detail);
    return this.#session;
  }

  #who(): string {
    return this.#session?.names[0] ?? 'WhatsApp';
  }

  /** One connection after the other. Resolves when the first stands, or with why there will be none for now. */
  async #connect(lib: Mended, inbox: Inbox, signal: AbortSignal): Promise<Problem | null> {
    const { promise, resolve } = Promise.withResolvers<Problem | null>();
    void this.#keepConnected(lib, inbox, signal, resolve).catch((cause: unknown) => {
      const problem = cause instanceof Problem ? cause : new Problem('internal', { cause });
      this.#failed(problem);
      resolve(problem);
    });
    return promise;
  }

  async #keepConnected(
    lib: Mended,
    inbox: Inbox,
    signal: AbortSignal,
    first: (why: Problem | null) => void,
  ): Promise<void> {
    const { credentials, random, log } = this.#ports;
    const pause = this.#ports.pause ?? systemPause;
    for (let failures = 0, hasStood = false; !signal.aborted; ) {
      const keys = await DeviceKeys.open(lib.baileys, credentials);
      if (!keys.linked) {
        this.#failed(notLinked());
        return first(null);
      }
      const { why, cause } = await this.#one(lib, keys, inbox, signal, () => {
        failures = 0;
        hasStood = true;
        this.#tell('connected', `as ${this.#who()}`);
        first(null);
      });
      if (signal.aborted) return first(null);
      const { detail, hint, again } = CONSEQUENCES[why];
      log.warn('channel.closed', { channel: this.id, account: this.account, reason: cause?.code ?? why });
      if (why === 'logged-out') await this.#loggedOut();
      if (again === 'never') {
        this.#tell('failed', detail, hintFor(hint, this.account));
        return first(null);
      }
      this.#tell('retrying', cause?.message ?? detail, cause?.hint ?? hint);
      // Who waits for the start is told, and starts us again.
      if (!hasStood && again === 'later')
        return first(cause ?? new Problem('channel_unreachable', { detail: `WhatsApp: ${detail}` }));
      failures += 1;
      if (again === 'now' && failures < 3) continue;
      const chance = new DataView(Uint8Array.from(random.bytes(4)).buffer).getUint32(0) / 2 ** 32;
      // Whoever waits for the start would start us again within the minute.
      if (again === 'rarely') first(null);
      await pause(pauseBefore(failures, chance, again === 'rarely'), signal);
    }
  }

  /** One connection, to its end. */
  #one(
    lib: Mended,
    keys: DeviceKeys,
    inbox: Inbox,
    signal: AbortSignal,
    connected: () => void,
  ): Promise<{ readonly why: Closing; readonly cause: Problem | null }> {
    const { clock, check } = this.#ports;
    const { promise, resolve } = Promise.withResolvers<{ why: Closing; cause: Problem | null }>();
    const ended = new AbortController();
    const since = clock.now();
    const session: Session = new Session(lib, {
      keys,
      url: this.#settings.url,
      ...(check === undefined ? {} : { check }),
      take: (opened) => this.#take(opened, session, inbox, since, AbortSignal.any([signal, ended.signal])),
      refused: () => {
        this.#refused += 1;
        this.#ports.log.warn('channel.unsealed', { channel: this.id, account: this.account });
      },
      connected: () => {
        clearTimeout(late);
        connected();
      },
      closed: (why, cause) => {
        clearTimeout(late);
        ended.abort();
        keys.close();
        signal.removeEventListener('abort', end);
        if (this.#session === session) this.#session = null;
        this.#outgoing.lost();
        resolve({ why, cause });
      },
      delivered: (messageId) => this.#delivered(messageId, inbox),
      acknowledged: (messageId, error, backoff) => this.#outgoing.settle(messageId, error, backoff),
    });
    this.#session = session;
    const end = () => {
      keys.close();
      session.end();
    };
    const late = setTimeout(end, CONNECT_MS);
    late.unref();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    return promise;
  }

  /** Until it is durable: WhatsApp is not told before, and asks again after a crash. */
  async #take(
    { attrs, message }: Opened,
    session: Session,
    inbox: Inbox,
    since: Millis,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, random } = this.#ports;
    const pause = this.#ports.pause ?? systemPause;
    const us = { account: this.account, names: session.names, since, now: clock.now() };
    const inbound = await readStanza({ attrs, message }, us, (id) => session.mapped(id));
    if (inbound === null) return;
    for (let attempt = 1; ; attempt++) {
      if (signal.aborted) throw lost();
      try {
        await inbox.receive(inbound);
        if (inbound.actor === 'human') this.#lastIn = clock.now();
        return;
      } catch (cause) {
        this.#ports.log.warn('channel.waiting', { channel: this.id, reason: Problem.codeOf(cause) });
        await pause(pauseBefore(attempt, (random.bytes(1)[0] ?? 0) / 256), signal);
      }
    }
  }

  #delivered(messageId: string, inbox: Inbox): void {
    const id = this.#outgoing.idOf(messageId);
    if (id === null) return;
    const report = { channel: this.id, account: this.account, id, fate: 'delivered' } as const;
    void inbox.fate?.(report).catch(() => undefined);
  }

  async #loggedOut(): Promise<void> {
    // Keys that nobody accepts any more would make every later linking fail.
    await this.#ports.credentials.clear();
    const { detail, hint } = CONSEQUENCES['logged-out'];
    await this.#ports.ended(`${detail}; ${hintFor(hint, this.account)}`).catch(() => undefined);
  }

  #off(): void {
    this.#session?.end();
    this.#tell('off', null);
  }

  #failed({ message, hint }: Problem): void {
    this.#tell('failed', message, hintFor(hint ?? null, this.account));
  }

  #tell(state: ChannelStatus['state'], detail: string | null, hint: string | null = null): void {
    if (state === this.#state && detail === this.#detail) return;
    this.#state = state;
    this.#detail = detail;
    this.#hint = hint;
    this.#ports.changed?.();
  }
}

/** WhatsApp shows one name of one sender once. */
function nameOf(id: string): string {
  return `3EB0${createHash('sha256').update(`countersign ${id}`).digest('hex').slice(0, 18).toUpperCase()}`;
}
