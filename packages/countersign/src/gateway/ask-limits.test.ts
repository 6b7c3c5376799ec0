// H63: one program that asks without end, or asks for what is endless, stops nobody else and fills no disk.
import type { Action } from '@countersign/protocol/approval';
import { canonicalJson } from '@countersign/protocol/canonical';
import { makeId } from '@countersign/protocol/ids';
import { expect, test } from 'vitest';
import { command } from '../testing/approval-house.ts';
import { ASKS, AskLimits, KEPT, LARGEST_ACTION, ROW_BYTES } from './ask-limits.ts';

const token = (n: number) => makeId('token', new Uint8Array(15).fill(n));
const LOOK = command('git', 'status');
const limited = expect.objectContaining({ code: 'rate_limited' });

/** Of exactly so many bytes. */
function sized(bytes: number): Action {
  const least = Buffer.byteLength(canonicalJson(command('git', '')));
  return command('git', 'x'.repeat(bytes - least));
}

test('H63: a burst, then two a second; another program has its own', () => {
  const limits = new AskLimits();
  for (let n = 0; n < ASKS.burst; n += 1) limits.take(token(1), LOOK, 0);
  expect(() => limits.take(token(1), LOOK, 0)).toThrow(limited);
  expect(() => limits.take(token(1), LOOK, ASKS.refillMs - 1)).toThrow(limited);
  limits.take(token(2), LOOK, 0);
  limits.take(token(1), LOOK, ASKS.refillMs);
  expect(() => limits.take(token(1), LOOK, ASKS.refillMs)).toThrow(limited);
});

test('H63: an action is no larger than people could be shown, to the byte', () => {
  const limits = new AskLimits();
  limits.take(token(1), sized(LARGEST_ACTION), 0);
  expect(() => limits.take(token(1), sized(LARGEST_ACTION + 1), 0)).toThrow(
    expect.objectContaining({ code: 'request_too_large' }),
  );
});

test('H63: what one program has stored within an hour is bounded, and it hears when it may ask again', () => {
  const limits = new AskLimits();
  const large = sized(LARGEST_ACTION);
  const most = Math.floor(KEPT.burst / (LARGEST_ACTION + ROW_BYTES));
  for (let n = 0; n < most; n += 1) limits.take(token(1), large, 0);
  let retryAfter = 0;
  try {
    limits.take(token(1), large, 0);
  } catch (cause) {
    expect(cause).toEqual(limited);
    ({ retryAfter } = (cause as { members: { retryAfter: number } }).members);
  }
  expect(retryAfter).toBeGreaterThan(0);
  expect(() => limits.take(token(1), large, retryAfter * 1_000 - 2_000)).toThrow(limited);
  limits.take(token(1), large, retryAfter * 1_000);
});
