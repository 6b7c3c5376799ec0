// What `policy show` prints of the rules: whose each is, and every line of what was kept.
import type { PolicyRuleRow, PolicyView } from '@countersign/protocol/policy';
import { expect, test } from 'vitest';
import { policyLines } from './policy-lines.ts';

const KEPT: PolicyRuleRow = {
  id: '3f2a',
  agent: 'third',
  kind: 'exact',
  text: 'third may do this, unasked:\nrun a program\n| touch x\nin: /srv\u001b[2K',
  until: '2026-12-20T12:00:00.000Z',
};
const DEAD: PolicyRuleRow = { id: 'r2', agent: null, kind: 'dead', text: '/bin/*\n', why: 'any program' };
const VIEW: PolicyView = {
  version: 3,
  defaults: { security: 'allowlist', ask: 'on-miss', free: 'write' },
  agents: [],
  totp: { enabled: true, scope: 'tier', cooldown: '5m' },
  selfApproval: 'never',
  tiers: [],
  rules: [KEPT, DEAD],
};

const rules = (view: PolicyView, agent?: string) => {
  const lines = policyLines(view, agent);
  const head = lines.findIndex((line) => line.startsWith('RULE'));
  return head < 0 ? [] : lines.slice(head + 1);
};

test('a rule for one command names its agent, and is shown line by line with nothing that moves the cursor', () => {
  expect(rules(VIEW)).toEqual([
    '3f2a  third     exact  2026-12-20  run a program',
    '  | touch x',
    '  in: /srv\\u{001B}[2K',
    'r2    (others)  dead               /bin/*\\u{000A} (any program)',
  ]);
});

test('of one agent, only what can be about it', () => {
  expect(rules(VIEW, 'main').map((line) => line.slice(0, 4))).toEqual(['r2  ']);
  expect(rules({ ...VIEW, rules: [] })).toEqual([]);
});
