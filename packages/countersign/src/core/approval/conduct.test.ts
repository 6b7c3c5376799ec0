// H57, N-11: fifty questions in a minute are one attack, and a yes after two refusals is worth a second look.
import { describe, expect, test } from 'vitest';
import { CONDUCT_LIMITS, conductOf, isWornDown, type Past } from './conduct.ts';

const NOW = Date.UTC(2026, 10, 26);
const past = (outcome: Past['outcome'], ago: number, actionDigest = 'a'): Past => ({
  actionDigest,
  askedAt: NOW - ago - 1_000,
  outcome,
  endedAt: outcome === 'open' ? null : NOW - ago,
});
const said = (digest: string, before: readonly Past[], now = NOW) => {
  const conduct = conductOf(digest, before, now);
  if (conduct.outcome === 'deny') return conduct.reason;
  return conduct.outcome === 'same' ? 'same' : ['ask', ...conduct.flags].join(', ');
};

describe('how often somebody is asked', () => {
  test('the first time', () => {
    expect(said('a', [])).toBe('ask');
  });

  test('what waits already is not asked twice', () => {
    expect(said('a', [past('open', 0)])).toBe('same');
    expect(said('b', [past('open', 0)])).toBe('ask');
  });

  test('E-20: no more than a few at the same time', () => {
    const open = Array.from({ length: CONDUCT_LIMITS.maxOpen }, (_, place) => past('open', 0, `x${place}`));
    expect(said('a', open)).toBe('too_many_open');
    expect(said('a', open.slice(1))).toBe('ask');
    expect(said('x1', open)).toBe('same');
  });

  test('fifty in a minute: ten cards, the rest in one summary', () => {
    const before: Past[] = [];
    const answers = Array.from({ length: 50 }, (_, place) => {
      const answer = said(`x${place}`, before);
      before.push({ ...past('other', 0, `x${place}`), askedAt: NOW });
      return answer;
    });
    expect(answers.filter((answer) => answer === 'ask')).toHaveLength(CONDUCT_LIMITS.maxCards);
    expect(answers.slice(CONDUCT_LIMITS.maxCards).every((answer) => answer === 'ask, burst')).toBe(true);
  });
});

describe('after denials', () => {
  const three = [past('denied', 30_000, 'a'), past('denied', 20_000, 'b'), past('denied', 10_000, 'c')];

  test('three in a row pause the requester, whatever it asks, to the millisecond', () => {
    expect(said('d', three)).toBe('paused');
    const until = NOW - 10_000 + CONDUCT_LIMITS.pauseMs;
    expect(said('d', three, until - 1)).toBe('paused');
    expect(said('d', three, until)).toBe('ask');
  });

  test('a yes between them ends the row; a silence does not make one', () => {
    expect(said('d', [...three, past('approved', 5_000)])).toBe('ask');
    expect(said('d', [three[0] ?? past('denied', 1), past('other', 5_000), past('denied', 4_000)])).toBe(
      'ask',
    );
    expect(said('d', [...three, past('other', 1_000)])).toBe('paused');
  });

  test('three over a long time are no siege', () => {
    const slow = [past('denied', 2_000_000), past('denied', 1_000_000), past('denied', 0)];
    expect(said('d', slow)).toBe('ask');
  });

  test('the same once more is said on the card', () => {
    expect(said('a', [past('denied', 10_000)])).toBe('ask, denied_before');
    expect(said('b', [past('denied', 10_000)])).toBe('ask');
  });
});

describe('what is asked and taken back', () => {
  const taken = (count: number, ago: (place: number) => number) =>
    Array.from({ length: count }, (_, place) => past('taken_back', ago(place), `x${place}`));

  test('H57: twenty within ten minutes pause the requester until the first of them is older than that', () => {
    const many = taken(20, (place) => 70_000 + place * 1_000);
    expect(said('d', many.slice(1))).toBe('ask');
    expect(said('d', many)).toBe('taken_back');
    const until = NOW - 89_000 + CONDUCT_LIMITS.pauseMs;
    expect(said('d', many, until - 1)).toBe('taken_back');
    expect(said('d', many, until)).toBe('ask');
  });

  test('what was answered, or ran out, is not taken back', () => {
    const others = taken(30, () => 70_000).map((one) => ({ ...one, outcome: 'other' as const }));
    expect(said('d', [...others, ...taken(19, () => 70_000)])).toBe('ask');
  });
});

test('N-11: deny, deny, approve is flagged; of another action, or in another order, not', () => {
  const row = [past('denied', 300), past('denied', 200), past('approved', 100)];
  expect(isWornDown('a', row)).toBe(true);
  expect(isWornDown('b', row)).toBe(false);
  expect(isWornDown('a', row.slice(1))).toBe(false);
  expect(isWornDown('a', [past('denied', 300), past('approved', 200), past('denied', 100)])).toBe(false);
  expect(isWornDown('a', [...row].reverse())).toBe(true);
});
