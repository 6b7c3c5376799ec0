// C-06: an end that is not what it says. A login that is over and is tried for ever gets a number banned; a ban that is
// taken for the end of the login throws away keys that were still good.
import { expect, test } from 'vitest';
import { pauseBefore } from '../pause.ts';
import { CONSEQUENCES, closingOf, hintFor } from './closing.ts';

test.each([
  ['the device was removed on the phone', 401, 'logged-out', 'never'],
  ['the phone has left linked devices behind', 411, 'logged-out', 'never'],
  ['another program came with the same keys', 440, 'replaced', 'never'],
  ['the number is shut out', 403, 'banned', 'rarely'],
  ['the number is shut out for some hours', 402, 'banned', 'rarely'],
  ['the library is too old', 405, 'outdated', 'rarely'],
  ['the server asks to come back, as after linking', 515, 'restart', 'now'],
  ['the server is busy', 503, 'lost', 'later'],
  ['nothing came in time', 408, 'lost', 'later'],
  ['the connection was cut', 428, 'lost', 'later'],
  ['the session is out of step', 500, 'lost', 'later'],
  ['a code that nobody has heard of', 799, 'lost', 'later'],
  ['no code at all', null, 'lost', 'later'],
] as const)('%s', (_, code, closing, again) => {
  expect(closingOf(code)).toBe(closing);
  expect(CONSEQUENCES[closing].again).toBe(again);
});

test('whatever somebody has to do something about says what', () => {
  for (const [closing, { hint, again }] of Object.entries(CONSEQUENCES)) {
    const isByItself = again === 'now' || again === 'later';
    expect(hint === null, closing).toBe(isByItself);
  }
  const { hint } = CONSEQUENCES['logged-out'];
  expect(hintFor(hint, 'default')).toBe('link it again with: countersign channels login whatsapp');
  expect(hintFor(hint, 'support')).toMatch(/login whatsapp --account support$/);
});

test('a lost connection is tried within five minutes; a shut door within the hour, and never before some minutes', () => {
  for (let attempt = 1; attempt < 40; attempt++) {
    for (const chance of [0, 0.5, 0.999]) {
      expect(pauseBefore(attempt, chance)).toBeLessThanOrEqual(5 * 60_000);
      expect(pauseBefore(attempt, chance)).toBeGreaterThanOrEqual(500);
      expect(pauseBefore(attempt, chance, true)).toBeLessThanOrEqual(60 * 60_000);
      expect(pauseBefore(attempt, chance, true)).toBeGreaterThanOrEqual(150_000);
    }
  }
});
