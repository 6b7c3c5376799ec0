// A small XMPP server on loopback, written from RFC 6120 and the extensions by hand, so that it shares no reading of them
// with the channel: stamps senders, keeps what was not acknowledged, and says whatever a test wants said.
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

export interface XmppStubOptions {
  readonly domain?: string;
  readonly mechanisms?: readonly string[];
  /** What stands among the first features, before anything was proven. */
  readonly firstFeatures?: string;
  readonly acks?: boolean;
}

/** What somebody wrote through us. */
export interface Taken {
  readonly to: string;
  readonly id: string;
  readonly text: string;
  /** The whole stanza. */
  readonly xml: string;
}

interface Waiting {
  readonly xml: string;
  readonly seen: (answer: 'acknowledged') => void;
}

const ACCOUNT = { username: 'bot', password: 'correct horse battery' } as const;

export class XmppStub implements AsyncDisposable {
  readonly domain: string;
  readonly account = ACCOUNT;
  /** Everything a client said, byte by byte. */
  heard = '';
  readonly taken: Taken[] = [];
  /** Stanzas of error to answer the next messages with. */
  readonly bounces: string[] = [];
  logins = 0;
  now: () => number = Date.now;
  /** The answer to the next logins; null: as the password says. */
  refusal: string | null = null;
  /** No query is answered any more. */
  silent = false;
  readonly #options: XmppStubOptions;
  readonly #server: Server;
  readonly #lines = new Set<Line>();
  /** What waits for somebody to come and fetch it. */
  readonly #kept: Waiting[] = [];
  readonly #answers = new Map<string, (say: (text: string) => void) => void>();
  #open = true;

