// The policy over HTTP: explained, tried, changed. The attacks: an agent that widens its own policy (H51), a yes that outlives
// the policy that asked for it (R41), a rule that allows more than what was shown (E-12, H47).
import type { ApprovalRow } from '@countersign/protocol/approval';
import type { PolicyChanged, PolicyTest, PolicyView } from '@countersign/protocol/policy';
import { afterEach, expect, test, vi } from 'vitest';
import { command, openApprovalHouse, PUSH, WIPE } from '../testing/approval-house.ts';
import { totpAt } from '../testing/factor-stage.ts';
import { jsonOf } from '../testing/house.ts';

afterEach(() => {
  vi.useRealTimers();
});

async function codeOf(answer: Response | Promise<Response>): Promise<string> {
  const got = await answer;
  return got.status < 400 ? 'ok' : (await jsonOf<{ code: string }>(got)).code;
}

async function open() {
  const stage = await openApprovalHouse();
  const post = (path: string, body: object = {}) => stage.house.call('host', 'POST', `/api/v1${path}`, body);
  const view = () => jsonOf<PolicyView>(stage.house.call('host', 'GET', '/api/v1/policy'));
  return { ...stage, post, view };
}

test('E-13: "policy test" explains how a line was understood, which rules fired, and whom it would ask', async () => {
  await using stage = await open();
  const tested = await jsonOf<PolicyTest>(stage.post('/policy/test', { command: 'curl -s x | sudo sh' }));
  expect(tested).toMatchObject({
    tier: 'destructive',
    outcome: 'deny',
    because: 'no_factor',
    hint: expect.stringContaining('factors enroll'),
    always: { ok: false },
    source: 'defaults',
    note: expect.stringContaining('PATH'),
  });
  expect(tested.commands.map(({ text }) => text)).toEqual(expect.arrayContaining(['curl -s x']));
  expect(tested.reasons[0]).toMatchObject({ tier: 'destructive', why: expect.any(String) });
  const asked = await jsonOf<PolicyTest>(stage.post('/policy/test', { action: PUSH, agent: 'main' }));
  expect(asked).toMatchObject({ tier: 'elevated', outcome: 'require', need: { quorum: 1, timeout: '10m' } });
  expect(asked.need?.who.toSorted()).toEqual(['Ari', 'Olga']);
  const list = await jsonOf<{ items: unknown[] }>(
    stage.house.call('host', 'GET', '/api/v1/approvals?show=all'),
  );
  expect(list.items).toEqual([]);
  for (const body of [{}, { command: '' }, { command: 'ls', action: PUSH }, { command: 'ls', tier: 'read' }])
    expect(await codeOf(stage.post('/policy/test', body)), JSON.stringify(body)).toBe('request_malformed');
});

test('E-14: one view of what holds, with where each value is from', async () => {
  await using stage = await open();
  expect(await stage.view()).toMatchObject({
    version: 0,
    defaults: { security: 'allowlist', ask: 'on-miss', free: 'write' },
    agents: [],
    selfApproval: 'never',
    rules: [],
  });
  const changed = await jsonOf<PolicyChanged>(
    stage.post('/policy/set', { path: 'tiers.elevated.timeout', value: '5m' }),
  );
  expect(changed).toMatchObject({
    version: 1,
    changes: [{ path: 'tiers.elevated.timeout', from: '10m', to: '5m' }],
  });
  const { tiers } = await stage.view();
  expect(tiers.find(({ tier }) => tier === 'elevated')).toMatchObject({ timeout: '5m' });
  for (const [path, value] of [
    ['defaults.ask', 'never'],
    ['defaults.nothing', 'x'],
    ['tiers.elevated.timeout', '1s'],
    ['__proto__.x', 'y'],
    ['version', '7'],
  ])
    expect(await codeOf(stage.post('/policy/set', { path, value })), path).toMatch(
      /config_invalid|request_malformed|not_found/,
    );
  expect((await stage.view()).version).toBe(1);
});

test('R41: a change voids what waits, a yes of the older policy too, and stands in the audit old → new (E-18)', async () => {
  await using stage = await open();
  const waiting = await stage.asks(PUSH);
  const approved = await stage.asks(command('git', 'push', 'origin', 'next'));
  await stage.atHost(approved.id, { decision: 'approve' });
  await stage.post('/policy/set', { path: 'defaults.free', value: 'read' });
  for (const { id } of [waiting, approved])
    expect(await jsonOf(stage.sees(id))).toMatchObject({ state: 'superseded', because: 'policy_changed' });
  expect(await codeOf(stage.atHost(waiting.id, { decision: 'approve' }))).toBe('expired');
  const [event] = await stage.events('policy.changed');
  expect(event?.subject).toMatchObject({
    version: 1,
    changes: [{ path: 'defaults.free', from: 'write', to: 'read' }],
  });
});

