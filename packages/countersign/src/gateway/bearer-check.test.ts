// R57: our own bearers, read back with the keys of the audience they are for, to the second.
import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { createBearerSigner } from '../runtime/crypto/bearer-signer.ts';
import { FakeClock } from '../testing/fakes.ts';
import { BearerCheck } from './bearer-check.ts';

const SECRET = 's'.repeat(32);
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig', alg: 'EdDSA' };
const signer = createBearerSigner({ current: { kid: 'k', key: privateKey } });

function stage() {
  const clock = new FakeClock();
  const iat = Math.floor(clock.now() / 1000);
  const claims = (aud: string) => ({
    iss: 'urn:countersign:x',
    aud,
    sub: 'u-1',
    tenant: 'default',
    act: { sub: 'main' },
    sid: 's',
    channel: 'telegram',
    account: 'default',
    assurance: 'high',
    scope: 'tools',
    iat,
    exp: iat + 300,
    jti: 'a.b',
  });
  const shared = { alg: 'HS256', secret: { reveal: () => SECRET }, origins: [] } as const;
  const signed = { alg: 'EdDSA', secret: null, origins: [] } as const;
  const audiences = new Map<string, typeof shared | typeof signed>([
    ['shared', shared],
    ['signed', signed],
  ]);
  const settings = () => ({ issuer: 'urn:countersign:x', audiences });
  const check = new BearerCheck({ clock, settings, jwks: () => ({ keys: [jwk] }) });
  return { clock, claims, is: async (token: string) => (await check.verify(token)) !== null };
}

test('a bearer of each kind is ours until the second it ends, by our own clock', async () => {
  const { clock, claims, is } = stage();
  const both = [signer.sign(claims('signed'), 'EdDSA', null), signer.sign(claims('shared'), 'HS256', SECRET)];
  clock.advance('299s');
  for (const token of both) expect(await is(token)).toBe(true);
  clock.advance('1s');
  for (const token of both) expect(await is(token)).toBe(false);
});

test('the public key, as whoever reads it could write it down, is no secret', async () => {
  const { claims, is } = stage();
  const pem = String(publicKey.export({ type: 'spki', format: 'pem' }));
  for (const secret of [pem, pem.trim(), JSON.stringify(jwk), String(jwk.x)])
    for (const aud of ['signed', 'shared', 'nobody'])
      expect(await is(signer.sign(claims(aud), 'HS256', secret))).toBe(false);
  expect(await is(signer.sign(claims('signed'), 'HS256', SECRET))).toBe(false);
});
