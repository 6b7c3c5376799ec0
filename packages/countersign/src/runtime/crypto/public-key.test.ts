// Attack: a key or a signature that is almost one. Two encodings of a key would be two identities; a point off the curve
// or of small order would let a stranger sign as its holder.
import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { type PublicJwk, publicJwkSchema } from '@countersign/protocol/gateway';
import { expect, test } from 'vitest';
import { thumbprint, verifySignature } from './public-key.ts';

const message = new TextEncoder().encode('what is signed');

function p256() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = publicJwkSchema.parse(publicKey.export({ format: 'jwk' }));
  const proof = sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url');
  return { jwk, proof };
}

function ed25519() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const jwk = publicJwkSchema.parse(publicKey.export({ format: 'jwk' }));
  return { jwk, proof: sign(null, message, privateKey).toString('base64url') };
}

test.each([
  ['P-256', p256],
  ['Ed25519', ed25519],
])('%s: its own signature fits, and nothing else does', (_name, make) => {
  for (let round = 0; round < 20; round++) {
    const { jwk, proof } = make();
    expect(verifySignature(jwk, message, proof)).toBe(true);
    expect(verifySignature(jwk, message.slice(1), proof)).toBe(false);
    expect(verifySignature(make().jwk, message, proof)).toBe(false);
    expect(verifySignature(jwk, message, `${proof}A`)).toBe(false);
    expect(verifySignature(jwk, message, proof.slice(0, -1))).toBe(false);
    expect(verifySignature(jwk, message, '')).toBe(false);
  }
});

test('a signature spelled with loose bits of base64url is refused', () => {
  const { jwk, proof } = p256();
  const last = proof.at(-1) ?? '';
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const loose = proof.slice(0, -1) + alphabet.charAt(alphabet.indexOf(last) + 1);
  expect(Buffer.from(loose, 'base64url')).toEqual(Buffer.from(proof, 'base64url'));
  expect(verifySignature(jwk, message, loose)).toBe(false);
});

test('the thumbprint is that of RFC 7638, whatever the order of members', () => {
  // RFC 8037 appendix A.3
  const jwk: PublicJwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
  expect(Buffer.from(thumbprint(jwk)).toString('base64url')).toBe(
    'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
  );
  const { jwk: ec } = p256();
  if (ec.kty !== 'EC') throw new Error('not EC');
  expect(thumbprint({ y: ec.y, x: ec.x, kty: 'EC', crv: 'P-256' })).toEqual(thumbprint(ec));
});

test('a point off the P-256 curve is no key', () => {
  const { jwk, proof } = p256();
  if (jwk.kty !== 'EC') throw new Error('not EC');
  const moved: PublicJwk = { ...jwk, y: jwk.x };
  expect(verifySignature(moved, message, proof)).toBe(false);
  expect(() => thumbprint(moved)).toThrow('no sound public key');
  const zero: PublicJwk = {
    ...jwk,
    x: Buffer.alloc(32).toString('base64url'),
    y: Buffer.alloc(32).toString('base64url'),
  };
  expect(() => thumbprint(zero)).toThrow('no sound public key');
});

const SMALL = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  // a second spelling of 1 (p + 1)
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
];

test.each(SMALL)('the Ed25519 point %s of small order signs for everybody, so it is no key', (hex) => {
  const x = Buffer.from(hex, 'hex').toString('base64url');
  const jwk: PublicJwk = { kty: 'OKP', crv: 'Ed25519', x };
  const everything = Buffer.concat([Buffer.from(SMALL[0] ?? '', 'hex'), Buffer.alloc(32)]).toString(
    'base64url',
  );
  expect(verifySignature(jwk, message, everything)).toBe(false);
  expect(() => thumbprint(jwk)).toThrow('no sound public key');
});

test('thirty-two bytes that are no Ed25519 point are no key', () => {
  let refused = 0;
  for (let y = 2; y < 60; y++) {
    const bytes = Buffer.alloc(32);
    bytes[0] = y;
    const jwk: PublicJwk = { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') };
    try {
      thumbprint(jwk);
    } catch {
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(15);
  expect(refused).toBeLessThan(45);
});

test('a key exported by Node is read back as the same key', () => {
  const { jwk } = ed25519();
  expect(createPublicKey({ key: { ...jwk }, format: 'jwk' }).asymmetricKeyType).toBe('ed25519');
});
