// Ids are looked up, compared and typed by people: one form, enough chance, no kind that passes for another.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { base32, ID_KINDS, type IdKind, isId, isIdPrefix, makeId } from './ids.ts';

const isKind = (name: string): name is IdKind => Object.hasOwn(ID_KINDS, name);
const KINDS = Object.keys(ID_KINDS).filter(isKind);

function bytesOf(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length });
}

/** RFC 4648 the other way round, written a second time. */
function unbase32(text: string): Uint8Array {
  const bits = Array.from(text, (letter) =>
    'abcdefghijklmnopqrstuvwxyz234567'.indexOf(letter).toString(2).padStart(5, '0'),
  );
  const bytes = bits.join('').match(/.{8}/g) ?? [];
  return Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 2));
}

describe('base32', () => {
  // RFC 4648, section 10, in lower case and without padding.
  const vectors = {
    '': '',
    f: 'my',
    fo: 'mzxq',
    foo: 'mzxw6',
    foob: 'mzxw6yq',
    fooba: 'mzxw6ytb',
    foobar: 'mzxw6ytboi',
  };
  for (const [plain, text] of Object.entries(vectors)) {
    test(`"${plain}" is ${text}`, () => expect(base32(new TextEncoder().encode(plain))).toBe(text));
  }

  test('what was written is read back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(unbase32(base32(bytes))).toEqual(bytes);
      }),
    );
  });
});

describe('every kind', () => {
  for (const kind of KINDS) {
    const { prefix, bytes } = ID_KINDS[kind];

    test(`${kind} ids are ${prefix}_ and ${bytes * 8} bits of chance`, () => {
      expect(bytes * 8).toBeGreaterThanOrEqual(120);
      fc.assert(
        fc.property(bytesOf(bytes), (chance) => {
          const id = makeId(kind, chance);
          expect(id).toMatch(new RegExp(`^${prefix}_[a-z2-7]{${Math.ceil((bytes * 8) / 5)}}$`));
          expect(unbase32(id.slice(prefix.length + 1))).toEqual(chance);
          expect(isId(kind, id)).toBe(true);
          expect(KINDS.filter((other) => isId(other, id))).toEqual([kind]);
        }),
        { numRuns: 20 },
      );
    });

    test(`${kind} ids take exactly their bytes`, () => {
      for (const length of [0, bytes - 1, bytes + 1, 64]) {
        expect(() => makeId(kind, new Uint8Array(length))).toThrow(RangeError);
      }
    });
  }

  test('R52: an approval request carries 160 bits', () => {
    expect(ID_KINDS.approval.bytes * 8).toBe(160);
  });

  test('prefixes are unique, and none begins another with its underscore', () => {
    const prefixes = KINDS.map((kind) => `${ID_KINDS[kind].prefix}_`);
    expect(new Set(prefixes).size).toBe(prefixes.length);
    for (const one of prefixes) expect(prefixes.filter((other) => other.startsWith(one))).toEqual([one]);
  });
});

describe('what is not quite an id is none', () => {
  const id = makeId('principal', new Uint8Array(15).fill(7));
  const near = [
    '',
    'prn_',
    id.slice(0, -1),
    `${id}a`,
    id.toUpperCase(),
    id.replace('prn_', 'prn-'),
    id.replace('prn_', 'pair_'),
    ` ${id}`,
    `${id}\n`,
    `${id.slice(0, -1)}1`,
    `${id.slice(0, -1)}=`,
    `${id.slice(0, -1)}а`,
  ];
  for (const text of near) test(JSON.stringify(text), () => expect(isId('principal', text)).toBe(false));
});

test('a beginning counts from three characters on, with or without the prefix of its kind', () => {
  for (const text of ['abc', 'prn_abc', 'prn_abcdef']) expect(isIdPrefix('principal', text), text).toBe(true);
  for (const text of [
    '',
    'ab',
    'prn',
    'prn_',
    'prn_ab',
    'pair_abc',
    'abc!',
    'ABC',
    'ab c',
    'prn_abc1',
    'abc\n',
  ]) {
    expect(isIdPrefix('principal', text), text).toBe(text === 'prn');
  }
  expect(isIdPrefix('device', 'devreq_abc')).toBe(false);
});
