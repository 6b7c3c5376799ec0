import type { WriterId } from '@countersign/protocol/ids';
import { describe, expect, test } from 'vitest';
import { type Native, type Peer, parseNative } from '../../core/identity/peer.ts';
import type { AllowEntry, WantedEdit } from '../../core/pairing/allow-port.ts';
import type { Store } from '../../core/store-port.ts';
import { NOW, type StoreBench, times } from './bench.ts';

const CHANNEL = 'loopback';

export function allowListsSuite(bench: StoreBench): void {
  const native = (name: string = bench.word()): Native => parseNative(name, /^\S+$/) ?? expect.fail();
  const hand = (name: Native): AllowEntry => ({ native: name, origin: 'hand' });
  const ours = (name: Native): AllowEntry => ({ native: name, origin: 'store' });
  const sorted = (entries: readonly AllowEntry[] | null) =>
    entries?.toSorted((a, b) => (a.native < b.native ? -1 : 1)) ?? null;
  const seen = async (account: string, store: Store = bench.store) =>
    sorted(await store.allowLists.seen(CHANNEL, account));
  const owed = async (account: string, store: Store = bench.store) =>
    (await store.allowLists.wanted()).filter(({ peer }) => peer.account === account);
  const add = (peer: Peer): WantedEdit => ({ peer, edit: 'add' });
  const remove = (peer: Peer): WantedEdit => ({ peer, edit: 'remove' });

  describe('allowFrom as last seen', () => {
    test('a list that was never seen is told apart from an empty one', async () => {
      const account = bench.word();
      expect(await seen(account)).toBeNull();
      await bench.store.allowLists.see(CHANNEL, account, [], NOW);
      expect(await seen(account)).toEqual([]);
    });

    test('what is seen replaces what was seen of that account, and of no other', async () => {
      const [account, other] = [bench.word(), bench.word()];
      const [a, b, c] = [native(), native(), native()];
      const { allowLists } = bench.store;
      await allowLists.see(CHANNEL, other, [hand(a)], NOW);
      await allowLists.see(CHANNEL, account, [hand(a), ours(b)], NOW);
      expect(await seen(account)).toEqual(sorted([hand(a), ours(b)]));
      await allowLists.see(CHANNEL, account, [hand(b), hand(c)], NOW + 1);
      expect(await seen(account)).toEqual(sorted([hand(b), hand(c)]));
      expect(await seen(other)).toEqual([hand(a)]);
      expect(await allowLists.seen('webchat', account)).toBeNull();
    });

    test('of twenty who look at once one has the last word, whole', async () => {
      const account = bench.word();
      const lists = Array.from({ length: 20 }, () => [hand(native()), hand(native()), ours(native())]);
      const other = await bench.other();
      await times(20, (n) =>
        (n % 2 === 0 ? bench.store : other).allowLists.see(CHANNEL, account, lists[n] ?? [], NOW),
      );
      const last = await seen(account);
      expect(lists.map(sorted)).toContainEqual(last);
    });
  });

  describe('edits the file owes', () => {
    test('they are carried out in order; a newer one for the same peer replaces the older', async () => {
      const account = bench.word();
      const [one, two] = [bench.peer(account), bench.peer(account)];
      const { allowLists } = bench.store;
      await allowLists.want(add(one), NOW);
      await allowLists.want(add(two), NOW);
      await allowLists.want(remove(one), NOW + 1);
      expect(await owed(account)).toEqual([remove(one), add(two)]);
    });

    test('what was carried out is owed no longer, and what was seen follows', async () => {
      const account = bench.word();
      const peer = bench.peer(account);
      const byHand = native();
      const { allowLists } = bench.store;
      await allowLists.see(CHANNEL, account, [hand(byHand)], NOW);
      await allowLists.want(add(peer), NOW);
      expect(await allowLists.done(add(peer), NOW)).toBe(true);
      expect(await owed(account)).toEqual([]);
      expect(await seen(account)).toEqual(sorted([hand(byHand), ours(peer.native)]));
      await allowLists.want(remove(peer), NOW);
      expect(await allowLists.done(remove(peer), NOW)).toBe(true);
      expect(await seen(account)).toEqual([hand(byHand)]);
    });

    test('an edit that nobody wants, or that another replaced, pays nothing', async () => {
      const peer = bench.peer();
      const { allowLists } = bench.store;
      expect(await allowLists.done(add(peer), NOW)).toBe(false);
      expect(await seen(peer.account)).toBeNull();
      await allowLists.want(add(peer), NOW);
      await allowLists.want(remove(peer), NOW);
      expect(await allowLists.done(add(peer), NOW)).toBe(false);
      expect(await owed(peer.account)).toEqual([remove(peer)]);
    });

    test('who stands there by hand keeps that right when a grant is added', async () => {
      const peer = bench.peer();
      const { allowLists } = bench.store;
      await allowLists.see(CHANNEL, peer.account, [hand(peer.native)], NOW);
      await allowLists.want(add(peer), NOW);
      await allowLists.done(add(peer), NOW);
      expect(await seen(peer.account)).toEqual([hand(peer.native)]);
    });

    test('of twenty who carried the same edit out one pays the debt', async () => {
      const peer = bench.peer();
      const { allowLists } = bench.store;
      await allowLists.want(add(peer), NOW);
      const other = await bench.other();
      const paid = await times(20, (n) => (n % 2 === 0 ? allowLists : other.allowLists).done(add(peer), NOW));
      expect(paid.filter(Boolean)).toHaveLength(1);
      expect(await seen(peer.account)).toEqual([ours(peer.native)]);
    });

    test('wanted and carried out at once: either it was paid, or the newer edit is still owed', async () => {
      const account = bench.word();
      const peers = Array.from({ length: 10 }, () => bench.peer(account));
      const { allowLists } = bench.store;
      await allowLists.see(CHANNEL, account, [], NOW);
      for (const peer of peers) await allowLists.want(add(peer), NOW);
      const other = await bench.other();
      const paid = await Promise.all(
        peers.map(async (peer) => {
          const [done] = await Promise.all([
            other.allowLists.done(add(peer), NOW),
            allowLists.want(remove(peer), NOW),
          ]);
          return done;
        }),
      );
      // The newer edit is never swallowed.
      expect(await owed(account)).toHaveLength(10);
      expect((await owed(account)).every(({ edit }) => edit === 'remove')).toBe(true);
      const listed = (await seen(account))?.map(({ native }) => native);
      expect(listed).toEqual(
        peers
          .filter((_, n) => paid[n])
          .map((peer) => peer.native)
          .toSorted(),
      );
    });

    test('a look and an edit carried out at once never break each other', async () => {
      const account = bench.word();
      const peers = Array.from({ length: 10 }, () => bench.peer(account));
      const byHand = hand(native());
      const { allowLists } = bench.store;
      for (const peer of peers) await allowLists.want(add(peer), NOW);
      const other = await bench.other();
      const file = [byHand, ...peers.map((peer) => ours(peer.native))];
      const done = await Promise.all([
        ...peers.map((peer) => other.allowLists.done(add(peer), NOW)),
        ...peers.map(() => allowLists.see(CHANNEL, account, file, NOW)),
      ]);
      expect(done.slice(0, 10)).toEqual(peers.map(() => true));
      expect(await seen(account)).toEqual(sorted(file));
    });

    test('who looks in a transaction has the lists alone: nothing seen or owed changes under the comparison', async () => {
      const account = bench.word();
      const peers = Array.from({ length: 10 }, () => bench.peer(account));
      const { store } = bench;
      await store.allowLists.see(CHANNEL, account, [], NOW);
      for (const peer of peers) await store.allowLists.want(add(peer), NOW);
      const other = await bench.other();
      // Each takes one entry more into what was seen; a debt paid in between would be lost.
      const looked = times(10, () =>
        store.atomically(async (tx) => {
          const before = (await tx.allowLists.seen(CHANNEL, account)) ?? [];
          const wanted = await tx.allowLists.wanted();
          await tx.people.find('nobody at all');
          expect(await tx.allowLists.wanted()).toEqual(wanted);
          await tx.allowLists.see(CHANNEL, account, [...before, hand(native())], NOW);
        }),
      );
      const paid = Promise.all(peers.map((peer) => other.allowLists.done(add(peer), NOW)));
      await Promise.all([looked, paid]);
      expect((await seen(account))?.filter(({ origin }) => origin === 'hand')).toHaveLength(10);
      expect((await seen(account))?.filter(({ origin }) => origin === 'store')).toHaveLength(10);
    });

    test('what is rolled back is owed by nobody', async () => {
      const peer = bench.peer();
      const undone = bench.store.atomically(async (tx) => {
        await tx.allowLists.want(add(peer), NOW);
        await tx.allowLists.done(add(peer), NOW);
        throw new Error('undone');
      });
      await expect(undone).rejects.toThrow('undone');
      expect([await owed(peer.account), await seen(peer.account)]).toEqual([[], null]);
    });
  });

  describe("another gateway's file on the same database", () => {
    const another = async (): Promise<Store> => {
      const writer: WriterId = bench.id('writer');
      const store = await bench.asWriter(writer);
      expect(store.writer).toBe(writer);
      return store;
    };

    test('has lists and debts of its own', async () => {
      const theirs = await another();
      const [peer, other] = [bench.peer(), bench.peer()];
      const { account } = peer;
      const { allowLists } = bench.store;
      await allowLists.see(CHANNEL, account, [hand(peer.native)], NOW);
      await allowLists.want(add(other), NOW);
      expect([await seen(account, theirs), await owed(other.account, theirs)]).toEqual([null, []]);
      await theirs.allowLists.see(CHANNEL, account, [], NOW);
      expect(await theirs.allowLists.done(add(other), NOW)).toBe(false);
      await theirs.allowLists.want(remove(other), NOW);
      expect(await seen(account)).toEqual([hand(peer.native)]);
      expect(await owed(other.account)).toEqual([add(other)]);
      expect(await allowLists.done(remove(other), NOW)).toBe(false);
    });

    test('has accepted values of its own; a newer one replaces the older', async () => {
      const theirs = await another();
      const path = `channels.${bench.word()}.dmPolicy`;
      const { acceptedConfig } = bench.store;
      await acceptedConfig.accept(path, '"pairing"', NOW);
      await theirs.acceptedConfig.accept(path, 'null', NOW);
      await acceptedConfig.accept(path, '"open"', NOW + 1);
      expect((await acceptedConfig.read()).get(path)).toBe('"open"');
      expect((await theirs.acceptedConfig.read()).get(path)).toBe('null');
      await times(10, (n) => acceptedConfig.accept(path, `${n}`, NOW));
      expect(Number((await acceptedConfig.read()).get(path))).toBeGreaterThanOrEqual(0);
    });
  });
}
