// One connection, from the first byte to the last. Whatever comes is weighed here before the library sees it. Before TLS it
// sees the way to TLS and no more, so that a line taken out or put in is refused and not believed. After the login it sees
// nothing: stanzas are ours, and counted as handled when they are durable. It does not go elsewhere, and not again.
import { StringDecoder } from 'node:string_decoder';
import { checkServerIdentity } from 'node:tls';
import type { Client, Element } from '@xmpp/client';
import type { Millis } from '../../core/ports.ts';
import { Acks } from './acks.ts';
import { Closed, closedBy, streamClosed } from './closing.ts';
import { Gate } from './gate.ts';
import { type Library, stanzaOf } from './library.ts';
import { ANSWER_MS, Queries } from './queries.ts';
import { isLoopbackAddress, type Service } from './service.ts';
import { asciiOf, bareOf, type Stanza } from './wire.ts';

const NS = {
  stream: 'http://etherx.jabber.org/streams',
  errors: 'urn:ietf:params:xml:ns:xmpp-streams',
  sm: 'urn:xmpp:sm:3',
} as const;

const LOGIN_MS = 30_000;
const SILENCE_MS = 60_000;
const GOODBYE_MS = 1_000;
/** One stanza at most. Servers stop at a quarter of it. */
const MAX_BYTES = 1024 * 1024;
/** What was read and is not stored. With more, nothing is read until half of it is: the server keeps the rest for us. */
const MAX_OPEN = 200;
/** Our server is told at least after so many, where it does not ask. */
const ACK_EVERY = 16;

export interface Login {
  readonly service: Service;
  readonly domain: string;
  readonly username: string;
  readonly password: string;
  readonly resource: string;
  /** Whether a connection to that address may be unencrypted. */
  readonly mayBePlain?: (address: string | undefined) => boolean;
}

interface Hooks {
  /** Resolves when it is durable, or nobody's. Called in the order in which things came. */
  take(stanza: Stanza, own: string): Promise<void>;
  closed(why: Closed): void;
  now(): Millis;
}

export class Session {
  readonly #library: Library;
  readonly #login: Login;
  readonly #hooks: Hooks;
  readonly #client: Client;
  readonly #gate = new Gate();
  readonly #acks = new Acks();
  readonly #queries: Queries;
  readonly #ended = Promise.withResolvers<never>();
  #phase: 'opening' | 'bound' | 'online' | 'closed' = 'opening';
  #bytes = 0;
  #own: string | null = null;
  #acknowledges = false;
  #enabled: ((on: boolean) => void) | null = null;
  #acked = 0;
  #owesAck = false;
  /** Read and not stored, with a server that counts and with one that does not. */
  #open = 0;
  #isFull = false;
  #heardAt = 0;
  #beat: NodeJS.Timeout | null = null;