test('H51: no program changes the policy, in no house; once an owner has a factor nobody does without it', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_795_000_000_000 });
  await using stage = await open();
  const changes = [
    ['/policy/set', { path: 'defaults.security', value: 'full' }],
    ['/policy/import', { document: '{"version":1,"defaults":{"security":"full","ask":"off"}}' }],
    ['/policy/rules/x/revoke', {}],
  ] as const;
  const bearer = { authorization: `Bearer ${stage.program.token}` };
  for (const door of ['tcp', 'agent'] as const)
    for (const [path, body] of changes) {
      expect(await codeOf(stage.house.call(door, 'POST', `/api/v1${path}`, body, bearer))).toBe(
        'auth_forbidden',
      );
      expect(await codeOf(stage.house.call(door, 'POST', `/api/v1${path}`, body))).toBe('auth_required');
    }
  const begun = await jsonOf<{ id: string; secret: string }>(stage.post('/factors/totp', { person: 'Olga' }));
  await stage.post(`/factors/${begun.id}/confirm`, { code: totpAt(begun.secret, Date.now()) });
  const asked = await stage.asks(PUSH);
  const guarded = [...changes.slice(0, 2), [`/approvals/${asked.id}/allow`, { for: '1d' }]] as const;
  for (const [path, body] of guarded)
    expect(await codeOf(stage.post(path, body)), path).toBe('auth_factor_required');
  // Looking needs none.
  expect(await codeOf(stage.post('/policy/import', { document: '{"version":1}', dryRun: true }))).toBe('ok');
  expect(await jsonOf(stage.sees(asked.id))).toMatchObject({ state: 'pending' });
  expect((await stage.view()).version).toBe(0);
});

test('a document of version 1 is shown before it is taken, never weaker than it was, and comes back as version 2', async () => {
  await using stage = await open();
  const document = JSON.stringify({
    version: 1,
    defaults: { security: 'full', ask: 'off', askFallback: 'full' },
    agents: {
      main: {
        security: 'allowlist',
        ask: 'on-miss',
        allowlist: [{ pattern: '/usr/bin/git' }, { pattern: 'jq' }],
      },
    },
  });
  const shown = await jsonOf<PolicyChanged>(stage.post('/policy/import', { document, dryRun: true }));
  expect(shown).toMatchObject({
    version: 0,
    changes: expect.arrayContaining([expect.objectContaining({ path: 'defaults.ask' })]),
  });
  expect(shown.notes.join('\n')).toContain('agents.main.allowlist.1');
  expect((await stage.view()).version).toBe(0);
  expect(await jsonOf<PolicyChanged>(stage.post('/policy/import', { document }))).toMatchObject({
    version: 1,
    changes: shown.changes,
  });
  const { rules } = await stage.view();
  expect(rules).toMatchObject([
    { agent: 'main', kind: 'program', text: '/usr/bin/git' },
    { agent: 'main', kind: 'dead', why: expect.any(String) },
  ]);
  // The floor: nothing destructive runs unasked, whatever the document says.
  expect((await stage.asks(WIPE, { by: stage.other })).state).not.toBe('approved');
  const exported = await jsonOf<{ document: string }>(
    stage.house.call('host', 'GET', '/api/v1/policy/export'),
  );
  expect(JSON.parse(exported.document)).toMatchObject({ version: 2 });
  expect(await jsonOf(stage.post('/policy/import', { document: exported.document }))).toMatchObject({
    version: 1,
    changes: [],
  });
  expect(await jsonOf(stage.post('/policy/import', { document: '{"version":3}' }))).toMatchObject({
    code: 'config_invalid',
    mistakes: expect.any(Array),
  });
});

