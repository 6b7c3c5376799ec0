import type { PairingId } from '@countersign/protocol/ids';
import { describe, expect, test } from 'vitest';
import { HOST, HOUR, NOW, SLOTS, type StoreBench, times } from './bench.ts';

export function pairingsSuite(bench: StoreBench): void {
  const opened = async (peer = bench.peer()) => {
    const request = bench.request(peer);
    expect(await bench.store.pairings.open(request, SLOTS)).toBe('opened');
    return request;
  };

  describe('pairing requests', () => {
    test('a request comes back as it went in', async () => {
      const request = await opened();
      const { codeHash: _, addressKey: __, ...shown } = request;
      expect(await bench.store.pairings.get(request.id)).toEqual({
        ...shown,
        state: 'pending',
        decidedAt: null,
        decidedBy: null,
        principal: null,
        accessUntil: null,
      });
    });

    test('so does the other id that a channel vouches for, sealed, or that there is one it did not say', async () => {
      const phone = bench.peer().native;
      for (const beside of [phone, 'hidden', null] as const) {
        const request = bench.request(bench.peer(), { beside });
        await bench.store.pairings.open(request, SLOTS);
        expect((await bench.store.pairings.get(request.id))?.beside).toBe(beside);
      }
    });

    test('R21: a live request stays as it is when its peer writes again', async () => {
      const first = await opened();
      const before = await bench.store.pairings.get(first.id);
      const again = bench.request(first.peer, { displayName: 'Owner', firstWords: 'trust me' });
      expect(await bench.store.pairings.open(again, SLOTS)).toBe('exists');
      expect(await bench.store.pairings.get(first.id)).toEqual(before);
      expect(await bench.store.pairings.get(again.id)).toBeNull();
    });

    test('H13: the same native id asks on each account by itself', async () => {
      const one = bench.peer();
      await opened(one);
      await opened({ ...one, account: bench.word() });
      await opened({ ...one, channel: 'webchat' });
    });

    test('R3, R40: of twenty settles of one request one wins', async () => {
      const { id } = await opened();
      const { pairings } = bench.store;
      const won = await times(20, (n) =>
        pairings.settle(id, ['pending', 'waiting'], n % 2 === 0 ? 'approved' : 'denied', HOST, NOW + n),
      );
      expect(won.filter(Boolean)).toHaveLength(1);
      const n = won.indexOf(true);
      expect(await pairings.get(id)).toMatchObject({
        state: n % 2 === 0 ? 'approved' : 'denied',
        decidedAt: NOW + n,
        decidedBy: 'host',
        code: null,
      });
    });

    test('R40: of twenty approvals in transactions one links the peer, and one event tells of it', async () => {
      const { id, peer } = await opened();
      const people = await times(20, () => bench.person());
      const won = await Promise.all(
        people.map(async ({ id: principal }) =>
          bench.store
            .atomically(async (tx) => {
              if ((await bench.link(peer, principal, tx)) === 'taken') throw new Error('taken');
              const settled = await tx.pairings.settle(id, ['pending'], 'approved', HOST, NOW, { principal });
              if (!settled) throw new Error('decided');
              await tx.audit.append([
                {
                  type: 'pairing.approved',
                  at: NOW,
                  actor: HOST,
                  subject: { pairing: id, principal },
                  outcome: 'ok',
                },
              ]);
              return principal;
            })
            .catch(() => null),
        ),
      );
      const winners = won.filter((principal) => principal !== null);
      expect(winners).toHaveLength(1);
      expect((await bench.store.people.standing(peer)).principal?.id).toBe(winners[0]);
      expect(await bench.store.audit.list({ subjects: [id], limit: 50 })).toHaveLength(1);
    });

    test('a request past its end can be neither approved nor denied, whoever asks', async () => {
      const { id } = await opened();
      const { pairings } = bench.store;
      const late = NOW + HOUR;
      expect(await pairings.settle(id, ['pending'], 'approved', HOST, late)).toBe(false);
      expect(await pairings.settle(id, ['pending'], 'denied', HOST, late)).toBe(false);
      expect(await pairings.settle(id, ['expired'], 'blocked', HOST, late)).toBe(true);
    });

    test('a settled request cannot be settled the same way again, and a block can follow', async () => {
      const { id } = await opened();
      const { pairings } = bench.store;
      expect(await pairings.settle(id, ['pending'], 'denied', HOST, NOW)).toBe(true);
      expect(await pairings.settle(id, ['pending'], 'approved', HOST, NOW)).toBe(false);
      expect(await pairings.settle(id, ['denied'], 'blocked', HOST, NOW)).toBe(true);
    });

    test('an approval keeps its person and the end of the access', async () => {
      const { id } = await opened();
      const { id: principal } = await bench.person();
      const by = { kind: 'principal', id: principal, surface: 'webchat' } as const;
      const more = { principal, accessUntil: NOW + 5 };
      await bench.store.pairings.settle(id, ['pending'], 'approved', by, NOW, more);
      expect(await bench.store.pairings.get(id)).toMatchObject({
        state: 'approved',
        decidedBy: `${principal}@webchat`,
        ...more,
      });
      await bench.store.pairings.settle(id, ['approved'], 'revoked', HOST, NOW + 1);
      expect(await bench.store.pairings.get(id)).toMatchObject({ state: 'revoked', principal });
    });

    test('an access that lasts is prolonged, by compare-and-set; one that has ended is not', async () => {
      const { id } = await opened();
      const { id: principal } = await bench.person();
      const { pairings } = bench.store;
      await pairings.settle(id, ['pending'], 'approved', HOST, NOW, { principal, accessUntil: NOW + 100 });
      const prolong = (at: number, accessUntil: number) =>
        pairings.settle(id, ['approved'], 'approved', HOST, at, { accessUntil });
      expect(await prolong(NOW + 99, NOW + 200)).toBe(true);
      expect(await pairings.get(id)).toMatchObject({ state: 'approved', principal, accessUntil: NOW + 200 });
      expect(await prolong(NOW + 200, NOW + 300)).toBe(false);
      expect(await pairings.get(id)).toMatchObject({ accessUntil: NOW + 200 });
      await pairings.sweep(NOW + 200, NOW);
      expect(await prolong(NOW + 150, NOW + 300)).toBe(false);
    });

    test('prolonged and revoked at once: a revoked access is never prolonged', async () => {
      const { pairings } = bench.store;
      const other = await bench.other();
      for (let n = 0; n < 5; n++) {
        const { id } = await opened();
        await pairings.settle(id, ['pending'], 'approved', HOST, NOW, { accessUntil: NOW + 100 });
        const [revoked] = await Promise.all([
          other.pairings.settle(id, ['approved'], 'revoked', HOST, NOW),
          pairings.settle(id, ['approved'], 'approved', HOST, NOW, { accessUntil: NOW + 200 }),
        ]);
        expect(revoked).toBe(true);
        expect(await pairings.get(id)).toMatchObject({ state: 'revoked' });
        const again = await pairings.settle(id, ['approved'], 'approved', HOST, NOW, {
          accessUntil: NOW + 9,
        });
        expect(again).toBe(false);
      }
    });

    test('accesses that end soon are found, soonest first; those that have ended or have no end are not', async () => {
      const { pairings } = bench.store;
      const end = NOW + 1_000 * HOUR;
      const ends = [end + 3, end, end + 1, end + 2, null, end + 9];
      const ids: PairingId[] = [];
      for (const accessUntil of ends) {
        const { id } = await opened();
        await pairings.settle(id, ['pending'], 'approved', HOST, NOW, { accessUntil });
        ids.push(id);
      }
      await pairings.settle(ids[3] ?? 'pair_', ['approved'], 'revoked', HOST, NOW);
      const found = async (limit: number) => (await pairings.ending(end, end + 3, limit)).map(({ id }) => id);
      expect(await found(9)).toEqual([ids[2], ids[0]]);
      expect(await found(1)).toEqual([ids[2]]);
    });

    test('a request becomes pending by no other road than being opened', async () => {
      const { id } = await opened();
      await expect(bench.store.pairings.settle(id, ['pending'], 'pending', HOST, NOW)).rejects.toMatchObject({
        code: 'internal',
      });
    });

    test('a code finds its requests on every account, newest first, decided ones too', async () => {
      const codeHash = bench.word();
      const requests = [bench.request(bench.peer(), { codeHash }), bench.request(bench.peer(), { codeHash })];
      for (const request of requests) await bench.store.pairings.open(request, SLOTS);
      const [first] = requests;
      if (first !== undefined) await bench.store.pairings.settle(first.id, ['pending'], 'denied', HOST, NOW);
      const found = await bench.store.pairings.byCode(codeHash);
      expect(found.map(({ id, state }) => [id, state])).toEqual([
        [requests[1]?.id, 'pending'],
        [requests[0]?.id, 'denied'],
      ]);
      expect(await bench.store.pairings.byCode(bench.word())).toEqual([]);
    });

    test('the latest request of a peer is the newest one, whatever became of it', async () => {
      const peer = bench.peer();
      expect(await bench.store.pairings.latest(peer)).toBeNull();
      const first = await opened(peer);
      await bench.store.pairings.settle(first.id, ['pending'], 'denied', HOST, NOW);
      expect(await bench.store.pairings.latest(peer)).toMatchObject({ id: first.id, state: 'denied' });
      const second = await opened(peer);
      expect(await bench.store.pairings.latest(peer)).toMatchObject({ id: second.id, state: 'pending' });
    });

    test('a request is found by its id or its native id, or by three characters of either', async () => {
      const { id, peer } = await opened(bench.peer(bench.word(), `long-${bench.word()}-name`));
      const { pairings } = bench.store;
      const here = { channel: peer.channel, account: peer.account };
      for (const text of [id, id.slice(0, 10), id.slice(5, 12), peer.native, peer.native.slice(0, 3)]) {
        expect((await pairings.find(text, here)).map((row) => row.id)).toEqual([id]);
      }
      expect(await pairings.find(peer.native.slice(0, 2), here)).toEqual([]);
      expect(await pairings.find(peer.native, { account: bench.word() })).toEqual([]);
      expect(await pairings.find(peer.native, { channel: 'webchat' })).toEqual([]);
    });

    test('a list tells states and places apart and goes on where it ended', async () => {
      const account = bench.word();
      const requests = [
        await opened(bench.peer(account)),
        await opened(bench.peer(account)),
        await opened(bench.peer(account)),
      ];
      await bench.store.pairings.settle(requests[1]?.id ?? 'pair_', ['pending'], 'denied', HOST, NOW);
      const ids = async (...args: Parameters<typeof bench.store.pairings.list>) =>
        (await bench.store.pairings.list(...args)).map(({ id }) => id);
      const pending = { account, states: ['pending'] as const };
      expect(await ids({ ...pending, limit: 5 })).toEqual([requests[2]?.id, requests[0]?.id]);
      expect(await ids({ ...pending, limit: 1 })).toEqual([requests[2]?.id]);
      expect(await ids({ ...pending, after: requests[2]?.id ?? 'pair_', limit: 5 })).toEqual([
        requests[0]?.id,
      ]);
      const oldest = { ...pending, oldestFirst: true };
      expect(await ids({ ...oldest, limit: 1 })).toEqual([requests[0]?.id]);
      expect(await ids({ ...oldest, after: requests[0]?.id ?? 'pair_', limit: 5 })).toEqual([
        requests[2]?.id,
      ]);
      expect(await ids({ account, states: ['denied'], limit: 5 })).toEqual([requests[1]?.id]);
      expect(await ids({ account, states: [], limit: 5 })).toEqual([]);
      expect(await ids({ ...pending, channel: 'webchat', limit: 5 })).toEqual([]);
    });

    test('a sweep marks what has run out and removes tombstones of long ago', async () => {
      const account = bench.word();
      const [left, denied, approved] = [
        await opened(bench.peer(account)),
        await opened(bench.peer(account)),
        await opened(bench.peer(account)),
      ];
      await bench.store.pairings.settle(denied.id, ['pending'], 'denied', HOST, NOW);
      await bench.store.pairings.settle(approved.id, ['pending'], 'approved', HOST, NOW, {
        accessUntil: NOW + HOUR,
      });
      expect(await bench.store.pairings.sweep(NOW + HOUR, NOW)).toBeGreaterThanOrEqual(2);
      expect(await bench.store.pairings.get(left.id)).toMatchObject({ state: 'expired', code: null });
      expect(await bench.store.pairings.get(approved.id)).toMatchObject({ state: 'expired' });
      expect(await bench.store.pairings.get(denied.id)).toMatchObject({ state: 'denied' });
      await bench.store.pairings.sweep(NOW + HOUR, NOW + HOUR + 1);
      for (const { id } of [left, denied, approved]) expect(await bench.store.pairings.get(id)).toBeNull();
    });

    test('a reset leaves accesses and blocks alone', async () => {
      const account = bench.word();
      const [open, approved, blocked] = [
        await opened(bench.peer(account)),
        await opened(bench.peer(account)),
        await opened(bench.peer(account)),
      ];
      await bench.store.pairings.settle(approved.id, ['pending'], 'approved', HOST, NOW);
      await bench.store.pairings.settle(blocked.id, ['pending'], 'blocked', HOST, NOW);
      const other = await opened(bench.peer(account));
      expect(await bench.store.pairings.reset({ peer: other.peer })).toBe(1);
      expect(await bench.store.pairings.reset({ channel: 'webchat', account })).toBe(0);
      expect(await bench.store.pairings.reset({ account })).toBe(1);
      expect(await bench.store.pairings.get(open.id)).toBeNull();
      expect(await bench.store.pairings.get(approved.id)).not.toBeNull();
      expect(await bench.store.pairings.get(blocked.id)).not.toBeNull();
    });
  });
}
