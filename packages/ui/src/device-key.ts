// The browser's identity: one non-extractable P-256 key per origin. The private half never leaves WebCrypto; two tabs
// opened at once end up with the same key.
import { type Domain, type Json, signedBytes } from '@countersign/protocol/canonical';
import { base32 } from '@countersign/protocol/ids';

export interface PublicJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

export interface DeviceKey {
  readonly jwk: PublicJwk;
  /** RFC 7638 thumbprint, base64url: what signatures name. */
  readonly device: string;
  /** The same bytes in lower-case base32: the web chat id people see. */
  readonly peer: string;
  /** `stored` survives a restart; `window` ends with this page, for the browser keeps nothing here. */
  readonly kept: 'stored' | 'window';
  sign(domain: Domain, value: Json): Promise<string>;
  /** For forms with a frame of their own (JWS): they begin with a base64url header, so no domain tag can be meant. */
  signBytes(bytes: Uint8Array<ArrayBuffer>): Promise<string>;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const DATABASE = 'countersign';
const KEYS = 'keys';
const ROW = 'browser';

/** The key of this browser, made on first use. */
export async function openDeviceKey(): Promise<DeviceKey> {
  try {
    // Web Locks order the tabs; `add` in the database decides even where there are none.
    const pair = await oneAtATime(async () => (await stored()) ?? (await keep(await generate())));
    void navigator.storage?.persist?.().catch(() => false);
    return await deviceKeyOf(pair, 'stored');
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    // Private windows of some browsers have no database: talk with a key that ends with the window, and say so.
    return deviceKeyOf(await generate(), 'window');
  }
}

/** @internal shared with the tests, which have WebCrypto but no database. */
export async function deviceKeyOf(pair: CryptoKeyPair, kept: DeviceKey['kept']): Promise<DeviceKey> {
  const jwk = publicJwk(await crypto.subtle.exportKey('jwk', pair.publicKey));
  const thumbprint = await thumbprintOf(jwk);
  const signBytes = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
    base64url(
      new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, bytes)),
    );
  return {
    jwk,
    device: base64url(thumbprint),
    peer: base32(thumbprint),
    kept,
    sign: (domain, value) => signBytes(signedBytes(domain, value)),
    signBytes,
  };
}

/** RFC 7638 3.2: the required members only, in lexical order, without white space. */
export async function thumbprintOf({ crv, kty, x, y }: PublicJwk): Promise<Uint8Array> {
  const bytes = new TextEncoder().encode(JSON.stringify({ crv, kty, x, y }));
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

function generate(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
}

function publicJwk({ x, y }: JsonWebKey): PublicJwk {
  if (x === undefined || y === undefined) throw new TypeError('not a P-256 public key');
  return { kty: 'EC', crv: 'P-256', x, y };
}

function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks === undefined ? work() : navigator.locks.request('countersign.device-key', work);
}

async function stored(): Promise<CryptoKeyPair | null> {
  const database = await open();
  try {
    const row: unknown = await settled(database.transaction(KEYS).objectStore(KEYS).get(ROW));
    return isPair(row) ? row : null;
  } finally {
    database.close();
  }
}

async function keep(pair: CryptoKeyPair): Promise<CryptoKeyPair> {
  const database = await open();
  try {
    const writing = database.transaction(KEYS, 'readwrite', { durability: 'strict' });
    const done = new Promise<void>((resolve, reject) => {
      writing.oncomplete = () => resolve();
      writing.onabort = () => reject(writing.error ?? new DOMException('aborted', 'AbortError'));
    });
    writing.objectStore(KEYS).add(pair, ROW);
    await done;
    return pair;
  } catch (error) {
    // Somebody else was first: theirs is the key.
    if (error instanceof DOMException && error.name === 'ConstraintError') return (await stored()) ?? pair;
    throw error;
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  if (typeof indexedDB === 'undefined') {
    return Promise.reject(new DOMException('no database here', 'NotSupportedError'));
  }
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(KEYS);
  return settled(request);
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new DOMException('failed', 'UnknownError'));
  });
}

function isPair(value: unknown): value is CryptoKeyPair {
  return (
    typeof value === 'object' &&
    value !== null &&
    'privateKey' in value &&
    value.privateKey instanceof CryptoKey &&
    'publicKey' in value &&
    value.publicKey instanceof CryptoKey
  );
}
