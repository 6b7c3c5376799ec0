// H49, H50, H55: no road leads to running but ask, decide, redeem. Silence, an error and a restart are none.
import type { ApprovalState } from '@countersign/protocol/approval';
import { approvalStateSchema } from '@countersign/protocol/approval';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { APPROVAL_TABLE, type ApprovalEvent, isOpen, next, sources, stateAt, stepAt } from './machine.ts';

const NOW = Date.UTC(2026, 10, 26);
const EVENTS: readonly ApprovalEvent[] = [
  'endorse',
  'approve',
  'deny',
  'cancel',
  'expire',
  'supersede',
  'redeem',
  'finish',
  'lose',
];
const STATES = approvalStateSchema.options;

test('every state × every event', () => {
  const shown = (state: ApprovalState, event: ApprovalEvent) => {
    const step = next(state, event);
    return 'to' in step ? `> ${step.to}` : step.refused;
  };
  const rows = STATES.map((state) => `${state}: ${EVENTS.map((event) => shown(state, event)).join(', ')}`);
  expect(rows).toMatchInlineSnapshot(`
    [
      "pending: > pending, > approved, > denied, > cancelled, > expired, > superseded, state_conflict, state_conflict, state_conflict",
      "approved: already_decided, already_decided, already_decided, > cancelled, > expired, > superseded, > redeemed, state_conflict, state_conflict",
      "denied: already_decided, already_decided, already_decided, already_decided, state_conflict, state_conflict, state_conflict, state_conflict, state_conflict",
      "expired: expired, expired, expired, expired, state_conflict, state_conflict, expired, state_conflict, state_conflict",
      "cancelled: already_decided, already_decided, already_decided, already_decided, state_conflict, state_conflict, state_conflict, state_conflict, state_conflict",
      "superseded: expired, expired, expired, expired, state_conflict, state_conflict, expired, state_conflict, state_conflict",
      "redeemed: already_decided, already_decided, already_decided, already_decided, state_conflict, state_conflict, state_conflict, > finished, > lost",
      "finished: already_decided, already_decided, already_decided, already_decided, state_conflict, state_conflict, state_conflict, state_conflict, state_conflict",
      "lost: already_decided, already_decided, already_decided, already_decided, state_conflict, state_conflict, state_conflict, > finished, state_conflict",
    ]
  `);
  expect(Object.keys(APPROVAL_TABLE).toSorted()).toEqual([...STATES].toSorted());
  for (const row of Object.values(APPROVAL_TABLE))
    expect(Object.keys(row).toSorted()).toEqual([...EVENTS].toSorted());
});

describe('where each thing can come from', () => {
  test('a yes and a no: only from waiting', () => {
    for (const event of ['endorse', 'approve', 'deny'] as const) expect(sources(event)).toEqual(['pending']);
  });

  test('running: only from approved', () => {
    expect(sources('redeem')).toEqual(['approved']);
  });

  test('R41: a change of the policy reaches what waits and what was not run yet', () => {
    expect(sources('supersede')).toEqual(['pending', 'approved']);
  });

  test('a report, late or not: only from what was redeemed', () => {
    expect(sources('finish')).toEqual(['redeemed', 'lost']);
  });
});

describe('expiry is computed on read', () => {
  const at = (state: ApprovalState, redeemBy: number | null = null) => ({
    state,
    expiresAt: NOW + 1,
    redeemBy,
  });

  test('to the millisecond', () => {
    expect(stateAt(at('pending'), NOW)).toBe('pending');
    expect(stateAt(at('pending'), NOW + 1)).toBe('expired');
    expect(isOpen(at('pending'), NOW)).toBe(true);
    expect(isOpen(at('pending'), NOW + 1)).toBe(false);
  });

  test('H49: after its end a yes is refused, and so is a run', () => {
    expect(stepAt(at('pending'), 'approve', NOW + 1)).toEqual({ refused: 'expired' });
    expect(stepAt(at('approved', NOW + 5), 'redeem', NOW + 4)).toEqual({ to: 'redeemed' });
    expect(stepAt(at('approved', NOW + 5), 'redeem', NOW + 5)).toEqual({ refused: 'expired' });
  });

  test('R42: a yes whose grant has no end is damaged, and runs nothing', () => {
    expect(stepAt(at('approved'), 'redeem', NOW)).toEqual({ refused: 'expired' });
  });

  test('what is decided does not expire', () => {
    const kept = STATES.filter((state) => state !== 'pending' && state !== 'approved');
    for (const state of kept) expect(stateAt(at(state, NOW), NOW + 1e9)).toBe(state);
  });
});

test('H50: whatever happens in whatever order, it runs once at most, after a yes, before its end, and never after a no', () => {
  const happening = fc.record({ event: fc.constantFrom(...EVENTS), after: fc.nat(400) });
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 30 }), (happenings) => {
      let now = NOW;
      let state: ApprovalState = 'pending';
      let redeemBy: number | null = null;
      const taken: ApprovalEvent[] = [];
      for (const { event, after } of happenings) {
        now += after;
        const step = stepAt({ state, expiresAt: NOW + 1_000, redeemBy }, event, now);
        if ('refused' in step) continue;
        if (event === 'approve') {
          expect(now).toBeLessThan(NOW + 1_000);
          redeemBy = now + 500;
        }
        if (event === 'redeem') expect(now).toBeLessThan(redeemBy ?? 0);
        state = step.to;
        taken.push(event);
      }
      const count = (event: ApprovalEvent) => taken.filter((one) => one === event).length;
      expect(count('redeem')).toBeLessThanOrEqual(count('approve'));
      expect(count('approve') + count('deny')).toBeLessThanOrEqual(1);
      expect(count('finish')).toBeLessThanOrEqual(count('redeem'));
      if (count('redeem') === 1) expect(taken.indexOf('redeem')).toBeGreaterThan(taken.indexOf('approve'));
    }),
    { numRuns: 3_000 },
  );
});
