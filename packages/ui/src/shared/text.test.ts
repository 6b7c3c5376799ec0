import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { graphemes, pieces } from './text.ts';

const shown = (text: string): string =>
  pieces(text)
    .map((piece) => (piece.kind === 'text' ? piece.text : `[${piece.kind} ${piece.text}]`))
    .join('');
const links = (text: string): readonly string[] =>
  pieces(text).flatMap((piece) => (piece.kind === 'link' ? [piece.text] : []));

describe('characters nobody would see', () => {
  test.each([
    ['a right-to-left override', 'a\u202Eb', 'a[mark \\u{202E}]b'],
    ['a zero width space', 'a\u200Bb', 'a[mark \\u{200B}]b'],
    ['a NUL', 'a\0b', 'a[mark \\u{0000}]b'],
    ['a terminal escape', '\u001B[31m', '[mark \\u{001B}][31m'],
    ['a lone carriage return', 'a\rb', 'a[mark \\u{000D}]b'],
    ['a soft hyphen', 'a\u00ADb', 'a[mark \\u{00AD}]b'],
    ['a tag character', 'a\u{E0041}b', 'a[mark \\u{E0041}]b'],
    ['a lone surrogate', 'a\uD800b', 'a[mark \\u{D800}]b'],
    ['a line separator', 'a\u2028b', 'a[mark \\u{2028}]b'],
    ['a Hangul filler', 'a\u3164b', 'a[mark \\u{3164}]b'],
    ['a joiner outside an emoji', 'a\u200Db', 'a[mark \\u{200D}]b'],
  ])('%s is written out', (_, text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  test('line breaks, tabs and emoji stay as they are', () => {
    expect(shown('a\nb\tc')).toBe('a\nb\tc');
    expect(shown('a\r\nb')).toBe('a\nb');
    expect(shown('👩‍👩‍👧 ❤️ 👍🏽 1️⃣')).toBe('👩‍👩‍👧 ❤️ 👍🏽 1️⃣');
  });

  test('none is left in any text, and nothing visible is lost', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const plain = pieces(text)
          .map((piece) => (piece.kind === 'mark' ? '' : piece.text))
          .join('');
        expect(plain).not.toMatch(/(?!\n|\t|\u200D|\uFE0F)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});

describe('links', () => {
  test('http and https only, with the address visible', () => {
    expect(links('see https://a.example/x?y=1#z, and http://b.example.')).toEqual([
      'https://a.example/x?y=1#z',
      'http://b.example',
    ]);
    expect(links('javascript:alert(1) data:text/html,x file:///etc ftp://a.example')).toEqual([]);
  });

  test('end before punctuation, keep balanced brackets', () => {
    expect(links('(https://a.example/b_(c))')).toEqual(['https://a.example/b_(c)']);
    expect(links('https://a.example/…')).toHaveLength(1);
  });

  test('a closing bracket of the sentence is not of the address, and 16,000 of them cost little', () => {
    expect(links('(see https://a.example/x.)')).toEqual(['https://a.example/x']);
    expect(links(`https://a.example/${')'.repeat(16_000)}`)).toEqual(['https://a.example/']);
  });

  test('an address with a user part is text: it reads as one place and leads to another', () => {
    expect(links('https://bank.example@evil.example/')).toEqual([]);
  });

  test('a look-alike host is shown as the browser goes there', () => {
    expect(links('https://аpple.example/')).toEqual(['https://xn--pple-43d.example/']);
  });

  test('never carry an invisible character', () => {
    expect(shown('https://a.example/\u202Egpj')).toBe('[link https://a.example/][mark \\u{202E}]gpj');
  });

  test('never lead anywhere but http and https', () => {
    fc.assert(
      fc.property(fc.webUrl(), fc.string(), (url, noise) => {
        for (const piece of pieces(`${noise} ${url} ${noise}`)) {
          if (piece.kind === 'link') expect(piece.href).toMatch(/^https?:\/\//);
        }
      }),
    );
  });
});

test('graphemes are counted as people count', () => {
  expect(graphemes('👩‍👩‍👧é')).toBe(2);
});
