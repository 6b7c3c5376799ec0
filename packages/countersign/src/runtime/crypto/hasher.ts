// Keyed hashes: what is looked up is never stored as it is, and a hash made for one purpose matches no other.
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Hasher, HashPurpose } from '../../core/ports.ts';
import type { StorageKey } from '../keys.ts';

export function createHasher(storageKey: StorageKey): Hasher {
  // As key objects: OpenSSL prepares a raw key anew for each call, at several times the price of the hash.
  const keys = new Map<HashPurpose, KeyObject>();
  return {
    keyed(purpose, text) {
      const key = keys.get(purpose) ?? createSecretKey(storageKey.hashKey(purpose));
      keys.set(purpose, key);
      return createHmac('sha256', key).update(text, 'utf8').digest('base64url');
    },
  };
}