  private constructor(options: XmppStubOptions) {
    this.#options = options;
    this.domain = options.domain ?? 'example.org';
    this.#server = createServer((socket) => {
      if (!this.#open) {
        socket.destroy();
        return;
      }
      const line = new Line(socket, this, this.#options);
      this.#lines.add(line);
      socket.on('close', () => {
        this.#lines.delete(line);
        // XEP-0198: what was not acknowledged was not handled.
        this.#kept.unshift(...line.unacknowledged());
      });
    });
  }

  static async start(options: XmppStubOptions = {}): Promise<XmppStub> {
    const stub = new XmppStub(options);
    stub.#server.listen(0, '127.0.0.1');
    await once(stub.#server, 'listening');
    return stub;
  }

  get own(): string {
    return `${ACCOUNT.username}@${this.domain}`;
  }

  get service(): string {
    const address = this.#server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return `xmpp://127.0.0.1:${port}`;
  }

  get present(): boolean {
    return [...this.#lines].some(({ present }) => present);
  }

  /** To the account: now, or as a late message when it comes back. Resolves when it was handled there. */
  deliver(xml: string): Promise<'acknowledged'> {
    const { promise, resolve } = Promise.withResolvers<'acknowledged'>();
    const waiting = { xml, seen: resolve };
    const line = [...this.#lines].find(({ present }) => present);
    if (line === undefined) this.#kept.push(waiting);
    else line.say(waiting);
    return promise;
  }

  /** As it stands, to whoever is connected. */
  raw(text: string): void {
    for (const line of this.#lines) line.raw(text);
  }

  bytes(bytes: Buffer): void {
    for (const line of this.#lines) line.bytes(bytes);
  }

  /** Says something of the test's own when something is heard. */
  on(heard: string, answer: (say: (text: string) => void) => void): void {
    this.#answers.set(heard, answer);
  }

  /** @returns true when the test has answered. */
  answers(line: Line, xml: string): boolean {
    for (const [heard, answer] of this.#answers) {
      if (!xml.startsWith(heard)) continue;
      answer((text) => line.raw(text));
      return true;
    }
    return false;
  }

  /** What waited, with the stamp that says so. Messages alone are kept; the rest was of its moment. */
  fetch(line: Line): void {
    for (const { xml, seen } of this.#kept.splice(0)) {
      if (!xml.startsWith('<message')) seen('acknowledged');
      else line.say({ xml: late(xml, this.domain, this.now()), seen });
    }
  }

  disconnect(): void {
    this.#open = false;
    for (const line of this.#lines) line.drop();
  }

  reconnect(): void {
    this.#open = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const line of this.#lines) line.drop();
  }
}

function late(xml: string, domain: string, now: number): string {
  if (xml.includes('urn:xmpp:delay')) return xml;
  const stamp = `<delay xmlns='urn:xmpp:delay' from='${domain}' stamp='${new Date(now).toISOString()}'/>`;
  return xml.replace(/<\/message>$/, `${stamp}</message>`);
}

const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const NOT_AUTHORIZED =
  "<stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>";

class Line {
  present = false;
  readonly #socket: Socket;
  readonly #stub: XmppStub;
  readonly #options: XmppStubOptions;
  readonly #unacked: Waiting[] = [];
  #rest = '';
  #authenticated = false;
  #acks = false;
  #acknowledged = 0;
  #scram: Scram | null = null;

  constructor(socket: Socket, stub: XmppStub, options: XmppStubOptions) {
    this.#socket = socket;
    this.#stub = stub;
    this.#options = options;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.#hear(text));
    socket.on('error', () => undefined);
  }

  raw(text: string): void {
    this.#socket.write(text);
  }

  bytes(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  drop(): void {
    this.present = false;
    this.#socket.destroy();
  }

  say(waiting: Waiting): void {
    this.#socket.write(waiting.xml);
    if (!this.#acks) {
      waiting.seen('acknowledged');
      return;
    }
    this.#unacked.push(waiting);
    this.#socket.write("<r xmlns='urn:xmpp:sm:3'/>");
  }

  /** A stanza of our own, which is counted like any other. */
  #answer(xml: string): void {
    this.#socket.write(xml);
    if (this.#acks) this.#unacked.push({ xml: '', seen: () => undefined });
  }

  unacknowledged(): readonly Waiting[] {
    return this.#unacked.filter(({ xml }) => xml !== '');
  }

  #hear(text: string): void {
    this.#stub.heard += text;
    this.#rest += text;
    for (let next = this.#next(); next !== null; next = this.#next()) this.#on(next);
  }

  /** One element of the stream: what our client writes has no comments, no prefixes and no tag inside its own. */
  #next(): string | null {
    const rest = this.#rest.replace(/^\s*(?:<\?xml[^>]*\?>)?\s*/, '');
    const [opening, name] = /^<(\/?[\w:-]+)[^>]*>/.exec(rest) ?? [];
    if (opening === undefined || name === undefined) return null;
    let end = opening.length;
    if (!opening.endsWith('/>') && name !== 'stream:stream' && !name.startsWith('/')) {
      const closing = rest.indexOf(`</${name}>`);
      if (closing < 0) return null;
      end = closing + name.length + 3;
    }
    this.#rest = rest.slice(end);
    return rest.slice(0, end);
  }

  #on(xml: string): void {
    const name = /^<(\/?[\w:-]+)/.exec(xml)?.[1] ?? '';
    if (this.#stub.answers(this, xml)) return;
    if (name === 'stream:stream') this.#onStream();
    else if (name === '/stream:stream') this.#socket.end('</stream:stream>');
    else if (name === 'auth' || name === 'response') this.#onLogin(xml);
    else if (!this.#authenticated) this.#socket.end(NOT_AUTHORIZED);
    else if (name === 'iq') this.#onQuery(xml);
    else if (name === 'presence') this.#onPresence();
    else if (name === 'message') this.#onMessage(xml);
    else if (name === 'a') this.#onAck(Number(attribute(xml, 'h')));
    else if (name === 'enable') {
      this.#acks = this.#options.acks !== false;
      this.raw(`<${this.#acks ? 'enabled' : 'failed'} xmlns='urn:xmpp:sm:3'/>`);
    }
  }

  #onStream(): void {
    const { domain } = this.#stub;
    const { mechanisms = ['SCRAM-SHA-1', 'PLAIN'], firstFeatures, acks } = this.#options;
    const offered = mechanisms.map((one) => `<mechanism>${one}</mechanism>`).join('');
    const features = this.#authenticated
      ? `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>${acks === false ? '' : "<sm xmlns='urn:xmpp:sm:3'/>"}`
      : (firstFeatures ?? `<mechanisms xmlns='${SASL}'>${offered}</mechanisms>`);
    this.raw(
      `<?xml version='1.0'?><stream:stream from='${domain}' id='${fresh()}' version='1.0' ` +
        `xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>` +
        `<stream:features>${features}</stream:features>`,
    );
  }

  #onLogin(xml: string): void {
    const { username, password } = ACCOUNT;
    const said = Buffer.from(/>([^<]*)</.exec(xml)?.[1] ?? '', 'base64').toString();
    if (xml.startsWith('<auth') && attribute(xml, 'mechanism') === 'SCRAM-SHA-1') {
      this.#scram = new Scram(said, username, password);
      this.raw(`<challenge xmlns='${SASL}'>${this.#scram.challenge}</challenge>`);
      return;
    }
    const isRight = this.#scram === null ? said === `\0${username}\0${password}` : this.#scram.isRight(said);
    const refusal = this.#stub.refusal ?? (isRight ? null : 'not-authorized');
    if (refusal !== null) {
      this.raw(`<failure xmlns='${SASL}'><${refusal}/></failure>`);
      return;
    }
    this.#authenticated = true;
    this.#stub.logins += 1;
    this.raw(`<success xmlns='${SASL}'>${this.#scram?.proof ?? ''}</success>`);
  }

  #onQuery(xml: string): void {
    const id = attribute(xml, 'id');
    const resource = /<resource>([^<]*)</.exec(xml)?.[1];
    if (resource !== undefined) {
      const bound = `<jid>${this.#stub.own}/${resource}</jid>`;
      const bind = `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>${bound}</bind>`;
      this.raw(`<iq type='result' id='${id}'>${bind}</iq>`);
    } else if (!/^<iq [^>]*type=["'](?:result|error)/.test(xml) && !this.#stub.silent) {
      this.#answer(`<iq type='result' id='${id}' from='${this.#stub.domain}'/>`);
    }
  }

  #onPresence(): void {
    this.present = true;
    this.#stub.fetch(this);
  }

  #onMessage(xml: string): void {
    const [to, id] = [attribute(xml, 'to'), attribute(xml, 'id')];
    const bounce = this.#stub.bounces.shift();
    if (bounce === undefined) {
      const text = unescaped(/<body>([\s\S]*?)<\/body>/.exec(xml)?.[1] ?? '');
      this.#stub.taken.push({ to, id, text, xml });
    } else this.#answer(`<message type='error' id='${id}' from='${to}'>${bounce}</message>`);
  }

  #onAck(h: number): void {
    while (this.#acknowledged < h) {
      this.#acknowledged += 1;
      this.#unacked.shift()?.seen('acknowledged');
    }
  }
}

let drawn = 0;

/** Another one each time; that nobody guesses it matters to no test. */
function fresh(): string {
  drawn += 1;
  return createHash('sha256').update(`stub ${drawn}`).digest('hex').slice(0, 18);
}

/** RFC 5802, the server's half. */
class Scram {
  readonly #first: string;
  readonly #server: string;
  readonly #stored: Buffer;
  readonly #serverKey: Buffer;
  #message = '';

  constructor(said: string, username: string, password: string) {
    this.#first = said.replace(/^n,,/, '');
    const nonce = /r=([^,]*)/.exec(said)?.[1] ?? '';
    const salt = Buffer.from(fresh());
    const salted = pbkdf2Sync(this.#first.startsWith(`n=${username},`) ? password : '', salt, 16, 20, 'sha1');
    const mac = (text: string) => createHmac('sha1', salted).update(text).digest();
    this.#stored = createHash('sha1').update(mac('Client Key')).digest();
    this.#serverKey = mac('Server Key');
    this.#server = `r=${nonce}${fresh()},s=${salt.toString('base64')},i=16`;
  }

  get challenge(): string {
    return Buffer.from(this.#server).toString('base64');
  }

  isRight(said: string): boolean {
    const [whole = '', proof = ''] = /^(.*),p=(.*)$/.exec(said)?.slice(1) ?? [];
    this.#message = `${this.#first},${this.#server},${whole}`;
    const signature = createHmac('sha1', this.#stored).update(this.#message).digest();
    const key = Buffer.from(proof, 'base64').map((byte, at) => byte ^ (signature[at] ?? 0));
    return createHash('sha1').update(key).digest().equals(this.#stored);
  }

  get proof(): string {
    const signature = createHmac('sha1', this.#serverKey).update(this.#message).digest('base64');
    return Buffer.from(`v=${signature}`).toString('base64');
  }
}

function attribute(xml: string, name: string): string {
  return unescaped(new RegExp(`^<[^>]*?\\s${name}=["']([^"']*)["']`).exec(xml)?.[1] ?? '');
}

export function escaped(text: string): string {
  return text.replace(/[<>&"']/g, (letter) => `&#${letter.codePointAt(0)};`);
}

function unescaped(text: string): string {
  const known: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(\w+);/g, (_, name: string) => known[name] ?? '');
}
