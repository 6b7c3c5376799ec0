// When browsers are told, on a clock that somebody sets.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeClock, MemoryLog } from '../testing/fakes.ts';
import { PushBell } from './push-bell.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a clock that was set back by a day silences nobody for a day', async () => {
  const clock = new FakeClock();
  const told: string[] = [];
  const pushes = {
    tell: async (kind: string) => {
      told.push(kind);
      return [];
    },
    again: async () => null,
  };
  const bell = new PushBell({ pushes, clock, log: new MemoryLog(), pace: { gatherMs: 10, quietMs: 60_000 } });
  bell.committed(new Set(['pairing.requested']));
  vi.advanceTimersByTime(10);
  expect(told).toEqual(['pairing']);
  clock.advance(-24 * 60 * 60_000);
  bell.committed(new Set(['pairing.requested']));
  vi.advanceTimersByTime(59_999);
  expect(told).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(told).toHaveLength(2);
  await bell.stop();
});
