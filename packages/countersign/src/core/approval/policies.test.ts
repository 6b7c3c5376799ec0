// The policy as it is changed: a new version, every value old → new in the audit, what waits is void, owners hear of it.
import type { PrincipalId } from '@countersign/protocol/ids';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApprovalBench, actor, LOOK, PUSH, WIPE } from '../../testing/approval-bench.ts';
import { execAction } from '../../testing/approval-rows.ts';
import { times } from '../../testing/store/bench.ts';
import { DEFAULT_POLICY } from './policy.ts';

let bench: ApprovalBench;
let olga: PrincipalId;
beforeEach(async () => {
  bench = await ApprovalBench.open();
  olga = await bench.person('Olga', 'owner');
});
afterEach(() => bench[Symbol.asyncDispose]());

const code = (code: string, more: object = {}) => expect.objectContaining({ code, ...more });
const DAY = 86_400_000;

describe('a change', () => {
  test('E-18, H51: is a new version, stands in the audit old → new, voids what waits, and is told to the owners', async () => {
    const { request } = await bench.ask(PUSH);
    const versions: number[] = [];
    bench.bus.subscribe('policyChanged', ({ version }) => versions.push(version));
    const { version, changes } = await bench.policies.set('defaults.ask', 'off', actor(olga));
    expect([version, changes]).toEqual([1, [{ path: 'defaults.ask', from: 'on-miss', to: 'off' }]]);
    expect(versions).toEqual([1]);
    expect(await bench.events('policy.')).toMatchObject([
      { type: 'policy.changed', actor: `${olga}@device:dev_a`, subject: { version: 1, changes } },
    ]);
    expect((await bench.approvals.get(request.id)).request).toMatchObject({
      state: 'superseded',
      endedBy: 'policy_changed',
    });
    expect(bench.told.at(-1)).toMatch(/changed by "Olga" \(version 1\):\ndefaults\.ask: on-miss → off/);
    expect((await bench.ask(PUSH)).request).toMatchObject({
      state: 'denied',
      because: 'not_on_list',
      policy: 1,
    });
  });

  test('to what holds already changes nothing, voids nothing and is told to nobody', async () => {
    const { request } = await bench.ask(PUSH);
    const { version, changes } = await bench.policies.set('defaults.ask', 'on-miss', actor(olga));
    expect([version, changes]).toEqual([0, []]);
    expect((await bench.approvals.get(request.id)).state).toBe('pending');
    expect(await bench.events('policy.')).toEqual([]);
  });

  test('every value that changes name can be set by that name, and comes back the same', async () => {
    const values = {
      'defaults.security': 'full',
      'defaults.free': 'none',
      'agents.my.agent.v2.ask': 'always',
      'stepUp.totp.enabled': 'false',
      'stepUp.totp.scope': 'all',
      'stepUp.totp.cooldown': '0s',
      'stepUp.selfApproval': 'owner',
      'tiers.read.timeout': '30s',
      'tiers.write.lifetime': '1m',
      'tiers.elevated.who': 'owners',
      'tiers.destructive.quorum': '2',
      'tiers.destructive.passkeyOnly': 'true',
    };
    let version = 0;
    for (const [path, value] of Object.entries(values)) {
      const changed = await bench.policies.set(path, value, actor(olga));
      version += 1;
      expect(changed.version).toBe(version);
      expect(changed.changes).toContainEqual(expect.objectContaining({ path, to: value }));
    }
    const policy = await bench.policies.current();
    expect(policy).toMatchObject({ version, selfApproval: 'owner', totp: { cooldownMs: 0 } });
    // Of an agent that is named for the first time, the rest holds as it did for all.
    expect(policy.agents['my.agent.v2']).toMatchObject({ security: 'full', free: 'none', ask: 'always' });
    await bench.policies.set('agents.my.agent.v2', 'defaults', actor(olga));
    expect((await bench.policies.current()).agents).toEqual({});
    await bench.policies.set('selfApproval', 'never', actor(olga));
    expect((await bench.policies.current()).selfApproval).toBe('never');
  });

  test('what is no path, no value, or out of bounds changes nothing and says where', async () => {
    const bad = [
      ['defaults.askFallback', 'full'],
      ['defaults.free', 'destructive'],
      ['defaults.rules', '[]'],
      ['tiers.write.timeout', '1s'],
      ['tiers.write.timeout', '25h'],
      ['tiers.write.quorum', '0'],
      ['tiers.none.timeout', '1m'],
      ['tiers.write.passkeyOnly', 'maybe'],
      ['stepUp.totp.enabled', 'yes'],
      ['selfApproval', 'approver'],
      ['agents.__proto__.ask', 'off'],
      ['agents.main', 'full'],
      ['', ''],
      ['version', '3'],
    ];
    for (const [path = '', value = ''] of bad)
      await expect(bench.policies.set(path, value, actor(olga)), path).rejects.toEqual(
        code('config_invalid', { members: { mistakes: [expect.objectContaining({ path })] } }),
      );
    expect(await bench.policies.current()).toEqual(DEFAULT_POLICY);
  });

  test('of many at once each is on top of the one before, or is told to look again', async () => {
    const sets = await Promise.allSettled(
      Array.from({ length: 12 }, (_, n) =>
        bench.policies.set('tiers.read.timeout', `${n + 20}s`, actor(olga)),
      ),
    );
    const versions = sets.flatMap((one) => (one.status === 'fulfilled' ? [one.value.version] : []));
    expect(versions).toEqual(Array.from({ length: versions.length }, (_, n) => n + 1));
    expect(await bench.events('policy.changed')).toHaveLength(versions.length);
    expect((await bench.policies.current()).version).toBe(versions.length);
  });

  test('a request that comes with it is asked under it, or void', async () => {
    await times(20, async (n) => {
      if (n === 9) await bench.policies.set('tiers.elevated.timeout', '1m', actor(olga));
      else await bench.ask(execAction('git', 'push', `b${n}`), { agent: `a${n}` });
    });
    const open = await bench.approvals.list({ show: 'open', limit: 99 });
    expect(open.filter(({ request }) => request.policy !== 1)).toEqual([]);
  });
});

