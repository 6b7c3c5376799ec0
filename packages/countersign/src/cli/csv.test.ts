// Files as spreadsheets write them, and as nobody should.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCsv } from './csv.ts';

const rows = (text: string) => readCsv(text).map(({ line, fields }) => [line, Object.fromEntries(fields)]);

test('a head, quotes, either end of line, a byte order mark, empty lines', () => {
  expect(rows('\u{FEFF}person,user\r\nprn_a,"u,1"\r\n\r\n"a ""b""",u-2')).toEqual([
    [2, { person: 'prn_a', user: 'u,1' }],
    [4, { person: 'a "b"', user: 'u-2' }],
  ]);
  expect(rows('a,b\n"one\ntwo",\nx,y\n')).toEqual([
    [2, { a: 'one\ntwo', b: '' }],
    [4, { a: 'x', b: 'y' }],
  ]);
  expect(rows('a,b\n')).toEqual([]);
});

test.each([
  ['', 'line 1'],
  ['a,a\n1,2', 'line 1'],
  ['a,b\n1', 'line 2'],
  ['a,b\n1,2\n1,2,3', 'line 3'],
  ['a,b\n1,"2', 'line 2'],
  ['a,b\n1,x"2"', 'line 2'],
])('%j is refused, by line', (text, where) => {
  expect(() => readCsv(text)).toThrow(expect.objectContaining({ message: expect.stringContaining(where) }));
});

test('what is written by the rules is read as it was', () => {
  const field = fc.string({ maxLength: 8 }).map((text) => text.trim());
  fc.assert(
    fc.property(fc.array(fc.tuple(field, field), { maxLength: 6 }), (written) => {
      const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
      const text = ['a,b', ...written.map((row) => row.map(quoted).join(','))].join('\n');
      expect(readCsv(text).map(({ fields }) => [fields.get('a'), fields.get('b')])).toEqual(written);
    }),
  );
});
