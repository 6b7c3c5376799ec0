// TOTP against RFC 6238, at the edges of its window, and never twice.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../testing/fakes.ts';
import { newSeed, otpauthUri, verifyTotp } from './totp.ts';

/** The ASCII key `12345678901234567890` of RFC 6238, appendix B. */
const RFC_SEED = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
/** Seconds and the last six of its eight digits, the SHA-1 column. */
const VECTORS: readonly [number, string][] = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
];

describe('RFC 6238', () => {
  test.each(VECTORS)('the vector at %d s is accepted with its own step', (seconds, code) => {
    expect(verifyTotp(code, RFC_SEED, null, seconds * 1000 + 999)).toBe(Math.floor(seconds / 30));
  });

  test('R25: one step of drift each side is accepted, two are not', () => {
    const [seconds, code] = [1_111_111_109, '081804'];
    const step = Math.floor(seconds / 30);
    const at = (s: number) => verifyTotp(code, RFC_SEED, null, s * 1000);
    expect(at((step - 1) * 30)).toBe(step);
    expect(at((step + 2) * 30 - 1)).toBe(step);
    expect(at((step - 1) * 30 - 1)).toBeNull();
    expect(at((step + 2) * 30)).toBeNull();
  });

  test('R26: a step at or below the last one is refused, whatever the clock says', () => {
    const [seconds, code] = [1_111_111_109, '081804'];
    const step = Math.floor(seconds / 30);
    const now = seconds * 1000;
    expect(verifyTotp(code, RFC_SEED, step - 1, now)).toBe(step);
    expect(verifyTotp(code, RFC_SEED, step, now)).toBeNull();
    expect(verifyTotp(code, RFC_SEED, step + 1, now)).toBeNull();
    // A clock that went back an hour: the last step lies far ahead of the window.
    expect(verifyTotp(code, RFC_SEED, step + 120, now)).toBeNull();
  });
});

test('a code is read however people type it, and nothing else is', () => {
  const now = 59_000;
  for (const typed of ['287082', ' 287 082 ', '287-082', '287–082', '2 8 7 0 8 2']) {
    expect(verifyTotp(typed, RFC_SEED, null, now)).toBe(1);
  }
  for (const typed of [
    '',
    '28708',
    '2870820',
    '94287082',
    '28708O',
    '٢٨٧٠٨٢',
    '2.87082',
    `287082${' '.repeat(40)}`,
  ]) {
    expect(verifyTotp(typed, RFC_SEED, null, now)).toBeNull();
  }
});

test('no text whatever makes it throw', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.integer({ min: -1e12, max: 4e12 }),
      fc.option(fc.nat()),
      (text, now, last) => {
        verifyTotp(text, RFC_SEED, last, now);
      },
    ),
  );
});

test('R27: a seed is 160 bits in base32, and no two are alike', () => {
  const random = new SeededRandom('seeds');
  const seeds = Array.from({ length: 100 }, () => newSeed(random));
  expect(new Set(seeds).size).toBe(100);
  for (const seed of seeds) expect(seed).toMatch(/^[A-Z2-7]{32}$/);
});

test('the URI carries the name as it is, whatever is in it', () => {
  const names = [
    'Olga',
    'Ana: admin?secret=X&issuer=Bank',
    'Jürgen Groß',
    'a/b#c%20',
    '\u{1F600}',
    'x\uD800',
  ];
  for (const name of names) {
    const url = new URL(otpauthUri({ seed: RFC_SEED, name }));
    expect([url.protocol, url.host]).toEqual(['otpauth:', 'totp']);
    expect(decodeURIComponent(url.pathname)).toBe(`/Countersign:${name.toWellFormed()}`);
    expect([...url.searchParams]).toEqual([
      ['secret', RFC_SEED],
      ['issuer', 'Countersign'],
      ['algorithm', 'SHA1'],
      ['digits', '6'],
      ['period', '30'],
    ]);
  }
});
