// R64, H70: a code is found however it is typed, and beside other numbers; ordinary numbers are left alone.
import { expect, test } from 'vitest';
import { codesIn, hasCode } from './typed-code.ts';

test.each([
  'it is 492817',
  '492 817',
  '492  817',
  '492-817.',
  '492,817',
  '492/817',
  "492'817",
  '4 9 2 8 1 7',
  '12 492817',
  'K7 492817',
  '+1 492817',
  '492817 12',
  '٤٩٢٨١٧',
  '4️⃣9️⃣2️⃣8️⃣1️⃣7️⃣',
  '４９２８１７',
])('%s', (text) => {
  expect(codesIn(text)).toContain('492817');
});

test('a longer number, a shorter one, and numbers with words between are none', () => {
  for (const text of ['49281', '492817492', 'in 2026 there were 817', 'room 492, then 817', 'none', ''])
    expect(hasCode(text), text).toBe(false);
});

test('however many there are, the codes that can be spent come first and it ends', () => {
  const many = Array.from({ length: 2_000 }, (_, n) => String(100_000 + n)).join(' ');
  expect(codesIn(many).length).toBeLessThanOrEqual(20);
  expect(codesIn('12 492817')[0]).toBe('492817');
});
