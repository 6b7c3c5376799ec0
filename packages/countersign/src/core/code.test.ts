// A code that is likelier than another is cheaper to guess (R1); a code that cannot be typed back is worth nothing (R18).
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { systemRandom } from '../runtime/random.ts';
import { SeededRandom } from '../testing/fakes.ts';
import { CODE_ALPHABET, codeBits, drawCode, normaliseCode } from './code.ts';
import type { Random } from './ports.ts';

const DRAWS = 100_000;

/** Sum of (seen - expected)² / expected over equally likely boxes. */
function chiSquare(seen: readonly number[], total: number): number {
  const expected = total / seen.length;
  return seen.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('R1: every code is as likely as every other', () => {
  // A fair draw passes these limits in all but one of a thousand million runs.
  const LIMIT_32 = 105;
  const LIMIT_1024 = 1_320;
  const sources: Readonly<Record<string, Random>> = {
    'a seeded source': new SeededRandom('chi-square'),
    'the CSPRNG': systemRandom,
  };
  for (const [name, random] of Object.entries(sources)) {
    test(`100,000 codes from ${name} fill every place evenly, alone and in pairs`, () => {
      const places = Array.from({ length: 8 }, () => new Array<number>(32).fill(0));
      const pairs = new Array<number>(1_024).fill(0);
      for (let draw = 0; draw < DRAWS; draw += 1) {
        const letters = Array.from(drawCode('XXXXXXXX', random), (letter) => CODE_ALPHABET.indexOf(letter));
        letters.forEach((letter, place) => {
          const counts = places[place];
          if (counts !== undefined) counts[letter] = (counts[letter] ?? 0) + 1;
        });
        const pair = (letters[0] ?? 0) * 32 + (letters[1] ?? 0);
        pairs[pair] = (pairs[pair] ?? 0) + 1;
      }
      for (const counts of places) expect(chiSquare(counts, DRAWS)).toBeLessThan(LIMIT_32);
      expect(chiSquare(pairs, DRAWS)).toBeLessThan(LIMIT_1024);
    });
  }

  test('each letter comes from exactly eight of the 256 bytes', () => {
    const counts = new Map<string, number>();
    for (let byte = 0; byte < 256; byte += 1) {
      const letter = drawCode('X', { bytes: (n) => new Uint8Array(n).fill(byte) });
      counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
    expect(counts.size).toBe(32);
    expect(new Set(counts.values())).toEqual(new Set([8]));
  });
});

test('the alphabet has 32 letters and none that look alike', () => {
  expect(new Set(CODE_ALPHABET).size).toBe(32);
  expect(CODE_ALPHABET).toMatch(/^[A-Z2-9]+$/);
  expect(CODE_ALPHABET).not.toMatch(/[01OI]/);
});

test('a format keeps its dashes, draws once for each X and takes no byte more', () => {
  const asked: number[] = [];
  const random: Random = {
    bytes: (n) => {
      asked.push(n);
      return new Uint8Array(n);
    },
  };
  expect(drawCode('XXX-XXX-XXX', random)).toBe('AAA-AAA-AAA');
  expect(asked).toEqual([9]);
});

test('eight characters are forty bits (R16)', () => {
  expect(codeBits('XXXXXXXX')).toBe(40);
  expect(codeBits('XXX-XXX-XXX')).toBe(45);
});

describe('R18, P-11: a code is read however people type it', () => {
  const typed = [
    'ABCD2345',
    'abcd2345',
    ' ABCD2345\n',
    'ABCD-2345',
    'AB CD 23 45',
    '<ABCD2345>',
    '[ABCD2345]',
    '(abcd-2345)',
    '{ABCD2345}',
    '"ABCD2345"',
    "'ABCD2345'",
    '`ABCD2345`',
    'ABCD.2345.',
    'abcd_2345',
    'ABCD\u00a02345',
    'ABCD\u20132345',
    'ABCD\u2014\u20142345',
    '\u201cABCD2345\u201d',
    '\u00abABCD2345\u00bb',
  ];
  for (const text of typed) {
    test(JSON.stringify(text), () => expect(normaliseCode(text)).toBe('ABCD2345'));
  }

  test('whatever was drawn is read back, in any case and with any grouping', () => {
    const seeds = fc.string();
    const formats = fc.constantFrom('XXXXXXXX', 'XXX-XXX-XXX', 'XXXX-XXXX-XXXX');
    const glue = fc.array(fc.constantFrom('', ' ', '-', '.', '\u2013', '<', ']'), { minLength: 1 });
    fc.assert(
      fc.property(seeds, formats, glue, fc.boolean(), (seed, format, between, isLower) => {
        const code = drawCode(format, new SeededRandom(seed));
        const bare = code.replaceAll('-', '');
        const cased = isLower ? bare.toLowerCase() : bare;
        const spaced = Array.from(
          cased,
          (letter, place) => letter + (between[place % between.length] ?? ''),
        ).join('');
        expect(normaliseCode(code)).toBe(bare);
        expect(normaliseCode(spaced)).toBe(bare);
      }),
    );
  });

  const never = [
    '',
    '        ',
    'ABCD234',
    'ABCD-234',
    'ABCD2340',
    'ABCD2341',
    'ABCDO345',
    'ABCDI345',
    'ABCD234Б',
    'АBCD2345',
    'ＡBCD2345',
    'ABCD234\u0000',
    'ABCD2345\u200b',
    'ABCD2345;',
    "' or 1=1 --",
    'A'.repeat(65),
    // Letters that turn into a code's letters only by upper-casing.
    'ßABCD23',
    'ſABCD234',
  ];
  for (const text of never) {
    test(`${JSON.stringify(text)} is no code and is never looked up`, () =>
      expect(normaliseCode(text)).toBeNull());
  }

  test('anything typed is either no code or made of the alphabet alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        const code = normaliseCode(text);
        if (code !== null) expect([...code].every((letter) => CODE_ALPHABET.includes(letter))).toBe(true);
      }),
    );
  });
});
