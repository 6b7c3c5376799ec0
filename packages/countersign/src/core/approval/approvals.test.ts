// Deciding, ending and looking, over the real store: what is stored, who is told, what stands in the audit.

import type { PrincipalId } from '@countersign/protocol/ids';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ApprovalBench, OTHER, PUSH, person, WIPE } from '../../testing/approval-bench.ts';
import { execAction } from '../../testing/approval-rows.ts';
import { times } from '../../testing/store/bench.ts';
import type { ApprovalView } from './service.ts';

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

describe('deciding', () => {
  test('E-04: a yes is stored with who said it and where, before anything says so', async () => {
    const asked = await bench.ask(PUSH, { session: bench.session(is(rita)) });
    const { state, request } = await bench.says(is(ari), 'approve', asked);
    expect(state).toBe('approved');
    expect(request.words).toEqual([
      {
        decision: 'approve',
        by: ari,
        surface: 'device:dev_a',
        factors: [],
        at: bench.clock.now(),
        reason: null,
      },
    ]);
    expect(request.redeemBy).toBe(bench.clock.now() + 120_000);
    expect(bench.ends).toMatchObject([{ state: 'approved', by: 'Ari' }]);
    expect(await bench.events('approval.approved')).toMatchObject([
      { actor: `${ari}@device:dev_a`, subject: { by: ari, policy: 0 } },
    ]);
  });

  test('N-10: a no carries its reason to whoever asked, and the audit can forget it', async () => {
    const asked = await bench.ask(PUSH);
    const denied = await bench.says(is(ari), 'deny', asked, { reason: 'not on a Friday' });
    expect(denied.request.words).toMatchObject([{ decision: 'deny', reason: 'not on a Friday' }]);
    expect(bench.ends).toMatchObject([{ state: 'denied', reason: 'not on a Friday' }]);
    expect(JSON.stringify(await bench.events(''))).not.toContain('Friday');
  });

  test('H41: whoever asked, the line it came on, a token and a stranger do not decide; each is told why', async () => {
    const asked = await bench.ask(PUSH, { session: bench.session(is(ari)) });
    const tries = [
      [person(is(ari)), 'requester'],
      [person(is(olga), { connection: `token:${bench.token}` }), 'agent_connection'],
      [person(is(olga), { connection: null }), 'connection_unknown'],
      [person(is(olga), { principal: null }), 'not_a_person'],
      [person(is(uma)), 'not_asked'],
    ] as const;
    for (const [decider, reason] of tries) {
      for (const decision of ['approve', 'deny'] as const) {
        const { id } = asked.request;
        const said = bench.approvals.decide(id, decider, { decision, reason: null }, { kind: 'host' });
        await expect(said).rejects.toEqual(code('auth_forbidden', { members: { reason } }));
      }
    }
    expect((await bench.approvals.get(asked.request.id)).state).toBe('pending');
    const refused = (await bench.events('approval.refused')).map(({ reason }) => reason);
    expect(refused).toEqual(tries.map(([, reason]) => reason));
  });

  test('R50: a yes within 700 ms of its card is asked for again; a no is never too soon', async () => {
    const asked = await bench.ask(PUSH);
    const deliveredAt = bench.clock.now();
    bench.clock.advance(699);
    await expect(bench.says(is(ari), 'approve', asked, { deliveredAt })).rejects.toEqual(code('too_soon'));
    expect((await bench.says(is(ari), 'deny', asked, { deliveredAt })).state).toBe('denied');
  });

  test('what needs a proof is denied without one, and not approved', async () => {
    await bench.enrols(is(ari));
    const asked = await bench.ask(WIPE);
    const yes = bench.says(is(ari), 'approve', asked, { enrolled: ['totp'] });
    await expect(yes).rejects.toEqual(code('auth_factor_required', { members: { factors: ['totp'] } }));
    const cannot = bench.says(is(olga), 'approve', asked);
    await expect(cannot).rejects.toEqual(
      code('auth_forbidden', { members: { reason: 'factor_not_enrolled' } }),
    );
    expect((await bench.says(is(olga), 'deny', asked)).state).toBe('denied');
  });

  test('with a quorum the first yes leaves it open, the same person counts once, and one no ends it', async () => {
    await bench.policies.set('tiers.elevated.quorum', '2', { kind: 'host' });
    const asked = await bench.ask(PUSH);
    expect((await bench.says(is(ari), 'approve', asked)).state).toBe('pending');
    const again = bench.says(is(ari), 'approve', asked);
    await expect(again).rejects.toEqual(code('auth_forbidden', { members: { reason: 'said_yes_already' } }));
    expect((await bench.says(is(olga), 'approve', asked)).state).toBe('approved');
    const types = (await bench.events('approval.')).map(({ type }) => type);
    expect(types).toContain('approval.endorsed');
    const next = await bench.ask(OTHER);
    await bench.says(is(ari), 'approve', next);
    expect((await bench.says(is(ari), 'deny', next)).state).toBe('denied');
  });

  test('E-02: who comes late learns what it is and by whom; unknown is told apart', async () => {
    const decided = await bench.ask(PUSH);
    await bench.says(is(ari), 'deny', decided);
    const late = await bench.says(is(olga), 'approve', decided).catch((cause: unknown) => cause);
    expect(late).toEqual(
      code('already_decided', { members: expect.objectContaining({ by: ari, state: 'denied' }) }),
    );
    expect(String(late)).toMatch(/denied already by Ari at 20/);
    const old = await bench.ask(OTHER);
    bench.clock.advance(TTL);
    await expect(bench.says(is(olga), 'approve', old)).rejects.toEqual(code('expired'));
    const unknown = { request: { ...old.request, id: 'appr_none' as const } };
    await expect(bench.says(is(olga), 'approve', unknown)).rejects.toEqual(code('not_found'));
  });

  test('H55: forty answers at once, yes and no by turns: one counts, and everything agrees with it', async () => {
    const asked = await bench.ask(PUSH);
    const answers = await Promise.allSettled(
      Array.from({ length: 40 }, (_, n) =>
        bench.says(n % 2 === 0 ? is(ari) : is(olga), n % 3 === 0 ? 'deny' : 'approve', asked),
      ),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const { state } = await bench.approvals.get(asked.request.id);
    expect(bench.ends.map((end) => end.state)).toEqual([state]);
    const types = (await bench.events('approval.')).map(({ type }) => type);
    expect(types).toEqual(['approval.requested', `approval.${state}`]);
  });

  test('H56: parallel requests answered in reverse order each get their own answer', async () => {
    const asked: ApprovalView[] = [];
    for (let n = 0; n < 5; n += 1) asked.push(await bench.ask(execAction('git', 'push', `b${n}`)));
    const stop = new AbortController().signal;
    const waits = asked.map(({ request }) => bench.approvals.wait(request.id, 30_000, stop));
    for (const [n, one] of [...asked.entries()].toReversed())
      await bench.says(is(ari), n % 2 === 0 ? 'approve' : 'deny', one);
    const answers = await Promise.all(waits);
    expect(answers.map(({ request }) => request.id)).toEqual(asked.map(({ request }) => request.id));
    expect(answers.map(({ state }) => state)).toEqual([
      'approved',
      'denied',
      'approved',
      'denied',
      'approved',
    ]);
  });

  test('E-20: all that waits is denied at once, but for what is not theirs to deny', async () => {
    const mine = await bench.ask(PUSH, { session: bench.session(is(ari)) });
    for (const action of [OTHER, execAction('git', 'push', 'x')]) await bench.ask(action);
    expect(await bench.approvals.denyAll(person(is(ari)), 'stop', { kind: 'host' })).toMatchObject({
      denied: 2,
    });
    expect((await bench.approvals.get(mine.request.id)).state).toBe('pending');
    expect(await bench.approvals.denyAll(person(is(olga)), null, { kind: 'host' })).toMatchObject({
      denied: 1,
    });
    expect(await bench.approvals.denyAll(person(is(olga)), null, { kind: 'host' })).toMatchObject({
      denied: 0,
    });
  });
});

describe('ending', () => {
  test('H49: silence is a no: marked, told and written once, however many look', async () => {
    const { request } = await bench.ask(PUSH);
    bench.clock.advance(TTL - 1);
    expect(await bench.approvals.expire()).toBe(0);
    bench.clock.advance(1);
    expect((await bench.approvals.get(request.id)).state).toBe('expired');
    const counts = await times(8, () => bench.approvals.expire());
    expect(counts.reduce((sum, one) => sum + one, 0)).toBe(1);
    expect(bench.told).toEqual([`asked ${request.id}`, `ended ${request.id} expired`]);
    expect(await bench.events('approval.expired')).toMatchObject([{ reason: 'timeout' }]);
  });

  test('E-10: a cancelled request stays cancelled; only the program that asked may cancel it', async () => {
    const asked = await bench.ask(PUSH);
    const { id } = asked.request;
    await expect(bench.approvals.cancel(id, bench.id('token'))).rejects.toEqual(code('not_found'));
    expect((await bench.approvals.cancel(id, bench.token)).state).toBe('cancelled');
    await expect(bench.approvals.cancel(id, bench.token)).rejects.toEqual(code('already_decided'));
    const yes = bench.says(is(ari), 'approve', asked);
    await expect(yes).rejects.toThrow(/cancelled already by the program that asked/);
  });

  test('E-09: nobody could be told: refused, said to the owners, and nobody’s denial', async () => {
    const session = bench.session(is(rita));
    for (let n = 0; n < 3; n += 1) {
      const { request } = await bench.ask(PUSH, { session });
      await times(3, () => bench.approvals.unreachable(request.id));
      expect(await bench.approvals.get(request.id)).toMatchObject({
        state: 'denied',
        request: { endedBy: 'no_approver_reachable', words: [] },
      });
    }
    expect(await bench.events('approval.undelivered')).toHaveLength(3);
    // No pause, and no mark on the next one.
    expect((await bench.ask(PUSH, { session })).request.flags).toEqual([]);
  });

  test('R41: somebody who was asked is no approver any more: what waits and what could be used is void', async () => {
    const [waits, used] = [await bench.ask(PUSH), await bench.ask(OTHER)];
    await bench.says(is(ari), 'approve', used);
    await bench.directory.rename(is(ari), 'Ariadne', { kind: 'host' });
    await bench.person('Neo', 'approver');
    await bench.approvals.settled();
    expect((await bench.approvals.get(waits.request.id)).state).toBe('pending');
    await bench.directory.setRole(is(ari), 'user', { kind: 'host' });
    await bench.approvals.settled();
    for (const { request } of [waits, used])
      expect((await bench.approvals.get(request.id)).request).toMatchObject({
        state: 'superseded',
        endedBy: 'people_changed',
      });
    const yes = bench.says(is(olga), 'approve', waits);
    await expect(yes).rejects.toEqual(code('expired'));
  });

  test('R41: a factor that was enrolled since makes it another question', async () => {
    const { request } = await bench.ask(PUSH);
    await bench.enrols(is(ari));
    expect((await bench.approvals.get(request.id)).state).toBe('superseded');
    expect((await bench.ask(PUSH)).request.need).toMatchObject({ able: [ari] });
  });

  test('R41: whoever it is asked for was blocked: it is void, approved or not', async () => {
    const asked = await bench.ask(PUSH, { session: bench.session(is(rita)) });
    await bench.says(is(ari), 'approve', asked);
    await bench.directory.setState(is(rita), 'block', { kind: 'host' });
    await bench.approvals.settled();
    expect((await bench.approvals.get(asked.request.id)).request.endedBy).toBe('requester_changed');
  });

  test('a role that was lost counts in the very next word, swept up or not', async () => {
    const asked = await bench.ask(PUSH);
    // As another gateway on the same store would do it: nothing is heard of it here.
    await bench.store.people.setRole(is(ari), 'approver', 'user');
    const yes = bench.says(is(ari), 'approve', asked);
    await expect(yes).rejects.toEqual(code('expired'));
    expect((await bench.approvals.get(asked.request.id)).state).toBe('superseded');
  });

  test('R41: whoever it is for was blocked a moment ago: the yes of another counts no more', async () => {
    const asked = await bench.ask(PUSH, { session: bench.session(is(rita)) });
    await bench.store.people.setState(is(rita), ['active'], 'blocked');
    const yes = bench.says(is(ari), 'approve', asked);
    await expect(yes).rejects.toEqual(code('expired'));
    expect((await bench.approvals.get(asked.request.id)).request).toMatchObject({
      state: 'superseded',
      endedBy: 'requester_changed',
      words: [],
    });
  });

  test('approvers that the configuration names are the only ones, by a chat of theirs', async () => {
    bench.settings = {
      ...bench.settings,
      approvers: [{ channel: 'loopback', account: 'default', native: 'ari' }],
    };
    expect((await bench.ask(PUSH)).request).toMatchObject({ state: 'denied', because: 'no_approver' });
    const peer = { channel: 'loopback', account: 'default', native: 'ari' as never };
    const link = { principal: is(ari), ceiling: 'approver', assurance: 'high', direct: true } as const;
    const more = { accessUntil: null, displayName: null, username: null, at: 0 };
    await bench.store.people.link(peer, { ...link, ...more });
    expect((await bench.ask(PUSH)).request.need?.people).toEqual([ari]);
  });
});

describe('looking', () => {
  const stop = new AbortController().signal;

  test('a wait ends with what happens, and with what happened before it began', async () => {
    const asked = await bench.ask(PUSH);
    const waiting = bench.approvals.wait(asked.request.id, 30_000, stop);
    await vi.waitFor(() => expect(bench.deadlines).toHaveLength(1), 30_000);
    await bench.says(is(ari), 'approve', asked);
    expect((await waiting).state).toBe('approved');
    expect((await bench.approvals.wait(asked.request.id, 30_000, stop)).state).toBe('approved');
    expect(bench.deadlines).toHaveLength(1);
  });

  test('a wait ends with its time, with the time of the request, and when whoever waits is gone', async () => {
    const { request } = await bench.ask(PUSH);
    const timed = bench.approvals.wait(request.id, 5_000, stop);
    const longer = bench.approvals.wait(request.id, 10 * TTL, stop);
    const leave = new AbortController();
    const left = bench.approvals.wait(request.id, 5_000, leave.signal);
    await vi.waitFor(() => expect(bench.deadlines).toHaveLength(3), 30_000);
    expect(bench.deadlines.map(({ ms }) => ms)).toEqual([5_000, TTL, 5_000]);
    bench.deadlines[0]?.end.abort();
    expect((await timed).state).toBe('pending');
    leave.abort();
    expect((await left).state).toBe('pending');
    bench.clock.advance(TTL);
    bench.deadlines[1]?.end.abort();
    expect((await longer).state).toBe('expired');
  });

  test('R22: found by a beginning; what fits two is an error, and no word means the newest', async () => {
    const one = await bench.ask(PUSH);
    await bench.ask(OTHER);
    const { id, short } = one.request;
    for (const typed of [id, id.slice(0, 12), id.slice(5, 15), short, short.toLowerCase().slice(0, 5)])
      expect((await bench.approvals.find(typed)).request.id).toBe(id);
    for (const typed of ['all', 'last', 'appr_', '', 'yes', 'zzzzzzzzzz'])
      await expect(bench.approvals.find(typed)).rejects.toEqual(code('not_found'));
  });

  test('open ones and history are listed apart; what ran out is history, swept up or not', async () => {
    const [old, decided] = [await bench.ask(PUSH), await bench.ask(OTHER)];
    await bench.says(is(ari), 'deny', decided);
    bench.clock.advance(TTL);
    const open = await bench.ask(execAction('git', 'push', 'x'));
    const ids = async (show: 'open' | 'history' | 'all') =>
      (await bench.approvals.list({ show, limit: 9 })).map(({ request }) => request.id);
    expect(await ids('open')).toEqual([open.request.id]);
    expect(await ids('history')).toEqual([decided.request.id, old.request.id]);
    expect(await ids('all')).toHaveLength(3);
  });
});
