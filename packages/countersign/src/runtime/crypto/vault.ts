// Seals values at rest: version byte, 12 bytes of nonce, ciphertext, 16 bytes of tag. The place a value is kept in is
// associated data, so a value copied to another row does not open there.
import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';
import { Problem } from '@countersign/protocol/problem';
import type { Random, Vault } from '../../core/ports.ts';
import type { StorageKey } from '../keys.ts';

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function createVault(storageKey: StorageKey, random: Random): Vault {
  const key = createSecretKey(storageKey.vaultKey());
  return {
    seal(plain, bind) {
      const nonce = random.bytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(bind));
      const body = cipher.update(plain, 'utf8');
      // GCM is a stream: nothing comes out at the end but the tag.
      cipher.final();
      const sealed = new Uint8Array(1 + NONCE_BYTES + body.length + TAG_BYTES);
      sealed[0] = VERSION;
      sealed.set(nonce, 1);
      sealed.set(body, 1 + NONCE_BYTES);
      sealed.set(cipher.getAuthTag(), 1 + NONCE_BYTES + body.length);
      return sealed;
    },
    open(sealed, bind) {
      if (sealed.length < 1 + NONCE_BYTES + TAG_BYTES || sealed[0] !== VERSION) throw unopened();
      const end = sealed.length - TAG_BYTES;
      const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(bind));
      decipher.setAuthTag(sealed.subarray(end));
      try {
        return Buffer.concat([
          decipher.update(sealed.subarray(1 + NONCE_BYTES, end)),
          decipher.final(),
        ]).toString('utf8');
      } catch (cause) {
        throw unopened(cause);
      }
    },
  };
}

function unopened(cause?: unknown): Problem {
  return new Problem('store_unavailable', {
    detail: 'a sealed value does not open',
    hint: 'is it the right storage key? A value that was altered or moved does not open either',
    ...(cause === undefined ? {} : { cause }),
  });
}
