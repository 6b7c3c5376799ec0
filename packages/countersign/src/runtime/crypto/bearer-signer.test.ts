// What is signed is what every verifier reads: the vectors, byte for byte, and HS256 never with a weak secret.
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createBearerSigner } from './bearer-signer.ts';

const vectors = z
  .object({
    keys: z.object({ keys: z.array(z.looseObject({ kid: z.string() })) }),
    secret: z.string(),
    privateKeys: z.array(z.string()),
    valid: z.array(
      z.object({
        name: z.string(),
        with: z.string(),
        token: z.string(),
        claims: z.record(z.string(), z.unknown()),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('../../../../../vectors/bearers.json', import.meta.url), 'utf8')));

test.each(vectors.valid)('signs the vector: $name', ({ with: by, token, claims }) => {
  const signers = vectors.privateKeys.map((pem, index) =>
    createBearerSigner({ current: { kid: vectors.keys.keys[index]?.kid ?? '', key: createPrivateKey(pem) } }),
  );
  const signed = signers.map((signer) =>
    by === 'secret' ? signer.sign(claims, 'HS256', vectors.secret) : signer.sign(claims, 'EdDSA', null),
  );
  expect(signed).toContain(token);
});

test('R57: HS256 without a secret of 32 bytes signs nothing', () => {
  const [pem = ''] = vectors.privateKeys;
  const signer = createBearerSigner({ current: { kid: 'k', key: createPrivateKey(pem) } });
  for (const secret of [null, '', 'x'.repeat(31)])
    expect(() => signer.sign({}, 'HS256', secret)).toThrow(
      expect.objectContaining({ code: 'config_invalid' }),
    );
  expect(signer.sign({}, 'HS256', 'x'.repeat(32))).toMatch(/^[\w-]+\.e30\.[\w-]+$/);
});
