// What the policy says, cell by cell. The cells that matter most: nothing makes a destructive one run unasked (the floor),
// nobody is asked who must not decide, and where nobody is left the answer is no at once, with the reason (E-09).
import type { PrincipalId } from '@countersign/protocol/ids';
import { isAtLeast, TIERS } from '@countersign/protocol/tier';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Candidate, judge, type Question, type Requester, type Verdict } from './judge.ts';
import { type Ask, DEFAULT_POLICY, type Entry, entryOf, type Policy, type Security } from './policy.ts';

const NOW = Date.UTC(2026, 10, 26);
const OWNER: PrincipalId = 'prn_owner';
const APPROVER: PrincipalId = 'prn_approver';
const USER: PrincipalId = 'prn_user';
const SECURITIES: readonly Security[] = ['deny', 'allowlist', 'full'];
const ASKS: readonly Ask[] = ['off', 'on-miss', 'always'];

const owner: Candidate = { principal: OWNER, role: 'owner', factors: ['totp', 'recovery'] };
const approver: Candidate = { principal: APPROVER, role: 'approver', factors: [] };
const user: Requester = { principal: USER, role: 'user', assurance: 'medium', active: true };

const question = (more: Partial<Question> = {}): Question => ({
  tier: 'elevated',
  agent: 'main',
  rule: null,
  requester: user,
  candidates: [owner, approver],
  elevatedUntil: null,
  ...more,
});

const withEntry = (entry: Partial<Entry>): Policy => ({
  ...DEFAULT_POLICY,
  defaults: { ...DEFAULT_POLICY.defaults, ...entry },
});

function said(verdict: Verdict): string {
  if (verdict.outcome === 'allow') return `allow (${verdict.because})`;
  if (verdict.outcome === 'deny') return verdict.reason;
  return verdict.need.factors.length > 0 ? 'ask + proof' : 'ask';
}

describe('the default policy', () => {
  const all = (more: Partial<Question>) =>
    TIERS.map((tier) => said(judge(DEFAULT_POLICY, question({ tier, ...more }), NOW)));

  test('before anybody has a factor: reading and writing run, elevated is asked, destructive is refused', () => {
    expect(all({ candidates: [{ ...owner, factors: [] }, approver] })).toEqual([
      'allow (free)',
      'allow (free)',
      'ask',
      'no_factor',
    ]);
  });

  test('once somebody has one: elevated and destructive ask with proof', () => {
    expect(all({})).toEqual(['allow (free)', 'allow (free)', 'ask + proof', 'ask + proof']);
  });

  test('somebody known by a phone network only reads unasked', () => {
    expect(all({ requester: { ...user, assurance: 'low' }, rule: 'r1' })).toEqual([
      'allow (free)',
      'ask',
      'ask + proof',
      'ask + proof',
    ]);
  });

  test('a blocked or suspended person gets nothing', () => {
    expect(all({ requester: { ...user, active: false } })).toEqual(Array(4).fill('requester_not_active'));
  });

  test('H52: nobody known is not the owner: the owner is asked', () => {
    const verdict = judge(DEFAULT_POLICY, question({ requester: null }), NOW);
    expect(verdict).toMatchObject({ outcome: 'require', need: { people: [OWNER, APPROVER], able: [OWNER] } });
  });
});

test('security × ask × tier, without and with a rule that fits', () => {
  const lines = SECURITIES.flatMap((security) =>
    ASKS.map((ask) => {
      const policy = withEntry({ security, ask, free: 'none' });
      const cells = TIERS.flatMap((tier) =>
        [null, 'r1'].map((rule) => said(judge(policy, question({ tier, rule }), NOW))),
      );
      return `${security}, ${ask}: ${cells.join(' | ')}`;
    }),
  );
  expect(lines).toMatchInlineSnapshot(`
    [
      "deny, off: security_deny | security_deny | security_deny | security_deny | security_deny | security_deny | security_deny | security_deny",
      "deny, on-miss: security_deny | security_deny | security_deny | security_deny | security_deny | security_deny | security_deny | security_deny",
      "deny, always: security_deny | security_deny | security_deny | security_deny | security_deny | security_deny | security_deny | security_deny",
      "allowlist, off: not_on_list | allow (rule) | not_on_list | allow (rule) | not_on_list | allow (rule) | not_on_list | not_on_list",
      "allowlist, on-miss: ask | allow (rule) | ask | allow (rule) | ask + proof | allow (rule) | ask + proof | ask + proof",
      "allowlist, always: ask | ask | ask | ask | ask + proof | ask + proof | ask + proof | ask + proof",
      "full, off: allow (full) | allow (rule) | allow (full) | allow (rule) | allow (full) | allow (rule) | ask + proof | ask + proof",
      "full, on-miss: allow (full) | allow (rule) | allow (full) | allow (rule) | ask + proof | allow (rule) | ask + proof | ask + proof",
      "full, always: ask | ask | ask | ask | ask + proof | ask + proof | ask + proof | ask + proof",
    ]
  `);
});

