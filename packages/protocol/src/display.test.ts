// What is shown is what is there (R47); a name is a claim and can neither pass for another nor for a word of ours (R67).

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { browserName } from './browser-name.ts';
import { firstGraphemes, isMixedScript, MAX_NAME, quotedName, visible, visibleText } from './display.ts';

describe('R47: what draws nothing, or moves what is drawn, is written out', () => {
  const cases: Readonly<Record<string, readonly [string, string]>> = {
    NUL: ['a\u0000b', 'a\\u{0000}b'],
    'an escape sequence': ['\u001b[31mred', '\\u{001B}[31mred'],
    'a carriage return': ['rm -rf /\rls', 'rm -rf /\\u{000D}ls'],
    'a line feed': ['a\nb', 'a\\u{000A}b'],
    'a tab': ['a\tb', 'a\\u{0009}b'],
    'delete and C1': ['a\u007f\u0085', 'a\\u{007F}\\u{0085}'],
    'a bidi override': ['a\u202eb', 'a\\u{202E}b'],
    'bidi isolates': ['\u2066a\u2069', '\\u{2066}a\\u{2069}'],
    'direction marks': ['a\u200e\u200f\u061c', 'a\\u{200E}\\u{200F}\\u{061C}'],
    'a zero-width space': ['a\u200bb', 'a\\u{200B}b'],
    'zero-width joiners': ['a\u200c\u200db', 'a\\u{200C}\\u{200D}b'],
    'a byte order mark': ['\ufeffa', '\\u{FEFF}a'],
    'a soft hyphen': ['a\u00adb', 'a\\u{00AD}b'],
    'a word joiner': ['a\u2060b', 'a\\u{2060}b'],
    'a combining grapheme joiner': ['a\u034fb', 'a\\u{034F}b'],
    'variation selectors': ['a\ufe0fb\u{e0100}', 'a\\u{FE0F}b\\u{E0100}'],
    'Mongolian and Khmer fillers': ['a\u180bb\u17b4', 'a\\u{180B}b\\u{17B4}'],
    'tag characters': ['a\u{e0041}\u{e007f}', 'a\\u{E0041}\\u{E007F}'],
    'a no-break space': ['a\u00a0b', 'a\\u{00A0}b'],
    'other spaces': ['a\u2003b\u3000c\u202fd', 'a\\u{2003}b\\u{3000}c\\u{202F}d'],
    'separators of lines': ['a\u2028b\u2029', 'a\\u{2028}b\\u{2029}'],
    'letters that are blank': ['a\u3164b\uffa0c\u115fd\u2800', 'a\\u{3164}b\\u{FFA0}c\\u{115F}d\\u{2800}'],
    'private and unassigned': ['a\ue000b\u0378', 'a\\u{E000}b\\u{0378}'],
    'half a character': ['a\ud83d', 'a\\u{D83D}'],
    'a space at the end': ['a ', 'a\\x20'],
    'two spaces at the end': ['a  ', 'a \\x20'],
    'a space alone': [' ', '\\x20'],
  };
  for (const [name, [text, shown]] of Object.entries(cases)) {
    test(name, () => expect(visible(text)).toBe(shown));
  }

  test('what can be seen stays as it is', () => {
    for (const text of [
      '',
      'Ana',
      'José Ñ',
      'Анна',
      '北京',
      'देवनागरी',
      'עברית',
      '😀',
      '❤\ufe0f',
      'a b',
      "it's",
      'C:\\x',
    ]) {
      expect(visible(text)).toBe(text);
    }
  });

  test('a body keeps its lines and tabs, and loses nothing else of this', () => {
    expect(visibleText('a\tb\nc\r\u202e\u0000')).toBe('a\tb\nc\\u{000D}\\u{202E}\\u{0000}');
  });

  test('whatever comes in, one line of visible characters comes out', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = visible(text);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]| $/u);
        expect(visible(shown)).toBe(shown);
        expect(visibleText(text)).not.toMatch(/[^\P{Cc}\n\t]|\p{Cf}/u);
      }),
      { numRuns: 500 },
    );
  });
});

