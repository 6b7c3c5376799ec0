// What the pairings page does with what it was told, without a page.
import type { PairingRow } from '@countersign/protocol/pairing';
import { describe, expect, test } from 'vitest';
import { durationOf } from './lasting.ts';
import { deciderOf, firstLine, fits, isOpen, oldestFirst } from './rows.ts';

const row = (more: Partial<PairingRow> = {}): PairingRow => ({
  id: 'pair_abc',
  channel: 'telegram',
  account: 'support',
  identifier: '555001',
  state: 'pending',
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-01T01:00:00.000Z',
  ...more,
});

describe('for how long', () => {
  test.each([
    ['forever', {}],
    ['day', { for: '1d' }],
    ['week', { for: '7d' }],
    ['month', { for: '30d' }],
  ] as const)('%s is sent as %j', (lasting, sent) => {
    expect(durationOf({ lasting, count: 'nonsense', unit: 'days' })).toEqual(sent);
  });

  test('another time is a whole number of a unit', () => {
    expect(durationOf({ lasting: 'custom', count: ' 36 ', unit: 'hours' })).toEqual({ for: '36h' });
    expect(durationOf({ lasting: 'custom', count: '90', unit: 'minutes' })).toEqual({ for: '90m' });
  });

  test.each(['', '0', '-1', '1.5', '1e3', '٣', '1 d', '01', '9999999', '∞'])(
    'R21: %j is no time, and never "until revoked"',
    (count) => {
      expect(durationOf({ lasting: 'custom', count, unit: 'days' })).toBeNull();
    },
  );
});

test('the longest wait stands first', () => {
  const early = row({ id: 'pair_early', createdAt: '2025-12-31T00:00:00.000Z' });
  expect(oldestFirst([row(), early]).map(({ id }) => id)).toEqual(['pair_early', 'pair_abc']);
  expect([row(), row({ state: 'waiting' }), row({ state: 'denied' })].map(isOpen)).toEqual([
    true,
    true,
    false,
  ]);
});

test('a row is found by id, chat, names and code, however it is typed', () => {
  const one = row({ displayName: 'Ａna', username: 'anaB', code: 'ABC-123-DEF' });
  for (const typed of ['pair_', '5550', 'ANA', 'anab', 'abc 123', 'ABC123DEF', 'telegram:support:555', ' '])
    expect(fits(one, typed), typed).toBe(true);
  for (const typed of ['zzz', '5559', '---x']) expect(fits(one, typed), typed).toBe(false);
});

test('R67: first words are one line, and what is unseen in them is written out', () => {
  expect(firstLine('Hi \n\u2028 there\u202E\n')).toBe('Hi there\\u{202E}');
});

test('who decided is read from the log’s word for it', () => {
  expect(deciderOf('host')).toEqual({ kind: 'host' });
  expect(deciderOf('host+prn_a')).toEqual({ kind: 'host' });
  expect(deciderOf('prn_a@chat:telegram')).toEqual({
    kind: 'person',
    id: 'prn_a',
    where: 'chat',
    channel: 'telegram',
  });
  expect(deciderOf('prn_a@device:dev_b')).toEqual({
    kind: 'person',
    id: 'prn_a',
    where: 'device',
    channel: null,
  });
  expect(deciderOf('constructor')).toBeNull();
});
