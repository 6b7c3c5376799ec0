import { describe, expect, test } from 'vitest';
import type { LinkOffer } from '../../core/identity/link-port.ts';
import { NOW, type StoreBench, times } from './bench.ts';

export function linkOffersSuite(bench: StoreBench): void {
  const offer = (more: Partial<LinkOffer> = {}): LinkOffer => ({
    id: bench.id('linkOffer'),
    principal: bench.id('principal'),
    known: bench.peer(),
    added: bench.peer(),
    knownHash: bench.word(),
    addedHash: bench.word(),
    expiresAt: NOW + 100,
    ...more,
  });
  const opened = async (more: Partial<LinkOffer> = {}) => {
    const made = offer(more);
    await bench.store.linkOffers.open(made);
    return made;
  };

  describe('offers to link two chats', () => {
    test('an offer comes back as it went in, for its own person and peer only', async () => {
      const made = await opened();
      const { linkOffers } = bench.store;
      expect(await linkOffers.tryOnce(made.principal, made.added, NOW, 5)).toEqual(made);
      expect(await linkOffers.tryOnce(bench.id('principal'), made.added, NOW, 5)).toBeNull();
      expect(await linkOffers.tryOnce(made.principal, made.known, NOW, 5)).toBeNull();
      const elsewhere = { ...made.added, account: bench.word() };
      expect(await linkOffers.tryOnce(made.principal, elsewhere, NOW, 5)).toBeNull();
    });

    test('R4: of twenty tries at once as many as allowed see the offer', async () => {
      const { principal, added } = await opened();
      const other = await bench.other();
      const tries = await times(20, (n) =>
        (n % 2 === 0 ? bench.store : other).linkOffers.tryOnce(principal, added, NOW, 5),
      );
      expect(tries.filter((one) => one !== null)).toHaveLength(5);
      expect(await bench.store.linkOffers.tryOnce(principal, added, NOW, 5)).toBeNull();
    });

    test('a try of somebody else is not counted', async () => {
      const { principal, added } = await opened();
      for (let n = 0; n < 5; n++) await bench.store.linkOffers.tryOnce(bench.id('principal'), added, NOW, 5);
      expect(await bench.store.linkOffers.tryOnce(principal, added, NOW, 1)).not.toBeNull();
    });

    test('R3: an offer is taken once, by one of twenty', async () => {
      const { id, principal, added } = await opened();
      const other = await bench.other();
      const won = await times(20, (n) => (n % 2 === 0 ? bench.store : other).linkOffers.take(id));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await bench.store.linkOffers.tryOnce(principal, added, NOW, 5)).toBeNull();
    });

    test('R6: a newer offer for the same peer voids the older, whoever made it', async () => {
      const older = await opened();
      const newer = await opened({ added: older.added });
      const { linkOffers } = bench.store;
      expect(await linkOffers.tryOnce(older.principal, older.added, NOW, 5)).toBeNull();
      expect(await linkOffers.take(older.id)).toBe(false);
      expect(await linkOffers.tryOnce(newer.principal, newer.added, NOW, 5)).toEqual(newer);
      expect(await linkOffers.take(newer.id)).toBe(true);
    });

    test('past its end an offer is nothing, and is removed', async () => {
      const made = await opened();
      const lasts = await opened({ expiresAt: NOW + 1e9 });
      const { linkOffers } = bench.store;
      expect(await linkOffers.tryOnce(made.principal, made.added, NOW + 99, 5)).not.toBeNull();
      expect(await linkOffers.tryOnce(made.principal, made.added, NOW + 100, 5)).toBeNull();
      expect(await linkOffers.prune(NOW + 100)).toBeGreaterThanOrEqual(1);
      expect(await linkOffers.take(made.id)).toBe(false);
      expect(await linkOffers.take(lasts.id)).toBe(true);
    });
  });
}
