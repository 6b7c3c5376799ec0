// One connection to WhatsApp, from the first handshake to its end. Of the library's events two are listened to: how the
// connection fares, and what became of our own messages. Messages of others are taken where they are opened, one by one:
// after decryption, and before WhatsApp is told that we have them. So copies of the past, messages that a phone plays
// back and stanzas that nobody sealed have no way in, and what is acknowledged is durable.
import { Problem } from '@countersign/protocol/problem';
import type { BinaryNode, ConnectionState, SocketConfig, WASocket } from 'baileys';
import { type Native, parseNative } from '../../core/identity/peer.ts';
import { type Closing, closingOf } from './closing.ts';
import type { DeviceKeys } from './keys.ts';
import type { Handshake, Mended } from './library.ts';
import type { ChainCheck } from './trust.ts';
import { isLid, jidOf, personOf, strayAliases, WHATSAPP_PEER } from './wire.ts';

export interface Opened {
  readonly attrs: Readonly<Record<string, string | undefined>>;
  /** WAProto.Message as plain data. */
  readonly message: unknown;
}

export interface SessionOptions {
  readonly keys: DeviceKeys;
  /** Null: WhatsApp's own. */
  readonly url: string | null;
  readonly check?: ChainCheck;
  /** Resolves when the message is durable. Rejects when it never will be here: WhatsApp keeps it then, and nothing more is
   * written on this connection. Left out: nobody listens yet, and WhatsApp keeps everything. */
  take?(opened: Opened): Promise<void>;
  /** A stanza that nobody sealed. */
  refused(): void;
  connected(): void;
  closed(why: Closing, cause: Problem | null): void;
  /** Only while nobody has linked us. */
  picture?(qr: string): void;
  linked?(): void;
  /** WhatsApp's servers, or the other phone, have it. */
  delivered?(messageId: string): void;
  acknowledged?(messageId: string, error: string | null, backoffSeconds: number | null): void;
}

/** WAProto.WebMessageInfo.Status.DELIVERY_ACK: the other phone has it. */
const DELIVERED = 3;
/** What a stanza is answered with that we do not take: malformed, for all we know. */
const NOT_TAKEN = 487;

export class Session {
  readonly socket: WASocket;
  readonly #lib: Mended;
  readonly #options: SessionOptions;
  readonly #handshake: Handshake;
  /** By the sealed bytes themselves: which stanza they came in. */
  readonly #stanzas = new WeakMap<Uint8Array, BinaryNode['attrs']>();
  #isOver = false;
  #wasReached = false;

  constructor(lib: Mended, options: SessionOptions) {
    this.#lib = lib;
    this.#options = options;
    const { made, handshake } = lib.shake(() => lib.baileys.makeWASocket(this.#config()), options.check);
    this.socket = made;
    this.#handshake = handshake;
    this.#guard();
    made.ev.on('connection.update', (update) => this.#update(update));
    made.ev.on('creds.update', () => void options.keys.saveCreds().catch(() => this.end()));
    made.ev.on('messages.update', (updates) => {
      for (const { key, update } of updates) {
        if (key.fromMe === true && key.id && (update.status ?? 0) >= DELIVERED) options.delivered?.(key.id);
      }
    });
  }

  /** Both names of our own number. */
  get names(): readonly Native[] {
    const { me } = this.#options.keys.creds;
    return [personOf(me?.id), personOf(me?.lid)].filter((name) => name !== null);
  }

  /** What the library has joined an id with: the number of a LID, the LID of a number. */
  async mapped(id: Native): Promise<Native | null> {
    const { lidMapping } = this.socket.signalRepository;
    const jid = jidOf(id);
    const found = await (isLid(id) ? lidMapping.getPNForLID(jid) : lidMapping.getLIDForPN(jid)).catch(
      () => null,
    );
    const other = personOf(found ?? undefined);
    return other === null ? null : parseNative(other, WHATSAPP_PEER);
  }

  end(): void {
    if (this.#isOver) return;
    void this.socket.end(undefined).catch(() => undefined);
  }

  #config(): SocketConfig {
    const { baileys } = this.#lib;
    const { url, keys } = this.#options;
    const { makeSignalRepository: makeRepository } = baileys.DEFAULT_CONNECTION_CONFIG;
    return {
      ...baileys.DEFAULT_CONNECTION_CONFIG,
      auth: { creds: keys.creds, keys: keys.store },
      logger: SILENT,
      ...(url === null ? {} : { waWebSocketUrl: url }),
      // P-05: nothing of the past is fetched, so nothing can follow from it.
      syncFullHistory: false,
      shouldSyncHistoryMessage: () => false,
      emitOwnEvents: false,
      fireInitQueries: false,
      // The phone goes on ringing for its owner.
      markOnlineOnConnect: false,
      generateHighQualityLinkPreview: false,
      makeSignalRepository: (...given) => this.#opening(makeRepository(...given)),
    };
  }

  /** Where sealed bytes become words. */
  #opening(repository: ReturnType<SocketConfig['makeSignalRepository']>): typeof repository {
    const { decryptMessage, decryptGroupMessage } = repository;
    repository.decryptMessage = (given) =>
      this.#take(given.ciphertext, () => decryptMessage.call(repository, given));
    repository.decryptGroupMessage = (given) =>
      this.#take(given.msg, () => decryptGroupMessage.call(repository, given));
    return repository;
  }

  async #take(sealed: Uint8Array, decrypt: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const attrs = this.#stanzas.get(sealed);
    const answer = this.#options.keys.hold();
    let opened: Uint8Array;
    try {
      opened = await decrypt();
    } catch (cause) {
      // It did not open: what the trying has changed is kept, as the library expects.
      await answer(true);
      throw cause;
    }
    if (attrs !== undefined && this.#handshake.proven) {
      const message = this.#decode(opened);
      // While this waits, WhatsApp has no answer. When it fails the keys stay as they were before the message.
      if (message !== null) await this.#options.take?.({ attrs, message });
    }
    await answer(true);
    return opened;
  }

  #decode(opened: Uint8Array): unknown {
    const { proto, unpadRandomMax16 } = this.#lib.baileys;
    try {
      return proto.Message.toObject(proto.Message.decode(unpadRandomMax16(opened)));
    } catch {
      return null;
    }
  }

