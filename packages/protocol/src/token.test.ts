// What a backend may believe. Every vector in the file, and every token made from a good one by changing it anywhere.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Problem } from './problem.ts';
import { type VerifyBearer, verifyBearer } from './token.ts';

const vector = z.object({ name: z.string(), with: z.enum(['keys', 'secret']), token: z.string() });
const vectors = z
  .object({
    now: z.int(),
    audience: z.string(),
    issuer: z.string(),
    keys: z.object({ keys: z.array(z.looseObject({ kid: z.string() })) }),
    secret: z.string(),
    valid: z.array(vector.extend({ claims: z.looseObject({ sub: z.string() }) })),
    invalid: z.array(
      vector.extend({
        reason: z.string(),
        user: z.string().optional(),
        tenant: z.string().optional(),
        scope: z.string().optional(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('../../../vectors/bearers.json', import.meta.url), 'utf8')));

const { audience, issuer } = vectors;
const NOW = new Date(vectors.now * 1000);

function options(by: 'keys' | 'secret', more: Partial<VerifyBearer> = {}): VerifyBearer {
  const keys = by === 'keys' ? vectors.keys : new TextEncoder().encode(vectors.secret);
  return { keys, audience, issuer, now: NOW, ...more };
}

async function refusal(token: string, asked: VerifyBearer): Promise<Problem> {
  const cause = await verifyBearer(token, asked).then(
    (claims) => new Error(`it was believed: ${claims.sub}`),
    (error: unknown) => error,
  );
  if (cause instanceof Problem) return cause;
  throw cause;
}

const [first] = vectors.valid;
const GOOD = first?.token ?? '';

describe('vectors/bearers.json', () => {
  test('more must fail than pass', () => {
    expect(vectors.invalid.length).toBeGreaterThan(5 * vectors.valid.length);
  });

  test.each(vectors.valid)('is believed: $name', async ({ token, with: by, claims }) => {
    expect(await verifyBearer(token, options(by))).toEqual(claims);
    expect(await verifyBearer(token, options(by, { user: claims.sub }))).toEqual(claims);
  });

  test.each(vectors.invalid)('is refused: $name', async ({ token, with: by, reason, ...path }) => {
    const { user, tenant, scope } = path;
    const problem = await refusal(
      token,
      options(by, {
        ...(user === undefined ? {} : { user }),
        ...(tenant === undefined ? {} : { tenant }),
        ...(scope === undefined ? {} : { scope }),
      }),
    );
    if (reason === 'forbidden') expect(problem).toMatchObject({ code: 'bearer_forbidden', status: 403 });
    else expect(problem).toMatchObject({ code: 'bearer_invalid', status: 401 });
    if (reason !== 'forbidden' && reason !== 'any') expect(problem.members).toEqual({ reason });
    // Neither the token nor what it says is repeated to whoever reads the log.
    expect(`${problem.message} ${JSON.stringify(problem)}`).not.toMatch(/u-4711|eyJ/);
  });
});

test('R57: a good bearer, changed anywhere, is refused', async () => {
  const change = fc.record({ at: fc.nat({ max: GOOD.length - 1 }), to: fc.constantFrom(...'AZaz09-_.= ') });
  await fc.assert(
    fc.asyncProperty(change, async ({ at, to }) => {
      const changed = `${GOOD.slice(0, at)}${to}${GOOD.slice(at + 1)}`;
      // The last character of base64url holds bits that say nothing, in whatever the reader makes of them.
      fc.pre(changed !== GOOD && at !== GOOD.length - 1);
      expect((await refusal(changed, options('keys'))).code).toBe('bearer_invalid');
    }),
    { numRuns: 500 },
  );
});

test('R57: no text and no key set makes it throw anything but a problem', async () => {
  const key = fc.record({
    kty: fc.constantFrom('OKP', 'RSA', 'oct', 'EC'),
    crv: fc.string(),
    x: fc.string(),
    kid: fc.string(),
  });
  await fc.assert(
    fc.asyncProperty(fc.string(), fc.array(key, { maxLength: 3 }), async (text, keys) => {
      for (const token of [text, `${text}.${text}.${text}`, GOOD])
        expect((await refusal(token, options('keys', { keys: { keys } }))).code).toBe('bearer_invalid');
    }),
    { numRuns: 300 },
  );
});

test('the clock may be off by a few seconds, and not by more however much is asked for', async () => {
  const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);
  await expect(verifyBearer(GOOD, options('keys', { now: at(244) }))).resolves.toBeDefined();
  expect((await refusal(GOOD, options('keys', { now: at(245) }))).members).toEqual({ reason: 'expired' });
  const skewSeconds = 86_400;
  expect((await refusal(GOOD, options('keys', { now: at(301), skewSeconds }))).members).toEqual({
    reason: 'expired',
  });
  expect((await refusal(GOOD, options('keys', { now: at(-66) }))).code).toBe('bearer_invalid');
});

test('a request without a bearer, or with two, has none', async () => {
  await expect(verifyBearer(undefined, options('keys'))).rejects.toMatchObject({
    code: 'bearer_invalid',
    members: { reason: 'missing' },
  });
  await expect(verifyBearer([GOOD, GOOD], options('keys'))).rejects.toMatchObject({
    members: { reason: 'malformed' },
  });
});

test('R57: a path without its user compares with nobody, and is refused rather than passed by', async () => {
  for (const name of ['user', 'tenant', 'scope'])
    for (const value of [undefined, '', null, 7]) {
      const more = { [name]: value };
      expect((await refusal(GOOD, Object.assign(options('keys'), more))).code).toBe('request_malformed');
    }
  expect((await refusal(GOOD, Object.assign(options('keys'), { keys: { status: 503 } }))).code).toBe(
    'request_malformed',
  );
});

test('a bearer of the future is not good yet, by the clock that is passed and by no other', async () => {
  const early = new Date(NOW.getTime() - 3_600_000);
  expect((await refusal(GOOD, options('keys', { now: early }))).members).toEqual({ reason: 'not_yet' });
});

test('R57: a clock that is no clock lets nothing live for ever', async () => {
  for (const more of [
    { skewSeconds: Number.NaN },
    { skewSeconds: Number.POSITIVE_INFINITY },
    { now: new Date('x') },
  ])
    expect((await refusal(GOOD, options('keys', more))).code).toBe('request_malformed');
});

test('a caller who forgets what matters is told so, and nothing is believed', async () => {
  for (const more of [{ audience: '' }, { issuer: '' }, { keys: new Uint8Array(31) }])
    expect((await refusal(GOOD, options('keys', more))).code).toBe('request_malformed');
  expect((await refusal(GOOD, options('keys', { keys: { keys: [] } }))).code).toBe('bearer_invalid');
  expect((await refusal('x'.repeat(8_193), options('keys'))).members).toEqual({ reason: 'malformed' });
});
