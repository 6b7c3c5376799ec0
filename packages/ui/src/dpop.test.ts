// RFC 9449, checked by a second implementation of the signature: what the page sends is what the gateway will verify.
import { createPublicKey, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { deviceKeyOf } from './device-key.ts';
import { dpopProof } from './dpop.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;
// Digests by another hand: `printf %s TEXT | openssl dgst -sha256 -binary | base64`, made URL-safe.
const HASH_OF_NOTHING = '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU';
const HASH_OF_ABC = 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0';

async function key() {
  return deviceKeyOf(await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']), 'window');
}

const proven = {
  method: 'POST',
  url: 'https://gate.example/api/v1/devices/prove',
  token: 'abc',
  nonce: 'n1',
  body: '',
  now: 1_700_000_000_999,
  jti: 'j1',
};

/** The parts of a proof whose signature holds under the key it names itself. */
function opened(proof: string): { readonly header: object; readonly claims: object } {
  const [head = '', payload = '', signature = ''] = proof.split('.');
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  const header = read(head);
  const key = createPublicKey({ key: header.jwk, format: 'jwk' });
  const isSigned = verify(
    'sha256',
    Buffer.from(`${head}.${payload}`),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  expect(isSigned).toBe(true);
  return { header, claims: read(payload) };
}

test('R60: a proof names one method, one address, one token, one nonce and one body, under the key of the device', async () => {
  const device = await key();
  const { header, claims } = opened(await dpopProof(device, proven));
  expect(header).toEqual({ typ: 'dpop+jwt', alg: 'ES256', jwk: device.jwk });
  expect(claims).toEqual({
    htm: 'POST',
    htu: 'https://gate.example/api/v1/devices/prove',
    iat: 1_700_000_000,
    jti: 'j1',
    nonce: 'n1',
    ath: HASH_OF_ABC,
    bh: HASH_OF_NOTHING,
  });
});

test('another body is another proof', async () => {
  const { claims } = opened(await dpopProof(await key(), { ...proven, body: 'abc' }));
  expect(claims).toMatchObject({ bh: HASH_OF_ABC });
});
