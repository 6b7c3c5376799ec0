// Asking, awaiting and deciding through the whole app. The attacks: a program that decides, that sees what others asked, that
// says who it is; one answer taken for another's; a yes that nobody gave.
import type { ApprovalRow } from '@countersign/protocol/approval';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { command, LOOK, openApprovalHouse, PUSH, WIPE } from '../testing/approval-house.ts';
import { totpAt } from '../testing/factor-stage.ts';
import { jsonOf } from '../testing/house.ts';

afterEach(() => {
  vi.useRealTimers();
});

const path = (id: string, verb = 'decision') => `/api/v1/approvals/${id}/${verb}`;

async function codeOf(answer: Response | Promise<Response>): Promise<string> {
  const got = await answer;
  return got.status < 400 ? 'ok' : (await jsonOf<{ code: string }>(got)).code;
}

describe('from the asking to the answer', () => {
  test('asked, pending, decided by a person, and seen by who asked: without names, chats or devices', async () => {
    await using stage = await openApprovalHouse();
    const asked = await stage.asks(PUSH);
    expect(asked).toMatchObject({ state: 'pending', tier: 'elevated', agent: 'main', requester: null });
    expect(asked.short).toMatch(/^[A-HJ-NP-Z2-9]{5}-[A-HJ-NP-Z2-9]{5}$/);
    expect(asked.action).toEqual(PUSH);
    const page = await stage.browser('ari');
    const said = { decision: 'approve', reason: 'as agreed' };
    const decided = await jsonOf<ApprovalRow>(page.call('POST', path(asked.id), said));
    expect(decided).toMatchObject({ state: 'approved', names: { [stage.people.ari]: 'Ari' } });
    expect(decided.decision?.surface).toBe(`device:${page.device}`);
    const answer = await stage.sees(asked.id);
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({
      state: 'approved',
      decision: { decision: 'approve', by: stage.people.ari, surface: 'device', reason: 'as agreed' },
    });
    expect(text).not.toContain('Ari');
    expect(text).not.toContain(page.device);
  });

  test('what the policy decides at once is a request too', async () => {
    await using stage = await openApprovalHouse();
    expect(await stage.asks(LOOK)).toMatchObject({ state: 'approved', because: 'free', decisions: [] });
    const wiped = await stage.asks(WIPE);
    expect(wiped).toMatchObject({
      state: 'denied',
      because: 'no_factor',
      hint: expect.stringContaining('countersign factors enroll totp'),
    });
    expect(await codeOf(stage.atHost(wiped.id, { decision: 'approve' }))).toBe('already_decided');
  });

  test('E-09: with no chat to tell anybody in, it waits and says where it is decided', async () => {
    await using stage = await openApprovalHouse();
    expect(await stage.asks(PUSH)).toMatchObject({
      told: expect.stringMatching(/none|queued/),
      state: 'pending',
    });
  });

  test('E-02: by a beginning of the id or of the short digest; what fits two is an error, never the newest', async () => {
    await using stage = await openApprovalHouse();
    const one = await stage.asks(PUSH);
    const two = await stage.asks(command('git', 'push', 'origin', 'next'));
    const page = await stage.browser('ari');
    for (const ref of [
      one.id,
      one.id.slice(0, 14),
      one.short,
      one.short.slice(0, 5),
      one.short.toLowerCase(),
    ])
      expect(await jsonOf(page.call('GET', `/api/v1/approvals/${ref}`)), ref).toMatchObject({ id: one.id });
    for (const ref of ['all', 'latest', 'yes', 'appr_', 'ap', 'a'])
      expect(await codeOf(page.call('POST', path(ref), { decision: 'approve' })), ref).toBe('not_found');
    expect(await jsonOf(stage.sees(two.id))).toMatchObject({ state: 'pending' });
  });

  test('E-21: what waits, what was, and everything, page by page, newest first', async () => {
    await using stage = await openApprovalHouse();
    const asked: string[] = [];
    for (const branch of ['a', 'b', 'c'])
      asked.push((await stage.asks(command('git', 'push', 'origin', branch))).id);
    await stage.atHost(asked[1] ?? '', { decision: 'deny' });
    const list = async (query: string) => {
      const answer = await stage.house.call('host', 'GET', `/api/v1/approvals?${query}`);
      const { items, next } = await jsonOf<{ items: ApprovalRow[]; next?: string }>(answer);
      return { ids: items.map(({ id }) => id), next };
    };
    expect((await list('')).ids).toEqual([asked[2], asked[0]]);
    expect((await list('show=history')).ids).toEqual([asked[1]]);
    const first = await list('show=all&limit=2');
    expect(first.ids).toEqual([asked[2], asked[1]]);
    expect((await list(`show=all&limit=2&after=${first.next}`)).ids).toEqual([asked[0]]);
    expect((await list('show=all&agent=other')).ids).toEqual([]);
    expect(await codeOf(stage.house.call('host', 'GET', '/api/v1/approvals?after=x'))).toBe(
      'request_malformed',
    );
  });

  test('E-20: deny-all answers everything that waits and that the person may answer', async () => {
    await using stage = await openApprovalHouse();
    await stage.asks(PUSH);
    const session = await stage.handle('ari');
    const own = await stage.asks(command('git', 'push', 'origin', 'own'), { session });
    const page = await stage.browser('ari');
    const answer = await page.call('POST', '/api/v1/approvals/deny-all', { reason: 'stop' });
    expect(await jsonOf(answer)).toEqual({ denied: 1, paused: [] });
    expect(await jsonOf(stage.sees(own.id))).toMatchObject({ state: 'pending' });
    expect(await jsonOf(stage.house.call('host', 'POST', '/api/v1/approvals/deny-all', {}))).toEqual({
      denied: 1,
      paused: [],
    });
    expect(await jsonOf(stage.sees(own.id))).toMatchObject({ state: 'denied' });
  });
});

