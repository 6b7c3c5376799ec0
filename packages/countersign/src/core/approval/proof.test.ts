// A proof on a decision. The attacks: a code used twice, also at once and for two things (H69, N-12); guessing, and shutting
// somebody out by guessing (R4, H71); the proof in the chat that carries the card (R39); a proof that counts for longer, or for
// more, than it was given for (R30).
import type { PrincipalId } from '@countersign/protocol/ids';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApprovalBench, OTHER, PUSH, WIPE } from '../../testing/approval-bench.ts';
import { execAction } from '../../testing/approval-rows.ts';
import { codeOf } from '../../testing/factor-stage.ts';
import type { Given } from './service.ts';

const HOST = { kind: 'host' } as const;
const WRONG = '000000';

let bench: ApprovalBench;
let olga: PrincipalId;
let ari: PrincipalId;
let code: (after?: number) => string;
beforeEach(async () => {
  bench = await ApprovalBench.open();
  olga = await bench.person('Olga', 'owner');
  ari = await bench.person('Ari', 'approver');
  code = await bench.app(ari);
});
afterEach(() => bench[Symbol.asyncDispose]());

const totp = (value: string, place = 'device:dev_a'): Given => ({
  kind: 'totp',
  proof: { kind: 'totp', value },
  place,
});
const HAS = { enrolled: ['totp', 'recovery'] } as const;
const failures = async () => (await bench.events('factor.failed')).length;

describe('E-01: one code, one decision', () => {
  test('a yes needs the code, and factor and surface stand in the record and in the audit', async () => {
    const asked = await bench.ask(PUSH);
    expect(asked.request.need?.factors).toEqual(['totp', 'recovery', 'passkey']);
    await expect(bench.says(ari, 'approve', asked, HAS)).rejects.toMatchObject({
      code: 'auth_factor_required',
      members: { factors: ['totp', 'recovery'] },
    });
    const done = await bench.says(ari, 'approve', asked, { ...HAS, given: totp(code()) });
    expect(done.state).toBe('approved');
    expect(done.request.words).toMatchObject([{ by: ari, factors: ['totp'], surface: 'device:dev_a' }]);
    expect(await bench.events('approval.approved')).toMatchObject([
      { subject: { by: ari, factors: ['totp'], surface: 'page' } },
    ]);
  });

  test('H69, N-12: used codes, the enrolment’s own code, and one step for two requests', async () => {
    const [one, two] = [await bench.ask(PUSH), await bench.ask(WIPE)];
    const now = code();
    await bench.says(ari, 'approve', one, { ...HAS, given: totp(now) });
    expect(await codeOf(bench.says(ari, 'approve', two, { ...HAS, given: totp(now) }))).toBe(
      'challenge_failed',
    );
    // An older step than the last one.
    expect(await codeOf(bench.says(ari, 'approve', two, { ...HAS, given: totp(code(-30_000)) }))).toBe(
      'challenge_failed',
    );
    expect((await bench.approvals.get(two.request.id)).state).toBe('pending');
    bench.clock.advance('30s');
    expect((await bench.says(ari, 'approve', two, { ...HAS, given: totp(code()) })).state).toBe('approved');
  });

  test('H69, N-12: the code that confirmed the factor is spent with it', async () => {
    const { id, secret } = await bench.factors.enrolTotp(olga, 'phone', HOST);
    const { totpAt } = await import('../../testing/factor-stage.ts');
    const first = totpAt(secret, bench.clock.now());
    await bench.factors.confirmTotp(id, first, HOST);
    await bench.approvals.settled();
    const asked = await bench.ask(PUSH);
    expect(await codeOf(bench.says(olga, 'approve', asked, { ...HAS, given: totp(first) }))).toBe(
      'challenge_failed',
    );
  });

  test('R26: the same code on two requests at once has one winner', async () => {
    for (let round = 0; round < 5; round += 1) {
      const asked = [
        await bench.ask(execAction('rm', '-rf', `/home/agent/${round}`)),
        await bench.ask(execAction('rm', '-rf', `/home/agent/${round}b`)),
      ];
      const given = totp(code());
      const answers = await Promise.all(
        asked.map((one) => codeOf(bench.says(ari, 'approve', one, { ...HAS, given }))),
      );
      expect(answers.filter((answer) => answer === 'ok')).toHaveLength(1);
      const states = await Promise.all(
        asked.map(async ({ request }) => (await bench.approvals.get(request.id)).state),
      );
      expect(states.filter((state) => state === 'approved')).toHaveLength(1);
      for (const one of asked)
        if ((await bench.approvals.get(one.request.id)).state === 'pending')
          await bench.says(olga, 'deny', one);
      bench.clock.advance('11m');
    }
  });

  test('R27: a recovery code stands in once, and never again', async () => {
    const [recovery = ''] = await bench.factors.recoveryCodes(ari, HOST);
    const given: Given = { kind: 'recovery', proof: { kind: 'recovery', value: recovery }, place: 'host' };
    const [one, two] = [await bench.ask(WIPE), await bench.ask(execAction('rm', '-rf', '/home/agent/b'))];
    const done = await bench.says(ari, 'approve', one, { ...HAS, given });
    expect(done.request.words).toMatchObject([{ factors: ['recovery'] }]);
    expect(await codeOf(bench.says(ari, 'approve', two, { ...HAS, given }))).toBe('challenge_failed');
  });
});

