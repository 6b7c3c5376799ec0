import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HashPurpose } from '../../core/ports.ts';
import { loadSigningKey, StorageKey } from '../keys.ts';
import { systemRandom } from '../random.ts';
import { createHasher } from './hasher.ts';
import { createSigner } from './signer.ts';
import { createVault } from './vault.ts';

const key = new StorageKey(new Uint8Array(32).fill(7));
const vault = createVault(key, systemRandom);
const refused = expect.objectContaining({ code: 'store_unavailable' });

describe('vault', () => {
  test('any text comes back as it was, and never sealed alike twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, bind) => {
        const sealed = vault.seal(text, bind);
        expect(vault.open(sealed, bind)).toBe(text);
        expect(vault.seal(text, bind)).not.toEqual(sealed);
      }),
    );
  });

  test('a value moved to another row does not open', () => {
    const sealed = vault.seal('555001', 'pairings/identifier/pair_a');
    expect(() => vault.open(sealed, 'pairings/identifier/pair_b')).toThrow(refused);
    expect(() => vault.open(sealed, 'pairings/identifier/')).toThrow(refused);
  });

  test('a value with any byte changed, shortened or made longer does not open', () => {
    const sealed = vault.seal('secret', 'a');
    for (let at = 0; at < sealed.length; at++) {
      const changed = sealed.with(at, (sealed[at] ?? 0) ^ 1);
      expect(() => vault.open(changed, 'a')).toThrow(refused);
      expect(() => vault.open(sealed.subarray(0, at), 'a')).toThrow(refused);
    }
    expect(() => vault.open(Uint8Array.of(...sealed, 0), 'a')).toThrow(refused);
  });

  test('a value sealed under another key does not open', () => {
    const other = createVault(new StorageKey(new Uint8Array(32).fill(8)), systemRandom);
    expect(() => other.open(vault.seal('x', 'a'), 'a')).toThrow(refused);
  });
});

describe('hasher', () => {
  test('a hash made for one purpose matches no other, and no other installation', () => {
    const purposes: HashPurpose[] = [
      'pairing-code',
      'claim',
      'nonce',
      'session',
      'address',
      'person',
      'challenge',
    ];
    const other = createHasher(new StorageKey(new Uint8Array(32).fill(8)));
    const hasher = createHasher(key);
    const hashes = purposes.flatMap((purpose) => [hasher.keyed(purpose, 'x'), other.keyed(purpose, 'x')]);
    expect(new Set(hashes).size).toBe(14);
    for (const hash of hashes) expect(hash).toMatch(/^[\w-]{43}$/);
    expect(hasher.keyed('nonce', 'x')).toBe(hashes[4]);
  });

  test('the keys of a purpose never change: what is stored stays findable', () => {
    expect(createHasher(key).keyed('pairing-code', 'ABCDEFGH')).toBe(
      'A4kyjtPAj95oAVgW19mzsRDvxxl4RQVuvVpEsbGW7cc',
    );
  });
});

describe('signer', () => {
  const signer = createSigner(
    loadSigningKey({ folder: mkdtempSync(join(tmpdir(), 'cs-keys-')), random: systemRandom }, 'gateway'),
  );

  test('its signatures verify under the key it publishes', () => {
    const bytes = Buffer.from('countersign.connect.v1\n{}');
    const publicKey = createPublicKey({ key: { ...signer.publicJwk }, format: 'jwk' });
    expect(verify(null, bytes, publicKey, signer.sign(bytes))).toBe(true);
    expect(verify(null, Buffer.from('other'), publicKey, signer.sign(bytes))).toBe(false);
    expect(signer.sign(bytes)).toHaveLength(64);
  });

  test('RFC 8037 A.3: the thumbprint is the one of the RFC', async () => {
    const { createPrivateKey } = await import('node:crypto');
    const jwk = {
      kty: 'OKP',
      crv: 'Ed25519',
      d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
      x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
    };
    const known = createSigner(createPrivateKey({ key: jwk, format: 'jwk' }));
    expect(known.thumbprint).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
  });
});
