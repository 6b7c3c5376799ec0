// A passkey without a browser: makes the bytes that a browser and its authenticator would, attestation `none`, ES256. Each
// field can be bent, for the tests that demand to see it refused.
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { PasskeyAssertion, PasskeyAttestation } from '../core/factor/ports.ts';

export interface Ceremony {
  /** base64url, as the options hold it. */
  readonly challenge: string;
  readonly origin: string;
  readonly userHandle?: string | null;
  readonly rpId?: string;
  readonly type?: string;
  readonly userVerified?: boolean;
  readonly userPresent?: boolean;
  /** What the authenticator says it has counted to; by default one more than the last time. */
  readonly counter?: number;
  /** Further members of the client data: `crossOrigin`, `topOrigin`. */
  readonly client?: Readonly<Record<string, unknown>>;
}

type Cbor = string | number | Uint8Array | ReadonlyMap<string | number, Cbor>;

export class SoftwareAuthenticator {
  readonly id: string;
  readonly #key: KeyObject;
  readonly #credential: Buffer;
  readonly #cose: Uint8Array;
  readonly #counts: boolean;
  #counter = 0;

  /** `counts` false: as passkeys that are synchronised, whose counter stays at zero. */
  constructor({ counts = true } = {}) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    this.#key = privateKey;
    this.#counts = counts;
    this.#cose = cbor(
      new Map<number, Cbor>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, Buffer.from(x, 'base64url')],
        [-3, Buffer.from(y, 'base64url')],
      ]),
    );
    this.#credential = createHash('sha256').update(this.#cose).digest();
    this.id = this.#credential.toString('base64url');
  }

  /** navigator.credentials.create */
  create(ceremony: Ceremony): PasskeyAttestation {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.#credential.length);
    const attested = Buffer.concat([Buffer.alloc(16), length, this.#credential, this.#cose]);
    const authData = Buffer.concat([this.#head(ceremony, 0x40), attested]);
    const parts = new Map<string, Cbor>([
      ['fmt', 'none'],
      ['attStmt', new Map<string, Cbor>()],
      ['authData', authData],
    ]);
    return {
      id: this.id,
      clientDataJSON: clientData('webauthn.create', ceremony).toString('base64url'),
      attestationObject: Buffer.from(cbor(parts)).toString('base64url'),
      transports: ['internal'],
    };
  }

  /** navigator.credentials.get */
  get(ceremony: Ceremony): PasskeyAssertion {
    const client = clientData('webauthn.get', ceremony);
    const authData = this.#head(ceremony, 0);
    const signed = Buffer.concat([authData, createHash('sha256').update(client).digest()]);
    const { userHandle = null } = ceremony;
    return {
      id: this.id,
      clientDataJSON: client.toString('base64url'),
      authenticatorData: authData.toString('base64url'),
      signature: sign('sha256', signed, this.#key).toString('base64url'),
      userHandle: userHandle === null ? null : Buffer.from(userHandle).toString('base64url'),
    };
  }

  #head(ceremony: Ceremony, more: number): Buffer {
    const { origin, rpId, userPresent = true, userVerified = true, counter } = ceremony;
    if (this.#counts) this.#counter += 1;
    const rp = createHash('sha256')
      .update(rpId ?? new URL(origin).hostname)
      .digest();
    const head = Buffer.alloc(5);
    head.writeUInt8((userPresent ? 1 : 0) | (userVerified ? 4 : 0) | more);
    head.writeUInt32BE(counter ?? this.#counter, 1);
    return Buffer.concat([rp, head]);
  }
}

function clientData(type: string, { type: other, challenge, origin, client = {} }: Ceremony): Buffer {
  return Buffer.from(
    JSON.stringify({ type: other ?? type, challenge, origin, crossOrigin: false, ...client }),
  );
}

/** As much of RFC 8949 as an attestation takes. */
function cbor(value: Cbor): Uint8Array {
  if (typeof value === 'string')
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  const entries = [...value].flatMap(([key, one]) => [cbor(key), cbor(one)]);
  return Buffer.concat([head(5, value.size), ...entries]);
}

function head(major: number, n: number): Buffer {
  if (n < 24) return Buffer.from([(major << 5) | n]);
  return n < 256 ? Buffer.from([(major << 5) | 24, n]) : Buffer.from([(major << 5) | 25, n >> 8, n & 255]);
}