describe('what spends no code', () => {
  test('a no, a yes that needs none, one that is refused, and one that comes too soon or too late', async () => {
    const given = totp(code());
    const [denied, own, late, soon] = [
      await bench.ask(PUSH),
      await bench.ask(OTHER, { session: bench.session(ari) }),
      await bench.ask(WIPE),
      await bench.ask(execAction('git', 'push', 'soon', 'main')),
    ];
    await bench.says(ari, 'deny', denied, { ...HAS, given });
    expect(await codeOf(bench.says(ari, 'approve', denied, { ...HAS, given }))).toBe('already_decided');
    expect(await codeOf(bench.says(ari, 'approve', own, { ...HAS, given }))).toBe('auth_forbidden');
    const deliveredAt = bench.clock.now();
    expect(await codeOf(bench.says(ari, 'approve', soon, { ...HAS, given, deliveredAt }))).toBe('too_soon');
    const unknown = { request: { ...denied.request, id: `appr_${'a'.repeat(24)}` as const } };
    expect(await codeOf(bench.says(ari, 'approve', unknown, { ...HAS, given }))).toBe('not_found');
    expect(await failures()).toBe(0);
    // It is as good as it was.
    expect((await bench.says(ari, 'approve', late, { ...HAS, given })).state).toBe('approved');
  });

  test('H71: wrong codes on what is over, or unknown, count for nothing', async () => {
    const asked = await bench.ask(PUSH);
    await bench.says(olga, 'deny', asked);
    for (let n = 0; n < 8; n += 1)
      expect(await codeOf(bench.says(ari, 'approve', asked, { ...HAS, given: totp(WRONG) }))).toBe(
        'already_decided',
      );
    expect(await failures()).toBe(0);
    const next = await bench.ask(WIPE);
    expect((await bench.says(ari, 'approve', next, { ...HAS, given: totp(code()) })).state).toBe('approved');
  });
});

describe('guessing', () => {
  test('R4, R5, H71: five tries on one surface, then it waits there, on every request, and nowhere else', async () => {
    const [one, two] = [await bench.ask(PUSH), await bench.ask(WIPE)];
    const chat = (value: string) => totp(value, 'chat:telegram');
    for (let n = 0; n < 4; n += 1)
      expect(await codeOf(bench.says(ari, 'approve', one, { ...HAS, given: chat(WRONG) }))).toBe(
        'challenge_failed',
      );
    await expect(bench.says(ari, 'approve', one, { ...HAS, given: chat(WRONG) })).rejects.toMatchObject({
      code: 'rate_limited',
    });
    // The right one, and another request: the person is closed there, not the request.
    await expect(bench.says(ari, 'approve', two, { ...HAS, given: chat(code()) })).rejects.toMatchObject({
      code: 'rate_limited',
    });
    expect((await bench.says(ari, 'approve', two, { ...HAS, given: totp(code()) })).state).toBe('approved');
    expect(await bench.events('approval.approved')).toHaveLength(1);
  });

  test('what is no proof at all counts as a wrong one', async () => {
    const asked = await bench.ask(PUSH);
    const given: Given = { kind: 'passkey', proof: null, place: 'device:dev_a' };
    expect(await codeOf(bench.says(ari, 'approve', asked, { enrolled: ['totp', 'passkey'], given }))).toBe(
      'challenge_failed',
    );
    expect((await bench.approvals.get(asked.request.id)).state).toBe('pending');
  });
});