describe('the floor', () => {
  test('nothing lets something destructive run unasked: any policy, any rule, any elevation', () => {
    const entries = fc.record({
      security: fc.constantFrom(...SECURITIES),
      ask: fc.constantFrom(...ASKS),
      free: fc.constantFrom('none' as const, ...TIERS),
    });
    fc.assert(
      fc.property(entries, fc.boolean(), fc.boolean(), fc.boolean(), (entry, ruled, known, totp) => {
        const policy = { ...withEntry(entry), totp: { ...DEFAULT_POLICY.totp, enabled: totp } };
        const asked = question({
          tier: 'destructive',
          rule: ruled ? 'r1' : null,
          requester: known ? user : null,
          elevatedUntil: NOW + 1_000,
        });
        const verdict = judge(policy, asked, NOW);
        expect(verdict.outcome).not.toBe('allow');
        if (verdict.outcome === 'require') {
          expect(verdict.need.factors.length).toBeGreaterThan(0);
          expect(verdict.need.cooldownMs).toBe(0);
        }
      }),
    );
  });

  test('a higher tier is never answered more lightly', () => {
    const weight = (verdict: Verdict) =>
      verdict.outcome === 'allow'
        ? 0
        : verdict.outcome === 'deny'
          ? 3
          : verdict.need.factors.length > 0
            ? 2
            : 1;
    for (const security of SECURITIES)
      for (const ask of ASKS)
        for (const free of ['none', ...TIERS] as const)
          for (const low of TIERS)
            for (const high of TIERS) {
              if (!isAtLeast(high, low)) continue;
              const policy = withEntry({ security, ask, free });
              const [one, other] = [low, high].map((tier) => judge(policy, question({ tier }), NOW));
              if (one === undefined || other === undefined) throw new Error('two were asked');
              expect(weight(other)).toBeGreaterThanOrEqual(weight(one));
            }
  });
});

