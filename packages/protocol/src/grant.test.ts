// What an executor may start. Every vector in the file, and every grant made from a good one by changing it anywhere (E-11).
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { requestDigest } from './action-digest.ts';
import { requestFactsSchema } from './approval.ts';
import { type VerifyGrant, verifyGrant } from './grant.ts';
import { Problem } from './problem.ts';

const vector = z.object({ name: z.string(), token: z.string() });
const vectors = z
  .object({
    now: z.int(),
    host: z.string(),
    actionDigest: z.string(),
    requestDigest: z.string(),
    facts: requestFactsSchema,
    keys: z.array(z.looseObject({ kid: z.string() })),
    valid: z.array(vector.extend({ claims: z.looseObject({ jti: z.string() }) })),
    invalid: z.array(vector.extend({ code: z.string() })),
  })
  .parse(JSON.parse(readFileSync(new URL('../../../vectors/grants.json', import.meta.url), 'utf8')));

const { host, actionDigest, keys } = vectors;
const NOW = new Date(vectors.now * 1000);
const GOOD = vectors.valid[0]?.token ?? '';

function options(more: Partial<VerifyGrant> = {}): VerifyGrant {
  return { keys, host, actionDigest, requestDigest: vectors.requestDigest, now: NOW, ...more };
}

async function refusal(token: string, asked: VerifyGrant = options()): Promise<Problem> {
  const cause = await verifyGrant(token, asked).then(
    ({ jti }) => new Error(`it was believed: ${jti}`),
    (error: unknown) => error,
  );
  if (cause instanceof Problem) return cause;
  throw cause;
}

describe('vectors/grants.json', () => {
  test('more must fail than pass; the request is one of vectors/actions.json', async () => {
    expect(vectors.invalid.length).toBeGreaterThan(5 * vectors.valid.length);
    expect(await requestDigest(vectors.facts)).toBe(vectors.requestDigest);
    expect(vectors.facts.actionDigest).toBe(actionDigest);
  });

  test.each(vectors.valid)('is believed: $name', async ({ token, claims }) => {
    expect(await verifyGrant(token, options())).toEqual(claims);
  });

  test.each(vectors.invalid)('is refused: $name', async ({ token, code }) => {
    const problem = await refusal(token);
    expect(problem).toMatchObject({ code, status: 403 });
    // Whoever reads the log gets nothing that could be used.
    expect(`${problem.message} ${JSON.stringify(problem)}`).not.toMatch(/eyJ|grant_aaaq/);
  });
});

test('E-11: a good grant, changed anywhere, is refused', async () => {
  const change = fc.record({ at: fc.nat({ max: GOOD.length - 1 }), to: fc.constantFrom(...'AZaz09-_.= ') });
  await fc.assert(
    fc.asyncProperty(change, async ({ at, to }) => {
      const changed = `${GOOD.slice(0, at)}${to}${GOOD.slice(at + 1)}`;
      // The last character of base64url holds bits that say nothing, in whatever the reader makes of them.
      fc.pre(changed !== GOOD && at !== GOOD.length - 1);
      expect((await refusal(changed)).code).toBe('grant_invalid');
    }),
    { numRuns: 500 },
  );
});

test('R42: no text, no key and no name of a machine makes it throw anything but a problem', async () => {
  const key = fc.oneof(
    fc.record({ kty: fc.constantFrom('OKP', 'RSA', 'oct', 'EC'), crv: fc.string(), x: fc.string() }),
    fc.object(),
  );
  const some = fc.array(key, { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(fc.string(), some, fc.string(), async (text, strange, name) => {
      for (const token of [text, `${text}.${text}.${text}`, GOOD])
        expect((await refusal(token, options({ keys: strange }))).code).toBe('grant_invalid');
      if (name !== host) expect((await refusal(GOOD, options({ host: name }))).code).toBe('grant_wrong_host');
    }),
    { numRuns: 300 },
  );
});

test('no key, no grant; a key of another gateway beside ours changes nothing', async () => {
  expect((await refusal(GOOD, options({ keys: [] }))).code).toBe('grant_invalid');
  const other = { ...keys[0], kid: 'other', x: 'jRMEKQY77J4O484Vvx0oQfvm6vMIHuCIxCt-7ftlJV4' };
  expect((await refusal(GOOD, options({ keys: [other] }))).code).toBe('grant_invalid');
  await expect(verifyGrant(GOOD, options({ keys: [other, ...keys] }))).resolves.toBeDefined();
});

test('R42: no clock agreement, nothing runs', async () => {
  const at = (seconds: number) => options({ now: new Date(NOW.getTime() + seconds * 1000) });
  await expect(verifyGrant(GOOD, at(129))).resolves.toBeDefined();
  expect((await refusal(GOOD, at(130))).code).toBe('grant_expired');
  await expect(verifyGrant(GOOD, at(-50))).resolves.toBeDefined();
  expect((await refusal(GOOD, at(-51))).code).toBe('grant_invalid');
});
