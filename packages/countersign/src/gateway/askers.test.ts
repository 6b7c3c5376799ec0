// Who is gone, and who only looks like it. The accidents: an asker that comes back and finds its question gone, two that share
// one, a gateway that stood still and takes everybody for gone.
import { expect, test } from 'vitest';
import { Askers } from './askers.ts';

const [ONE, TWO] = ['appr_one', 'appr_two'] as const;

/** Looks once a second, as the sweeper does. @returns who was gone by then. */
function looks(askers: Askers, from: number, seconds: number): readonly string[] {
  let gone: readonly string[] = [];
  for (let at = 0; at <= seconds; at += 1) gone = askers.look(from + at * 1_000);
  return gone;
}

test('cut off, it is gone after the grace and not before', () => {
  const askers = new Askers();
  askers.enter(ONE)(true);
  expect(looks(askers, 0, 14)).toEqual([]);
  expect(looks(askers, 14_000, 1)).toEqual([ONE]);
  askers.forget(ONE);
  expect(looks(askers, 15_000, 60)).toEqual([]);
});

test('whoever waits is there, however long it takes', () => {
  const askers = new Askers();
  askers.enter(ONE);
  expect(looks(askers, 0, 3_600)).toEqual([]);
});

test('whoever comes back within the grace begins it anew', () => {
  const askers = new Askers();
  askers.enter(ONE)(true);
  expect(looks(askers, 0, 14)).toEqual([]);
  askers.enter(ONE)(true);
  expect(looks(askers, 14_000, 14)).toEqual([]);
  expect(looks(askers, 28_000, 1)).toEqual([ONE]);
});

test('whoever came back while others were seen to is not gone any more', () => {
  const askers = new Askers();
  askers.enter(ONE)(true);
  expect(looks(askers, 0, 15)).toEqual([ONE]);
  askers.enter(ONE);
  expect(askers.isGone(ONE)).toBe(false);
  askers.forget(ONE);
  expect(looks(askers, 15_000, 60)).toEqual([]);
});

test('whoever was answered is not missed: stopped at its terminal, it asks nothing for an hour', () => {
  const askers = new Askers();
  askers.enter(ONE)(false);
  expect(looks(askers, 0, 3_600)).toEqual([]);
});

test('of two that ask the same, one may go: gone it is once both are', () => {
  const askers = new Askers();
  const [first, second] = [askers.enter(ONE), askers.enter(ONE)];
  first(true);
  expect(looks(askers, 0, 60)).toEqual([]);
  second(true);
  expect(looks(askers, 60_000, 15)).toEqual([ONE]);
});

test('a look by other ways than waiting says that its program is there', () => {
  const askers = new Askers();
  askers.enter(ONE)(true);
  askers.enter(TWO)(true);
  askers.forget(ONE);
  expect(looks(askers, 0, 60)).toEqual([TWO]);
});

test('a gateway that stood still, or a clock that jumped, takes nobody for gone', () => {
  const askers = new Askers();
  askers.enter(ONE)(true);
  expect(askers.look(1_000)).toEqual([]);
  expect(askers.look(3_600_000)).toEqual([]);
  expect(askers.look(0)).toEqual([]);
  expect(looks(askers, 0, 12)).toEqual([]);
});
