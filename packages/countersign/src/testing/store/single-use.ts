import { describe, expect, test } from 'vitest';
import { NOW, type StoreBench, times } from './bench.ts';

export function singleUseSuite(bench: StoreBench): void {
  describe('claims', () => {
    test('a claim is taken once, by one of twenty', async () => {
      const hash = bench.word();
      await bench.store.claims.issue(hash, NOW + 10);
      const other = await bench.other();
      const won = await times(20, (n) => (n % 2 === 0 ? bench.store : other).claims.take(hash, NOW));
      expect(won.filter(Boolean)).toHaveLength(1);
    });

    test('a wrong, a late and a replaced claim are refused alike', async () => {
      const [old, fresh] = [bench.word(), bench.word()];
      const { claims } = bench.store;
      await claims.issue(old, NOW + 10);
      await claims.issue(fresh, NOW + 10);
      expect(await claims.take(bench.word(), NOW)).toBe(false);
      expect(await claims.take(old, NOW)).toBe(false);
      expect(await claims.take(fresh, NOW + 10)).toBe(false);
      expect(await claims.take(fresh, NOW + 9)).toBe(true);
      expect(await claims.take(fresh, NOW)).toBe(false);
    });
  });

  describe('nonces', () => {
    test('a nonce is taken once, by one of twenty', async () => {
      const value = bench.word();
      const other = await bench.other();
      const won = await times(20, (n) =>
        (n % 2 === 0 ? bench.store : other).nonces.take('connect', value, NOW + 10),
      );
      expect(won.filter(Boolean)).toHaveLength(1);
    });

    test('namespaces do not run into one another', async () => {
      const [a, b] = [bench.word(), bench.word()];
      expect(await bench.store.nonces.take(a, `${b}:x`, NOW)).toBe(true);
      expect(await bench.store.nonces.take(`${a}:${b}`, 'x', NOW)).toBe(true);
      expect(await bench.store.nonces.take(a, `${b}:x`, NOW)).toBe(false);
    });

    test('a nonce is kept until its end and no longer', async () => {
      const value = bench.word();
      await bench.store.nonces.take('n', value, NOW + 10);
      await bench.store.nonces.prune(NOW + 9);
      expect(await bench.store.nonces.take('n', value, NOW + 10)).toBe(false);
      expect(await bench.store.nonces.prune(NOW + 10)).toBeGreaterThanOrEqual(1);
      expect(await bench.store.nonces.take('n', value, NOW + 20)).toBe(true);
    });
  });

  describe('limits', () => {
    const RULE = { burst: 3, refillMs: 100 };

    test('a bucket gives its burst, then one token for each refill', async () => {
      const key = bench.word();
      const take = (now: number) => bench.store.limits.take(key, RULE, now);
      expect([await take(NOW), await take(NOW), await take(NOW)]).toEqual([0, 0, 0]);
      expect(await take(NOW)).toBe(100);
      expect(await take(NOW + 40)).toBe(60);
      expect(await take(NOW + 100)).toBe(0);
      expect(await take(NOW + 100)).toBe(100);
      expect(await take(NOW + 10_000)).toBe(0);
      expect(await take(NOW + 10_000)).toBe(0);
      expect(await take(NOW + 10_000)).toBe(0);
      expect(await take(NOW + 10_000)).toBe(100);
    });

    test('of fifty takes at once the burst gets through', async () => {
      const key = bench.word();
      const other = await bench.other();
      const waits = await times(50, (n) => (n % 2 === 0 ? bench.store : other).limits.take(key, RULE, NOW));
      expect(waits.filter((wait) => wait === 0)).toHaveLength(RULE.burst);
    });

    test('what is left to wait is told without a token being taken', async () => {
      const key = bench.word();
      const { limits } = bench.store;
      const wait = (now: number) => limits.wait(key, RULE, now);
      expect([await wait(NOW), await wait(NOW)]).toEqual([0, 0]);
      for (let n = 0; n < RULE.burst; n++) await limits.take(key, RULE, NOW);
      expect([await wait(NOW), await wait(NOW), await wait(NOW + 40)]).toEqual([100, 100, 60]);
      expect(await limits.take(key, RULE, NOW + 40)).toBe(60);
      expect([await wait(NOW + 100), await limits.take(key, RULE, NOW + 100)]).toEqual([0, 0]);
    });

    test('a bucket that is full again may be forgotten', async () => {
      const key = bench.word();
      await bench.store.limits.take(key, RULE, NOW);
      expect(await bench.store.limits.prune(NOW + 101)).toBeGreaterThanOrEqual(1);
      expect(await bench.store.limits.take(key, RULE, NOW)).toBe(0);
    });
  });
}