describe('who is asked', () => {
  const destructive = (more: Partial<Question>, policy = DEFAULT_POLICY) =>
    judge(policy, question({ tier: 'destructive', ...more }), NOW);

  test('H41: never whoever it is for', () => {
    const verdict = destructive({
      requester: { ...user, principal: OWNER, role: 'owner' },
      candidates: [owner, { ...approver, factors: ['passkey'] }],
    });
    expect(verdict).toMatchObject({ outcome: 'require', need: { people: [APPROVER], self: false } });
  });

  test('an owner alone who asks is told so at once', () => {
    const requester: Requester = { ...user, principal: OWNER, role: 'owner' };
    expect(destructive({ requester, candidates: [owner] })).toEqual({
      outcome: 'deny',
      reason: 'only_the_requester',
    });
  });

  test('N-08: where the policy says so an owner decides for themselves, with a proof at any tier', () => {
    const policy: Policy = { ...DEFAULT_POLICY, selfApproval: 'owner' };
    const requester: Requester = { ...user, principal: OWNER, role: 'owner' };
    for (const tier of ['elevated', 'destructive'] as const) {
      expect(judge(policy, question({ tier, requester, candidates: [owner] }), NOW)).toMatchObject({
        outcome: 'require',
        need: { able: [OWNER], self: true },
      });
      const bare = [{ ...owner, factors: [] }];
      expect(judge(policy, question({ tier, requester, candidates: bare }), NOW)).toMatchObject({
        reason: 'no_factor',
      });
    }
  });

  test('N-08: an approver never does, whatever the policy says', () => {
    const policy: Policy = { ...DEFAULT_POLICY, selfApproval: 'owner' };
    const requester: Requester = { ...user, principal: APPROVER, role: 'approver' };
    expect(judge(policy, question({ requester, candidates: [approver] }), NOW)).toMatchObject({
      reason: 'only_the_requester',
    });
  });

  test('nobody there is a no with its reason', () => {
    expect(destructive({ candidates: [] })).toMatchObject({ reason: 'no_approver' });
    expect(destructive({ candidates: [approver] })).toMatchObject({ reason: 'no_factor' });
  });

  test('owners only, where the tier says so', () => {
    const terms = { ...DEFAULT_POLICY.tiers.elevated, who: 'owners' as const };
    const policy = { ...DEFAULT_POLICY, tiers: { ...DEFAULT_POLICY.tiers, elevated: terms } };
    expect(judge(policy, question(), NOW)).toMatchObject({ need: { people: [OWNER] } });
    expect(judge(policy, question({ candidates: [approver] }), NOW)).toMatchObject({ reason: 'no_approver' });
  });

  test('R50: two people, where the tier says so, and a no at once where there are not two', () => {
    const terms = { ...DEFAULT_POLICY.tiers.destructive, quorum: 2 };
    const policy = { ...DEFAULT_POLICY, tiers: { ...DEFAULT_POLICY.tiers, destructive: terms } };
    expect(destructive({}, policy)).toMatchObject({ reason: 'quorum_unreachable' });
    const both = [owner, { ...approver, factors: ['passkey' as const] }];
    expect(destructive({ candidates: both }, policy)).toMatchObject({ need: { quorum: 2 } });
  });

  test('R10: passkeyOnly leaves out whoever has none', () => {
    const terms = { ...DEFAULT_POLICY.tiers.destructive, passkeyOnly: true };
    const policy = { ...DEFAULT_POLICY, tiers: { ...DEFAULT_POLICY.tiers, destructive: terms } };
    expect(destructive({}, policy)).toMatchObject({ reason: 'no_factor' });
    const withKey = { ...approver, factors: ['passkey' as const] };
    expect(destructive({ candidates: [owner, withKey] }, policy)).toMatchObject({
      need: { able: [APPROVER], factors: ['passkey'], cooldownMs: 0 },
    });
  });

  test('TOTP switched off releases nothing destructive', () => {
    const policy = { ...DEFAULT_POLICY, totp: { ...DEFAULT_POLICY.totp, enabled: false } };
    expect(destructive({}, policy)).toMatchObject({ reason: 'no_factor' });
    expect(judge(policy, question(), NOW)).toMatchObject({ need: { factors: [] } });
  });

  test('scope: from which tier on a proof is asked for', () => {
    const factorsAt = (scope: 'elevated' | 'destructive' | 'all') => {
      const policy = { ...withEntry({ ask: 'always' }), totp: { ...DEFAULT_POLICY.totp, scope } };
      return TIERS.map((tier) => said(judge(policy, question({ tier }), NOW)));
    };
    expect(factorsAt('all')).toEqual(Array(4).fill('ask + proof'));
    expect(factorsAt('elevated')).toEqual(['ask', 'ask', 'ask + proof', 'ask + proof']);
    expect(factorsAt('destructive')).toEqual(['ask', 'ask', 'ask', 'ask + proof']);
  });
});

describe('time', () => {
  test('an elevation ends to the millisecond, and lifts no more than one tier', () => {
    const at = (now: number) => said(judge(DEFAULT_POLICY, question({ elevatedUntil: NOW + 5 }), now));
    expect(at(NOW + 4)).toBe('allow (elevated)');
    expect(at(NOW + 5)).toBe('ask + proof');
  });
});

describe('E-14: one entry for each agent', () => {
  test('its own, else the one for all; by its exact name', () => {
    const own: Entry = { security: 'deny', ask: 'off', free: 'none', rules: [] };
    const policy = { ...DEFAULT_POLICY, agents: { ops: own } };
    expect(entryOf(policy, 'ops')).toBe(own);
    for (const agent of ['OPS', 'ops ', 'toString', '__proto__', 'constructor', '*'])
      expect(entryOf(policy, agent)).toBe(policy.defaults);
  });
});