describe('documents', () => {
  test('version 1 is taken over as far as it is safe, with what is not said; version 2 comes back as it went', async () => {
    const v1 = JSON.stringify({
      version: 1,
      defaults: { security: 'allowlist', ask: 'on-miss', askFallback: 'full' },
      agents: { main: { allowlist: [{ pattern: '/usr/bin/git' }, { pattern: 'ls' }] } },
    });
    const seen = await bench.policies.preview(v1);
    expect((await bench.policies.current()).version).toBe(0);
    const { version, changes, notes } = await bench.policies.import(v1, actor(olga));
    expect([version, changes, notes]).toEqual([1, seen.changes, seen.notes]);
    expect(notes.join('\n')).toMatch(/not a whole path/);
    const text = await bench.policies.export();
    expect(JSON.parse(text)).toMatchObject({ version: 2, defaults: { security: 'deny', ask: 'always' } });
    expect((await bench.policies.import(text, actor(olga))).changes).toEqual([]);
    expect((await bench.policies.current()).version).toBe(1);
  });

  test('E-13: one with a mistake changes nothing, and every mistake is said', async () => {
    for (const text of ['', '{', '{"version":3}', '{"version":1,"version":2}', '{"version":2}'])
      await expect(bench.policies.import(text, actor(olga)), text).rejects.toEqual(code('config_invalid'));
    expect(await bench.store.policies.current()).toBeNull();
  });

  test('a thousand values are told in many events, and none is cut', async () => {
    const rules = Array.from({ length: 1_000 }, (_, n) => ({ pattern: `/usr/bin/p${n}` }));
    const v1 = JSON.stringify({ version: 1, agents: { main: { allowlist: rules } } });
    const { changes } = await bench.policies.import(v1, actor(olga));
    const told = (await bench.events('policy.changed')).flatMap(({ subject }) => subject['changes']);
    expect(told).toEqual(changes);
    expect(told.length).toBeGreaterThan(1_000);
    // Owners read a few of them.
    expect(bench.told.at(-1)).toMatch(/and \d+ more/);
  });

  test('R42: a stored policy that is damaged allows nothing', async () => {
    await bench.store.policies.replace(0, { version: 1, json: '{"version":2}', at: 0 });
    await expect(bench.policies.current()).rejects.toEqual(code('store_unavailable'));
    await expect(bench.ask(LOOK)).rejects.toEqual(code('store_unavailable'));
  });
});

