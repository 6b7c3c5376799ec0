// A caller's body is cut by its bytes. If our reading of it differed from the upstream's, a claim could hide in the gap.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { elements, isJson, isObject, MAX_DEPTH, members, root, text } from './json-bytes.ts';
import { cutMembers, edited } from './json-edit.ts';

const bytesOf = (text: string) => Buffer.from(text, 'utf8');

/** JSON as programs write it: with and without spaces. */
const documents = fc
  .tuple(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 1, 2, '\t'))
  .map(([value, space]) => JSON.stringify(value, null, space));
const spoiled = fc
  .tuple(
    documents,
    fc.nat(),
    fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', ' ', '0', 'e', '-', '.', '\n', 'u', ''),
  )
  .map(([text, at, put]) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + put + text.slice(place + 1);
  });

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('JSON as bytes', () => {
  test('what is JSON to JSON.parse is JSON here, and nothing else', () => {
    fc.assert(
      fc.property(fc.oneof(documents, spoiled, fc.string(), fc.json()), (text) => {
        const well = text.toWellFormed();
        expect(isJson(bytesOf(well))).toBe(parses(well));
      }),
      { numRuns: 5_000 },
    );
  });

  test.each([
    '',
    ' ',
    '01',
    '1.',
    '.5',
    '1e',
    '+1',
    '-',
    '-0',
    '1E+2',
    '"\t"',
    '"\\x41"',
    '"\\u12g4"',
    '"\\',
    '"',
    'nul',
    '{"a":1,}',
    '[1,]',
    '{a:1}',
    '{"a" 1}',
    "{'a':1}",
    '[1 2]',
    '{}{}',
    '\u{FEFF}{}',
    '{"a":1}//',
    'NaN',
    '\u{a0}1',
    '"\\ud800"',
    '[,]',
    '{,}',
    ' [ ] ',
    '1 ',
    '"\u007f"',
  ])('%j is JSON exactly where JSON.parse says so', (text) => {
    expect(isJson(bytesOf(text))).toBe(parses(text));
  });

  test('bytes that are not UTF-8 are not JSON', () => {
    expect(isJson(Buffer.from([0x22, 0xff, 0x22]))).toBe(false);
    expect(isJson(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]))).toBe(false);
  });

  test('nesting ends somewhere, before our stack does', () => {
    const nested = (depth: number) => bytesOf('['.repeat(depth) + ']'.repeat(depth));
    expect(isJson(nested(MAX_DEPTH))).toBe(true);
    expect(isJson(nested(MAX_DEPTH + 1))).toBe(false);
    expect(isJson(nested(4_000_000))).toBe(false);
  });

  test('members and elements are those that JSON.parse finds', () => {
    fc.assert(
      fc.property(documents, (document) => {
        const bytes = bytesOf(document);
        const value: unknown = JSON.parse(document);
        const whole = root(bytes);
        const read = ({ start, end }: { start: number; end: number }): unknown =>
          JSON.parse(bytes.subarray(start, end).toString('utf8'));
        if (Array.isArray(value)) expect(elements(bytes, whole).map(read)).toEqual(value);
        else if (isObject(bytes, whole)) {
          const found = members(bytes, whole).map(({ name, value: span }) => [name, read(span)]);
          expect(found.toSorted()).toEqual(Object.entries(value ?? {}).toSorted());
        } else if (typeof value === 'string') expect(text(bytes, whole)).toBe(value);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('cutting members', () => {
  const objects = fc
    .tuple(
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'x', 'x', '\\u0078'), fc.jsonValue({ maxDepth: 2 })), {
        maxLength: 7,
      }),
      fc.constantFrom('', ' ', '\n  '),
    )
    .map(([entries, space]) => {
      const inner = entries.map(
        ([name, value]) => `${space}"${name}"${space}:${space}${JSON.stringify(value)}${space}`,
      );
      return `{${inner.join(',')}}`;
    });

  test('every copy of the name goes, all others stay, and JSON stays JSON', () => {
    fc.assert(
      fc.property(objects, (document) => {
        const bytes = bytesOf(document);
        const all = members(bytes, root(bytes));
        const cut = edited(
          bytes,
          cutMembers(all, ({ name }) => name === 'x'),
        );
        expect(isJson(cut)).toBe(true);
        const left = members(cut, root(cut));
        expect(left.map(({ name }) => name)).toEqual(
          all.map(({ name }) => name).filter((name) => name !== 'x'),
        );
        const source = (from: Buffer, list: typeof left) =>
          list.map(({ start, end }) => from.subarray(start, end).toString('utf8'));
        expect(source(cut, left)).toEqual(
          source(
            bytes,
            all.filter(({ name }) => name !== 'x'),
          ),
        );
      }),
      { numRuns: 3_000 },
    );
  });

  test('where nothing is cut the bytes are the same bytes', () => {
    const bytes = bytesOf('{ "a" : 1 }');
    expect(
      edited(
        bytes,
        cutMembers(members(bytes, root(bytes)), () => false),
      ),
    ).toBe(bytes);
  });
});
