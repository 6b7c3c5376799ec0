// Somebody with a phone: an own pair of keys, and real end-to-end sealing towards the device under test.
import {
  type AuthenticationCreds,
  addTransactionCapability,
  type BinaryNode,
  DEFAULT_CONNECTION_CONFIG,
  generateSignalPubKey,
  initAuthCreds,
  proto,
  type SignalDataSet,
  type SignalKeyStore,
  type SignalRepositoryWithLIDStore,
  xmppSignedPreKey,
} from 'baileys';

/** What anybody can ask the server about a device. */
export interface Bundle {
  readonly registrationId: number;
  readonly identity: Uint8Array;
  readonly signedPreKey: {
    readonly keyId: number;
    readonly public: Uint8Array;
    readonly signature: Uint8Array;
  };
}

export function bundleOf({ registrationId, signedIdentityKey, signedPreKey }: AuthenticationCreds): Bundle {
  const { keyId, keyPair, signature } = signedPreKey;
  return {
    registrationId,
    identity: signedIdentityKey.public,
    signedPreKey: { keyId, public: keyPair.public, signature },
  };
}

/** Its own writes to the terminal. */
const nothing = () => undefined;
const SILENT: typeof DEFAULT_CONNECTION_CONFIG.logger = {
  level: 'silent',
  child: () => SILENT,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};

function memoryKeys(): SignalKeyStore {
  const kept = new Map<string, unknown>();
  return {
    get: async (type, ids) => {
      const found: Record<string, never> = {};
      for (const id of ids) {
        const value = kept.get(`${type}:${id}`);
        if (value !== undefined) Object.assign(found, { [id]: value });
      }
      return found;
    },
    set: async (data: SignalDataSet) => {
      for (const [type, values] of Object.entries(data))
        for (const [id, value] of Object.entries(values ?? {})) {
          if (value === null) kept.delete(`${type}:${id}`);
          else kept.set(`${type}:${id}`, value);
        }
    },
  };
}

function padded(message: proto.IMessage): Buffer {
  const pad = 5;
  return Buffer.concat([proto.Message.encode(message).finish(), Buffer.alloc(pad, pad)]);
}

export function unpadded(bytes: Uint8Array): proto.Message {
  return proto.Message.decode(bytes.subarray(0, bytes.length - (bytes.at(-1) ?? 0)));
}

export interface Names {
  /** User parts; either may be missing where nobody knows it. */
  readonly phone: string;
  readonly lid: string;
}

export class Person {
  readonly names: Names;
  readonly creds = initAuthCreds();
  readonly #repository: SignalRepositoryWithLIDStore;
  readonly #met = new Set<string>();

  constructor(names: Names) {
    this.names = names;
    const keys = addTransactionCapability(memoryKeys(), SILENT, {
      maxCommitRetries: 1,
      delayBetweenTriesMs: 1,
    });
    this.#repository = DEFAULT_CONNECTION_CONFIG.makeSignalRepository(
      { creds: this.creds, keys },
      SILENT,
      async () => [],
    );
  }

  get pn(): string {
    return `${this.names.phone}@s.whatsapp.net`;
  }

  get lid(): string {
    return `${this.names.lid}@lid`;
  }

  /** Sealed to that device. */
  async seal(device: string, bundle: Bundle, message: proto.IMessage): Promise<BinaryNode> {
    await this.#meet(device, bundle);
    const { type, ciphertext } = await this.#repository.encryptMessage({
      jid: device,
      data: padded(message),
    });
    return { tag: 'enc', attrs: { v: '2', type }, content: ciphertext };
  }

  /** Sealed to a group in which that device is. */
  async sealGroup(
    device: string,
    bundle: Bundle,
    group: string,
    message: proto.IMessage,
  ): Promise<BinaryNode[]> {
    const { ciphertext, senderKeyDistributionMessage } = await this.#repository.encryptGroupMessage({
      group,
      meId: this.lid,
      data: padded(message),
    });
    const key = await this.seal(device, bundle, {
      senderKeyDistributionMessage: {
        groupId: group,
        axolotlSenderKeyDistributionMessage: senderKeyDistributionMessage,
      },
    });
    return [key, { tag: 'enc', attrs: { v: '2', type: 'skmsg' }, content: ciphertext }];
  }

  async open(device: string, { attrs, content }: BinaryNode): Promise<proto.Message | null> {
    if (!(content instanceof Uint8Array)) return null;
    const type = attrs['type'] === 'pkmsg' ? 'pkmsg' : 'msg';
    const bytes = await this.#repository.decryptMessage({ jid: device, type, ciphertext: content });
    this.#met.add(device);
    const message = unpadded(bytes);
    const item = message.senderKeyDistributionMessage;
    if (item) await this.#repository.processSenderKeyDistributionMessage({ item, authorJid: device });
    return message;
  }

  async openGroup(device: string, group: string, { content }: BinaryNode): Promise<proto.Message | null> {
    if (!(content instanceof Uint8Array)) return null;
    return unpadded(await this.#repository.decryptGroupMessage({ group, authorJid: device, msg: content }));
  }

  /** As the server tells others of this person's device. */
  keyNode(jid: string): BinaryNode {
    const registration = Buffer.alloc(4);
    registration.writeUInt32BE(this.creds.registrationId);
    return {
      tag: 'user',
      attrs: { jid },
      content: [
        { tag: 'registration', attrs: {}, content: registration },
        { tag: 'type', attrs: {}, content: Buffer.from([5]) },
        { tag: 'identity', attrs: {}, content: this.creds.signedIdentityKey.public },
        xmppSignedPreKey(this.creds.signedPreKey),
      ],
    };
  }

  /** As the app does when a device could not read it: a new session, from what the server knows of it. */
  forget(device: string): void {
    this.#met.delete(device);
  }

  async #meet(device: string, { registrationId, identity, signedPreKey }: Bundle): Promise<void> {
    if (this.#met.has(device)) return;
    this.#met.add(device);
    await this.#repository.injectE2ESession({
      jid: device,
      session: {
        registrationId,
        identityKey: generateSignalPubKey(Buffer.from(identity)),
        signedPreKey: {
          keyId: signedPreKey.keyId,
          publicKey: generateSignalPubKey(Buffer.from(signedPreKey.public)),
          signature: signedPreKey.signature,
        },
      },
    });
  }
}
