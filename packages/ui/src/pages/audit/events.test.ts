import type { AuditEvent } from '@countersign/protocol/gateway';
import { expect, test } from 'vitest';
import { freshOf } from './events.ts';

const event = (n: number): AuditEvent => ({
  id: `evt_${n}`,
  writer: 'wri_a',
  seq: n,
  at: new Date(n * 1_000).toISOString(),
  type: 'turn.answered',
  actor: 'system',
  outcome: 'ok',
  subject: {},
  hash: 'h',
});
const down = (from: number, count: number): AuditEvent[] =>
  Array.from({ length: count }, (_, n) => event(from - n));

test('what is newer than the head is fresh, up to the head', () => {
  expect(freshOf(down(10, 5), event(8)).items.map(({ seq }) => seq)).toEqual([10, 9]);
  expect(freshOf(down(10, 5), event(10)).items).toEqual([]);
});

test('an answer that is older than the list brings nothing back', () => {
  expect(freshOf(down(10, 5), event(12)).items).toEqual([]);
});

test('when more came than was read, the list begins anew: nothing is left out in between', () => {
  const fresh = freshOf(down(100, 50), event(20));
  expect(fresh.isMore).toBe(true);
});

test('into an empty list everything comes', () => {
  expect(freshOf(down(2, 2), undefined)).toEqual({ items: down(2, 2), isMore: false });
});
