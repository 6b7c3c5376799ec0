// Twenty editors on one configuration file: comments intact, no update lost, file and store agree.
import { expect, test } from 'vitest';
import { race } from '../testing/race/race.ts';
import { expectNothingLost } from '../testing/race/rules.ts';

test('ten seconds of hands, command lines, approvals and revocations on one file', {
  timeout: 240_000,
}, async () => {
  const end = await race(10, 4_000, 120);
  expect(end.edits).toBeGreaterThan(100);
  expectNothingLost(end);
});
