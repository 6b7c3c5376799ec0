// Attack: a document that two readers understand differently: a key twice, a prototype key, broken UTF-8.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readJsonObject } from './json.ts';

const read = (text: string) => readJsonObject(new TextEncoder().encode(text));

test('an object is read as it stands, and an empty body is an empty object', () => {
  expect(read('{"a":{"b":[1,"x",null]},"c":"\\u00e9\\"{"}')).toEqual({ a: { b: [1, 'x', null] }, c: 'é"{' });
  expect(read('')).toEqual({});
});

test.each([
  ['a key twice', '{"a":1,"a":2}'],
  ['a key twice, once escaped', '{"a":1,"\\u0061":2}'],
  ['a key twice, deep inside', '{"x":[{"a":1,"b":{"c":1,"c":1}}]}'],
  ['a prototype key', '{"__proto__":{"owner":true}}'],
  ['a prototype key, escaped and deep', '{"x":{"\\u005f_proto__":1}}'],
  ['a lone surrogate', '{"a":"\\ud800"}'],
  ['a name with a lone surrogate', '{"a":[{"\\udc00":1}]}'],
  ['a number that no double holds', '{"a":1e999}'],
  ['an array', '[1]'],
  ['a text', '"x"'],
  ['null', 'null'],
  ['a byte order mark', '\uFEFF{}'],
  ['something behind it', '{} {}'],
  ['a comment', '{/* */}'],
  ['depth', `{"a":${'['.repeat(200)}${']'.repeat(200)}}`],
])('%s is refused', (_name, text) => {
  expect(() => read(text)).toThrow(expect.objectContaining({ code: 'request_malformed' }));
});

test('broken UTF-8 is refused', () => {
  expect(() => readJsonObject(Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toThrow(
    'not UTF-8',
  );
});

test('equal keys of different objects are no repetition, and keys in values are no keys', () => {
  expect(read('{"a":{"a":1},"b":[{"a":1},{"a":1}],"c":"a\\":\\"a"}')).toHaveProperty('c');
});

test('whatever JSON.parse reads as an object is read alike, whatever it refuses is refused', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), (value) => {
      if (JSON.stringify(value).includes('__proto__')) return;
      expect(read(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        readJsonObject(bytes);
      } catch (cause) {
        expect(cause).toMatchObject({ code: 'request_malformed' });
      }
    }),
  );
});
