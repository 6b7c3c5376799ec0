import { createHash, createPublicKey, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { base64url, deviceKeyOf, thumbprintOf } from './device-key.ts';

const pair = (): Promise<CryptoKeyPair> =>
  crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);

test('the device is the RFC 7638 thumbprint, the peer the same bytes in base32', async () => {
  const key = await deviceKeyOf(await pair(), 'stored');
  const { crv, kty, x, y } = key.jwk;
  const expected = createHash('sha256').update(`{"crv":"${crv}","kty":"${kty}","x":"${x}","y":"${y}"}`);
  expect(key.device).toBe(expected.digest('base64url'));
  expect(key.peer).toMatch(/^[a-z2-7]{52}$/);
  expect(base64url(await thumbprintOf(key.jwk))).toBe(key.device);
});

test('a signature is 64 bytes of r and s over the domain, a line feed and the canonical JSON', async () => {
  const key = await deviceKeyOf(await pair(), 'stored');
  const signature = await key.sign('countersign.connect.v1', { ts: 1, device: 'd', scopes: [] });
  const bytes = Buffer.from(signature, 'base64url');
  expect(bytes).toHaveLength(64);
  const publicKey = createPublicKey({ key: { ...key.jwk }, format: 'jwk' });
  const signed = Buffer.from('countersign.connect.v1\n{"device":"d","scopes":[],"ts":1}');
  expect(verify('sha256', signed, { key: publicKey, dsaEncoding: 'ieee-p1363' }, bytes)).toBe(true);
});

test('the private half cannot be taken out', async () => {
  const { privateKey } = await pair();
  await expect(crypto.subtle.exportKey('jwk', privateKey)).rejects.toThrow();
});
