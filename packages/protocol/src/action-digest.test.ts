// R36: the digest is the name of the action. One that changed has another name, whatever it was that changed; what has two
// meanings has none.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { actionDigest, requestDigest, shortBeginning, shortDigest } from './action-digest.ts';
import { type Action, actionSchema, requestFactsSchema } from './approval.ts';
import { canonicalJson, type Json } from './canonical.ts';
import { parseStrict } from './strict-json.ts';

const named = z.object({ name: z.string() });
const vectors = z
  .strictObject({
    about: z.string(),
    actions: z.array(named.extend({ action: actionSchema, canonical: z.string(), digest: z.string() })),
    requests: z.array(
      named.extend({
        facts: requestFactsSchema,
        canonical: z.string(),
        digest: z.string(),
        short: z.string(),
      }),
    ),
    changed: z.array(named.extend({ field: z.string(), base: z.string(), action: actionSchema })),
    requestsChanged: z.array(
      named.extend({ field: z.string(), base: z.string(), facts: requestFactsSchema }),
    ),
    wrong: z.array(named.extend({ action: actionSchema, digest: z.string() })),
    refused: z.array(named.extend({ json: z.string() })),
  })
  .parse(JSON.parse(readFileSync(new URL('../../../vectors/actions.json', import.meta.url), 'utf8')));

describe('vectors/actions.json', () => {
  test('more must fail than must pass', () => {
    const good = vectors.actions.length + vectors.requests.length;
    const bad = vectors.changed.length + vectors.wrong.length + vectors.refused.length;
    expect(bad).toBeGreaterThan(good);
  });

  for (const { name, action, canonical, digest } of vectors.actions) {
    test(name, async () => {
      expect(canonicalJson(action)).toBe(canonical);
      expect(await actionDigest(action)).toBe(digest);
      expect(actionSchema.parse(parseStrict(canonical))).toEqual(action);
    });
  }

  for (const { name, facts, canonical, digest, short } of vectors.requests) {
    test(name, async () => {
      expect(canonicalJson(facts)).toBe(canonical);
      expect(await requestDigest(facts)).toBe(digest);
      expect(shortDigest(digest)).toBe(short);
    });
  }

  for (const { name, field, base, action } of vectors.changed) {
    test(`${field}: ${name} is another action`, async () => {
      expect(await actionDigest(action)).not.toBe(base);
    });
  }

  for (const { name, field, base, facts } of vectors.requestsChanged) {
    test(`${field}: ${name} is another request`, async () => {
      expect(await requestDigest(facts)).not.toBe(base);
    });
  }

  for (const { name, action, digest } of vectors.wrong) {
    test(`computed ${name} it does not verify`, async () => {
      expect(await actionDigest(action)).not.toBe(digest);
    });
  }

  for (const { name, json } of vectors.refused) {
    test(`${name} is no action`, () => {
      expect(() => actionSchema.parse(parseStrict(json))).toThrow();
    });
  }
});

/** Every value of `json` with one place in it changed. */
function* flipped(json: Json): Generator<Json> {
  if (typeof json === 'string')
    yield /^[0-9a-f]{64}$/.test(json)
      ? json.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))
      : `${json}1`;
  else if (typeof json === 'number') yield json + 1;
  else if (typeof json === 'boolean') yield !json;
  else if (json === null) yield 'null';
  else if (isList(json)) {
    yield [...json, 'more'];
    for (const [place, item] of json.entries())
      for (const other of flipped(item)) yield json.with(place, other);
  } else {
    yield { ...json, more: '' };
    for (const [name, item] of Object.entries(json))
      for (const other of flipped(item)) yield { ...json, [name]: other };
  }
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}

test('R36: a change of any single place of an action or a request has another digest, or is none', async () => {
  const seen = new Set<string>();
  let count = 0;
  for (const { action } of vectors.actions) {
    for (const other of [action, ...flipped(action)]) {
      const parsed = actionSchema.safeParse(other);
      if (!parsed.success) continue;
      seen.add(await actionDigest(parsed.data));
      count += 1;
    }
  }
  for (const { facts } of vectors.requests) {
    for (const other of [facts, ...flipped(facts)]) {
      const parsed = requestFactsSchema.safeParse(other);
      if (!parsed.success) continue;
      seen.add(await requestDigest(parsed.data));
      count += 1;
    }
  }
  expect(count).toBeGreaterThan(150);
  // Some bases differ from each other by exactly one place, so that a change of one may be the other.
  const bases = vectors.actions.length + vectors.requests.length;
  expect(seen.size).toBeGreaterThan(count - bases);
});

test('R35: two lists of arguments never share a digest', async () => {
  const base = vectors.actions[0]?.action;
  const withArgv = (argv: string[]): Action => actionSchema.parse({ ...base, argv });
  const lists = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(lists, lists, async (one, other) => {
      fc.pre(![...one, ...other].some((text) => text.includes('\0')));
      const [a, b] = [await actionDigest(withArgv(one)), await actionDigest(withArgv(other))];
      expect(a === b).toBe(JSON.stringify(one) === JSON.stringify(other));
    }),
    { numRuns: 500 },
  );
});

describe('the short digest', () => {
  test('is the first fifty bits, in letters that nobody confuses', () => {
    expect(shortDigest('0'.repeat(64))).toBe('AAAAA-AAAAA');
    expect(shortDigest('f'.repeat(64))).toBe('99999-99999');
    expect(shortDigest(`8${'0'.repeat(63)}`)).toBe('SAAAA-AAAAA');
    expect(shortDigest(`0000000000004${'0'.repeat(51)}`)).toBe('AAAAA-AAAAB');
    expect(shortDigest(`0000000000003${'f'.repeat(51)}`)).toBe('AAAAA-AAAAA');
  });

  test('is taken of a digest and of nothing else', () => {
    for (const text of ['', 'F'.repeat(64), '0'.repeat(63), `${'0'.repeat(64)}\n`])
      expect(() => shortDigest(text)).toThrow(TypeError);
  });

  test('is read back from three letters on, in any case, with or without its dash', () => {
    expect(shortBeginning('k7q')).toBe('K7Q');
    expect(shortBeginning('K7QD2-M4XA9')).toBe('K7QD2M4XA9');
    for (const text of ['K7', 'K7O', 'K1Q', '', 'K7QD2-M4XA9A', 'K7Q D', 'ſ7Q']) {
      expect(shortBeginning(text)).toBeNull();
    }
  });
});
