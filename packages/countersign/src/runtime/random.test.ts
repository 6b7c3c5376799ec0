// Every id, code and nonce is made of these bytes.
import { expect, test } from 'vitest';
import { systemRandom } from './random.ts';

test('no draw repeats another, nor holds what a later one brings', () => {
  const draws = Array.from({ length: 5_000 }, () => systemRandom.bytes(15));
  const texts = draws.map((draw) => Buffer.from(draw).toString('hex'));
  expect(new Set(texts).size).toBe(draws.length);
});

test('a draw is its own: writing to it changes no other', () => {
  const [one, two] = [systemRandom.bytes(16), systemRandom.bytes(16)];
  const before = Buffer.from(two).toString('hex');
  one.fill(0);
  expect(Buffer.from(two).toString('hex')).toBe(before);
  expect(one.buffer).not.toBe(two.buffer);
});

test.each([0, 1, 12, 255, 256, 257, 5_000])(
  '%i bytes are asked for and given, spread over all values',
  (n) => {
    const drawn = systemRandom.bytes(n);
    expect(drawn).toHaveLength(n);
    // 5,000 bytes miss one of 256 values with a chance of about one in a million.
    if (n === 5_000) expect(new Set(drawn).size).toBe(256);
  },
);

test('small draws together are as even as chance is', () => {
  const counts = new Array<number>(256).fill(0);
  for (let i = 0; i < 20_000; i += 1)
    for (const byte of systemRandom.bytes(16)) counts[byte] = (counts[byte] ?? 0) + 1;
  const expected = (20_000 * 16) / 256;
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 255 degrees of freedom: 400 is passed by chance once in about 10 million runs.
  expect(chiSquare).toBeLessThan(400);
});
