import { describe, expect, test } from 'vitest';
import type { Store } from '../../core/store-port.ts';
import { HOST, NOW, SLOTS, type StoreBench } from './bench.ts';

export function atomicallySuite(bench: StoreBench): void {
  describe('all or nothing', () => {
    test('R23, O-09: what is rolled back leaves no row and no audit event', async () => {
      const { peer, person } = await bench.known();
      const stranger = bench.peer();
      const before = (await bench.chain()).length;
      const undone = bench.store.atomically(async (tx) => {
        await tx.people.unlink(peer);
        await tx.people.setRole(person.id, 'user', 'owner');
        expect(await tx.pairings.open(bench.request(stranger), SLOTS)).toBe('opened');
        await tx.audit.append([{ type: 'person.added', at: NOW, actor: HOST, subject: {}, outcome: 'ok' }]);
        expect((await tx.people.standing(peer)).principal).toBeNull();
        throw new Error('changed my mind');
      });
      await expect(undone).rejects.toThrow('changed my mind');
      expect((await bench.store.people.standing(peer)).principal).toMatchObject({
        id: person.id,
        role: 'user',
      });
      expect(await bench.store.pairings.latest(stranger)).toBeNull();
      expect(await bench.chain()).toHaveLength(before);
    });

    test('a query outside does not see what is not committed, nor become part of it', async () => {
      const inside = await bench.person();
      const outside = await bench.person();
      let go = (): void => undefined;
      const held = new Promise<void>((resolve) => {
        go = resolve;
      });
      const undone = bench.store.atomically(async (tx) => {
        await tx.people.setRole(inside.id, 'user', 'owner');
        await held;
        throw new Error('undone');
      });
      // On one connection these wait for the transaction's end; they must not be undone with it.
      const renamed = bench.store.people.rename(outside.id, 'outside');
      const read = bench.store.people.get(inside.id);
      go();
      await expect(undone).rejects.toThrow('undone');
      expect(await renamed).toBe(true);
      expect(await read).toMatchObject({ role: 'user' });
      expect(await bench.store.people.get(outside.id)).toMatchObject({ name: 'outside' });
    });

    test('transactions at once each see the one before: no update is lost', async () => {
      const peer = bench.peer();
      await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          bench.store.atomically(async (tx) => {
            await tx.transcripts.append(peer, { id: `${n}`, from: 'you', text: `${n}`, at: NOW });
            await tx.audit.append([
              { type: 'person.added', at: NOW, actor: HOST, subject: {}, outcome: 'ok' },
            ]);
          }),
        ),
      );
      expect(await bench.store.transcripts.after(peer, 0, 100)).toHaveLength(20);
      await bench.chain();
    });

    test('a transaction inside a transaction is refused, by either name', async () => {
      await expect(bench.store.atomically((tx) => tx.atomically(async () => 1))).rejects.toMatchObject({
        code: 'internal',
      });
      await expect(bench.store.atomically(() => bench.store.atomically(async () => 1))).rejects.toMatchObject(
        {
          code: 'internal',
        },
      );
    });

    test('work that awaits the store outside of its transaction is told so, instead of waiting for itself', async () => {
      const { peer } = await bench.known();
      const waits = bench.store.atomically(async () => bench.store.people.standing(peer));
      await expect(waits).rejects.toMatchObject({ code: 'internal' });
      expect((await bench.store.people.standing(peer)).peer).not.toBeNull();
    });

    test('a transaction that has ended is worth nothing', async () => {
      const { peer } = await bench.known();
      let kept: Store | undefined;
      await bench.store.atomically(async (tx) => {
        kept = tx;
      });
      await expect(async () => kept?.people.standing(peer)).rejects.toMatchObject({ code: 'internal' });
    });

    test('the store answers', async () => {
      await bench.store.ping();
      expect(bench.store.installation).toMatch(/^ins_/);
      expect(bench.store.writer).toMatch(/^wri_/);
    });
  });
}
