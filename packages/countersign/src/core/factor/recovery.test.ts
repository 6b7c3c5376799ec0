import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SeededRandom } from '../../testing/fakes.ts';
import { codeBits } from '../code.ts';
import { drawRecoveryCodes, readRecoveryCode } from './recovery.ts';

test('ten codes are drawn, each says which of the ten it is, and 80 bits are beside that', () => {
  const codes = drawRecoveryCodes(new SeededRandom('recovery'));
  expect(codes).toHaveLength(10);
  for (const code of codes) expect(code).toMatch(/^[A-HJK]-(?:[A-HJ-NP-Z2-9]{4}-?){4}$/);
  expect(codes.map((code) => readRecoveryCode(code)?.position)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(codeBits('XXXX-XXXX-XXXX-XXXX')).toBe(80);
});

test('R18: a code is read in any case, with spaces, without dashes, in brackets', () => {
  const [code = ''] = drawRecoveryCodes(new SeededRandom('typed'));
  const read = readRecoveryCode(code);
  const plain = code.replaceAll('-', '');
  for (const typed of [code.toLowerCase(), plain, `  ${code} `, `[${plain}]`, plain.split('').join(' ')]) {
    expect(readRecoveryCode(typed)).toEqual(read);
  }
});

test('what cannot be one is nothing, and no text makes it throw', () => {
  const [code = ''] = drawRecoveryCodes(new SeededRandom('bad'));
  for (const typed of [
    '',
    code.slice(1),
    `${code}A`,
    `Z${code.slice(1)}`,
    code.replace(/.$/, '0'),
    '123456',
  ]) {
    expect(readRecoveryCode(typed)).toBeNull();
  }
  fc.assert(fc.property(fc.string(), (text) => void readRecoveryCode(text)));
});
