// D-13: what a phone reads from the terminal is what somebody would have typed, module for module, on any background.
import { stripVTControlCharacters } from 'node:util';
import { encode } from 'uqr';
import { expect, test } from 'vitest';
import { qrLines } from './qr.ts';

const CODE = Buffer.from(JSON.stringify({ url: 'https://house.example', token: 'a'.repeat(32) })).toString(
  'base64',
);
const LIGHT: Readonly<Record<string, readonly [boolean, boolean]>> = {
  '█': [true, true],
  '▀': [true, false],
  '▄': [false, true],
  ' ': [false, false],
};

/** True for dark, a row a line of modules. */
function modulesOf(lines: readonly string[]): boolean[][] {
  return lines.flatMap((line) => {
    const cells = [...line].map((char) => LIGHT[char] ?? [true, true]);
    return [cells.map(([upper]) => !upper), cells.map(([, lower]) => !lower)];
  });
}

test('the picture is the code, with its quiet zone of four', async () => {
  const { data, size } = encode(CODE, { ecc: 'L', border: 4 });
  const drawn = modulesOf(await qrLines(CODE, { NO_COLOR: '1' }));
  expect(drawn.slice(0, size)).toEqual(data);
  expect(data.slice(0, 4).flat().some(Boolean)).toBe(false);
});

test('it brings its colours, unless colours are unwanted', async () => {
  const painted = await qrLines(CODE, {});
  const plain = await qrLines(CODE, { TERM: 'dumb' });
  expect(painted.every((line) => line.startsWith('\u001b['))).toBe(true);
  expect(painted.map(stripVTControlCharacters)).toEqual(plain);
});
