// Somebody with an account on a real XMPP server, over a socket of their own: what is written here goes out as it stands.
import { createHash, randomUUID } from 'node:crypto';
import { connect as connectTls } from 'node:tls';
import { DOMAIN, type Prosody } from './prosody.ts';
import { escaped, type Heard, PATIENCE_MS, Stream } from './xmpp-stream.ts';

interface Said {
  readonly type?: string;
  readonly id?: string;
  /** Elements beside the body. */
  readonly more?: string;
}

export function message(
  to: string,
  text: string,
  { type = 'chat', id = randomUUID(), more = '' }: Said = {},
) {
  return `<message to='${escaped(to)}' type='${type}' id='${escaped(id)}'><body>${escaped(text)}</body>${more}</message>`;
}

export class XmppPerson implements Disposable {
  readonly jid: string;
  readonly #stream: Stream;
  /** Up to where `hears` has looked. */
  #seen = 0;
  #asked = 0;

  private constructor(jid: string, stream: Stream) {
    this.jid = jid;
    this.#stream = stream;
  }

  /** Logs in over TLS, and is seen. Who has no account yet makes one (XEP-0077). */
  static async arrive(
    server: Prosody,
    name: string,
    resource = 'phone',
    password = createHash('sha256').update(name).digest('hex'),
  ): Promise<XmppPerson> {
    const socket = connectTls({
      host: '127.0.0.1',
      port: server.places.direct,
      servername: DOMAIN,
      ca: server.certificate,
      ALPNProtocols: ['xmpp-client'],
    });
    const stream = new Stream(socket);
    const person = new XmppPerson(`${name}@${DOMAIN}`, stream);
    const open = `<stream:stream to='${DOMAIN}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>`;
    socket.write(open);
    await stream.next(({ name: tag }) => tag === 'stream:features', 'the features');
    await person.ask(
      'set',
      DOMAIN,
      `<query xmlns='jabber:iq:register'><username>${name}</username><password>${password}</password></query>`,
    );
    const plain = Buffer.from(`\0${name}\0${password}`).toString('base64');
    socket.write(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${plain}</auth>`);
    const login = await stream.next(({ name: tag }) => /^(success|failure)$/.test(tag), 'the login');
    if (login.name !== 'success') throw new Error(`${name} is not let in: ${login.xml}`);
    stream.restart();
    const before = stream.heard.length;
    socket.write(open);
    await stream.next(({ name: tag }) => tag === 'stream:features', 'the features', before);
    const bind = `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>${escaped(resource)}</resource></bind>`;
    const bound = await person.ask('set', null, bind);
    if (bound.type !== 'result') throw new Error(`no resource: ${bound.xml}`);
    socket.write('<presence/>');
    await person.settled();
    return person;
  }

  /** As it stands. */
  raw(xml: string): void {
    this.#stream.socket.write(xml);
  }

  says(to: string, text: string, said: Said = {}): void {
    this.raw(message(to, text, said));
  }

  /** The next message whose words hold `text`, after the one that was waited for before. */
  async hears(text: string | RegExp, patience = PATIENCE_MS): Promise<Heard> {
    const fits = ({ name, type, body }: Heard) =>
      name === 'message' && type !== 'error' && body !== null && holds(body, text);
    const found = await this.#stream.next(fits, String(text), this.#seen, patience);
    this.#seen = this.#stream.heard.indexOf(found) + 1;
    return found;
  }

  /** All words so far. */
  get words(): readonly string[] {
    return this.messages.flatMap(({ body }) => body ?? []);
  }

  /** All messages so far that are no bounces. */
  get messages(): readonly Heard[] {
    return this.#stream.heard.filter(({ name, type }) => name === 'message' && type !== 'error');
  }

  /** All that came, of any kind. */
  get heard(): readonly Heard[] {
    return this.#stream.heard;
  }

  /** Any stanza that fits, now or later. */
  sees(fits: (heard: Heard) => boolean, what: string): Promise<Heard> {
    return this.#stream.next(fits, what);
  }

  ask(type: 'get' | 'set', to: string | null, payload: string, patience = PATIENCE_MS): Promise<Heard> {
    this.#asked += 1;
    const id = `asked-${this.#asked}`;
    this.raw(`<iq type='${type}' id='${id}'${to === null ? '' : ` to='${escaped(to)}'`}>${payload}</iq>`);
    const isAnswer = (one: Heard) => one.name === 'iq' && one.id === id;
    return this.#stream.next(isAnswer, `an answer to ${payload}`, 0, patience);
  }

  /** Resolves when the server has handled all that was written before (RFC 6120 10.1). */
  async settled(patience = PATIENCE_MS): Promise<void> {
    await this.ask('get', DOMAIN, "<ping xmlns='urn:xmpp:ping'/>", patience);
  }

  /** Resolves when the server has ended the stream. */
  get ended(): Promise<void> {
    return this.#stream.ended;
  }

  async leaves(): Promise<void> {
    this.#stream.socket.end("<presence type='unavailable'/></stream:stream>");
    await this.#stream.ended;
  }

  [Symbol.dispose](): void {
    this.#stream.socket.destroy();
  }
}

function holds(body: string, text: string | RegExp): boolean {
  return typeof text === 'string' ? body.includes(text) : text.test(body);
}