describe('where a proof counts', () => {
  test('R39: with a passkey enrolled a code in the chat does not release what is destructive, and is not spent', async () => {
    const enrolled = ['totp', 'passkey'] as const;
    const asked = await bench.ask(WIPE);
    const inChat = { enrolled, surface: 'chat', connection: 'chat:a' } as const;
    await expect(
      bench.says(ari, 'approve', asked, { ...inChat, given: totp(code(), 'chat:telegram') }),
    ).rejects.toMatchObject({ code: 'auth_forbidden', members: { reason: 'factor_same_surface' } });
    const done = await bench.says(ari, 'approve', asked, { enrolled, given: totp(code()) });
    expect(done.state).toBe('approved');
  });

  test('R38: a tier that only a passkey opens takes no code', async () => {
    await bench.policies.set('tiers.elevated.passkeyOnly', 'true', HOST);
    await bench.policies.set('tiers.elevated.who', 'approvers', HOST);
    const asked = await bench.ask(PUSH);
    expect(asked.state).toBe('denied');
    expect(asked.request.because).toBe('no_factor');
  });

  test('stepUp scope destructive: what is elevated needs no code then; all: whatever is asked needs one', async () => {
    await bench.policies.set('totp.scope', 'destructive', HOST);
    const elevated = await bench.ask(PUSH);
    expect((await bench.says(ari, 'approve', elevated, HAS)).state).toBe('approved');
    await bench.policies.set('totp.scope', 'all', HOST);
    await bench.policies.set('defaults.ask', 'always', HOST);
    const look = await bench.ask(execAction('git', 'status'));
    expect(look.request.tier).toBe('read');
    expect(await codeOf(bench.says(ari, 'approve', look, HAS))).toBe('auth_factor_required');
  });
});

describe('the grace window', () => {
  const approve = async (action: typeof PUSH, given: Given | null, more: object = {}) => {
    const asked = await bench.ask(action, more);
    return codeOf(bench.says(ari, 'approve', asked, { ...HAS, ...(given === null ? {} : { given }) }));
  };

  test('one proof counts for five minutes, for the same tier and session, and no longer', async () => {
    const session = bench.session(olga);
    expect(await approve(PUSH, totp(code()), { session })).toBe('ok');
    expect(await approve(OTHER, null, { session })).toBe('ok');
    // Another session, and none.
    expect(await approve(execAction('git', 'push', 'a', 'b'), null)).toBe('auth_factor_required');
    const other = bench.session(olga);
    expect(await approve(execAction('git', 'push', 'c', 'd'), null, { session: other })).toBe(
      'auth_factor_required',
    );
    bench.clock.advance('5m');
    expect(await approve(execAction('git', 'push', 'e', 'f'), null, { session })).toBe(
      'auth_factor_required',
    );
  });

  test('it is one person’s, and never covers what is destructive', async () => {
    await bench.app(olga);
    const session = bench.session(await bench.person('Rita', 'user'));
    expect(await approve(PUSH, totp(code()), { session })).toBe('ok');
    const another = await bench.ask(OTHER, { session });
    expect(await codeOf(bench.says(olga, 'approve', another, HAS))).toBe('auth_factor_required');
    expect(await approve(WIPE, null, { session })).toBe('auth_factor_required');
    bench.clock.advance('30s');
    expect(await approve(WIPE, totp(code()), { session })).toBe('ok');
    expect(await approve(execAction('rm', '-rf', '/home/agent/two'), null, { session })).toBe(
      'auth_factor_required',
    );
  });

  test('a decision inside it says that no factor was used for it', async () => {
    await approve(PUSH, totp(code()));
    const asked = await bench.ask(OTHER);
    expect((await bench.says(ari, 'approve', asked, HAS)).request.words).toMatchObject([{ factors: [] }]);
  });

  test('the host’s shell proves each one anew, and opens none', async () => {
    const host = { ...HAS, surface: 'host', connection: 'host' } as const;
    const one = await bench.ask(PUSH);
    expect((await bench.says(ari, 'approve', one, { ...host, given: totp(code(), 'host') })).state).toBe(
      'approved',
    );
    for (const more of [host, HAS]) {
      const two = await bench.ask(OTHER);
      expect(await codeOf(bench.says(ari, 'approve', two, more))).toBe('auth_factor_required');
    }
    bench.clock.advance('30s');
    expect(await approve(PUSH, totp(code()))).toBe('ok');
    const three = await bench.ask(execAction('git', 'push', 'x', 'y'));
    expect(await codeOf(bench.says(ari, 'approve', three, host))).toBe('auth_factor_required');
  });

  test('a change of the policy, and of the person’s factors, ends it', async () => {
    await approve(PUSH, totp(code()));
    await bench.policies.set('tiers.elevated.timeout', '5m', HOST);
    expect(await approve(OTHER, null)).toBe('auth_factor_required');
    bench.clock.advance('30s');
    expect(await approve(OTHER, totp(code()))).toBe('ok');
    await bench.app(olga);
    const [first] = await bench.factors.list(ari);
    bench.clock.advance('30s');
    await bench.app(ari);
    await bench.factors.remove(first?.id ?? 'fac_none', HOST);
    await bench.approvals.settled();
    expect(await approve(execAction('git', 'push', 'z', 'z'), null)).toBe('auth_factor_required');
  });
});