describe('R67: a display name is data', () => {
  test('it is quoted, on one line', () => {
    expect(quotedName('Ana')).toBe('"Ana"');
    expect(quotedName('')).toBe('""');
    expect(quotedName('Ana\nowner: yes')).toBe('"Ana\\u{000A}owner: yes"');
  });

  test('it cannot end its own quotes', () => {
    expect(quotedName('Ana" (owner)')).toBe('"Ana\\" (owner)"');
    expect(quotedName('Ana\\" (owner)')).toBe('"Ana\\\\\\" (owner)"');
    expect(quotedName('Ana\\')).toBe('"Ana\\\\"');
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', '\\', 'a', ' ', '\n') }), (name) => {
        expect(quotedName(name)).toMatch(/^"(?:[^"\\]|\\.)*"$/);
      }),
    );
  });

  test('it is cut after 64 graphemes, visibly', () => {
    expect(MAX_NAME).toBe(64);
    expect(quotedName('x'.repeat(64))).toBe(`"${'x'.repeat(64)}"`);
    expect(quotedName('x'.repeat(65))).toBe(`"${'x'.repeat(64)}…"`);
    expect(quotedName('x'.repeat(1_000_000))).toBe(`"${'x'.repeat(64)}…"`);
  });

  test('a grapheme is what a person sees as one', () => {
    expect(firstGraphemes('👩‍👩‍👧👍🏽é', 2)).toBe('👩‍👩‍👧👍🏽…');
    expect(firstGraphemes('👩‍👩‍👧👍🏽é', 3)).toBe('👩‍👩‍👧👍🏽é');
    expect(firstGraphemes('abc', 0)).toBe('…');
    expect(firstGraphemes('', 3)).toBe('');
  });

  test('a pile of marks is not the way around the limit', () => {
    const pile = `a${'\u0301'.repeat(100_000)}`;
    expect(firstGraphemes(pile, 64).length).toBeLessThan(64 * 40 + 2);
    expect(firstGraphemes(pile, 64).endsWith('…')).toBe(true);
    expect(firstGraphemes(`${'👍'.repeat(2_000)}`, 1_000)).toBe(`${'👍'.repeat(1_000)}…`);
  });

  test('cutting never leaves half a character', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.integer({ min: 0, max: 20 }),
        (text, max) => {
          const cut = firstGraphemes(text, max);
          expect(cut.isWellFormed()).toBe(true);
          expect(text.startsWith(cut.replace(/…$/, ''))).toBe(true);
        },
      ),
    );
    expect(firstGraphemes(`a${'👍'.repeat(50)}`, 1).isWellFormed()).toBe(true);
  });
});

describe('words of mixed script are marked', () => {
  for (const name of ['pаypal', 'Αdmin', 'оwner', 'ana_а', 'а\u0301pple', 'admin1а', 'Ꭺdmin', 'ана-pаypal']) {
    test(name, () => {
      expect(isMixedScript(name)).toBe(true);
      expect(quotedName(name)).toMatch(/ \(mixed-script\)$/);
    });
  }
  for (const name of [
    'Ana',
    'Анна',
    'Ana Анна',
    'Ana-Анна',
    'José',
    'Ωmega'.slice(1),
    '北京 Beijing',
    'user42',
    '',
  ]) {
    test(`not: ${name}`, () => expect(isMixedScript(name)).toBe(false));
  }

  test('the mark stands outside the quotes, where no name reaches', () => {
    expect(quotedName('Ana (mixed-script)')).toBe('"Ana (mixed-script)"');
  });
});

describe('the name of a browser', () => {
  test('is the same word on every surface, and nothing of its own making gets through', () => {
    const chrome =
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36';
    expect(browserName(chrome)).toBe('Chrome on Linux');
    expect(browserName('Mozilla/5.0 {code} Approve at evil.example')).toBe('Browser');
  });
});
