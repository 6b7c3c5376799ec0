// A machine's identity: one Ed25519 key in its own folder, made at its first start and never given out.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Domain, type Json, signedBytes } from '@countersign/protocol/canonical';
import { visible } from '@countersign/protocol/display';
import type { PublicJwk } from '@countersign/protocol/gateway';
import { Problem } from '@countersign/protocol/problem';

const FILE = 'key.pem';
const MAX_BYTES = 4_096;

export interface NodeKey {
  readonly jwk: PublicJwk;
  /** RFC 7638, base64url: what signatures name. */
  readonly thumbprint: string;
  sign(domain: Domain, value: Json): string;
  /** For forms with a frame of their own (JWS). */
  signBytes(bytes: Uint8Array): string;
}

/** The key of that folder, made on first use. @throws Problem `config_invalid`: it cannot be kept to this user alone. */
export async function openNodeKey(folder: string): Promise<NodeKey> {
  const path = join(folder, FILE);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await refuseOpenFolder(folder);
  return keyOf((await read(path)) ?? (await make(folder, path)));
}

/**
 * Whoever may write there may put a pin or a key of their own in place of ours, and have anything run.
 * @throws Problem `config_invalid`.
 */
export async function refuseOpenFolder(folder: string): Promise<void> {
  const uid = process.geteuid?.();
  if (uid === undefined) return;
  const there = await stat(folder);
  if (there.uid !== uid && there.uid !== 0)
    throw unfit(folder, 'it belongs to another user', 'name a folder of this user with --folder');
  if ((there.mode & 0o022) !== 0)
    throw unfit(folder, 'others may write there', `chmod 700 ${visible(folder)}`);
}

async function make(folder: string, path: string): Promise<KeyObject> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const text = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  // A name that no other start has: what a dead one left is in nobody's way.
  const draft = join(folder, `.${FILE}.${x}`);
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    // Two that start at once end up with the same key: only the first name stands.
    await link(draft, path);
  } catch (cause) {
    if (!isCode(cause, 'EEXIST')) throw cause;
  } finally {
    await rm(draft, { force: true });
  }
  const kept = await read(path);
  if (kept === null) throw new Problem('internal', { detail: 'a key that was just written is not there' });
  return kept;
}

async function read(path: string): Promise<KeyObject | null> {
  try {
    const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      const { mode, size } = await file.stat();
      if ((mode & 0o077) !== 0) throw unfit(path, 'others may read it', `chmod 600 ${visible(path)}`);
      if (size > MAX_BYTES) throw unfit(path, 'it is no key of ours', 'move it away, and pair anew');
      const key = createPrivateKey(await file.readFile('utf8'));
      if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('another kind of key');
      return key;
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return null;
    if (cause instanceof Problem) throw cause;
    throw unfit(path, 'it is no key of ours', 'move it away, and pair anew', cause);
  }
}

function keyOf(key: KeyObject): NodeKey {
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  const signBytes = (bytes: Uint8Array) => sign(null, bytes, key).toString('base64url');
  return {
    jwk: { kty: 'OKP', crv: 'Ed25519', x },
    thumbprint: createHash('sha256')
      .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
      .digest('base64url'),
    sign: (domain, value) => signBytes(signedBytes(domain, value)),
    signBytes,
  };
}

function unfit(path: string, why: string, hint: string, cause?: unknown): Problem {
  return new Problem('config_invalid', { detail: `${visible(path)}: ${why}`, hint, cause });
}

export function isCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code;
}
