// WhatsApp, played on loopback over its own protocol: the Noise handshake with a certificate of our own root, linking by
// picture or by code, messages that are really sealed from one device to another, receipts, and everything that a server
// or a person in its place could try.
import { once } from 'node:events';
import { type BinaryNode, decodeBinaryNode, encodeBinaryNode, type proto } from 'baileys';
import { type WebSocket, WebSocketServer } from 'ws';
import { linkedDevice } from './device.ts';
import { answerQuery, childOf, children, type Directory, OUR_LID, OUR_PHONE } from './directory.ts';
import { type Authority, type Certify, chainFor, NoiseServer, newAuthority } from './noise-server.ts';
import { type Bundle, bundleOf, type Names, Person } from './person.ts';
import { deviceIdentity, readPicture, TypedCode } from './phone.ts';
import { Screens, type WaShown } from './screens.ts';

export const GROUP = '120363025246125486@g.us';
const REF = Buffer.from('ref-of-the-stub');
const DEVICE = `${OUR_PHONE}:7@s.whatsapp.net`;
const DEVICE_LID = `${OUR_LID}:7@lid`;

interface Queued {
  node: BinaryNode;
  /** Sealed anew, for a device that could not open it. */
  readonly again: (() => Promise<BinaryNode[]>) | null;
  /** It has asked for it anew, and says next that it could not read this one. */
  asked: boolean;
  resolve(answer: 'acknowledged' | 'refused'): void;
}

interface Connection {
  readonly socket: WebSocket;
  readonly noise: NoiseServer;
}

interface Fault {
  readonly error: string;
  readonly backoff?: string;
}

export class WhatsAppStub implements AsyncDisposable {
  readonly authority: Authority = newAuthority();
  /** What it shows as its certificate. */
  certify: Certify = (key) => chainFor(this.authority, key);
  /** Every connection that got through the handshake. */
  logins = 0;
  readonly #screens = new Screens();
  /** Numbers nobody has. */
  readonly strangers = new Set<string>();
  now: () => number = Date.now;
  /** Called with the text of the picture, as a phone that scans it. Null: nobody scans. */
  scan: 'yes' | 'never' = 'yes';
  codeFor: string | null = null;
  /** What the device sent to get that code. */
  hello: BinaryNode | null = null;
  #typed: TypedCode | null = null;
  /** Whether the server knows LIDs: in older days, and for some numbers, it does not. */
  knowsLids = true;
  readonly #server: WebSocketServer;
  readonly #people = new Map<string, Person>();
  readonly #directory: Directory = {
    everybody: () => [...new Set(this.#people.values())],
    at: (jid) => this.#personAt(jid),
    owner: () => this.#owner,
    knowsLids: () => this.knowsLids,
    time: () => this.time,
  };
  readonly #owner = new Person({ phone: OUR_PHONE, lid: OUR_LID });
  readonly #queue = new Map<string, Queued>();
  readonly #faults: Fault[] = [];
  #bundle: Bundle | null = null;
  #connection: Connection | null = null;
  #isReachable = true;
  #next = 0;
  /** The next login is turned away with this. */
  #failWith: string | null = null;

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on('connection', (socket) => this.#accept(socket));
  }

  static async start(): Promise<WhatsAppStub> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    return new WhatsAppStub(server);
  }

  get url(): string {
    const address = this.#server.address();
    return `ws://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : ''}/ws/chat`;
  }

  /** What everybody has in their chats. */
  get shown(): readonly WaShown[] {
    return this.#screens.shown;
  }

  /** Everything that the device did that anybody could see. */
  get visible(): number {
    return this.#screens.visible;
  }

  get root() {
    return { publicKey: this.authority.root.public, serial: 0 };
  }

  /** A device that was linked before: what its credentials hold. */
  linked(): Map<string, string> {
    const { creds, entries } = linkedDevice(DEVICE, DEVICE_LID);
    this.#bundle = bundleOf(creds);
    return entries;
  }

  person(names: Names): Person {
    const known = this.#people.get(names.lid);
    if (known !== undefined) return known;
    const made = new Person(names);
    this.#people.set(names.lid, made);
    this.#people.set(names.phone, made);
    return made;
  }

  name(): string {
    this.#next += 1;
    return `3A${String(this.#next).padStart(18, '0')}`;
  }

  get time(): string {
    return String(Math.floor(this.now() / 1_000));
  }

  /** A message from that person, sealed. `attrs` say how the server addresses it. */
  async say(
    person: Person,
    attrs: Record<string, string>,
    message: proto.IMessage,
  ): Promise<'acknowledged' | 'refused'> {
    const bundle = this.#bundle;
    if (bundle === null) throw new Error('no device is linked');
    const group = attrs['from'];
    const seal = async () =>
      group?.endsWith('@g.us')
        ? person.sealGroup(DEVICE, bundle, group, message)
        : [await person.seal(DEVICE, bundle, message)];
    const node = {
      tag: 'message',
      attrs: { type: 'text', t: this.time, ...attrs },
      content: await seal(),
    };
    return this.stanza(node, () => {
      person.forget(DEVICE);
      return seal();
    });
  }

