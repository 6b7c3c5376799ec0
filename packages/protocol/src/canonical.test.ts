// Every digest and signature stands on this text (R35): two values with one text, or one value with two, and a signature
// fits what nobody signed.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, type Json, signedBytes } from './canonical.ts';

const parse = (text: string): Json => JSON.parse(text);

/** RFC 8785, appendix B: IEEE 754 bits → text. */
const NUMBERS: Readonly<Record<string, string>> = {
  '0000000000000000': '0',
  '8000000000000000': '0',
  '0000000000000001': '5e-324',
  '8000000000000001': '-5e-324',
  '7fefffffffffffff': '1.7976931348623157e+308',
  ffefffffffffffff: '-1.7976931348623157e+308',
  '4340000000000000': '9007199254740992',
  c340000000000000: '-9007199254740992',
  '4430000000000000': '295147905179352830000',
  '44b52d02c7e14af5': '9.999999999999997e+22',
  '44b52d02c7e14af6': '1e+23',
  '44b52d02c7e14af7': '1.0000000000000001e+23',
  '444b1ae4d6e2ef4e': '999999999999999700000',
  '444b1ae4d6e2ef4f': '999999999999999900000',
  '444b1ae4d6e2ef50': '1e+21',
  '3eb0c6f7a0b5ed8c': '9.999999999999997e-7',
  '3eb0c6f7a0b5ed8d': '0.000001',
  '41b3de4355555553': '333333333.3333332',
  '41b3de4355555554': '333333333.33333325',
  '41b3de4355555555': '333333333.3333333',
  '41b3de4355555556': '333333333.3333334',
  '41b3de4355555557': '333333333.33333343',
  becbf647612f3696: '-0.0000033333333333333333',
  '43143ff3c1cb0959': '1424953923781206.2',
};

function double(bits: string): number {
  return Buffer.from(bits, 'hex').readDoubleBE(0);
}

describe('R35: the vectors of RFC 8785', () => {
  for (const [bits, text] of Object.entries(NUMBERS)) {
    test(`${bits} is ${text}`, () => expect(canonicalJson(double(bits))).toBe(text));
  }

  test('section 3.2.2: literals, numbers and strings', () => {
    const value = parse(String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`);
    expect(canonicalJson(value)).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  test('section 3.2.3: names are sorted by UTF-16 units, not by characters', () => {
    const value = parse(String.raw`{
      "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"
    }`);
    const values = canonicalJson(value).match(/(?<=:")[^"]*/g);
    expect(values).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  test('nothing is normalised: two spellings of a letter stay two', () => {
    expect(canonicalJson('\u00e9')).not.toBe(canonicalJson('e\u0301'));
  });
});

describe('what has no canonical form is refused', () => {
  const lone = ['\ud800', 'a\udfff', '\udc00\ud800'];
  const values: readonly (readonly [string, unknown])[] = [
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['undefined', undefined],
    ...lone.map((text) => [JSON.stringify(text), text] as const),
  ];
  for (const [name, bad] of values) {
    test(name, () => {
      // As a caller without types would hand it over.
      const foreign = { value: bad } as { value: Json };
      expect(() => canonicalJson(foreign.value)).toThrow(TypeError);
      if (bad === undefined) return;
      expect(() => canonicalJson([foreign.value])).toThrow(TypeError);
      expect(() => canonicalJson({ a: { b: foreign.value } })).toThrow(TypeError);
      if (typeof bad === 'string') expect(() => canonicalJson({ [bad]: 1 })).toThrow(TypeError);
    });
  }
});

/** RFC 8785 a second time: recursion, an explicit comparison of units, and escapes written out. */
function second(value: Json): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'number')
    return String(value === 0 ? 0 : value);
  if (typeof value === 'string') return quoted(value);
  if (isList(value)) return `[${value.map(second).join(',')}]`;
  const members = Object.entries(value).toSorted(([a], [b]) => compareUnits(a, b));
  return `{${members.map(([name, member]) => `${quoted(name)}:${second(member)}`).join(',')}}`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function compareUnits(a: string, b: string): number {
  for (let place = 0; place < Math.min(a.length, b.length); place += 1) {
    const difference = a.charCodeAt(place) - b.charCodeAt(place);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function quoted(text: string): string {
  const inner = Array.from(text, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return SHORT[char] ?? (code < 0x20 ? `\\u${code.toString(16).padStart(4, '0')}` : char);
  });
  return `"${inner.join('')}"`;
}

const strings = fc.string({ unit: 'binary', maxLength: 8 });
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    strings,
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(strings, tie('json'), { maxKeys: 5 }),
  ),
}));

describe('R35: against a second implementation', () => {
  test('any value has the same text in both', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(value)).toBe(second(value));
      }),
      { numRuns: 2_000 },
    );
  });

  test('the text is JSON, means the value, and is its own canonical form', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(parse(text))).toBe(text);
        expect(second(parse(text))).toBe(second(value));
      }),
      { numRuns: 300 },
    );
  });

  test('the order in which names were written does not matter', () => {
    fc.assert(
      fc.property(fc.dictionary(strings, json, { maxKeys: 6 }), (value) => {
        expect(canonicalJson(Object.fromEntries(Object.entries(value).toReversed()))).toBe(
          canonicalJson(value),
        );
      }),
    );
  });
});

describe('signed bytes', () => {
  test('are the domain, a line feed and the text, in UTF-8', () => {
    const bytes = signedBytes('countersign.connect.v1', { b: 'é', a: 1 });
    expect(new TextDecoder().decode(bytes)).toBe('countersign.connect.v1\n{"a":1,"b":"é"}');
  });

  test('of two domains never fit each other', () => {
    fc.assert(
      fc.property(json, json, (one, other) => {
        expect(signedBytes('countersign.claim.v1', one)).not.toEqual(
          signedBytes('countersign.audit.v1', other),
        );
      }),
    );
  });

  test('of two values differ', () => {
    fc.assert(
      fc.property(json, json, (one, other) => {
        fc.pre(second(one) !== second(other));
        expect(signedBytes('countersign.audit.v1', one)).not.toEqual(
          signedBytes('countersign.audit.v1', other),
        );
      }),
    );
  });
});