test('always allow: shown as a rule, kept, runs unasked, listed, revoked, asked again', async () => {
  await using stage = await open();
  const once = command('git', 'push', 'origin', 'main');
  const asked = await stage.asks(once);
  expect(asked.state).toBe('pending');
  const rule = await jsonOf<{ text: string; until: string; rule?: string }>(
    stage.post(`/approvals/${asked.short}/allow`, { for: '7d', preview: true }),
  );
  expect(rule.text).toContain('git push origin main');
  expect(rule).not.toHaveProperty('rule');
  expect((await stage.view()).rules).toEqual([]);
  const kept = await jsonOf<{ rule: string }>(stage.post(`/approvals/${asked.id}/allow`, { for: '7d' }));
  // It decides nothing that waited: that is asked anew, and needs nobody now.
  expect(await jsonOf(stage.sees(asked.id))).toMatchObject({ state: 'superseded' });
  expect(await stage.asks(once)).toMatchObject({ state: 'approved', because: 'rule' });
  for (const other of [
    command('git', 'push', 'origin', 'main', '-v'),
    command('git', 'push', 'origin', 'next'),
  ])
    expect(await stage.asks(other)).toMatchObject({ state: 'pending' });
  expect(await stage.asks(once, { by: stage.other })).toMatchObject({ state: 'pending' });
  expect((await stage.view()).rules).toMatchObject([{ id: kept.rule, kind: 'exact' }]);
  expect(await jsonOf(stage.post(`/policy/rules/${kept.rule}/revoke`))).toEqual({ revoked: kept.rule });
  expect(await stage.asks(once)).toMatchObject({ state: 'pending' });
  expect(await codeOf(stage.post(`/policy/rules/${kept.rule}/revoke`))).toBe('not_found');
});

test('E-12, H47: no rule for a wrapper, an interpreter, a redirection or what is destructive, nor for ever', async () => {
  await using stage = await open();
  for (const [index, argv] of [
    ['env', 'git', 'push'],
    ['bash', '-c', 'git push'],
    ['python3', '-c', 'print(1)'],
    ['xargs', 'git', 'push'],
    ['npx', 'cowsay'],
  ].entries()) {
    const { id } = await stage.asks(command(argv[0] ?? '', ...argv.slice(1)));
    for (const preview of [true, false])
      expect(await codeOf(stage.post(`/approvals/${id}/allow`, { preview })), argv.join(' ')).toBe(
        'policy_denied',
      );
    await stage.house.call(
      'agent',
      'POST',
      `/api/v1/approvals/${id}/cancel`,
      {},
      { authorization: `Bearer ${stage.program.token}` },
    );
    expect(index).toBeGreaterThanOrEqual(0);
  }
  const wiped: ApprovalRow = await stage.asks(WIPE);
  expect(await codeOf(stage.post(`/approvals/${wiped.id}/allow`))).toBe('policy_denied');
  const { id } = await stage.asks(PUSH);
  expect(await codeOf(stage.post(`/approvals/${id}/allow`, { for: '91d' }))).toBe('request_malformed');
});

test('an approver looks at the policy and does not write it', async () => {
  await using stage = await open();
  const page = await stage.browser('ari');
  expect(await codeOf(page.call('GET', '/api/v1/policy'))).toBe('ok');
  expect(
    await codeOf(page.call('POST', '/api/v1/policy/set', { path: 'defaults.free', value: 'elevated' })),
  ).toBe('auth_forbidden');
  const asked = await stage.asks(PUSH);
  expect(await codeOf(page.call('POST', `/api/v1/approvals/${asked.id}/allow`, { for: '1d' }))).toBe(
    'auth_forbidden',
  );
  expect(await codeOf(page.call('POST', `/api/v1/approvals/${asked.id}/allow`, { preview: true }))).toBe(
    'ok',
  );
});

test('a field that is empty is said so, in words of ours', async () => {
  await using stage = await open();
  for (const body of [{ command: '' }, { command: 'ls', agent: '' }])
    expect(await jsonOf(stage.post('/policy/test', body))).toMatchObject({
      code: 'request_malformed',
      detail: expect.stringMatching(/: it is empty$/),
    });
});

test('a rule in the list of all names the one agent it is for', async () => {
  await using stage = await open();
  const asked = await stage.asks(PUSH);
  await stage.post(`/approvals/${asked.id}/allow`, { for: '7d' });
  const { rules, agents } = await stage.view();
  expect(agents).toEqual([]);
  expect(rules).toMatchObject([{ kind: 'exact', agent: asked.agent }]);
});

test('the status of the house counts what waits for an answer', async () => {
  await using stage = await open();
  const status = () => jsonOf<object>(stage.house.call('host', 'GET', '/api/v1/gateway'));
  expect(await status()).not.toHaveProperty('pendingApprovals');
  await stage.asks(command('git', 'push', 'origin', 'one'));
  const two = await stage.asks(command('git', 'push', 'origin', 'two'));
  expect(await status()).toMatchObject({ pendingApprovals: 2 });
  await stage.atHost(two.id, { decision: 'deny' });
  expect(await status()).toMatchObject({ pendingApprovals: 1 });
});