  private constructor(library: Library, login: Login, hooks: Hooks) {
    this.#library = library;
    this.#login = login;
    this.#hooks = hooks;
    this.#ended.promise.catch(() => undefined);
    this.#client = this.#make();
    this.#queries = new Queries(library, login, {
      write: (element) => this.write(element),
      silent: () => this.#close(new Closed('lost', 'the server stopped answering')),
    });
  }

  /** Resolves when we are known to the server, and not yet seen by anybody. @throws Closed. */
  static async open(library: Library, login: Login, hooks: Hooks, signal: AbortSignal): Promise<Session> {
    const session = new Session(library, login, hooks);
    const stop = () => session.#close(new Closed('lost', 'stopped'));
    signal.addEventListener('abort', stop, { once: true });
    const late = setTimeout(
      () => session.#close(new Closed('lost', 'the server did not answer in time')),
      LOGIN_MS,
    );
    late.unref();
    try {
      if (signal.aborted) stop();
      await Promise.race([session.#connect(), session.#ended.promise]);
    } catch (cause) {
      const closed = closedBy(cause);
      session.#close(closed);
      throw closed;
    } finally {
      clearTimeout(late);
      signal.removeEventListener('abort', stop);
    }
    return session;
  }

  /** Our bare address, as the server wrote it. */
  get own(): string {
    return this.#own ?? '';
  }

  /** Whether the server keeps what we have not stored yet. */
  get acknowledges(): boolean {
    return this.#acknowledges;
  }

  get encrypted(): boolean {
    return this.#isProven();
  }

  /** From here on people can write to us. */
  async appear(): Promise<void> {
    this.#phase = 'online';
    this.#heardAt = this.#hooks.now();
    this.#beat = setInterval(() => void this.#keepAlive(), SILENCE_MS / 2);
    this.#beat.unref();
    await this.write(this.#library.xml('presence'));
    await this.settled();
  }

  async write(element: Element): Promise<void> {
    if (this.#phase === 'closed') throw new Closed('lost');
    try {
      await this.#client.write(element.toString());
    } catch (cause) {
      throw closedBy(cause);
    }
  }

  /** Resolves when the server has handled everything that was written before (RFC 6120 10.1). @throws Closed. */
  async settled(): Promise<void> {
    await this.#queries.ping();
  }

  /** Says goodbye, and does not wait for the answer. */
  end(): void {
    if (this.#phase === 'closed') return;
    if (this.#acknowledges) this.#sayAck();
    void this.#client.write('</stream:stream>').catch(() => undefined);
    this.#close(new Closed('lost', 'stopped'));
  }

  #make(): Client {
    const { service, domain, resource, username, password } = this.#login;
    const { direct, host, port } = service;
    const client = this.#library.client({
      service: this.#address,
      domain,
      resource,
      timeout: ANSWER_MS,
      credentials: async (authenticate, offered) => {
        if (!this.#mayTalk()) throw new Closed('insecure');
        const mechanism = ['SCRAM-SHA-1', 'PLAIN'].find((name) => offered.includes(name));
        if (mechanism === undefined) throw new Closed('login', 'the server offers no login that we know');
        await authenticate({ username, password }, mechanism);
      },
    });
    client.reconnect.stop();
    // The certificate names the domain of the account (RFC 6120 13.7.2), whatever its server is called.
    client.socketParameters = () =>
      direct
        ? {
            host,
            port,
            servername: /^[\d.:[\]]+$/.test(domain) ? undefined : asciiOf(domain),
            ALPNProtocols: ['xmpp-client'],
            checkServerIdentity: (_: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
              checkServerIdentity(asciiOf(domain), certificate),
          }
        : { host, port };
    // The library cuts letters in two where packets end, and lets what its parser throws go up into the process.
    const decoder = new StringDecoder('utf8');
    const read = client._onData.bind(client);
    client._onData = (data) => {
      if (this.#phase === 'closed') return;
      this.#bytes += data.length;
      if (this.#bytes > MAX_BYTES) return this.#close(new Closed('lost', 'the server said too much at once'));
      try {
        read(Buffer.from(decoder.write(data)));
      } catch {
        this.#close(new Closed('lost', 'the server said what is no XML'));
      }
    };
    const pass = client._onElement.bind(client);
    client._onElement = (element) => {
      this.#bytes = 0;
      if (this.#phase === 'closed') return;
      try {
        if (this.#weigh(element)) pass(element);
      } catch (cause) {
        this.#close(closedBy(cause));
      }
    };
    client._onSeeOtherHost = () => undefined;
    client.on('error', (cause) => this.#close(closedBy(cause)));
    client.on('disconnect', () => this.#close(new Closed('lost')));
    client.on('close', () => this.#close(new Closed('lost', 'the server ended the stream')));
    return client;
  }

  async #connect(): Promise<void> {
    const bound = new Promise<string>((resolve) => {
      this.#client.on('online', (jid) => resolve(String(jid)));
    });
    await this.#client.connect(this.#address);
    if (this.#phase === 'closed') return this.#drop();
    await this.#client.open({ domain: this.#login.domain });
    const own = bareOf(await bound);
    if (own === null || !this.#mayTalk()) throw new Closed('lost', 'the server gave us no address');
    this.#own = own;
    this.#phase = 'bound';
    if (this.#gate.offersAcks) this.#acknowledges = await this.#enableAcks();
  }

  /** Without resumption: what was not acknowledged goes back into the server's store and comes as a late message. */
  #enableAcks(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#enabled = resolve;
    void this.write(this.#library.xml('enable', { xmlns: NS.sm })).catch(() => undefined);
    return promise;
  }

  /** True: the library may have it. */
  #weigh(element: Element): boolean {
    const [name, ns] = [element.getName(), element.getNS()];
    if (ns === NS.stream && name === 'error') {
      const conditions = element.children.filter((one): one is Element => typeof one !== 'string');
      throw streamClosed(conditions.find((one) => one.getNS() === NS.errors)?.getName() ?? '');
    }
    if (this.#phase === 'opening') {
      const isSecure = this.#client.socket?.secure === true;
      return this.#gate.passes(element, { isSecure, mayTalk: this.#mayTalk() });
    }
    if (ns === NS.sm) this.#onAcks(name);
    else if (ns === 'jabber:client' && /^(message|presence|iq)$/.test(name)) this.#onStanza(element, name);
    return false;
  }

  /** Over a connection that proved the domain, or on this machine. */
  #mayTalk(): boolean {
    const { socket } = this.#client;
    if (socket?.secure === true) return this.#isProven();
    return (this.#login.mayBePlain ?? isLoopbackAddress)(socket?.remoteAddress);
  }

  #isProven(): boolean {
    const { socket } = this.#client;
    return socket?.secure === true && socket.socket?.authorized === true;
  }

  #onAcks(name: string): void {
    if (name === 'enabled' || name === 'failed') {
      this.#enabled?.(name === 'enabled');
      // Counted from here on, by both sides.
      if (name === 'enabled') this.#acknowledges = true;
      this.#enabled = null;
    } else if (name === 'r' && this.#acknowledges) {
      this.#owesAck = this.#acks.open > 0;
      this.#sayAck();
    }
  }

  #onStanza(element: Element, name: string): void {
    this.#heardAt = this.#hooks.now();
    const done = this.#acknowledges ? this.#acks.take() : () => undefined;
    const stanza = stanzaOf(element);
    if (name === 'iq') {
      this.#queries.take(stanza);
      this.#handled(done);
      return;
    }
    this.#open += 1;
    this.#breathe();
    const stored = this.#hooks.take(stanza, this.own).then(
      () => this.#handled(done),
      // Never acknowledged: the server keeps it.
      () => undefined,
    );
    void stored.then(() => {
      this.#open -= 1;
      this.#breathe();
    });
  }

  /** Whoever says thousands of things at once fills the wire, not our memory, and the connection stands (H63). */
  #breathe(): void {
    const { socket } = this.#client;
    const wire = socket?.socket ?? socket;
    if (!this.#isFull && this.#open >= MAX_OPEN) {
      this.#isFull = true;
      wire?.pause?.();
    } else if (this.#isFull && this.#open <= MAX_OPEN / 2) {
      this.#isFull = false;
      this.#heardAt = this.#hooks.now();
      wire?.resume?.();
    }
  }

  #handled(done: () => void): void {
    done();
    if (!this.#acknowledges || this.#phase === 'closed') return;
    const isOwed = this.#owesAck && this.#acks.open === 0;
    if (isOwed || this.#acks.handled - this.#acked >= ACK_EVERY) this.#sayAck();
    if (isOwed) this.#owesAck = false;
  }

  #sayAck(): void {
    this.#acked = this.#acks.handled;
    const element = this.#library.xml('a', { xmlns: NS.sm, h: String(this.#acks.h) });
    void this.write(element).catch(() => undefined);
  }

  async #keepAlive(): Promise<void> {
    if (this.#isFull || this.#hooks.now() - this.#heardAt < SILENCE_MS) return;
    await this.settled().catch(() => undefined);
  }

  get #address(): string {
    const { direct, host, port } = this.#login.service;
    return `${direct ? 'xmpps' : 'xmpp'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  }

  #close(why: Closed): void {
    if (this.#phase === 'closed') return;
    const wasOnline = this.#phase === 'online' || this.#phase === 'bound';
    this.#phase = 'closed';
    if (this.#beat !== null) clearInterval(this.#beat);
    this.#queries.end();
    this.#enabled?.(false);
    this.#ended.reject(why);
    this.#drop();
    if (wasOnline) this.#hooks.closed(why);
  }

  /** Half closed first: our last words go out. */
  #drop(): void {
    const { socket } = this.#client;
    socket?.end();
    const hard = setTimeout(() => {
      socket?.socket?.destroy();
      socket?.destroy?.();
    }, GOODBYE_MS);
    hard.unref();
  }
}