  /** Everything that comes in passes here first. What the library's own listeners throw ends the connection at most: it
   * would end the process. */
  #guard(): void {
    const { ws } = this.socket;
    const emit = (event: string | symbol, ...given: unknown[]): boolean => {
      // Not even opened: that would move keys on for a message that is then not here.
      if (event === 'CB:message' && this.#options.take === undefined) return true;
      if (event === 'CB:message' && !this.#isSealed(given[0])) return true;
      if (event === 'CB:ack,class:message') this.#noteAck(given[0]);
      const listeners = ws.rawListeners(event);
      for (const listener of listeners) {
        try {
          const result: unknown = Reflect.apply(listener, ws, given);
          if (result instanceof Promise) result.catch(() => this.end());
        } catch {
          this.end();
        }
      }
      return listeners.length > 0;
    };
    ws.emit = emit;
  }

  /** A message that nobody sealed can be of anybody. */
  #isSealed(given: unknown): boolean {
    if (!isNode(given)) return false;
    const parts = Array.isArray(given.content) ? given.content : [];
    if (!this.#handshake.proven || parts.some(({ tag }) => tag === 'plaintext')) {
      this.#options.refused();
      if (this.#handshake.proven) void this.socket.sendMessageAck(given, NOT_TAKEN).catch(() => undefined);
      return false;
    }
    for (const name of strayAliases(given.attrs)) delete given.attrs[name];
    for (const { tag, content } of parts) {
      if (tag === 'enc' && content instanceof Uint8Array) this.#stanzas.set(content, given.attrs);
    }
    return true;
  }

  #noteAck(given: unknown): void {
    if (!isNode(given)) return;
    const { id, error, backoff } = given.attrs;
    if (id === undefined) return;
    this.#options.acknowledged?.(id, error ?? null, backoff === undefined ? null : Number(backoff) || null);
  }

  #update({ connection, lastDisconnect, qr, isNewLogin }: Partial<ConnectionState>): void {
    const { keys, picture, linked, connected, closed } = this.#options;
    if (qr !== undefined) {
      this.#wasReached = true;
      picture?.(qr);
    }
    if (isNewLogin === true) linked?.();
    if (connection === 'open') {
      // A library that no longer passes by our check is a library that nobody has checked.
      if (this.#handshake.proven) connected();
      else this.end();
    }
    if (connection !== 'close' || this.#isOver) return;
    this.#isOver = true;
    const cause = lastDisconnect?.error;
    const code = codeOf(cause);
    const why = closingOf(code);
    // The library says the same of a picture that nobody scanned and of a service that it never reached.
    const isUnlinked = why === 'lost' && !keys.linked && code === 408 && this.#wasReached;
    closed(isUnlinked ? 'unlinked' : why, cause instanceof Problem ? cause : null);
  }
}

function isNode(value: unknown): value is BinaryNode {
  return typeof value === 'object' && value !== null && 'tag' in value && 'attrs' in value;
}

/** The library's errors carry the number two levels down. */
function codeOf(cause: unknown): number | null {
  if (!(cause instanceof Error) || !('output' in cause)) return null;
  const { output } = cause;
  if (typeof output !== 'object' || output === null || !('statusCode' in output)) return null;
  return typeof output.statusCode === 'number' ? output.statusCode : null;
}

/** The library writes whole messages, and keys, into its log. */
const nothing = () => undefined;
const SILENT: SocketConfig['logger'] = {
  level: 'silent',
  child: () => SILENT,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};
