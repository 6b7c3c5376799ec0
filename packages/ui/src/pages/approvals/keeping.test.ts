// E-12: "Always allow" where no rule would be kept, or where nobody is asked anyway.
import { expect, test } from 'vitest';
import { couldKeep, wouldKeep } from './keeping.ts';

const need = { who: 'owners', people: ['prn_olga'], quorum: 1, factors: [] } satisfies object;

test('what was run unasked, and what is destructive, is not even asked about', () => {
  expect(couldKeep({ tier: 'elevated', need: { ...need, who: 'owners' } })).toBe(true);
  expect(couldKeep({ tier: 'read', need: undefined })).toBe(false);
  expect(couldKeep({ tier: 'destructive', need: { ...need, who: 'owners' } })).toBe(false);
});

test('it is offered where the gateway would keep it and would still ask', () => {
  expect(wouldKeep({ always: { ok: true }, outcome: 'require' })).toBe(true);
  expect(wouldKeep({ always: { ok: true }, outcome: 'deny' })).toBe(true);
  expect(wouldKeep({ always: { ok: true }, outcome: 'allow' })).toBe(false);
  expect(wouldKeep({ always: { ok: false, why: 'sh runs other programs' }, outcome: 'require' })).toBe(false);
});
