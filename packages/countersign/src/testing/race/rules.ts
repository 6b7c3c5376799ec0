// What must hold at the end of the race, however long it was.
import { expect } from 'vitest';
import { type RaceEnd, STANDING } from './race.ts';

export function expectNothingLost(end: RaceEnd): void {
  expect(end.isValid).toBe(true);
  for (const comment of [
    '// The first line stays.',
    '// beside the agent',
    '/* above telegram */',
    '// The last line stays.',
  ])
    expect(end.text).toContain(comment);
  for (const native of STANDING) expect(end.text, native).toContain(`"${native}", // person ${native}\n`);
  for (const { name, last } of end.hands) {
    const n = name.at(-1);
    if (typeof last === 'number') expect(end.text, name).toContain(`// hand ${n}: ${last}\n`);
    else expect(end.text.includes(`"7000${n}"`), name).toBe(last);
  }
  for (const { path, wanted, found } of end.set) expect(found, path).toEqual(wanted);
  const kept = end.approved.filter((native) => !end.revoked.includes(native));
  const byHand = end.hands.flatMap(({ name, last }) => (last === true ? [`7000${name.at(-1)}`] : []));
  expect([...end.file].sort()).toEqual([...STANDING, ...kept, ...byHand].sort());
  expect([...end.remembered].sort()).toEqual([...end.file].sort());
  expect(end.owed).toBe(0);
  for (const [native, isIn] of end.mayTalk) expect(isIn, native).toBe(!end.revoked.includes(native));
  // Within microseconds a hand can save over somebody: seldom, and never unnoticed.
  expect(end.overwritten).toBeLessThanOrEqual(2 + end.edits / 100);
}
