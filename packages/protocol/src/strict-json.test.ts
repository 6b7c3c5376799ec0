// R35: what two readers could read as two things has no digest. A name given twice is the classic: the checker takes the
// first, the executor the last.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonFault, MAX_DEPTH, parseStrict } from './strict-json.ts';

describe('one meaning', () => {
  for (const text of [
    '{"a":1,"a":1}',
    '{"a":1,"b":{},"a":[]}',
    String.raw`{"a":1,"\u0061":2}`,
    '[{"x":{"a":1,"a":2}}]',
    '{"":1,"":2}',
    '{ "a" : 1 , "a" : 2 }',
    String.raw`{"\"":1,"\"":2}`,
  ]) {
    test(`${text} names something twice`, () => {
      expect(() => parseStrict(text)).toThrow('a name given twice');
    });
  }

  for (const text of [
    '{"a":{"a":1},"b":{"a":2}}',
    '[{"a":1},{"a":2}]',
    '{"a":"a","b":"a"}',
    '{"a":["a","a"],"b":"a\\",\\"a"}',
    '{"a":"{\\"a\\":1,\\"a\\":2}"}',
    '"a"',
    '[]',
  ]) {
    test(`${text} does not`, () => {
      expect(parseStrict(text)).toEqual(JSON.parse(text));
    });
  }

  test('__proto__, lone surrogates and infinite numbers are refused at any depth', () => {
    for (const inner of ['{"__proto__":{}}', String.raw`"\ud800"`, String.raw`{"\udfff":1}`, '-1e999'])
      for (const text of [inner, `[${inner}]`, `{"a":{"b":[${inner}]}}`])
        expect(() => parseStrict(text)).toThrow(TypeError);
  });

  test.each([
    '9007199254740993',
    '-9007199254740993',
    '9007199254740993.0',
    '9.007199254740993e15',
    '123456789012345678901',
    '1.00000000000000001e300',
  ])('%s is a number that no double holds: people would read one, and a runtime take the next', (text) => {
    for (const whole of [text, `[${text}]`, `{"a":{"b":[1,${text}]}}`])
      expect(() => parseStrict(whole)).toThrow('a number that no double holds');
  });

  test.each([
    '9007199254740991',
    '9007199254740992',
    '-9007199254740994',
    '9223372036854775808',
    '9223372036854776000',
    '1e23',
    '1E+300',
    '9007199254740992.00',
    '0.1',
    '0.10000000000000001',
    '-0',
    '0e9',
    '1.50',
    '12345678901234567890e-10',
  ])('%s is read', (text) => expect(parseStrict(`[${text}]`)).toEqual([Number(text)]));

  test('every number that JavaScript writes is read, and so is what looks like one in a text', () => {
    fc.assert(
      fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (number) => {
        expect(parseStrict(JSON.stringify([number]))).toEqual(JSON.parse(JSON.stringify([number])));
      }),
    );
    expect(parseStrict('{"9007199254740993":"9007199254740993"}')).toEqual({
      '9007199254740993': '9007199254740993',
    });
  });

  test('what is not JSON is a SyntaxError', () => {
    for (const text of ['', '{', '{"a":1,}', "{'a':1}", 'NaN', '01', '{"a" 1}', '//', '"\n"'])
      expect(() => parseStrict(text)).toThrow(SyntaxError);
  });
});

describe('size', () => {
  test(`${MAX_DEPTH} levels are read, one more is refused, a hundred thousand too`, () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(parseStrict(nested(MAX_DEPTH))).toBeDefined();
    for (const depth of [MAX_DEPTH + 1, 100_000])
      expect(() => parseStrict(nested(depth))).toThrow('nested too deeply');
  });

  test('a mebibyte of one string, of escapes, of names, is read in a moment', () => {
    const long = 'x'.repeat(1_000_000);
    expect(parseStrict(JSON.stringify({ [long]: long }))).toEqual({ [long]: long });
    const quotes = '\\"'.repeat(250_000);
    expect(parseStrict(JSON.stringify([quotes]))).toEqual([quotes]);
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, place) => [`n${place}`, place]));
    expect(parseStrict(JSON.stringify(many))).toEqual(many);
    // Counted out, these zeros would take a minute.
    const zeros = `1${'0'.repeat(400_000)}1e-399980`;
    expect(() => parseStrict(`[${zeros}]`)).toThrow('a number that no double holds');
  });
});

test('whatever JSON.stringify writes is read as it was, when it has one meaning', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.nat(8), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const again: unknown = JSON.parse(text);
      if (jsonFault(again) === null) expect(parseStrict(text)).toEqual(again);
      else expect(() => parseStrict(text)).toThrow(TypeError);
    }),
    { numRuns: 1_000 },
  );
});

test('what JSON cannot hold is said by its type', () => {
  expect(jsonFault({ a: undefined })).toBe('a undefined');
  expect(jsonFault([() => 1])).toBe('a function');
  expect(jsonFault(1n)).toBe('a bigint');
});
