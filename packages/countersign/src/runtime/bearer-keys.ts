// The keys that sign bearers, and nothing else. A new one is published before it signs, and an old one verifies until the
// last token it signed has ended; which key does what is computed from the times in the file, so a restart changes nothing.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { join } from 'node:path';
import { Problem } from '@countersign/protocol/problem';
import type { BearerKeys as PublicKeys } from '@countersign/protocol/token';
import { z } from 'zod';
import type { Clock, Millis } from '../core/ports.ts';
import { createBearerSigner } from './crypto/bearer-signer.ts';
import { createWhole, makeFolder, readPrivate, writeWhole } from './files.ts';

const FILE = 'bearer.json';
const DAY_MS = 24 * 60 * 60_000;
export const KEY_LIFE_MS = 90 * DAY_MS;
/** Published so long before it signs: longer than any verifier keeps a key set. */
export const LEAD_MS = DAY_MS;
/** The longest a bearer can live, and a clock that is behind. */
const LAST_TOKEN_MS = 30 * 60_000;

const fileSchema = z.array(z.strictObject({ pem: z.string(), signsFrom: z.int() })).min(1);

interface Key {
  readonly kid: string;
  readonly key: KeyObject;
  readonly pem: string;
  readonly x: string;
  readonly signsFrom: Millis;
}

interface Place {
  /** The folder `keys/` of the home. */
  readonly folder: string;
  readonly clock: Clock;
}

export class BearerKeys {
  readonly #place: Place;
  #keys: readonly Key[];

  /** @throws Problem `store_unavailable` when the file is not one of ours. */
  constructor(place: Place) {
    this.#place = place;
    this.#keys = load(place);
  }

  /** The key that signs now. */
  get current(): { readonly kid: string; readonly key: KeyObject } {
    const now = this.#place.clock.now();
    const found = this.#keys.findLast(({ signsFrom }) => signsFrom <= now) ?? this.#keys[0];
    if (found === undefined) throw new Problem('internal', { detail: 'there is no key for bearers' });
    return found;
  }

  /** Every key a bearer that is still good may have been signed with, and the one that comes next. */
  jwks(): PublicKeys {
    const now = this.#place.clock.now();
    return {
      keys: live(this.#keys, now).map(({ kid, x }) => ({
        kty: 'OKP',
        crv: 'Ed25519',
        x,
        kid,
        use: 'sig',
        alg: 'EdDSA',
      })),
    };
  }

  /** Makes the next key when the newest grows old, and drops those whose last token has ended. */
  tidy(): void {
    const now = this.#place.clock.now();
    const newest = this.#keys.at(-1);
    const due = newest !== undefined && now >= newest.signsFrom + KEY_LIFE_MS;
    const kept = live(this.#keys, now);
    if (!due && kept.length === this.#keys.length) return;
    this.#write(due ? [...kept, makeKey(now + LEAD_MS)] : kept);
  }

  #write(keys: readonly Key[]): void {
    writeWhole(join(this.#place.folder, FILE), textOf(keys));
    this.#keys = keys;
  }
}

/** Not those that a later one has followed for longer than a token lives. */
function live(keys: readonly Key[], now: Millis): readonly Key[] {
  return keys.filter((_, index) => {
    const next = keys[index + 1];
    return next === undefined || now < next.signsFrom + LAST_TOKEN_MS;
  });
}

function load({ folder, clock }: Place): readonly Key[] {
  const path = join(folder, FILE);
  let bytes = readPrivate(path);
  if (bytes === null) {
    makeFolder(folder, 0o700);
    createWhole(path, textOf([makeKey(clock.now())]));
    // Another process may have been faster: what lies there now are the keys.
    bytes = readPrivate(path);
  }
  try {
    return fileSchema
      .parse(JSON.parse(bytes?.toString('utf8') ?? ''))
      .map(({ pem, signsFrom }) => keyOf(createPrivateKey(pem), signsFrom))
      .toSorted((a, b) => a.signsFrom - b.signsFrom);
  } catch {
    // The cause could quote the key.
    throw new Problem('store_unavailable', {
      detail: `${path} does not hold the keys of bearers`,
      hint: 'restore it from a backup, or remove it: bearers made before are refused then',
    });
  }
}

function makeKey(signsFrom: Millis): Key {
  return keyOf(generateKeyPairSync('ed25519').privateKey, signsFrom);
}

function keyOf(key: KeyObject, signsFrom: Millis): Key {
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  if (x === undefined || key.asymmetricKeyType !== 'ed25519') throw new TypeError('not an Ed25519 key');
  // RFC 7638 3.2: the required members only, in this order, without spaces.
  const kid = createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url');
  return { kid, key, x, pem: String(key.export({ type: 'pkcs8', format: 'pem' })), signsFrom };
}

function textOf(keys: readonly Key[]): string {
  return `${JSON.stringify(keys.map(({ pem, signsFrom }) => ({ pem, signsFrom })))}\n`;
}

/** The keys, and what signs with the one of now. */
export function openSigning(place: Place) {
  const keys = new BearerKeys(place);
  return { signer: createBearerSigner(keys), jwks: () => keys.jwks(), tidy: () => keys.tidy() };
}