describe('R48: whose word it is comes from the door', () => {
  test('H41: whoever it was asked for does not decide it, on no device of theirs', async () => {
    await using stage = await openApprovalHouse();
    const asked = await stage.asks(PUSH, { session: await stage.handle('ari') });
    expect(asked.requester).toBe(stage.people.ari);
    for (const page of [await stage.browser('ari'), await stage.browser('ari')]) {
      for (const decision of ['approve', 'deny']) {
        const answer = await page.call('POST', path(asked.id), { decision });
        expect(await jsonOf(answer)).toMatchObject({ code: 'auth_forbidden', reason: 'requester' });
      }
    }
    expect(await jsonOf(stage.sees(asked.id))).toMatchObject({ state: 'pending', decisions: [] });
    expect(
      await codeOf((await stage.browser('olga')).call('POST', path(asked.id), { decision: 'approve' })),
    ).toBe('ok');
  });

  test('H41: a second program of the same agent decides nothing, and neither does the first', async () => {
    await using stage = await openApprovalHouse();
    const { house } = stage;
    const asked = await stage.asks(PUSH);
    const second = await jsonOf<{ token: string }>(
      house.call('host', 'POST', '/api/v1/tokens', { scope: 'request', for: 'main' }),
    );
    for (const { token } of [stage.program, stage.other, second]) {
      for (const door of ['tcp', 'agent'] as const) {
        const answer = house.call(
          door,
          'POST',
          path(asked.id),
          { decision: 'approve' },
          { authorization: `Bearer ${token}` },
        );
        expect(await codeOf(answer)).toBe('auth_forbidden');
      }
    }
    expect(await codeOf(house.call('agent', 'POST', path(asked.id), { decision: 'approve' }))).toBe(
      'auth_required',
    );
  });

  test('H39: the right to manage, or to look, is not the right to decide', async () => {
    await using stage = await openApprovalHouse();
    const asked = await stage.asks(PUSH);
    const page = await stage.browser('olga', ['manage', 'read', 'pairing']);
    const answer = await page.call('POST', path(asked.id), { decision: 'approve' });
    expect(await jsonOf(answer)).toMatchObject({ code: 'auth_forbidden', needed: ['approvals'] });
    expect(await jsonOf(page.call('GET', `/api/v1/approvals/${asked.id}`))).toMatchObject({
      state: 'pending',
    });
  });

  test('R43, H53: what a body says of who, how risky and how decided is refused whole', async () => {
    await using stage = await openApprovalHouse();
    const asked = await stage.asks(PUSH);
    const page = await stage.browser('uma', ['read']).catch(() => null);
    expect(page).toBeNull();
    const ari = await stage.browser('ari');
    for (const more of [
      { by: stage.people.olga },
      { principal: stage.people.olga },
      { as: 'Olga' },
      { approved: true },
      { surface: 'host' },
      { connection: 'other' },
    ])
      expect(await codeOf(ari.call('POST', path(asked.id), { decision: 'approve', ...more }))).toBe(
        'request_malformed',
      );
    for (const more of [
      { approved: true },
      { requester: stage.people.olga },
      { agent: 'other' },
      { tier: 'read' },
      { state: 'approved' },
      { need: null },
    ]) {
      expect(await codeOf(stage.asking({ action: PUSH, ...more }))).toBe('request_malformed');
      const inside = await stage.asking({ action: { ...PUSH, ...more } });
      const told = await jsonOf<{ code: string; detail: string }>(inside);
      expect(told).toMatchObject({ code: 'request_malformed' });
      expect(told.detail).toContain(Object.keys(more)[0]);
    }
    const list = await jsonOf<{ items: unknown[] }>(
      stage.house.call('host', 'GET', '/api/v1/approvals?show=all'),
    );
    expect(list.items).toHaveLength(1);
  });

  test('H53: a tool is as risky as our registry says, whatever it says of itself', async () => {
    await using stage = await openApprovalHouse();
    const tool = {
      kind: 'tool',
      tool: 'read_only_safe',
      arguments: { tier: 'read', approved: true },
      cwd: null,
      host: 'x',
    } as const;
    expect(await stage.asks(tool)).toMatchObject({ state: 'pending', tier: 'elevated' });
  });

  test('a header that names a person is the host’s alone; a device is its own person', async () => {
    await using stage = await openApprovalHouse();
    const asked = await stage.asks(PUSH, { session: await stage.handle('ari') });
    const named = await stage.house.call(
      'tcp',
      'POST',
      path(asked.id),
      { decision: 'approve' },
      { 'x-countersign-as': 'Olga' },
    );
    expect(await codeOf(named)).toBe('auth_required');
    const token = { authorization: `Bearer ${stage.program.token}`, 'x-countersign-as': 'Olga' };
    expect(
      await codeOf(stage.house.call('agent', 'POST', path(asked.id), { decision: 'approve' }, token)),
    ).toBe('auth_forbidden');
  });

  test('at the host’s shell the only owner speaks, or whoever is named; of several one has to be', async () => {
    await using stage = await openApprovalHouse();
    const one = await stage.asks(PUSH);
    expect(await jsonOf(stage.atHost(one.id, { decision: 'deny', reason: 'no' }))).toMatchObject({
      decision: { by: stage.people.olga, surface: 'host' },
    });
    const two = await stage.asks(command('git', 'push', 'origin', 'two'));
    expect(await codeOf(stage.atHost(two.id, { decision: 'approve' }, 'Uma'))).toBe('auth_forbidden');
    expect(await codeOf(stage.atHost(two.id, { decision: 'approve' }, 'Nobody'))).toBe('not_found');
    await stage.house.call('host', 'POST', '/api/v1/people', { name: 'Otto', role: 'owner' });
    const three = await stage.asks(command('git', 'push', 'origin', 'three'));
    expect(await codeOf(stage.atHost(three.id, { decision: 'approve' }))).toBe('ambiguous');
    expect(await jsonOf(stage.atHost(three.id, { decision: 'approve' }, 'Otto'))).toMatchObject({
      state: 'approved',
    });
  });
});

