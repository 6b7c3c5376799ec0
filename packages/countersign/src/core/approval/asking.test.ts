// Asking, over the real store: what runs unasked, who is asked, who asks too much, and what stands in the audit.

import type { PrincipalId } from '@countersign/protocol/ids';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApprovalBench, LOOK, OTHER, PUSH, WIPE } from '../../testing/approval-bench.ts';
import { execAction } from '../../testing/approval-rows.ts';
import { times } from '../../testing/store/bench.ts';

let bench: ApprovalBench;
let [olga, ari, uma, rita]: PrincipalId[] = [];
beforeEach(async () => {
  bench = await ApprovalBench.open();
  olga = await bench.person('Olga', 'owner');
  ari = await bench.person('Ari', 'approver');
  uma = await bench.person('Uma', 'user');
  rita = await bench.person('Rita', 'user');
});
afterEach(() => bench[Symbol.asyncDispose]());

const is = (id: PrincipalId | undefined): PrincipalId => id ?? expect.fail();
const code = (code: string, more: object = {}) => expect.objectContaining({ code, ...more });
const TTL = 600_000;

describe('asking', () => {
  test('what is free runs unasked, and nobody is told', async () => {
    const { request, state } = await bench.ask(LOOK);
    expect(state).toBe('approved');
    expect(request).toMatchObject({ because: 'free', need: null, redeemBy: bench.clock.now() + 120_000 });
    expect(bench.told).toEqual([]);
    expect(await bench.events('approval.')).toMatchObject([{ type: 'approval.allowed', reason: 'free' }]);
    // Not used in time: over, and nobody's news.
    bench.clock.advance(120_000);
    expect(await bench.approvals.expire()).toBe(1);
    expect((await bench.approvals.get(request.id)).state).toBe('expired');
    expect(bench.told).toEqual([]);
  });

  test('the rest is asked of those who may decide, and stands whole in the store', async () => {
    const session = bench.session(is(rita));
    const { request, state, names } = await bench.ask(PUSH, { session });
    expect(state).toBe('pending');
    expect(request).toMatchObject({
      requester: rita,
      session: session.session,
      requesterPeer: session.peer,
      connection: `token:${bench.token}`,
      tier: 'elevated',
      action: PUSH,
      expiresAt: bench.clock.now() + TTL,
      commands: [{ text: 'git push origin main', tier: 'elevated' }],
    });
    expect(request.need?.people.toSorted()).toEqual([is(olga), is(ari)].toSorted());
    expect([...names.values()].toSorted()).toEqual(['Ari', 'Olga', 'Rita']);
    expect(bench.told).toEqual([`asked ${request.id}`]);
    const [event] = await bench.events('approval.');
    expect(event).toMatchObject({ type: 'approval.requested', actor: bench.token });
    // The command itself stands nowhere in the chain.
    expect(JSON.stringify(event)).not.toContain('push');
    expect(JSON.stringify(event)).toContain(request.actionDigest);
  });

  test('H53: what is destructive is refused at once while nobody has a factor, and says what would help', async () => {
    const { request, state } = await bench.ask(WIPE);
    expect([state, request.because]).toEqual(['denied', 'no_factor']);
    await bench.enrols(is(ari));
    expect((await bench.ask(WIPE)).request.need).toMatchObject({
      able: [ari],
      factors: ['totp', 'recovery', 'passkey'],
    });
  });

  test('H41: the only one who could decide is whoever asks: refused at once, not after ten minutes', async () => {
    await bench.directory.setState(is(ari), 'block', { kind: 'host' });
    const { request } = await bench.ask(PUSH, { session: bench.session(is(olga)) });
    expect(request).toMatchObject({ state: 'denied', because: 'only_the_requester' });
  });

  test('H52: nobody known is nobody in particular: no more is free than for anybody', async () => {
    const nobody = await bench.ask(PUSH, { session: null });
    expect(nobody.request).toMatchObject({ requester: null, need: { self: false } });
    const gone = await bench.ask(PUSH, { session: bench.session(bench.id('principal')) });
    expect(gone.request).toMatchObject({ state: 'denied', because: 'requester_not_active' });
    const low = await bench.ask(execAction('mkdir', 'a'), {
      session: bench.session(is(rita), { assurance: 'low' }),
    });
    expect(low.request).toMatchObject({ tier: 'write', state: 'pending' });
  });

  test('E-08: the timeout of the configuration holds until a policy says another', async () => {
    bench.settings = { approvers: [], timeoutMs: 42_000 };
    const { request } = await bench.ask(PUSH);
    expect(request.expiresAt - request.createdAt).toBe(42_000);
    await bench.policies.set('tiers.elevated.timeout', '5m', { kind: 'host' });
    const next = await bench.ask(PUSH);
    expect(next.request.expiresAt - next.request.createdAt).toBe(300_000);
    expect(next.request.policy).toBe(1);
  });

  test('R40: the same key is the same request, whatever became of it; for something else it is refused', async () => {
    const first = await bench.ask(PUSH, { key: 'k' });
    const again = await times(20, () => bench.ask(PUSH, { key: 'k' }));
    expect(new Set(again.map(({ request }) => request.id))).toEqual(new Set([first.request.id]));
    await bench.says(is(ari), 'deny', first);
    expect((await bench.ask(PUSH, { key: 'k' })).state).toBe('denied');
    await expect(bench.ask(OTHER, { key: 'k' })).rejects.toEqual(code('state_conflict'));
    await expect(bench.ask(PUSH, { key: 'k', agent: 'other' })).rejects.toEqual(code('state_conflict'));
    const theirs = await bench.ask(PUSH, { key: 'k', token: bench.id('token') });
    expect(theirs.request.id).not.toBe(first.request.id);
  });

  test('what waits already is not asked twice; another program’s request is not given away', async () => {
    const [one, two] = await times(2, () => bench.ask(PUSH));
    expect(one?.request.id).toBe(two?.request.id);
    const other = await bench.ask(PUSH, { token: bench.id('token') });
    expect(other.request.id).not.toBe(one?.request.id);
    expect(bench.told).toHaveLength(2);
  });

  test('E-20: five may wait for one session; many at once are not more', async () => {
    const session = bench.session(is(rita));
    const asks = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => bench.ask(execAction('git', 'push', `b${n}`), { session })),
    );
    expect(asks.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    const late = bench.ask(PUSH, { session });
    await expect(late).rejects.toEqual(code('rate_limited', { members: { reason: 'too_many_open' } }));
    // Others are not kept waiting by it.
    expect((await bench.ask(PUSH, { session: bench.session(is(uma)) })).state).toBe('pending');
    const refused = (await bench.events('')).filter(({ reason }) => reason === 'too_many_open');
    expect(refused).toHaveLength(1);
  });

  test('H57: after ten in a minute there is one line instead of cards', async () => {
    const session = bench.session(is(rita));
    for (let n = 0; n < 12; n += 1) {
      const view = await bench.ask(execAction('git', 'push', `b${n}`), { session });
      await bench.approvals.cancel(view.request.id, bench.token);
      expect(view.request.flags).toEqual(n < 10 ? [] : ['burst']);
    }
    expect(bench.told.filter((line) => line.startsWith('asked'))).toHaveLength(10);
    expect(bench.told.filter((line) => line.startsWith('owners'))[0]).toMatch(/faster than anybody reads/);
  });

  test('H57: three denials in a row pause the session, and the owners hear of it once', async () => {
    const session = bench.session(is(rita));
    for (let n = 0; n < 3; n += 1)
      await bench.says(is(ari), 'deny', await bench.ask(execAction('git', 'push', `b${n}`), { session }));
    const paused = bench.ask(PUSH, { session });
    await expect(paused).rejects.toEqual(
      code('rate_limited', { members: { reason: 'paused', retryAfter: 600 } }),
    );
    expect(await bench.events('approval.paused')).toHaveLength(1);
    expect(bench.told.filter((line) => /told no 3 times/.test(line))).toHaveLength(1);
    // What needs nobody is not held up.
    expect((await bench.ask(LOOK, { session })).state).toBe('approved');
    bench.clock.advance(600_000);
    expect((await bench.ask(PUSH, { session })).state).toBe('pending');
  });

  test('N-11: denied twice, asked again and approved: flagged, and the owners are told', async () => {
    const session = bench.session(is(rita));
    for (let n = 0; n < 2; n += 1) {
      await bench.says(is(ari), 'deny', await bench.ask(PUSH, { session }));
      bench.clock.advance('1s');
    }
    const third = await bench.ask(PUSH, { session });
    expect(third.request.flags).toEqual(['denied_before']);
    await bench.says(is(olga), 'approve', third);
    expect(await bench.events('approval.flagged')).toMatchObject([{ reason: 'deny_deny_approve' }]);
    expect(bench.told.at(-1)).toContain(third.request.short);
  });
});
