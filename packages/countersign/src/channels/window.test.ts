// The 24 hours as far as we know them.
import { expect, test } from 'vitest';
import { Windows } from './window.ts';

const HOUR = 3_600_000;

test('they run from the last word, whichever order words come in; who is forgotten is unknown, not over', () => {
  const windows = new Windows();
  expect(windows.of('ana', 0)).toBe('unknown');
  windows.wrote('ana', 10 * HOUR);
  windows.wrote('ana', 2 * HOUR);
  expect(windows.of('ana', 33 * HOUR)).toBe('open');
  expect(windows.of('ana', 34 * HOUR)).toBe('over');
  windows.over('ana');
  expect(windows.of('ana', 11 * HOUR * 3)).toBe('over');
  for (let n = 0; n < 20_000; n++) windows.wrote(`s${n}`, 34 * HOUR);
  expect(windows.of('ana', 34 * HOUR)).toBe('unknown');
  expect(windows.of('s19999', 34 * HOUR)).toBe('open');
});