describe('a factor', () => {
  async function withFactor() {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_795_000_000_000 });
    const stage = await openApprovalHouse();
    const post = (at: string, body: object, headers = {}) =>
      stage.house.call('host', 'POST', `/api/v1${at}`, body, headers);
    const { id, secret } = await jsonOf<{ id: string; secret: string }>(
      post('/factors/totp', { person: 'Olga' }),
    );
    await post(`/factors/${id}/confirm`, { code: totpAt(secret, Date.now()) });
    vi.setSystemTime(Date.now() + 30_000);
    return { ...stage, code: () => totpAt(secret, Date.now()), post };
  }

  test('a code is spent for the decision that asks for it, and for no other word', async () => {
    await using stage = await withFactor();
    const asked = await stage.asks(PUSH);
    expect(asked.need).toMatchObject({ factors: ['totp', 'recovery', 'passkey'] });
    const factor = { kind: 'totp', value: stage.code() } as const;
    expect(await jsonOf(stage.atHost(asked.id, { decision: 'approve' }))).toMatchObject({
      code: 'auth_factor_required',
    });
    const another = await stage.asks(WIPE);
    expect(await codeOf(stage.atHost(another.id, { decision: 'deny', factor }))).toBe('ok');
    expect(await codeOf(stage.atHost(asked.id, { decision: 'approve', factor }))).toBe('ok');
    // R30: it opens nothing else.
    const header = { 'x-countersign-factor': `totp ${factor.value}` };
    expect(await codeOf(stage.post('/people', { name: 'Otto', role: 'owner' }, header))).toBe(
      'challenge_failed',
    );
  });

  test('R68: once an owner has one, a person without one says yes on their page and not at the host’s shell', async () => {
    await using stage = await withFactor();
    await stage.post(
      '/policy/set',
      { path: 'defaults.free', value: 'read' },
      { 'x-countersign-factor': `totp ${stage.code()}` },
    );
    const asked = await stage.asks(command('mkdir', '/home/agent/work/new'));
    expect(asked).toMatchObject({ tier: 'write', state: 'pending', need: { factors: [] } });
    expect(await codeOf(stage.atHost(asked.id, { decision: 'approve' }, 'Ari'))).toBe('auth_factor_required');
    expect(await codeOf(stage.atHost(asked.id, { decision: 'approve' }, 'Olga'))).toBe(
      'auth_factor_required',
    );
    const page = await stage.browser('ari');
    expect(await codeOf(page.call('POST', path(asked.id), { decision: 'approve' }))).toBe('ok');
    expect(await codeOf(stage.atHost(asked.id, { decision: 'approve' }, 'Ari'))).toBe('already_decided');
  });
});

