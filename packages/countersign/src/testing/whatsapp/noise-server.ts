// The server's side of WhatsApp's Noise handshake (XX, 25519, AES-GCM, SHA-256), with a certificate of our own root, or
// with whatever certificate an attacker would show.
import {
  aesDecryptGCM,
  aesEncryptGCM,
  Curve,
  hkdf,
  type KeyPair,
  NOISE_MODE,
  NOISE_WA_HEADER,
  proto,
  sha256,
} from 'baileys';

const EMPTY = Buffer.alloc(0);

export interface Authority {
  readonly root: KeyPair;
  readonly intermediate: KeyPair;
}

export function newAuthority(): Authority {
  return { root: Curve.generateKeyPair(), intermediate: Curve.generateKeyPair() };
}

/** A chain in which the root vouches for the intermediate, and that for `leaf`. */
export function chainFor(authority: Authority, leaf: Uint8Array): Uint8Array {
  return proto.CertChain.encode(chainOf(authority, leaf)).finish();
}

export function chainOf({ root, intermediate }: Authority, leaf: Uint8Array) {
  const { Details } = proto.CertChain.NoiseCertificate;
  const sign = (by: KeyPair, details: Uint8Array) => ({
    details,
    signature: Curve.sign(by.private, details),
  });
  const middle = Details.encode({ serial: 7, issuerSerial: 0, key: intermediate.public }).finish();
  const end = Details.encode({ serial: 9, issuerSerial: 7, key: leaf }).finish();
  return { intermediate: sign(root, middle), leaf: sign(intermediate, end) };
}

/** How the server's certificate is made, given the static key it really has. */
export type Certify = (staticKey: Uint8Array) => Uint8Array;

function ivOf(counter: number): Buffer {
  const iv = Buffer.alloc(12);
  iv.writeUInt32BE(counter, 8);
  return iv;
}

export class NoiseServer {
  readonly #certify: Certify;
  readonly #ephemeral = Curve.generateKeyPair();
  readonly #static = Curve.generateKeyPair();
  #hash: Buffer;
  #salt: Buffer;
  #key: Buffer;
  #counter = 0;
  #buffered: Buffer = EMPTY;
  #isFirst = true;
  #transport: { readonly read: Buffer; readonly write: Buffer } | null = null;
  #reads = 0;
  #writes = 0;

  constructor(certify: Certify) {
    this.#certify = certify;
    const mode = Buffer.from(NOISE_MODE);
    this.#hash = mode.length === 32 ? mode : sha256(mode);
    this.#salt = this.#hash;
    this.#key = this.#hash;
    this.#authenticate(NOISE_WA_HEADER);
  }

  get open(): boolean {
    return this.#transport !== null;
  }

  frames(data: Buffer): Buffer[] {
    let bytes = data;
    if (this.#isFirst) {
      this.#isFirst = false;
      const intro = bytes.indexOf(NOISE_WA_HEADER);
      bytes = bytes.subarray(intro + NOISE_WA_HEADER.length);
    }
    this.#buffered = Buffer.concat([this.#buffered, bytes]);
    const found: Buffer[] = [];
    while (this.#buffered.length >= 3) {
      const size = this.#buffered.readUIntBE(0, 3);
      if (this.#buffered.length < size + 3) break;
      found.push(this.#buffered.subarray(3, size + 3));
      this.#buffered = this.#buffered.subarray(size + 3);
    }
    return found;
  }

  hello(frame: Uint8Array): Buffer {
    const theirs = proto.HandshakeMessage.decode(frame).clientHello?.ephemeral;
    if (!theirs) throw new Error('no client hello');
    this.#authenticate(theirs);
    this.#authenticate(this.#ephemeral.public);
    this.#mix(Curve.sharedKey(this.#ephemeral.private, theirs));
    const key = this.#seal(this.#static.public);
    this.#mix(Curve.sharedKey(this.#static.private, theirs));
    const payload = this.#seal(this.#certify(this.#static.public));
    const serverHello = { ephemeral: this.#ephemeral.public, static: key, payload };
    return framed(proto.HandshakeMessage.encode({ serverHello }).finish());
  }

  /** What the client says of itself, sealed. */
  finish(frame: Uint8Array): proto.ClientPayload {
    const finish = proto.HandshakeMessage.decode(frame).clientFinish;
    if (!finish?.static || !finish.payload) throw new Error('no client finish');
    this.#mix(Curve.sharedKey(this.#ephemeral.private, this.#open(finish.static)));
    const payload = proto.ClientPayload.decode(this.#open(finish.payload));
    const [read, write] = this.#derive(EMPTY);
    this.#transport = { read, write };
    return payload;
  }

  read(frame: Buffer): Buffer {
    if (this.#transport === null) throw new Error('no transport yet');
    return aesDecryptGCM(frame, this.#transport.read, ivOf(this.#reads++), EMPTY);
  }

  write(plain: Uint8Array): Buffer {
    if (this.#transport === null) throw new Error('no transport yet');
    return framed(aesEncryptGCM(plain, this.#transport.write, ivOf(this.#writes++), EMPTY));
  }

  #authenticate(data: Uint8Array): void {
    this.#hash = sha256(Buffer.concat([this.#hash, data]));
  }

  #seal(plain: Uint8Array): Buffer {
    const sealed = aesEncryptGCM(plain, this.#key, ivOf(this.#counter++), this.#hash);
    this.#authenticate(sealed);
    return sealed;
  }

  #open(sealed: Uint8Array): Buffer {
    const plain = aesDecryptGCM(Buffer.from(sealed), this.#key, ivOf(this.#counter++), this.#hash);
    this.#authenticate(sealed);
    return plain;
  }

  #derive(data: Uint8Array): readonly [Buffer, Buffer] {
    const both = Buffer.from(hkdf(Buffer.from(data), 64, { salt: this.#salt, info: '' }));
    return [both.subarray(0, 32), both.subarray(32)];
  }

  #mix(data: Uint8Array): void {
    const [salt, key] = this.#derive(data);
    this.#salt = salt;
    this.#key = key;
    this.#counter = 0;
  }
}

function framed(body: Uint8Array): Buffer {
  const head = Buffer.alloc(3);
  head.writeUIntBE(body.length, 0, 3);
  return Buffer.concat([head, body]);
}
