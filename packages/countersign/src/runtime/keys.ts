// The keys of an installation. One storage key is the root: the vault's key and every hash's key are derived from it
// (HKDF-SHA-256), so that none fits another's purpose, and moving it off the machine takes all of them along. Signing
// keys are files of their own. Keys are made once, whole, and refused when anybody else could have read them.
import { execFile } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, hkdfSync, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { Problem } from '@countersign/protocol/problem';
import type { HashPurpose, Random } from '../core/ports.ts';
import { createWhole, makeFolder, readPrivate } from './files.ts';

export type KeySource =
  | { readonly kind: 'home' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'command'; readonly argv: readonly string[] };

export interface KeyPlace {
  /** The folder `keys/` of the home. */
  readonly folder: string;
  readonly random: Random;
  /** Where the storage key comes from; `home` keeps it in `folder`. */
  readonly source?: KeySource;
  /** False once there is a store: a new storage key could open nothing in it. */
  readonly mayCreate?: boolean;
}

const KEY_BYTES = 32;
const COMMAND_TIMEOUT_MS = 10_000;

/** The root key, 32 bytes. Never use it itself: derive. */
export class StorageKey {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  vaultKey(): Uint8Array {
    return this.#derive('countersign.vault.v1');
  }

  hashKey(purpose: HashPurpose): Uint8Array {
    return this.#derive(`countersign.hash.v1.${purpose}`);
  }

  toJSON(): string {
    return '[secret]';
  }

  #derive(info: string): Uint8Array {
    return new Uint8Array(hkdfSync('sha256', this.#bytes, new Uint8Array(0), info, KEY_BYTES));
  }
}

/** Reads the storage key from where it is kept; in `keys/` it is made on first use. */
export async function loadStorageKey(place: KeyPlace): Promise<StorageKey> {
  const { source = { kind: 'home' } } = place;
  switch (source.kind) {
    case 'home':
      return new StorageKey(homeKey(place));
    case 'file':
      return new StorageKey(decodeKey(readOrRefuse(source.path), source.path));
    case 'command':
      return new StorageKey(decodeKey(await runCommand(source.argv), 'what keys.command prints'));
    default:
      return source satisfies never;
  }
}

function homeKey({ folder, random, mayCreate = true }: KeyPlace): Uint8Array {
  const path = join(folder, 'storage.key');
  const bytes = readPrivate(path) ?? (mayCreate ? makeKey(path, folder, random) : missing(path));
  if (bytes.length === KEY_BYTES) return bytes;
  throw new Problem('store_unavailable', {
    detail: `${path} has ${bytes.length} bytes instead of ${KEY_BYTES}`,
    hint: 'restore it from a backup: without it nothing sealed can be read',
  });
}

function missing(path: string): never {
  throw new Problem('store_unavailable', {
    detail: `there is a store and no ${path}`,
    hint: 'restore it from a backup, or point keys.file or keys.command at it',
  });
}

function makeKey(path: string, folder: string, random: Random): Uint8Array {
  makeFolder(folder, 0o700);
  createWhole(path, random.bytes(KEY_BYTES));
  // Another process may have been faster: what lies there now is the key.
  return readOrRefuse(path);
}

function readOrRefuse(path: string): Buffer {
  const bytes = readPrivate(path);
  if (bytes !== null) return bytes;
  throw new Problem('store_unavailable', {
    detail: `there is no key at ${path}`,
    hint: 'look at keys in the configuration',
  });
}

/** 32 raw bytes, or their hex or base64 (either alphabet) on one line. */
function decodeKey(bytes: Buffer, from: string): Uint8Array {
  if (bytes.length === KEY_BYTES) return bytes;
  const text = bytes.length <= 128 ? bytes.toString('latin1').trim() : '';
  if (/^[0-9a-fA-F]{64}$/.test(text)) return Buffer.from(text, 'hex');
  if (/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return Buffer.from(text, 'base64url');
  throw new Problem('store_unavailable', {
    detail: `${from} is not a key`,
    hint: 'a storage key is 32 bytes, or their hex or base64: openssl rand -base64 32',
  });
}

/** No shell: the words are the argument list. What it says on stderr could hold the key, and is not repeated. */
function runCommand(argv: readonly string[]): Promise<Buffer> {
  const [program = '', ...rest] = argv;
  const options = { timeout: COMMAND_TIMEOUT_MS, maxBuffer: 4096, encoding: 'buffer', shell: false } as const;
  return new Promise((resolve, reject) => {
    execFile(program, rest, options, (error, stdout) => {
      if (error === null) return resolve(stdout);
      const why =
        error.killed === true
          ? `took longer than ${COMMAND_TIMEOUT_MS / 1000} s`
          : `failed (${error.code ?? error.signal})`;
      const hint = 'run it by hand: it must print the key and exit with 0';
      reject(new Problem('store_unavailable', { detail: `keys.command ${why}`, hint }));
    });
  });
}

/** The signing key called `name` (Ed25519), made on first use. */
export function loadSigningKey({ folder, mayCreate = true }: KeyPlace, name: string): KeyObject {
  const path = join(folder, `${name}.pem`);
  let bytes = readPrivate(path);
  if (bytes === null) {
    if (!mayCreate) return missing(path);
    makeFolder(folder, 0o700);
    createWhole(path, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
    bytes = readOrRefuse(path);
  }
  const broken = (cause?: unknown) =>
    new Problem('store_unavailable', {
      detail: `${path} is not an Ed25519 key`,
      hint: 'restore it from a backup',
      cause,
    });
  let key: KeyObject;
  try {
    key = createPrivateKey(bytes);
  } catch (error) {
    throw broken(error);
  }
  if (key.asymmetricKeyType !== 'ed25519') throw broken();
  return key;
}