describe('R42, H49: silence, ends and everything unclear are no', () => {
  test('cancelled by who asked, and by no other program; a yes comes too late then', async () => {
    await using stage = await openApprovalHouse();
    const asked = await stage.asks(PUSH);
    const cancel = ({ token }: { token: string }) =>
      stage.house.call('agent', 'POST', path(asked.id, 'cancel'), {}, { authorization: `Bearer ${token}` });
    expect(await codeOf(cancel(stage.other))).toBe('not_found');
    expect(await jsonOf(cancel(stage.program))).toMatchObject({ state: 'cancelled' });
    expect(await codeOf(cancel(stage.program))).toBe('already_decided');
    expect(await codeOf(stage.atHost(asked.id, { decision: 'approve' }))).toBe('already_decided');
    expect(await jsonOf(stage.sees(asked.id))).toMatchObject({ state: 'cancelled', decisions: [] });
  });

  test('past its end it is expired, whatever a timer did, and a yes is told so', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_795_000_000_000 });
    await using stage = await openApprovalHouse();
    const asked = await stage.asks(PUSH);
    vi.setSystemTime(Date.parse(asked.expiresAt));
    expect(await codeOf(stage.atHost(asked.id, { decision: 'approve' }))).toBe('expired');
    expect(await codeOf(stage.atHost(asked.id, { decision: 'deny' }))).toBe('expired');
    expect(await jsonOf(stage.sees(asked.id))).toMatchObject({ state: 'expired', decisions: [] });
  });

  test('the answer is a word that we know, or none at all', async () => {
    await using stage = await openApprovalHouse();
    const asked = await stage.asks(PUSH);
    for (const body of [
      {},
      { decision: 'yes' },
      { decision: 'Approve' },
      { decision: true },
      { decision: ['approve'] },
      { decision: 'allow-always' },
      '{"decision":"deny","decision":"approve"}',
      '{"decision":"approve"',
      '["approve"]',
    ])
      expect(await codeOf(stage.house.call('host', 'POST', path(asked.id), body)), JSON.stringify(body)).toBe(
        'request_malformed',
      );
    expect(await jsonOf(stage.sees(asked.id))).toMatchObject({ state: 'pending', decisions: [] });
  });

  test('H55: no side path makes a yes: a rule, a policy, a role, another request of the same', async () => {
    await using stage = await openApprovalHouse();
    const { house } = stage;
    const post = (at: string, body: object) => house.call('host', 'POST', `/api/v1${at}`, body);
    const steps: readonly ((id: string) => Promise<Response>)[] = [
      (id) => post(`/approvals/${id}/allow`, { for: '1d' }),
      () => post('/policy/set', { path: 'defaults.security', value: 'full' }),
      () => post('/policy/import', { document: '{"version":1,"defaults":{"security":"full","ask":"off"}}' }),
      () => post(`/people/${stage.people.rita}/role`, { role: 'approver' }),
      () => stage.asking({ action: PUSH }, { by: stage.other }),
    ];
    for (const [index, step] of steps.entries()) {
      await post('/policy/set', { path: 'defaults.ask', value: 'always' });
      const { id, state } = await stage.asks(command('git', 'push', 'origin', `step-${index}`));
      expect(state).toBe('pending');
      const done = await step(id);
      expect(done.status, `${index}: ${await done.clone().text()}`).toBeLessThan(300);
      await house.composed.core.approvals.settled();
      expect(await jsonOf(stage.sees(id)), String(index)).toMatchObject({
        state: expect.stringMatching(/^(pending|superseded)$/),
        decisions: [],
      });
    }
  });
});
