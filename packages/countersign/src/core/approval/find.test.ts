// E-02, R22: a short name means one request or none. There is no "latest".
import { type ApprovalId, makeId } from '@countersign/protocol/ids';
import { describe, expect, test } from 'vitest';
import { beginningsOf, findRequest, isEnoughForYes } from './find.ts';

const id = (first: number): ApprovalId =>
  makeId('approval', Uint8Array.of(first, ...Array<number>(19).fill(7)));
const one = { id: id(0x11), short: 'K7QD2-M4XA9' };
const two = { id: id(0x12), short: 'K7QXX-AAAAA' };
const three = { id: id(0xf0), short: 'ZZZZZ-22222' };
const find = (typed: string, open = [one, two, three], over: (typeof one)[] = []) => {
  const found = findRequest(typed, open, over);
  return found.outcome === 'found' ? found.request : found.outcome;
};

describe('what is typed', () => {
  test('a whole id, the beginning of one, with its prefix or without', () => {
    expect(find(one.id)).toBe(one);
    expect(find(` ${one.id} `)).toBe(one);
    expect(find(one.id.slice(0, 12))).toBe(one);
    expect(find(one.id.slice(5, 12))).toBe(one);
    expect(find(one.id.slice(5, 12).toUpperCase())).toBe(one);
  });

  test('the beginning of the short digest, from three characters on, in any case', () => {
    expect(find('K7QD2-M4XA9')).toBe(one);
    expect(find('k7qd2m4xa9')).toBe(one);
    expect(find('k7qd')).toBe(one);
    expect(find('zzz')).toBe(three);
  });

  test('two that fit are none', () => {
    expect(find('k7q')).toBe('ambiguous');
    // The id of one and the short digest of another.
    const alike = { id: id(0x20), short: `${one.id.slice(5, 8).toUpperCase()}AA-AAAAA` };
    expect(find(one.id.slice(5, 8), [one, alike])).toBe('ambiguous');
  });

  test('H58: nothing, a word, a number, the latest, everything: none', () => {
    for (const typed of [
      '',
      '  ',
      'K7',
      'latest',
      'last',
      '*',
      'all',
      '1',
      'appr_',
      'appr_a',
      '%',
      '-',
      'yes',
    ])
      expect(find(typed)).toBe('not_found');
    expect(find('', [one])).toBe('not_found');
    expect(find('latest', [one])).toBe('not_found');
  });
});

test('R22: a word that means no request in particular names none, even one whose id begins so', () => {
  const unlucky = { id: `appr_all${one.id.slice(8)}` as const, short: 'ALLAL-LALLA' };
  expect(find('all', [unlucky])).toBe('not_found');
  expect(find('ALL', [unlucky])).toBe('not_found');
  expect(find('alla', [unlucky])).toBe(unlucky);
});

describe('what is over', () => {
  test('is found, so that it can be said how it ended', () => {
    expect(find('k7qd', [], [one])).toBe(one);
  });

  test('does not stand in the way of what waits', () => {
    expect(find('k7q', [one], [two])).toBe(one);
    expect(find('k7q', [], [one, two])).toBe('ambiguous');
  });

  test('by its whole id it is meant, whatever waits', () => {
    expect(find(two.id, [one], [two])).toBe(two);
  });
});

test('a yes takes five characters of either, whatever stands before or between them', () => {
  for (const typed of ['K7QD2', 'k7qd2', ' K7QD2-M4XA9 ', 'k7qd-2', one.id, 'appr_abcde', 'abcde'])
    expect([typed, isEnoughForYes(typed)]).toEqual([typed, true]);
  for (const typed of ['K7Q', 'K7QD', 'K7Q-D', 'appr_abcd', 'abcd', ' K7Q  '])
    expect([typed, isEnoughForYes(typed)]).toEqual([typed, false]);
});

test('a store is asked for what the text can begin', () => {
  expect(beginningsOf('K9Q')).toEqual({ id: null, short: 'K9Q' });
  expect(beginningsOf('abc')).toEqual({ id: 'abc', short: 'ABC' });
  expect(beginningsOf('appr_abc')).toEqual({ id: 'abc', short: null });
  expect(beginningsOf('a%c')).toBeNull();
});
