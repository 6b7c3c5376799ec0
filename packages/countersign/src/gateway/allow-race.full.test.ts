// The race of allow-race.test.ts, a minute long and with command lines one after the other.
import { expect, test } from 'vitest';
import { race } from '../testing/race/race.ts';
import { expectNothingLost } from '../testing/race/rules.ts';

test('a minute of twenty editors on one file', { timeout: 900_000 }, async () => {
  const end = await race(60, 500, 1_200);
  expect(end.edits).toBeGreaterThan(1_000);
  expectNothingLost(end);
});