  /** Any stanza: kept until the device has answered it. */
  stanza(node: BinaryNode, again: Queued['again'] = null): Promise<'acknowledged' | 'refused'> {
    const { promise, resolve } = Promise.withResolvers<'acknowledged' | 'refused'>();
    this.#queue.set(`${node.attrs['id']}`, { node, again, asked: false, resolve });
    this.#send(node);
    return promise;
  }

  /** A stanza to which no answer is owed. */
  tell(node: BinaryNode): void {
    this.#send(node);
  }

  failNext(fault: Fault, times = 1): void {
    for (let n = 0; n < times; n++) this.#faults.push(fault);
  }

  /** The next logins end like that (a code of WhatsApp's). */
  turnAway(reason: string | null): void {
    this.#failWith = reason;
  }

  /** Ends the connection with a word of WhatsApp's. */
  fail(reason: string): void {
    this.#send({ tag: 'failure', attrs: { reason, location: 'rva' } });
  }

  conflict(): void {
    this.#send({
      tag: 'stream:error',
      attrs: { code: '440' },
      content: [{ tag: 'conflict', attrs: { type: 'replaced' } }],
    });
  }

  disconnect(): void {
    this.#isReachable = false;
    this.#connection?.socket.terminate();
    this.#connection = null;
  }

  reconnect(): void {
    this.#isReachable = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
  }

  #accept(socket: WebSocket): void {
    if (!this.#isReachable) {
      socket.terminate();
      return;
    }
    const connection: Connection = { socket, noise: new NoiseServer((key) => this.certify(key)) };
    let greeted = false;
    let work = Promise.resolve();
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      work = work
        .then(async () => {
          for (const frame of connection.noise.frames(data)) {
            if (!greeted) {
              greeted = true;
              socket.send(connection.noise.hello(frame));
            } else if (!connection.noise.open) this.#enter(connection, connection.noise.finish(frame));
            else await this.#hear(connection, await decodeBinaryNode(connection.noise.read(frame)));
          }
        })
        .catch(() => socket.terminate());
    });
  }

  #enter(connection: Connection, payload: proto.ClientPayload): void {
    this.logins += 1;
    this.#connection = connection;
    if (this.#failWith !== null) {
      this.fail(this.#failWith);
      return;
    }
    const pairing = payload.devicePairingData;
    if (pairing) {
      const { eIdent, eSkeyVal, eSkeySig, eSkeyId, eRegid } = pairing;
      if (!eIdent || !eSkeyVal || !eSkeySig || !eSkeyId || !eRegid) throw new Error('a device without keys');
      this.#bundle = {
        registrationId: Buffer.from(eRegid).readUInt32BE(0),
        identity: eIdent,
        signedPreKey: { keyId: Buffer.from(eSkeyId).readUIntBE(0, 3), public: eSkeyVal, signature: eSkeySig },
      };
      const ref = { tag: 'ref', attrs: {}, content: REF };
      this.#send({
        tag: 'iq',
        attrs: { from: 's.whatsapp.net', type: 'set', id: 'pair-1', xmlns: 'md' },
        content: [{ tag: 'pair-device', attrs: {}, content: [ref, ref] }],
      });
      return;
    }
    this.#send({ tag: 'success', attrs: { t: this.time, lid: DEVICE_LID } });
    for (const { node } of this.#queue.values()) {
      this.#send({ ...node, attrs: { ...node.attrs, offline: '1' } });
    }
    this.#send({ tag: 'ib', attrs: {}, content: [{ tag: 'offline', attrs: { count: '0' } }] });
  }

  /** A phone reads the picture, and tells the server that the device is its owner's. */
  scanned(qr: string, { forged = false } = {}): void {
    const { identity, adv } = readPicture(qr);
    this.#linked(deviceIdentity(identity, adv, forged));
  }

  /** Somebody types the code into the phone of that number. */
  async typed(code: string): Promise<void> {
    const { hello } = this;
    if (hello === null) throw new Error('no device has asked for a code');
    this.#typed = new TypedCode(code);
    const answer = await this.#typed.answer(hello, REF);
    const attrs = { from: 's.whatsapp.net', type: 'link_code_companion_reg', id: 'link-1', t: this.time };
    this.#send({ tag: 'notification', attrs, content: [answer] });
  }

  #linked(content: Uint8Array): void {
    this.#send({
      tag: 'iq',
      attrs: { from: 's.whatsapp.net', type: 'set', id: 'pair-2', xmlns: 'md', t: this.time },
      content: [
        {
          tag: 'pair-success',
          attrs: {},
          content: [
            { tag: 'device-identity', attrs: {}, content },
            { tag: 'device', attrs: { jid: DEVICE, lid: DEVICE_LID } },
            { tag: 'platform', attrs: { name: 'android' } },
          ],
        },
      ],
    });
  }

  #hearLinkCode(asked: BinaryNode): void {
    if (asked.attrs['stage'] === 'companion_hello') {
      this.codeFor = asked.attrs['jid'] ?? null;
      this.hello = asked;
      return;
    }
    const typed = this.#typed;
    if (typed === null) return;
    const { identity, adv } = typed.secret(asked);
    // The answer to what it has just sent comes first.
    setImmediate(() => this.#linked(deviceIdentity(identity, adv)));
  }

  async #hear(connection: Connection, node: BinaryNode): Promise<void> {
    const { id = '', type, error } = node.attrs;
    if (node.tag === 'iq' && type === 'result') {
      // The device has signed: it is asked to come back as who it is now.
      if (id === 'pair-2') this.#send({ tag: 'stream:error', attrs: { code: '515' } });
      return;
    }
    if (node.tag === 'iq') {
      const [asked] = children(node);
      if (asked?.tag === 'link_code_companion_reg') this.#hearLinkCode(asked);
      return this.#send(answerQuery(node, this.#directory));
    }
    if (node.tag === 'receipt' && type === 'retry') return this.#sealAnew(id);
    if (node.tag === 'receipt') return this.#settle(id, 'acknowledged');
    if (node.tag === 'ack' && node.attrs['class'] === 'message')
      return this.#settle(id, error === undefined ? 'acknowledged' : 'refused');
    if (node.tag === 'message') await this.#take(connection, node);
  }

  /** The sender's phone is told that it could not be read, and sends it once more. */
  async #sealAnew(id: string): Promise<void> {
    const queued = this.#queue.get(id);
    if (!queued?.again) return;
    queued.asked = true;
    queued.node = { ...queued.node, content: await queued.again() };
    this.#send(queued.node);
  }

  #settle(id: string, answer: 'acknowledged' | 'refused'): void {
    const queued = this.#queue.get(id);
    if (answer === 'refused' && queued?.asked === true) {
      queued.asked = false;
      return;
    }
    this.#queue.delete(id);
    queued?.resolve(answer);
  }

  async #take(_: Connection, node: BinaryNode): Promise<void> {
    const { id = '', to = '' } = node.attrs;
    const fault = this.#faults.shift();
    const ack = { id, class: 'message', from: to, t: this.time };
    if (fault !== undefined) {
      const backoff = fault.backoff === undefined ? {} : { backoff: fault.backoff };
      return this.#send({ tag: 'ack', attrs: { ...ack, error: fault.error, ...backoff } });
    }
    for (const [whose, message] of await this.#opened(node)) this.#screens.show(id, whose, message);
    this.#send({ tag: 'ack', attrs: ack });
    if (!to.endsWith('@g.us')) this.#send({ tag: 'receipt', attrs: { id, from: to, t: this.time } });
  }

  /** What each person to whom it is sealed finds in it. */
  async #opened(node: BinaryNode): Promise<[string, proto.Message][]> {
    const { to = '' } = node.attrs;
    const found: [string, proto.Message][] = [];
    let reader: Person | null = null;
    for (const one of children(childOf(node, 'participants'))) {
      const person = this.#personAt(one.attrs['jid']);
      const sealed = childOf(one, 'enc');
      if (person === null || person === this.#owner || sealed === null) continue;
      reader = person;
      const message = await person.open(DEVICE, sealed);
      if (message !== null && !to.endsWith('@g.us')) found.push([person.names.lid, message]);
    }
    const shared = childOf(node, 'enc');
    reader ??= [...this.#people.values()][0] ?? null;
    if (to.endsWith('@g.us') && shared !== null && reader !== null) {
      const message = await reader
        .openGroup(DEVICE_LID, to, shared)
        .catch(() => reader?.openGroup(DEVICE, to, shared));
      if (message) found.push([to, message]);
    }
    return found;
  }

  #personAt(jid: string | undefined): Person | null {
    const user = (jid ?? '').split(/[:@]/)[0] ?? '';
    if (user === OUR_PHONE || user === OUR_LID) return this.#owner;
    return this.#people.get(user) ?? null;
  }

  #send(node: BinaryNode): void {
    const connection = this.#connection;
    if (connection === null || !connection.noise.open || connection.socket.readyState !== 1) return;
    connection.socket.send(connection.noise.write(encodeBinaryNode(node)));
  }
}