describe('always allow', () => {
  const asked = async (action = PUSH) => (await bench.ask(action)).request.id;

  test('E-12: is this command and no other, until a day; shown before it is kept', async () => {
    const id = await asked();
    const until = bench.clock.now() + 30 * DAY;
    const shown = await bench.policies.allowPreview(id, 30 * DAY);
    expect(shown.until).toBe(until);
    expect(shown.text).toContain('git push origin main');
    expect(await bench.store.policies.current()).toBeNull();
    const kept = await bench.policies.allow(id, 30 * DAY, actor(olga));
    expect(kept).toEqual({ ...shown, rule: kept.rule });
    expect((await bench.ask(PUSH)).request).toMatchObject({ state: 'approved', because: 'rule' });
    expect((await bench.ask(execAction('git', 'push', 'origin', 'other'))).state).toBe('pending');
    expect((await bench.ask(PUSH, { agent: 'other' })).state).toBe('pending');
    expect(await bench.events('policy.allowed')).toMatchObject([
      { subject: { rule: kept.rule, approval: id, agent: 'main', version: 1 } },
    ]);
    bench.clock.advance(30 * DAY);
    expect((await bench.ask(PUSH)).state).toBe('pending');
  });

  test('H47: is refused for what is destructive, for wrappers and interpreters, and for longer than ninety days', async () => {
    await bench.enrols(olga);
    const never = [WIPE, execAction('env', 'git', 'push'), execAction('python3', '-c', 'print(1)')];
    for (const action of never)
      await expect(bench.policies.allow(await asked(action), DAY, actor(olga))).rejects.toEqual(
        code('policy_denied'),
      );
    const id = await asked();
    for (const forMs of [0, 91 * DAY])
      await expect(bench.policies.allow(id, forMs, actor(olga))).rejects.toEqual(code('request_malformed'));
    await expect(bench.policies.allow('appr_none', DAY, actor(olga))).rejects.toEqual(code('not_found'));
  });

  test('goes into the list that answers for the agent, once; a second time prolongs it', async () => {
    await bench.policies.set('agents.main.ask', 'on-miss', actor(olga));
    await bench.policies.set('agents.main.free', 'read', actor(olga));
    const id = await asked();
    await bench.policies.allow(id, DAY, actor(olga));
    const { rule, until } = await bench.policies.allow(id, 2 * DAY, actor(olga));
    const { agents, defaults } = await bench.policies.current();
    expect(agents['main']?.rules).toMatchObject([{ kind: 'exact', id: rule, until }]);
    expect(defaults.rules).toEqual([]);
  });

  test('is revoked by the beginning of its name, and then asked about again', async () => {
    const { rule } = await bench.policies.allow(await asked(), DAY, actor(olga));
    const { rule: other } = await bench.policies.allow(
      await asked(execAction('git', 'push', 'x')),
      DAY,
      actor(olga),
    );
    await expect(bench.policies.revoke('nothing', actor(olga))).rejects.toEqual(code('not_found'));
    await expect(bench.policies.revoke('', actor(olga))).rejects.toEqual(code('not_found'));
    await bench.policies.revoke(rule.slice(0, 8), actor(olga));
    expect((await bench.ask(PUSH)).state).toBe('pending');
    expect((await bench.policies.current()).defaults.rules.map(({ id }) => id)).toEqual([other]);
    const [event] = await bench.events('policy.revoked');
    expect(event?.subject).toMatchObject({ rule, changes: [{ path: `defaults.rules.${rule}`, to: null }] });
  });
});

test('E-13: a test of a line says how it was understood and whom it would ask, and asks nobody', async () => {
  const { considered, names, effective } = await bench.policies.testLine('curl -s x | sudo sh', 'main', null);
  expect(considered.risk.tier).toBe('destructive');
  expect(considered.verdict).toEqual({ outcome: 'deny', reason: 'no_factor' });
  expect(effective.source).toBe('defaults');
  const push = await bench.policies.testLine('git push', 'main', '/home/agent/app');
  expect(push.considered.verdict).toMatchObject({ outcome: 'require', need: { people: [olga] } });
  expect([...push.names.values()]).toEqual(['Olga']);
  expect(names.size).toBe(0);
  expect(await bench.approvals.list({ show: 'all', limit: 9 })).toEqual([]);
  expect(await bench.events('')).toEqual([]);
});
