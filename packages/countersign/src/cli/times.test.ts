import { Problem } from '@countersign/protocol/problem';
import { expect, test } from 'vitest';
import { durationOption, relative } from './times.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const at = (ms: number) => new Date(NOW + ms).toISOString();

test.each([
  [-500, 'just now'],
  [-1000, '1 second ago'],
  [-119_999, '1 minute ago'],
  [-125_000, '2 minutes ago'],
  [-3 * 3_600_000, '3 hours ago'],
  [-49 * 3_600_000, '2 days ago'],
  [600_000, 'in 10 minutes'],
])('%i ms is said as "%s"', (ms, words) => {
  expect(relative(at(ms), NOW)).toBe(words);
});

test('a time that is none is said to be none', () => {
  expect(relative('soon', NOW)).toBe('at an unknown time');
});

test('a duration is a number and a unit, and nothing else', () => {
  expect(durationOption('--since', '10m')).toBe(600_000);
  expect(durationOption('--for', '30d')).toBe(2_592_000_000);
  for (const wrong of ['10', '10 m', '-1h', '0s', '1.5h', '', 'abc', '10m;']) {
    expect(() => durationOption('--since', wrong), wrong).toThrow(Problem);
  }
});
