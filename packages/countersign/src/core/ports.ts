// Every interface core needs from the world. Clock and chance come in here and nowhere else; the store and the
// channel have files of their own (ports/store.ts, ports/channel.ts) because their contracts are long.

/** Milliseconds since 1970-01-01T00:00:00Z, an integer. */
export type Millis = number;

export interface Clock {
  now(): Millis;
}

export interface Random {
  /** `n` bytes from a CSPRNG. */
  bytes(n: number): Uint8Array;
}

/** What a keyed hash is for. A hash made for one purpose never matches another: each has its own key. */
export type HashPurpose =
  | 'pairing-code'
  | 'claim'
  | 'nonce'
  | 'session'
  | 'handle'
  | 'address'
  | 'person'
  | 'challenge'
  | 'passkey'
  | 'button'
  | 'link-code'
  | 'setup'
  | 'device-token'
  | 'service-token'
  | 'push-endpoint'
  | 'verify-link'
  | 'config-text'
  | 'idempotency-key'
  | 'grant-seal'
  | 'elevation-seal'
  | 'window-seal'
  | 'recovery-seal';

export interface Hasher {
  /** HMAC-SHA-256 of `text` under the key of `purpose`, as 43 characters of base64url. */
  keyed(purpose: HashPurpose, text: string): string;
}

export interface Vault {
  /** Seals with AES-256-GCM under the storage key. `bind` (table/column/row) is associated data: a value moved to
   * another row does not open. */
  seal(plain: string, bind: string): Uint8Array;
  /** @throws Problem `store_unavailable` when the bytes were altered, moved, or sealed under another key. */
  open(sealed: Uint8Array, bind: string): string;
}

export interface Signer {
  /** RFC 7638 thumbprint of the gateway's own key, base64url: the name clients pin. */
  readonly thumbprint: string;
  /** The public half as a JWK (Ed25519). */
  readonly publicJwk: Readonly<Record<string, string>>;
  /** Ed25519 over `bytes`, 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array;
}

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Log lines take ids, counts and reasons; never codes, tokens, message text or phone numbers. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}
