// Login challenges, tickets and who is deaf: counted before anything is compared, satisfied once, voided per key.
import type { ChallengeId, PrincipalId } from '@countersign/protocol/ids';
import { describe, expect, test } from 'vitest';
import type { NewChallenge } from '../../core/challenge/challenges-port.ts';
import { NOW, type StoreBench, times } from './bench.ts';

const OLGA: PrincipalId = 'prn_challenge_owner';
const MINUTE = 60_000;

export function challengesSuite(bench: StoreBench): void {
  let count = 0;
  const fresh = (more: Partial<NewChallenge> = {}): NewChallenge => {
    count += 1;
    const mark = `${bench.peer().native}${count}`;
    return {
      id: `chal_${mark}`,
      key: { kty: 'OKP', crv: 'Ed25519', x: mark },
      thumbprint: `key-${mark}`,
      codeHash: `hash-${mark}`,
      principal: OLGA,
      phrase: 'amber river',
      addressKey: null,
      from: 'Firefox at 203.0.113.7',
      ticket: false,
      maxAttempts: 5,
      createdAt: NOW,
      expiresAt: NOW + MINUTE,
      ...more,
    };
  };
  const opened = async (more: Partial<NewChallenge> = {}) => {
    const challenge = fresh(more);
    await bench.store.challenges.open(challenge);
    return challenge;
  };

  describe('login challenges', () => {
    test('one comes back as it went in', async () => {
      const challenge = await opened({ ticket: true, addressKey: 'folded' });
      expect(await bench.store.challenges.get(challenge.id)).toEqual({
        ...challenge,
        state: 'issued',
        attempts: 0,
        device: null,
      });
    });

    test('R6: a newer one voids the older of the same key, says which, and touches no other key', async () => {
      const { challenges } = bench.store;
      const [older, other] = [await opened(), await opened()];
      const newer = fresh({ thumbprint: older.thumbprint });
      expect(await challenges.open(newer)).toEqual([older.id]);
      expect((await challenges.get(older.id))?.state).toBe('void');
      expect((await challenges.get(other.id))?.state).toBe('issued');
      expect(await challenges.tryOnce(older.id, NOW)).toBeNull();
    });

    test('R4: of fifty tries at once exactly the allowed ones are looked at', async () => {
      const { id } = await opened();
      const tries = await times(50, () => bench.store.challenges.tryOnce(id, NOW));
      const seen = tries.filter((row) => row !== null).map(({ attempts }) => attempts);
      expect(seen.toSorted()).toEqual([1, 2, 3, 4, 5]);
    });

    test('a late one is not tried, and not satisfied', async () => {
      const { challenges } = bench.store;
      const { id } = await opened();
      expect(await challenges.tryOnce(id, NOW + MINUTE)).toBeNull();
      expect(await challenges.satisfy(id, 'dev_late', NOW + MINUTE)).toBe(false);
    });

    test('R3: of twenty right answers at once one pairs', async () => {
      const { challenges } = bench.store;
      const { id } = await opened();
      const won = await times(20, (n) => challenges.satisfy(id, `dev_${n}`, NOW));
      expect(won.filter(Boolean)).toHaveLength(1);
      const row = await challenges.get(id);
      expect(row).toMatchObject({ state: 'satisfied', device: `dev_${won.indexOf(true)}` });
    });

    test('ending is a compare-and-set', async () => {
      const { challenges } = bench.store;
      const { id } = await opened();
      expect(await challenges.end(id, ['satisfied'], 'disowned', NOW)).toBe(false);
      const ended = await times(10, () => challenges.end(id, ['issued'], 'exhausted', NOW));
      expect(ended.filter(Boolean)).toHaveLength(1);
      expect(await challenges.satisfy(id, 'dev_x', NOW)).toBe(false);
    });

    test('open ones are counted by person and by the clock; the beginning of an id finds one', async () => {
      const { challenges } = bench.store;
      const mine: PrincipalId = `prn_count_${bench.peer().native}`;
      const one = await opened({ principal: mine });
      await opened({ principal: mine, expiresAt: NOW + 1 });
      expect(await challenges.openOf(mine, NOW)).toBe(2);
      expect(await challenges.openOf(mine, NOW + 1)).toBe(1);
      expect((await challenges.find(one.id)).map(({ id }) => id)).toEqual([one.id]);
      const nothing: readonly ChallengeId[] = (await challenges.find('ab')).map(({ id }) => id);
      expect(nothing).toEqual([]);
    });

    test('what is long over is removed', async () => {
      const { challenges } = bench.store;
      const { id } = await opened({ expiresAt: NOW - MINUTE });
      await challenges.prune(NOW - MINUTE + 1);
      expect(await challenges.get(id)).toBeNull();
    });
  });

  describe('tickets and the deaf', () => {
    test('a ticket is taken once, in time, by one of many', async () => {
      const { tickets } = bench.store;
      const hash = `ticket-${bench.peer().native}`;
      await tickets.issue(hash, OLGA, NOW + MINUTE);
      expect(await tickets.take(hash, NOW + MINUTE)).toBeNull();
      const taken = await times(10, () => tickets.take(hash, NOW));
      expect(taken.filter((one) => one === OLGA)).toHaveLength(1);
    });

    test('deafness ends by the clock, and a shorter one never shortens a longer', async () => {
      const { deaf } = bench.store;
      const key = `deaf-${bench.peer().native}`;
      await deaf.add('key', key, NOW + 2 * MINUTE);
      await deaf.add('key', key, NOW + MINUTE);
      expect(await deaf.is('key', key, NOW + MINUTE)).toBe(true);
      expect(await deaf.is('address', key, NOW)).toBe(false);
      expect(await deaf.is('key', key, NOW + 2 * MINUTE)).toBe(false);
      await deaf.prune(NOW + 2 * MINUTE);
      expect(await deaf.is('key', key, NOW)).toBe(false);
    });
  });
}
