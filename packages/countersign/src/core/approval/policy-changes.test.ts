// E-18: every change of the policy can be told afterwards, value by value.
import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICY, type Entry, type Policy } from './policy.ts';
import { changesBetween, effectiveFor } from './policy-changes.ts';

const own: Entry = {
  security: 'full',
  ask: 'off',
  free: 'none',
  rules: [{ kind: 'program', id: 'r1', pattern: '/usr/bin/git' }],
};

test('the same policy under another version has no changes', () => {
  expect(changesBetween(DEFAULT_POLICY, { ...DEFAULT_POLICY, version: 9 })).toEqual([]);
});

test('an agent that got more is told value by value, and back again', () => {
  const wider: Policy = { ...DEFAULT_POLICY, agents: { main: own } };
  expect(changesBetween(DEFAULT_POLICY, wider)).toEqual([
    { path: 'agents.main.security', from: null, to: 'full' },
    { path: 'agents.main.ask', from: null, to: 'off' },
    { path: 'agents.main.free', from: null, to: 'none' },
    { path: 'agents.main.rules.r1', from: null, to: 'program /usr/bin/git' },
  ]);
  expect(changesBetween(wider, DEFAULT_POLICY).every(({ to }) => to === null)).toBe(true);
});

describe('no member of a policy can change untold', () => {
  const terms = DEFAULT_POLICY.tiers.write;
  const tier = (more: Partial<typeof terms>): Policy => ({
    ...DEFAULT_POLICY,
    tiers: { ...DEFAULT_POLICY.tiers, write: { ...terms, ...more } },
  });
  const entry = (more: Partial<Entry>): Policy => ({
    ...DEFAULT_POLICY,
    defaults: { ...DEFAULT_POLICY.defaults, ...more },
  });
  const others: Readonly<Record<string, Policy>> = {
    'defaults.security': entry({ security: 'full' }),
    'defaults.ask': entry({ ask: 'off' }),
    'defaults.free': entry({ free: 'elevated' }),
    'defaults.rules.r1': entry({ rules: own.rules }),
    'stepUp.totp.enabled': { ...DEFAULT_POLICY, totp: { ...DEFAULT_POLICY.totp, enabled: false } },
    'stepUp.totp.scope': { ...DEFAULT_POLICY, totp: { ...DEFAULT_POLICY.totp, scope: 'destructive' } },
    'stepUp.totp.cooldown': { ...DEFAULT_POLICY, totp: { ...DEFAULT_POLICY.totp, cooldownMs: 1_000 } },
    'stepUp.selfApproval': { ...DEFAULT_POLICY, selfApproval: 'owner' },
    'tiers.write.timeout': tier({ timeoutMs: 1_000 }),
    'tiers.write.lifetime': tier({ lifetimeMs: 1_000 }),
    'tiers.write.who': tier({ who: 'owners' }),
    'tiers.write.quorum': tier({ quorum: 2 }),
    'tiers.write.passkeyOnly': tier({ passkeyOnly: true }),
  };
  for (const [path, policy] of Object.entries(others))
    test(path, () =>
      expect(changesBetween(DEFAULT_POLICY, policy).map((change) => change.path)).toEqual([path]),
    );

  test('and every member of the type is among them', () => {
    const { version: _version, agents: _agents, ...members } = DEFAULT_POLICY;
    const leaves = (value: unknown): number =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.values(value).reduce((sum: number, inner: unknown) => sum + leaves(inner), 0)
        : 1;
    // Four tiers with the same terms: one of them stands above.
    expect(Object.keys(others)).toHaveLength(leaves(members) - 3 * leaves(terms));
  });
});

test('E-14: what holds for an agent says where it stands', () => {
  const policy: Policy = { ...DEFAULT_POLICY, agents: { main: own } };
  expect(effectiveFor(policy, 'main')).toEqual({ entry: own, source: 'agents.main' });
  expect(effectiveFor(policy, 'other')).toEqual({ entry: policy.defaults, source: 'defaults' });
});
