// H63: what one session may ask for at once, and in a minute.
import { makeId } from '@countersign/protocol/ids';
import { expect, test } from 'vitest';
import { CallLimits } from './call-limits.ts';

const SESSION = makeId('session', new Uint8Array(15));
const limited = expect.objectContaining({ code: 'rate_limited' });

test('calls that are open while the limits change are taken off again when they end', () => {
  const limits = new CallLimits();
  const before = { concurrent: 2, perMinute: 100 };
  const after = { concurrent: 2, perMinute: 200 };
  const ends = [limits.begin(SESSION, before, 0), limits.begin(SESSION, before, 0)];
  expect(() => limits.begin(SESSION, after, 0)).toThrow(limited);
  for (const end of ends) end();
  limits.begin(SESSION, after, 0);
  const last = limits.begin(SESSION, after, 0);
  expect(() => limits.begin(SESSION, after, 0)).toThrow(limited);
  // Ended twice is ended once.
  last();
  last();
  limits.begin(SESSION, after, 0);
  expect(() => limits.begin(SESSION, after, 0)).toThrow(limited);
});
