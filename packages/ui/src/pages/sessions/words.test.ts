import { expect, test } from 'vitest';
import { whoIsMeant } from './people.ts';
import { isLive, isShared } from './words.ts';

test('a session lives until it has an end', () => {
  expect(isLive({})).toBe(true);
  expect(isLive({ endedAt: '2026-11-25T12:00:00.000Z' })).toBe(false);
});

test('a group’s key is known by the word in its place, not by an id that holds it', () => {
  expect(isShared({ key: 'agent:main:telegram:default:group:-100' })).toBe(true);
  expect(isShared({ key: 'agent:main:xmpp:default:direct:a:group:b' })).toBe(false);
  expect(isShared({ key: 'agent:main:main' })).toBe(false);
});

test('a person is meant by their id, their name or enough of it, and nobody when it could be two', () => {
  const people = [
    { id: 'prn_aaaa', name: 'Ana' },
    { id: 'prn_bbbb', name: 'Anatol' },
    { id: 'prn_cccc', name: 'Bob' },
    { id: 'prn_dddd', name: 'bob' },
  ];
  expect(whoIsMeant('ana', people)?.id).toBe('prn_aaaa');
  expect(whoIsMeant('atol', people)?.id).toBe('prn_bbbb');
  expect(whoIsMeant('prn_cc', people)?.id).toBe('prn_cccc');
  expect(whoIsMeant('Bob', people)).toBeNull();
  expect(whoIsMeant('prn_', people)).toBeNull();
  expect(whoIsMeant(' ', people)).toBeNull();
});
