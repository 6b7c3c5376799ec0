import { expect, test } from 'vitest';
import { displayWidth, table } from './table.ts';

test('columns line up under wide characters, emoji and marks', () => {
  expect(displayWidth('abc')).toBe(3);
  expect(displayWidth('日本')).toBe(4);
  expect(displayWidth('👩‍👩‍👧')).toBe(2);
  expect(displayWidth('e\u0301')).toBe(1);
  expect(
    table(
      ['NAME', 'X'],
      [
        ['日本', '1'],
        ['ana', '2'],
      ],
    ),
  ).toEqual(['NAME  X', '日本  1', 'ana   2']);
});

test('R47: a cell cannot break the line, move the cursor or turn the text around', () => {
  const [, line] = table(['NAME', 'X'], [['a\u001b[2Jb\nc\u202ed\u200be ', 'end']]);
  expect(line).toBe('a\\u{001B}[2Jb\\u{000A}c\\u{202E}d\\u{200B}e\\x20  end');
});
