import { makeId, type WriterId } from '@countersign/protocol/ids';
import { describe, expect, test } from 'vitest';
import type { OutboxDraft } from '../../core/outbound.ts';
import { NOW, type StoreBench, times } from './bench.ts';

const OTHER: WriterId = makeId('writer', new Uint8Array(15).fill(8));

export function outboxSuite(bench: StoreBench): void {
  const draft = (account: string, text: string, more: Partial<OutboxDraft> = {}): OutboxDraft => {
    const peer = bench.peer(account);
    return {
      peer,
      conversation: { kind: 'direct', id: peer.native },
      kind: 'notice',
      text,
      deadline: NOW + 1_000,
      ...more,
    };
  };
  const claim = (account: string, now = NOW, until = now + 100, limit = 10) =>
    bench.store.outbox.claim([{ channel: 'loopback', account }], bench.store.writer, until, now, limit);

  describe('outbox', () => {
    test('items come back as they were put, oldest first, and are claimed once', async () => {
      const account = bench.word();
      const person = await bench.person();
      const turn = makeId('turn', new Uint8Array(15).fill(3));
      const drafts = [
        draft(account, 'one', { principal: person.id, turn, once: bench.word() }),
        draft(account, 'two'),
      ];
      await bench.store.outbox.put(drafts, NOW);
      const items = await claim(account);
      expect(items).toMatchObject(drafts.map((one) => ({ ...one, attempt: 1, createdAt: NOW })));
      expect(await claim(account)).toEqual([]);
      expect(await claim(bench.word())).toEqual([]);
      expect(await bench.store.outbox.claim([], OTHER, NOW + 9, NOW, 10)).toEqual([]);
    });

    test('what the platform says later is recorded once, for that account and a message that was sent', async () => {
      const account = bench.word();
      const { outbox } = bench.store;
      await outbox.put([draft(account, 'one'), draft(account, 'two')], NOW);
      const [first, second] = await claim(account);
      if (first === undefined || second === undefined) throw new Error('nothing was claimed');
      const here = { channel: 'loopback', account };
      const elsewhere = { channel: 'loopback', account: bench.word() };
      expect(await outbox.report(first.id, elsewhere, 'failed', NOW + 1)).toBeNull();
      await outbox.settle(first.id, 'sent', NOW + 1);
      expect(await outbox.report(first.id, here, 'failed', NOW + 2, 'late')).toMatchObject({
        id: first.id,
        kind: 'notice',
        fate: 'failed',
        reason: 'late',
        card: null,
      });
      expect(await outbox.report(first.id, here, 'delivered', NOW + 3)).toBeNull();
      // Told before our own record of the sending: it is not sent again, and the record does not undo it.
      expect(await outbox.report(second.id, here, 'delivered', NOW + 1)).toMatchObject({ fate: 'delivered' });
      expect(await outbox.settle(second.id, 'sent', NOW + 2)).toBe(false);
      expect(await claim(account, NOW + 500)).toEqual([]);
      // One that nobody has tried to send cannot have arrived.
      await outbox.put([draft(account, 'three')], NOW);
      const [row] = await outbox.recent({ channel: 'loopback', limit: 1 });
      if (row === undefined) throw new Error('nothing was put');
      expect(await outbox.report(row.id, here, 'delivered', NOW)).toBeNull();
    });

    test('of twenty claims at once each item goes to one', async () => {
      const account = bench.word();
      await bench.store.outbox.put(
        Array.from({ length: 10 }, (_, n) => draft(account, `${n}`)),
        NOW,
      );
      const other = await bench.other();
      const here = [{ channel: 'loopback', account }];
      const claims = await times(20, (n) =>
        (n % 2 === 0 ? bench.store : other).outbox.claim(here, OTHER, NOW + 100, NOW, 3),
      );
      const ids = claims.flat().map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    });

    test('a claim that ran out makes its item due again', async () => {
      const account = bench.word();
      await bench.store.outbox.put([draft(account, 'one')], NOW);
      const [first] = await claim(account);
      expect(await claim(account, NOW + 99)).toEqual([]);
      expect(await claim(account, NOW + 100)).toMatchObject([{ id: first?.id, attempt: 2 }]);
    });

    test('nothing overtakes an earlier message to the same peer that waits for its next try', async () => {
      const account = bench.word();
      const peer = bench.peer(account);
      await bench.store.outbox.put(
        [draft(account, '1', { peer }), draft(account, '2', { peer }), draft(account, 'x')],
        NOW,
      );
      const [first] = await claim(account, NOW, NOW + 100, 1);
      expect((await claim(account)).map(({ text }) => text)).toEqual(['x']);
      await bench.store.outbox.retry(first?.id ?? 'out_', NOW + 50, 'busy');
      expect(await claim(account, NOW + 49)).toEqual([]);
      expect((await claim(account, NOW + 50)).map(({ text }) => text)).toEqual(['1', '2']);
    });

    test("what a dead process of a writer had claimed is due at once, and nobody else's", async () => {
      const [mine, theirs] = [bench.word(), bench.word()];
      const dead: WriterId = makeId('writer', new Uint8Array(15).fill(11));
      await bench.store.outbox.put([draft(mine, 'mine'), draft(theirs, 'theirs')], NOW);
      await bench.store.outbox.claim([{ channel: 'loopback', account: mine }], dead, NOW + 500, NOW, 9);
      await bench.store.outbox.claim([{ channel: 'loopback', account: theirs }], OTHER, NOW + 500, NOW, 9);
      expect(await bench.store.outbox.abandon(dead)).toBe(1);
      expect(await claim(mine)).toHaveLength(1);
      expect(await claim(theirs)).toEqual([]);
    });

    test('a draft put twice under one key is one item, also at once', async () => {
      const account = bench.word();
      const once = bench.word();
      await times(10, () => bench.store.outbox.put([draft(account, 'one', { once })], NOW));
      await bench.store.outbox.put([draft(account, 'two', { once })], NOW);
      expect(await claim(account)).toMatchObject([{ once }]);
    });

    test('a fate is recorded once; what was sent may still be delivered or fail', async () => {
      const account = bench.word();
      const { outbox } = bench.store;
      await outbox.put([draft(account, 'one')], NOW);
      const [item] = await claim(account);
      const id = item?.id ?? 'out_';
      expect((await times(10, () => outbox.settle(id, 'sent', NOW))).filter(Boolean)).toHaveLength(1);
      expect(await outbox.settle(id, 'unroutable', NOW)).toBe(false);
      expect(await outbox.settle(id, 'delivered', NOW + 5)).toBe(true);
      expect(await outbox.settle(id, 'failed', NOW + 6)).toBe(false);
      expect(await outbox.retry(id, NOW, 'again')).toBe(false);
      const row = (await outbox.recent({ channel: 'loopback', limit: 500 })).find((one) => one.id === id);
      expect(row).toMatchObject({
        account,
        kind: 'notice',
        fate: 'delivered',
        attempts: 1,
        settledAt: NOW + 5,
      });
    });

    test('an item to be tried again is due at its time', async () => {
      const account = bench.word();
      await bench.store.outbox.put([draft(account, 'one')], NOW);
      const [item] = await claim(account);
      expect(await bench.store.outbox.retry(item?.id ?? 'out_', NOW + 50, 'busy')).toBe(true);
      expect(await claim(account, NOW + 49)).toEqual([]);
      expect(await claim(account, NOW + 50)).toMatchObject([{ attempt: 2, text: 'one' }]);
    });

    test('past its deadline an item is never handed out, and ends as failed', async () => {
      const account = bench.word();
      const { outbox } = bench.store;
      await outbox.put([draft(account, 'late', { deadline: NOW + 10 })], NOW);
      expect(await claim(account, NOW + 10)).toEqual([]);
      expect(await outbox.expire(NOW + 10, 100)).toMatchObject([
        { account, fate: 'failed', settledAt: NOW + 10 },
      ]);
      expect(await outbox.expire(NOW + 10, 100)).toEqual([]);
      const row = (await outbox.recent({ limit: 500 })).find((one) => one.account === account);
      expect(row).toMatchObject({ fate: 'failed', reason: 'deadline', settledAt: NOW + 10 });
    });

    test('settled items are removed after their time, queued ones are not', async () => {
      const account = bench.word();
      const { outbox } = bench.store;
      await outbox.put([draft(account, 'ends'), draft(account, 'stays', { deadline: NOW + 1e9 })], NOW);
      const [item] = await claim(account, NOW, NOW + 100, 1);
      await outbox.settle(item?.id ?? 'out_', 'sent', NOW);
      await outbox.prune(NOW + 1);
      const rows = (await outbox.recent({ limit: 500 })).filter((one) => one.account === account);
      expect(rows).toMatchObject([{ fate: 'queued' }]);
    });
  });
}
