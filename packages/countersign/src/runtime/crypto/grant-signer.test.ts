// Grants as they are signed and as they come back. Other programs read them by vectors/grants.json; these are the same bytes.
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { grantClaimsSchema } from '@countersign/protocol/grant';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createGrantSigner } from './grant-signer.ts';

const vectors = z
  .object({
    keys: z.array(z.looseObject({ kid: z.string() })),
    privateKeys: z.array(z.string()),
    valid: z.array(z.object({ token: z.string(), claims: grantClaimsSchema })),
    invalid: z.array(z.object({ name: z.string(), token: z.string(), code: z.string() })),
  })
  .parse(JSON.parse(readFileSync(new URL('../../../../../vectors/grants.json', import.meta.url), 'utf8')));

const signer = createGrantSigner(createPrivateKey(vectors.privateKeys[0] ?? ''));

test('the same claims are the same bytes, here and in the vectors', () => {
  expect(signer.publicJwk).toEqual(vectors.keys[0]);
  for (const { token, claims } of vectors.valid) {
    expect(signer.sign(claims)).toBe(token);
    expect(signer.read(token)).toEqual(claims);
  }
});

test('reads back what it signed itself and nothing else', () => {
  // What is wrong about the others is not the grant: the machine, the thing, or the moment.
  const forged = vectors.invalid.filter(({ code }) => code === 'grant_invalid');
  const late = ['made in the future'];
  for (const { name, token } of forged.filter((one) => !late.includes(one.name)))
    expect(signer.read(token), name).toBeNull();
  expect(forged.length).toBeGreaterThan(30);
});

test('takes no other kind of key', () => {
  const rsa = createPrivateKey(OTHER);
  expect(() => createGrantSigner(rsa)).toThrow('not an Ed25519 key');
});

/** Of X25519: it agrees on secrets, and signs nothing. */
const OTHER = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VuBCIEIHBgJSkE7Y0LYwGvdXN1Wm8+SmIPpFPzqk8vYcEPlHp4
-----END PRIVATE KEY-----`;
