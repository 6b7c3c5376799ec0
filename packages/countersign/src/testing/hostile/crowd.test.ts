// H16, H57: a thousand strangers in a minute. They take the slots there are and nothing else; the owner hears of them once,
// and whoever may talk notices nothing.
import { expect, test } from 'vitest';
import { buttonsHarness } from '../channel/loopback.ts';
import { openHouse } from './house.ts';

test('a thousand strangers in a minute: the slots, one summary, and everybody else is served', async () => {
  await using house = await openHouse(buttonsHarness);
  await house.knows('ulf', 'user');
  const crowd = Array.from({ length: 1_000 }, (_, n) => n);
  for (let from = 0; from < crowd.length; from += 100) {
    const wave = crowd
      .slice(from, from + 100)
      .map((n) => ({ kind: 'text' as const, from: `s${n}`, id: `wave-${n}`, text: 'let me in' }));
    await Promise.all([
      ...wave.map((event) => house.here.bench.deliver(event)),
      house.here.bench.deliver({
        kind: 'text',
        from: 'ulf',
        id: `ulf-${from}`,
        text: `still there ${from}?`,
      }),
    ]);
    await house.world.settle();
    house.world.clock.advance('6s');
  }
  const open = await house.open();
  expect(open.filter(({ state }) => state === 'pending')).toHaveLength(3);
  expect(open.length).toBeLessThanOrEqual(1_003);
  const answered = await Promise.all(crowd.map(async (n) => (await house.here.heard(`s${n}`)).length));
  expect(answered.reduce((sum, count) => sum + count, 0)).toBe(3);
  const told = await house.told();
  expect(told.filter((text) => text.startsWith('New pairing request'))).toHaveLength(3);
  expect(told.filter((text) => text.includes('More people ask'))).toHaveLength(1);
  expect(told).toHaveLength(4);
  const heard = await house.here.heard('ulf');
  expect(heard).toEqual(crowd.filter((n) => n % 100 === 0).map((n) => `you said: still there ${n}?`));
});
