import { expect, test } from 'vitest';
import { nextLook } from './elevations.ts';

const at = (ms: number) => ({ until: new Date(ms).toISOString() });

test('it is looked again behind the nearest end; with none, nothing waits', () => {
  expect(nextLook([at(5_000), at(2_000)], 1_000)).toBe(1_500);
  expect(nextLook([], 1_000)).toBeNull();
});

test('one that is over by this clock and lasts at the gateway is asked about now and then, and never at once', () => {
  expect(nextLook([at(900)], 1_000)).toBe(15_000);
  expect(nextLook([at(900), at(3_000)], 1_000)).toBe(2_500);
});
