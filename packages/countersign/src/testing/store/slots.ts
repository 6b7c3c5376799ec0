// H16, CVE-2026-41346: a pending cap kept per channel let strangers on account A shut out account B. R23: a cap that is
// counted before it is written is exceeded by whoever asks in parallel.
import { describe, expect, test } from 'vitest';
import type { NewPairing } from '../../core/pairing/pairings-port.ts';
import { HOST, HOUR, NOW, SLOTS, type StoreBench, times } from './bench.ts';

export function slotsSuite(bench: StoreBench): void {
  const states = async (account: string) =>
    (await bench.store.pairings.list({ account, states: ['pending', 'waiting', 'expired'], limit: 100 })).map(
      ({ state }) => state,
    );
  const pending = async (account: string) =>
    (await states(account)).filter((state) => state === 'pending').length;
  const open = (request: NewPairing) => bench.store.pairings.open(request, SLOTS);

  /** Three strangers with a slot each; more of them as asked for. */
  const full = async (account: string, more: Partial<NewPairing> = {}) => {
    const requests = Array.from({ length: SLOTS.max }, () => bench.request(bench.peer(account), more));
    for (const request of requests) expect(await open(request)).toBe('opened');
    return requests;
  };

  describe('slots', () => {
    test('R23: fifty strangers at once never hold more slots than there are', async () => {
      const account = bench.word();
      const other = await bench.other();
      const outcomes = await times(50, (n) =>
        (n % 2 === 0 ? bench.store : other).pairings.open(bench.request(bench.peer(account)), SLOTS),
      );
      expect(outcomes.filter((outcome) => outcome === 'opened')).toHaveLength(SLOTS.max);
      expect(await pending(account)).toBe(SLOTS.max);
    });

    test('R23: fifty first words of one stranger at once make one request', async () => {
      const peer = bench.peer();
      const other = await bench.other();
      const outcomes = await times(50, (n) =>
        (n % 2 === 0 ? bench.store : other).pairings.open(bench.request(peer), SLOTS),
      );
      expect(outcomes.filter((outcome) => outcome === 'opened')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'exists')).toHaveLength(49);
      expect(await states(peer.account)).toEqual(['pending']);
    });

    test('H16: account A is full, and account B still opens', async () => {
      await full(bench.word());
      expect(await open(bench.request(bench.peer()))).toBe('opened');
    });

    test('without a slot a stranger waits, with no code', async () => {
      const account = bench.word();
      await full(account);
      const late = bench.request(bench.peer(account));
      expect(await open(late)).toBe('full');
      expect(await bench.store.pairings.get(late.id)).toMatchObject({ state: 'waiting', code: null });
    });

    test('a slot is free again when its request is decided, and the one that waited gets it with its new code', async () => {
      const account = bench.word();
      const [first] = await full(account);
      const peer = bench.peer(account);
      const waiting = bench.request(peer);
      expect(await open(waiting)).toBe('full');
      expect(await open(bench.request(peer))).toBe('full');
      expect(await bench.store.pairings.get(waiting.id)).toMatchObject({
        state: 'waiting',
        firstWords: waiting.firstWords,
      });
      await bench.store.pairings.settle(first?.id ?? 'pair_', ['pending'], 'denied', HOST, NOW);
      const again = bench.request(peer);
      expect(await open(again)).toBe('opened');
      expect(await bench.store.pairings.get(again.id)).toMatchObject({ state: 'pending', code: again.code });
      expect(await bench.store.pairings.get(waiting.id)).toBeNull();
    });

    test('the oldest request makes room after evictAfter, never before', async () => {
      const account = bench.word();
      const [oldest] = await full(account);
      const soon = bench.request(bench.peer(account), { createdAt: NOW + SLOTS.evictAfterMs - 1 });
      expect(await open(soon)).toBe('full');
      const later = bench.request(bench.peer(account), { createdAt: NOW + SLOTS.evictAfterMs });
      expect(await open(later)).toBe('opened');
      expect(await bench.store.pairings.get(oldest?.id ?? 'pair_')).toMatchObject({
        state: 'waiting',
        code: null,
      });
      expect(await pending(account)).toBe(SLOTS.max);
    });

    test('one network address holds two of the slots and leaves the third to others', async () => {
      const account = bench.word();
      const addressKey = bench.word();
      const outcomes = await times(10, () => open(bench.request(bench.peer(account), { addressKey })));
      expect(outcomes.filter((outcome) => outcome === 'opened')).toHaveLength(2);
      expect(await open(bench.request(bench.peer(account), { addressKey: bench.word() }))).toBe('opened');
    });

    test('an address that is full makes room among its own requests only', async () => {
      const account = bench.word();
      const addressKey = bench.word();
      const stranger = bench.request(bench.peer(account));
      expect(await open(stranger)).toBe('opened');
      const own = [
        bench.request(bench.peer(account), { addressKey }),
        bench.request(bench.peer(account), { addressKey }),
      ];
      for (const request of own) expect(await open(request)).toBe('opened');
      const createdAt = NOW + SLOTS.evictAfterMs;
      expect(await open(bench.request(bench.peer(account), { addressKey, createdAt }))).toBe('opened');
      expect(await bench.store.pairings.get(stranger.id)).toMatchObject({ state: 'pending' });
      expect(await bench.store.pairings.get(own[0]?.id ?? 'pair_')).toMatchObject({ state: 'waiting' });
    });

    test('a request past its end holds no slot, and its peer may ask anew', async () => {
      const account = bench.word();
      const old = await full(account, { expiresAt: NOW + 1 });
      const late = { createdAt: NOW + 1, expiresAt: NOW + HOUR };
      const [first] = old;
      expect(await open(bench.request(first?.peer ?? bench.peer(account), late))).toBe('opened');
      expect(await open(bench.request(bench.peer(account), late))).toBe('opened');
      expect(await bench.store.pairings.get(first?.id ?? 'pair_')).toMatchObject({ state: 'expired' });
    });

    test('strangers without a slot are remembered up to a number, the newest of them', async () => {
      const account = bench.word();
      await full(account);
      const late = Array.from({ length: SLOTS.maxWaiting + 3 }, (_, n) =>
        bench.request(bench.peer(account), { createdAt: NOW + n }),
      );
      for (const request of late) expect(await open(request)).toBe('full');
      const kept = await bench.store.pairings.list({ account, states: ['waiting'], limit: 100 });
      expect(kept.map(({ id }) => id)).toEqual(
        late
          .slice(-SLOTS.maxWaiting)
          .map(({ id }) => id)
          .reverse(),
      );
    });
  });
}
