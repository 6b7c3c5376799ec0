// Requests for approval and the policy: written once, ended once, whoever comes at the same time and through which handle.
import type { ApprovalId } from '@countersign/protocol/ids';
import { describe, expect, test } from 'vitest';
import type { NewApproval } from '../../core/approval/approvals-port.ts';
import { approvalRow, needOf, word } from '../approval-rows.ts';
import { HOUR, NOW, type StoreBench, times } from './bench.ts';

const MANY = 50;
const END = NOW + 600_000;

export function approvalsSuite(bench: StoreBench): void {
  const made = (more: Partial<NewApproval> = {}): NewApproval =>
    approvalRow(bench.id('approval'), NOW, { agent: bench.word(), token: bench.id('token'), ...more });
  const opened = async (more: Partial<NewApproval> = {}): Promise<NewApproval> => {
    const request = made(more);
    expect(await bench.store.approvals.open(request, null)).toEqual({ outcome: 'opened' });
    return request;
  };
  /** Half of them through another handle on the same data. */
  const race = async <T>(work: (store: StoreBench['store'], n: number) => Promise<T>): Promise<T[]> => {
    const other = await bench.other();
    return times(MANY, (n) => work(n % 2 === 0 ? bench.store : other, n));
  };

  describe('requests for approval', () => {
    test('R21: come back as they went in, whatever became of them since', async () => {
      const { id: by } = await bench.person();
      const request = await opened({
        requester: by,
        requesterPeer: 'telegram:default:555',
        session: bench.id('session'),
        need: needOf([by], { quorum: 2, factors: ['totp'] }),
        flags: ['denied_before'],
        quietly: true,
      });
      const whole = { ...request, words: [], endedAt: null, endedBy: null };
      expect(await bench.store.approvals.get(request.id)).toEqual(whole);
      const yes = word(by, NOW + 1, { factors: ['totp'], reason: 'go on' });
      await bench.store.approvals.say(request.id, yes, 'approve', NOW + HOUR);
      const after = { state: 'approved', words: [yes], redeemBy: NOW + HOUR, endedAt: NOW + 1 };
      expect(await bench.store.approvals.get(request.id)).toEqual({ ...whole, ...after });
      expect(await bench.store.approvals.get(bench.id('approval'))).toBeNull();
    });

    test('what the policy answered at once is kept as well, and is over', async () => {
      const allowed = await opened({ state: 'approved', need: null, because: 'free', redeemBy: NOW + 9 });
      const denied = await opened({ state: 'denied', need: null, because: 'security_deny' });
      expect(await bench.store.approvals.get(allowed.id)).toMatchObject({ state: 'approved', endedAt: NOW });
      expect(await bench.store.approvals.get(denied.id)).toMatchObject({ because: 'security_deny' });
      const { id: by } = await bench.person();
      expect(await bench.store.approvals.say(denied.id, word(by, NOW), 'approve', END)).toBe(false);
    });

    test('R40: the same key twice is one request, of many at once as well; another program has keys of its own', async () => {
      const token = bench.id('token');
      const key = bench.word();
      const opens = await race((store) => store.approvals.open(made({ token }), key));
      const first = opens.filter(({ outcome }) => outcome === 'opened');
      expect(first).toHaveLength(1);
      const id = await bench.store.approvals.repeated(token, key);
      for (const one of opens) if (one.outcome === 'repeat') expect(one.of).toBe(id);
      expect(await bench.store.approvals.open(made(), key)).toEqual({ outcome: 'opened' });
      expect(await bench.store.approvals.repeated(token, bench.word())).toBeNull();
    });

    test('H55: fifty answers at once, a yes and a no by turns: one counts', async () => {
      const { id } = await opened();
      const people = await times(MANY, () => bench.person());
      const said = await race((store, n) => {
        const no = n % 3 === 0;
        const one = word(people[n]?.id ?? 'prn_', NOW + 1, { decision: no ? 'deny' : 'approve' });
        return store.approvals.say(id, one, no ? 'deny' : 'approve', NOW + HOUR);
      });
      expect(said.filter(Boolean)).toHaveLength(1);
      const request = await bench.store.approvals.get(id);
      expect(request?.words).toHaveLength(1);
      const [last] = request?.words ?? [];
      expect(request?.state).toBe(last?.decision === 'deny' ? 'denied' : 'approved');
      expect(request?.redeemBy).toBe(last?.decision === 'deny' ? null : NOW + HOUR);
    });

    test('a quorum of two, asked of fifty at once: two words, one yes', async () => {
      const { id } = await opened({ need: needOf([], { quorum: 2 }) });
      const people = await times(MANY, () => bench.person());
      const said = await race((store, n) =>
        store.atomically(async (tx) => {
          const request = await tx.approvals.get(id);
          if (request?.state !== 'pending') return null;
          const event = request.words.length === 1 ? 'approve' : 'endorse';
          const one = word(people[n]?.id ?? 'prn_', NOW + 1);
          return (await tx.approvals.say(id, one, event, NOW + HOUR)) ? event : null;
        }),
      );
      expect(said.filter((event) => event !== null).toSorted()).toEqual(['approve', 'endorse']);
      expect(await bench.store.approvals.get(id)).toMatchObject({ state: 'approved' });
    });

    test('the same yes twice is one, and their no after it still ends it', async () => {
      const { id } = await opened({ need: needOf([], { quorum: 2 }) });
      const { id: by } = await bench.person();
      const yes = await race((store) => store.approvals.say(id, word(by, NOW + 1), 'endorse', null));
      expect(yes.filter(Boolean)).toHaveLength(1);
      const no = word(by, NOW + 2, { decision: 'deny', reason: 'looked again' });
      expect(await bench.store.approvals.say(id, no, 'deny', null)).toBe(true);
      expect(await bench.store.approvals.get(id)).toMatchObject({ state: 'denied', words: [{}, no] });
    });

    test('H49: what ran out is not approved by a late hand, and an approved one that ran out is not cancelled', async () => {
      const late = await opened();
      const { id: by } = await bench.person();
      expect(await bench.store.approvals.say(late.id, word(by, END), 'approve', END + HOUR)).toBe(false);
      expect(await bench.store.approvals.end(late.id, 'cancel', 'requester', END)).toBe(false);
      const used = await opened();
      await bench.store.approvals.say(used.id, word(by, NOW), 'approve', NOW + 9);
      expect(await bench.store.approvals.end(used.id, 'cancel', 'requester', NOW + 9)).toBe(false);
      expect(await bench.store.approvals.end(used.id, 'deny', 'nobody', NOW + 8)).toBe(false);
      expect(await bench.store.approvals.end(used.id, 'cancel', 'requester', NOW + 8)).toBe(true);
    });

    test('of every end at once one happens', async () => {
      const { id } = await opened();
      const { id: by } = await bench.person();
      const ends = await race((store, n) => {
        const { approvals } = store;
        if (n % 4 === 0) return approvals.say(id, word(by, NOW + 1), 'approve', NOW + HOUR);
        if (n % 4 === 1) return approvals.end(id, 'cancel', 'requester', NOW + 1);
        if (n % 4 === 2) return approvals.end(id, 'supersede', 'policy_changed', NOW + 1);
        return approvals.end(id, 'deny', 'no_approver_reachable', NOW + 1);
      });
      const { state, words, endedBy } = (await bench.store.approvals.get(id)) ?? expect.fail();
      const count = ends.filter(Boolean).length;
      // A yes that came first may still be taken back, once.
      expect(count).toBe(words.length === 1 && endedBy !== null ? 2 : 1);
      expect(state).not.toBe('pending');
    });

    test('E-07: those past their end are marked once, each with when it ended', async () => {
      const [waits, used] = [await opened(), await opened()];
      const young = await opened({ expiresAt: END + HOUR });
      const { id: by } = await bench.person();
      await bench.store.approvals.say(used.id, word(by, NOW), 'approve', NOW + 9);
      const marked = (await race((store) => store.approvals.expire(END, 1_000))).flat();
      const ours = marked.filter((id) => [waits.id, used.id, young.id].includes(id));
      expect(ours.toSorted()).toEqual([waits.id, used.id].toSorted());
      const { approvals } = bench.store;
      expect(await approvals.get(waits.id)).toMatchObject({
        state: 'expired',
        endedAt: END,
        endedBy: 'timeout',
      });
      expect(await approvals.get(used.id)).toMatchObject({ endedAt: NOW + 9, endedBy: 'unused' });
      expect(await approvals.get(young.id)).toMatchObject({ state: 'pending' });
    });

    test('R41: superseding takes what waits and what could be used, and nothing that is over', async () => {
      const [waits, used, denied, late] = [await opened(), await opened(), await opened(), await opened()];
      const gone = await opened({ expiresAt: NOW + 1 });
      const { id: by } = await bench.person();
      await bench.store.approvals.say(used.id, word(by, NOW), 'approve', NOW + HOUR);
      await bench.store.approvals.say(late.id, word(by, NOW), 'approve', NOW + 1);
      await bench.store.approvals.say(denied.id, word(by, NOW, { decision: 'deny' }), 'deny', null);
      const ids = (await race((store) => store.approvals.supersedeAll('policy_changed', NOW + 2))).flat();
      const all = [waits, used, denied, late, gone].map(({ id }) => id);
      const ours = ids.filter((id) => all.includes(id));
      expect(ours.toSorted()).toEqual([waits.id, used.id].toSorted());
      const row = await bench.store.approvals.get(waits.id);
      expect(row).toMatchObject({ state: 'superseded', endedBy: 'policy_changed', endedAt: NOW + 2 });
    });

    test('are listed newest first, a page at a time, by state, agent and program', async () => {
      const agent = bench.word();
      const all = [await opened({ agent }), await opened({ agent }), await opened({ agent })];
      const newest = all.map(({ id }) => id).toReversed();
      const ids = async (query: Parameters<typeof bench.store.approvals.list>[0]): Promise<ApprovalId[]> =>
        (await bench.store.approvals.list(query)).map(({ id }) => id);
      expect(await ids({ agent, limit: 2 })).toEqual(newest.slice(0, 2));
      const [, before] = newest;
      expect(await ids({ agent, limit: 9, ...(before === undefined ? {} : { before }) })).toEqual(
        newest.slice(2),
      );
      expect(await ids({ agent, token: all[0]?.token ?? 'tok_', limit: 9 })).toEqual(newest.slice(2));
      await bench.store.approvals.end(all[1]?.id ?? 'appr_', 'cancel', 'requester', NOW);
      expect(await ids({ agent, states: ['pending'], limit: 9 })).toEqual([newest[0], newest[2]]);
      expect(await ids({ agent, states: [], limit: 9 })).toEqual([]);
    });

    test('H63: are listed without what was asked, and by when they ended', async () => {
      const { approvals } = bench.store;
      const agent = bench.word();
      const { id: by } = await bench.person();
      const asked = await opened({ agent, need: needOf([by]), createdAt: NOW });
      const free = await opened({ agent, state: 'approved', need: null, because: 'free', redeemBy: END });
      const { action, reasons, commands, requesterPeer, ...rest } = asked;
      const brief = { ...rest, words: [], endedAt: null, endedBy: null };
      expect(await approvals.briefs({ agent, states: ['pending'], limit: 9 })).toEqual([brief]);
      const ids = async (query: Omit<Parameters<typeof approvals.briefs>[0], 'limit'>) =>
        (await approvals.briefs({ ...query, agent, limit: 9 })).map(({ id }) => id);
      expect(await ids({})).toEqual([free.id, asked.id]);
      expect(await ids({ asked: 'people' })).toEqual([asked.id]);
      expect(await ids({ ids: [free.id] })).toEqual([free.id]);
      expect(await ids({ ids: [] })).toEqual([]);
      expect(await ids({ endedSince: NOW })).toEqual([free.id]);
      const no = word(by, NOW + 5, { decision: 'deny' });
      await approvals.say(asked.id, no, 'deny', null);
      expect(await ids({ endedSince: NOW })).toEqual([asked.id, free.id]);
      expect(await ids({ endedSince: NOW + 1, asked: 'people' })).toEqual([asked.id]);
      expect(await approvals.briefs({ agent, asked: 'people', limit: 9 })).toMatchObject([{ words: [no] }]);
    });

    test('R41: what was allowed unasked ends with whoever it was for, and nothing else does', async () => {
      const { approvals, people } = bench.store;
      const [ana, bo] = [await bench.person(), await bench.person()];
      const free = { state: 'approved', need: null, because: 'free', redeemBy: END } as const;
      const theirs = await opened({ ...free, requester: ana.id });
      const over = await opened({ ...free, requester: ana.id, redeemBy: NOW + 1 });
      const others = await opened({ ...free, requester: bo.id });
      const nobodys = await opened(free);
      const asked = await opened({ requester: ana.id, need: needOf([bo.id]) });
      const gone = await opened({ ...free, requester: bench.id('principal') });
      await people.setState(ana.id, ['active'], 'blocked');
      const ended = await approvals.supersedeShutOut('requester_changed', NOW + 1);
      const mine = new Set([theirs, over, others, nobodys, asked, gone].map(({ id }) => id));
      expect(ended.filter((id) => mine.has(id)).toSorted()).toEqual([theirs.id, gone.id].toSorted());
      expect(await approvals.get(theirs.id)).toMatchObject({
        ...{ state: 'superseded', endedBy: 'requester_changed', endedAt: NOW + 1 },
      });
    });

    test('E-02: are found by the beginning of id or short digest, and never by an empty one', async () => {
      const short = 'QQQQQ-ZZZZZ';
      const [one, two] = [await opened({ short }), await opened({ short: 'QQQQQ-ZZZZY' })];
      const by = async (id: string | null, beginning: string | null) =>
        (await bench.store.approvals.beginning({ id, short: beginning }, 9)).map((found) => found.id);
      expect(await by(one.id.slice(5, 20), null)).toEqual([one.id]);
      expect(await by(null, 'QQQQQZZZZ')).toEqual([two.id, one.id]);
      expect(await by(null, 'QQQQQZZZZZ')).toEqual([one.id]);
      expect(await by(two.id.slice(5, 20), 'QQQQQZZZZZ')).toEqual([two.id, one.id]);
      expect(await by(null, null)).toEqual([]);
    });

    test('H57: the past of a session is what people were asked in it, and how they answered', async () => {
      const [agent, session] = [bench.word(), bench.id('session')];
      const { id: by } = await bench.person();
      const ask = (actionDigest: string, more: Partial<NewApproval> = {}) =>
        opened({ agent, session, actionDigest, ...more });
      const { approvals } = bench.store;
      const denied = await ask('d');
      await approvals.say(denied.id, word(by, NOW + 1, { decision: 'deny' }), 'deny', null);
      const approved = await ask('a', { createdAt: NOW + 1 });
      await approvals.say(approved.id, word(by, NOW + 2), 'approve', NOW + 9);
      const nobody = await ask('n', { createdAt: NOW + 2 });
      await approvals.end(nobody.id, 'deny', 'no_approver_reachable', NOW + 3);
      const taken = await ask('t', { createdAt: NOW + 2 });
      await approvals.end(taken.id, 'cancel', 'requester', NOW + 3);
      await ask('o', { createdAt: NOW + 3 });
      await ask('r', { createdAt: NOW + 4, expiresAt: NOW + 5 });
      // What the policy answered by itself, another session and another agent have no part in it.
      await ask('p', { need: null, state: 'denied', because: 'not_on_list' });
      await ask('s', { session: bench.id('session') });
      await ask('x', { agent: bench.word() });
      expect(await approvals.past(agent, session, NOW, NOW + 10)).toEqual([
        { actionDigest: 'r', askedAt: NOW + 4, outcome: 'other', endedAt: NOW + 5 },
        { actionDigest: 'o', askedAt: NOW + 3, outcome: 'open', endedAt: null },
        { actionDigest: 't', askedAt: NOW + 2, outcome: 'taken_back', endedAt: NOW + 3 },
        { actionDigest: 'n', askedAt: NOW + 2, outcome: 'other', endedAt: NOW + 3 },
        { actionDigest: 'a', askedAt: NOW + 1, outcome: 'approved', endedAt: NOW + 2 },
        { actionDigest: 'd', askedAt: NOW, outcome: 'denied', endedAt: NOW + 1 },
      ]);
      // A yes that was not used in time was one.
      await approvals.expire(NOW + 10, 1_000);
      expect(await approvals.past(agent, session, NOW + 1, NOW + 10)).toContainEqual({
        actionDigest: 'a',
        askedAt: NOW + 1,
        outcome: 'approved',
        endedAt: NOW + 2,
      });
      expect(await approvals.past(agent, null, NOW, NOW + 10)).toEqual([]);
    });

    test('E-09: how far people have heard of one is how far its best card got', async () => {
      const { store } = bench;
      const { id } = await opened();
      const told = async () => (await store.approvals.told([id])).get(id);
      expect(await told()).toBe('none');
      const card = async () => {
        const peer = bench.peer();
        const conversation = { kind: 'direct', id: peer.native } as const;
        const one = { id: bench.id('card'), peer, conversation, text: 'asks' };
        await store.cards.open({ ...one, about: id, buttons: [], createdAt: NOW, expiresAt: END });
        await store.outbox.put([{ ...one, card: one.id, kind: 'card', deadline: END }], NOW);
        return { ...one, peer };
      };
      const [first, second] = [await card(), await card()];
      expect(await told()).toBe('queued');
      for (const { peer } of [first, second]) {
        const [item] = await store.outbox.claim([peer], store.writer, NOW + 9, NOW, 1);
        await store.outbox.settle(item?.id ?? 'out_', 'failed', NOW, 'channel_refused');
        if (peer === first.peer) expect(await told()).toBe('queued');
      }
      expect(await told()).toBe('failed');
      await store.cards.delivered(second.id, null, NOW);
      expect(await told()).toBe('delivered');
    });

    test('are pruned with every word on them, a while after they ended', async () => {
      const { id: by } = await bench.person();
      const [old, young, open] = [await opened(), await opened(), await opened()];
      await bench.store.approvals.say(old.id, word(by, NOW - HOUR, { decision: 'deny' }), 'deny', null);
      await bench.store.approvals.say(young.id, word(by, NOW, { decision: 'deny' }), 'deny', null);
      expect(await bench.store.approvals.prune(NOW)).toBeGreaterThanOrEqual(1);
      expect(await bench.store.approvals.get(old.id)).toBeNull();
      expect(await bench.store.approvals.get(young.id)).toMatchObject({ words: [{}] });
      expect(await bench.store.approvals.get(open.id)).not.toBeNull();
    });

    test('a person who is forgotten leaves no request of theirs, and of their words the id alone', async () => {
      const { store } = bench;
      const [gone, other] = [await bench.person(), await bench.person()];
      const theirs = await opened({ requester: gone.id, requesterPeer: 'telegram:default:555' });
      const others = await opened({ requester: other.id });
      await store.approvals.say(theirs.id, word(other.id, NOW), 'approve', END);
      await store.approvals.say(others.id, word(gone.id, NOW, { reason: 'mine' }), 'approve', END);
      expect(await store.people.forget(gone.id)).toBe(true);
      expect(await store.approvals.get(theirs.id)).toBeNull();
      const [said] = (await store.approvals.get(others.id))?.words ?? [];
      expect(said).toEqual(word(gone.id, NOW, { surface: 'unknown', reason: null }));
    });
  });

  describe('the policy', () => {
    test('R41: each version is written by one of many, and the newest holds', async () => {
      const { policies } = bench.store;
      const from = (await policies.current())?.version ?? 0;
      const version = from + 1;
      const writes = await race((store, n) =>
        store.policies.replace(from, { version, json: `{"by":${n}}`, at: NOW }),
      );
      expect(writes.filter(Boolean)).toHaveLength(1);
      const winner = writes.indexOf(true);
      expect(await policies.current()).toEqual({ version, json: `{"by":${winner}}` });
      const later = { version: from + 3, json: '{}', at: NOW };
      expect(await policies.replace(from + 2, later)).toBe(false);
      await expect(policies.replace(version, later)).rejects.toMatchObject({ code: 'internal' });
    });

    test('R41: the newest version that was told is known to every handle, and a change that was rolled back was not told', async () => {
      const [{ policies }, other] = [bench.store, await bench.other()];
      const from = Math.max(await policies.told(), (await policies.current())?.version ?? 0);
      const change = (version: number) =>
        bench.store.atomically(async (tx) => {
          await tx.policies.replace(version - 1, { version, json: '{}', at: NOW });
          const subject = { version, changes: [] };
          await tx.audit.append([
            { type: 'policy.changed', at: NOW, actor: { kind: 'host' }, subject, outcome: 'ok' },
          ]);
          // Its own word, and nobody else's yet.
          expect(await tx.policies.told()).toBe(version);
          if (version === from + 2) throw new Error('not after all');
        });
      await change(from + 1);
      expect([await policies.told(), await other.policies.told()]).toEqual([from + 1, from + 1]);
      await expect(change(from + 2)).rejects.toThrow('not after all');
      expect([await policies.told(), await other.policies.told()]).toEqual([from + 1, from + 1]);
    });

    test('a change and a request at once: what is asked under the older version is void, or asked under the newer', async () => {
      const other = await bench.other();
      const agent = bench.word();
      const from = (await bench.store.policies.current())?.version ?? 0;
      await times(20, (n) =>
        (n % 2 === 0 ? bench.store : other).atomically(async (tx) => {
          if (n === 7) {
            await tx.policies.replace(from, { version: from + 1, json: '{}', at: NOW });
            await tx.approvals.supersedeAll('policy_changed', NOW);
            return;
          }
          const policy = (await tx.policies.current())?.version ?? 0;
          await tx.approvals.open(made({ agent, policy }), null);
        }),
      );
      const open = await bench.store.approvals.list({ agent, states: ['pending'], limit: 99 });
      expect(open.map(({ policy }) => policy).filter((policy) => policy !== from + 1)).toEqual([]);
    });
  });
}
