import { describe, expect, test } from 'vitest';
import { NOW, type StoreBench, times } from './bench.ts';

export function aliasesSuite(bench: StoreBench): void {
  describe('other ids of people', () => {
    test('an alias goes to its first holder and stays there', async () => {
      const [alias, first, second] = [bench.peer(), bench.peer(), bench.peer()];
      const { aliases } = bench.store;
      expect(await aliases.claim(alias, first.native, NOW)).toMatchObject({
        native: first.native,
        isNew: true,
      });
      expect(await aliases.claim(alias, first.native, NOW + 1)).toMatchObject({ isNew: false });
      expect(await aliases.claim(alias, second.native, NOW + 1)).toMatchObject({
        native: first.native,
        isNew: false,
        disputed: false,
      });
      const elsewhere = { ...alias, account: bench.word() };
      expect(await aliases.claim(elsewhere, second.native, NOW)).toMatchObject({ isNew: true });
    });

    test('of twenty claims at once one is the first, and all see the same holder', async () => {
      const alias = bench.peer();
      const other = await bench.other();
      const claims = await times(20, (n) =>
        (n % 2 === 0 ? bench.store : other).aliases.claim(alias, bench.peer().native, NOW),
      );
      expect(claims.filter(({ isNew }) => isNew)).toHaveLength(1);
      expect(new Set(claims.map(({ native }) => native)).size).toBe(1);
    });

    test('a disputed alias is nobody’s: it is listed no longer, and is disputed once', async () => {
      const [alias, holder] = [bench.peer(), bench.peer()];
      const { aliases } = bench.store;
      expect(await aliases.dispute(alias)).toBe(false);
      await aliases.claim(alias, holder.native, NOW);
      const mine = async () => (await aliases.list()).filter((one) => one.alias.native === alias.native);
      expect(await mine()).toEqual([{ alias, native: holder.native, disputed: false, joined: false }]);
      expect([await aliases.setJoined(alias, true), await aliases.setJoined(alias, true)]).toEqual([
        true,
        false,
      ]);
      expect(await mine()).toMatchObject([{ joined: true }]);
      expect(await aliases.dispute(alias)).toBe(true);
      expect(await aliases.dispute(alias)).toBe(false);
      expect(await mine()).toEqual([]);
      expect(await aliases.claim(alias, holder.native, NOW)).toMatchObject({ disputed: true, isNew: false });
    });
  });
}
