import { expect, test } from 'vitest';
import { relative } from './time.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const at = (away: number, language = 'en') => relative(1_000_000_000_000 + away, 1_000_000_000_000, language);

test('what was just given is all there: a part of a minute that is left is a minute', () => {
  expect(at(15 * MINUTE - 800)).toBe('in 15 minutes');
  expect(at(9 * MINUTE + 10_000)).toBe('in 10 minutes');
  expect(at(HOUR - 800)).toBe('in 1 hour');
  expect(at(DAY - 800)).toBe('tomorrow');
  expect(at(15 * MINUTE - 800, 'de')).toBe('in 15 Minuten');
});

test('a clock of the gateway that is a little ahead gives no minute more', () => {
  expect(at(15 * MINUTE + 2_000)).toBe('in 15 minutes');
  expect(at(2_000)).toBe('now');
});

test('what has passed is said to the nearest', () => {
  expect(at(-20_000)).toBe('now');
  expect(at(-59_000)).toBe('now');
  expect(at(-MINUTE)).toBe('1 minute ago');
  expect(at(-3 * MINUTE - 10_000)).toBe('3 minutes ago');
  expect(at(-3 * MINUTE - 50_000)).toBe('4 minutes ago');
  expect(at(-HOUR + 10_000)).toBe('1 hour ago');
  expect(at(-23.7 * HOUR)).toBe('yesterday');
  expect(at(-40 * DAY)).toBe('last month');
  expect(at(-370 * DAY)).toBe('last year');
});
