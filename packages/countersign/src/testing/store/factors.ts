// What a store owes to factors: a seed opens in its own row alone, a step, a counter and a recovery code are each taken once
// whoever asks, tries are counted one by one, and a recovery ends once.
import type { PrincipalId } from '@countersign/protocol/ids';
import { describe, expect, test } from 'vitest';
import type { NewFactor, PasskeyData } from '../../core/factor/factors-port.ts';
import { NOW, type StoreBench, times } from './bench.ts';

export function factorsSuite(bench: StoreBench): void {
  const passkeyData = (credential: string): PasskeyData => ({
    credential,
    publicKey: 'pQECAyYgASFYIA',
    counter: 3,
    transports: ['internal', 'hybrid'],
    origin: 'http://localhost:8787',
  });
  const totp = (principal: PrincipalId, more: Partial<NewFactor> = {}): NewFactor => ({
    id: bench.id('factor'),
    principal,
    kind: 'totp',
    label: 'Ana’s phone',
    secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
    passkey: null,
    state: 'active',
    createdAt: NOW,
    ...more,
  });
  const passkey = (principal: PrincipalId, credential: string): NewFactor =>
    totp(principal, { kind: 'passkey', secret: null, passkey: passkeyData(credential) });
  const added = async (factor: NewFactor): Promise<NewFactor> => {
    expect(await bench.store.factors.add(factor)).toBe('added');
    return factor;
  };
  /** Twenty at once, on both handles where there are two. */
  const race = async (work: (store: typeof bench.store) => Promise<boolean>): Promise<number> => {
    const other = await bench.other();
    const won = await times(20, (n) => work(n % 2 === 0 ? bench.store : other));
    return won.filter(Boolean).length;
  };

  describe('factors', () => {
    test('a factor comes back as it was, found by its id, its beginning and its credential', async () => {
      const { factors } = bench.store;
      const person = await bench.person();
      const one = await added(totp(person.id));
      const two = await added(passkey(person.id, bench.word()));
      const fresh = { lastStep: null, lastUsedAt: null };
      expect(await factors.get(one.id)).toEqual({ ...one, ...fresh });
      expect(await factors.of(person.id)).toEqual([
        { ...one, ...fresh },
        { ...two, ...fresh },
      ]);
      expect((await factors.find(one.id.slice(4)))[0]?.id).toBe(one.id);
      expect((await factors.byCredential(two.passkey?.credential ?? ''))?.id).toBe(two.id);
      expect(await factors.byCredential('')).toBeNull();
      expect(await factors.get('fac_nothing')).toBeNull();
    });

    test('a credential belongs to one factor, until that is removed', async () => {
      const { factors } = bench.store;
      const [ana, eve] = [await bench.person(), await bench.person()];
      const credential = bench.word();
      const first = await added(passkey(ana.id, credential));
      expect(await factors.add(passkey(eve.id, credential))).toBe('taken');
      expect((await factors.byCredential(credential))?.principal).toBe(ana.id);
      await factors.remove(first.id, NOW);
      expect(await factors.byCredential(credential)).toBeNull();
      await added(passkey(eve.id, credential));
    });

    test('a pending one counts for nothing, and is confirmed once, with its step', async () => {
      const { factors } = bench.store;
      const person = await bench.person({ role: 'approver' });
      const { id } = await added(totp(person.id, { state: 'pending' }));
      expect(await factors.has(person.id)).toBe(false);
      expect(await factors.acceptStep(id, 100, NOW)).toBe(false);
      expect(await race((store) => store.factors.confirm(id, 100, NOW))).toBe(1);
      expect(await factors.has(person.id)).toBe(true);
      expect(await factors.get(id)).toMatchObject({ state: 'active', lastStep: 100, lastUsedAt: NOW });
    });

    test('R26: of twenty who take a step one does, and no older one is taken after it', async () => {
      const { factors } = bench.store;
      const { id } = await added(totp((await bench.person()).id));
      expect(await race((store) => store.factors.acceptStep(id, 7, NOW))).toBe(1);
      expect(await factors.acceptStep(id, 6, NOW)).toBe(false);
      expect(await factors.acceptStep(id, 8, NOW)).toBe(true);
      expect((await factors.get(id))?.lastStep).toBe(8);
      // Past 2^31, as steps of a far year are.
      expect(await factors.acceptStep(id, 9_000_000_000, NOW)).toBe(true);
    });

    test('a counter only rises; where there is none it stays at zero', async () => {
      const { factors } = bench.store;
      const { id } = await added(passkey((await bench.person()).id, bench.word()));
      expect(await factors.acceptCounter(id, 3, NOW)).toBe(false);
      expect(await factors.acceptCounter(id, 0, NOW)).toBe(false);
      expect(await race((store) => store.factors.acceptCounter(id, 4_294_967_295, NOW))).toBe(1);
      expect((await factors.get(id))?.passkey).toMatchObject({
        counter: 4_294_967_295,
        publicKey: 'pQECAyYgASFYIA',
      });
      const none = passkeyData(bench.word());
      const zero = await added(
        totp((await bench.person()).id, { kind: 'passkey', secret: null, passkey: { ...none, counter: 0 } }),
      );
      expect(await factors.acceptCounter(zero.id, 0, NOW)).toBe(true);
      expect(await factors.acceptCounter(zero.id, 0, NOW)).toBe(true);
      expect(await factors.acceptCounter(zero.id, 1, NOW)).toBe(true);
      expect(await factors.acceptCounter(zero.id, 0, NOW)).toBe(false);
    });

    test('a removed one has lost its seed and its key, and takes nothing any more', async () => {
      const { factors } = bench.store;
      const person = await bench.person();
      const one = await added(totp(person.id));
      const two = await added(passkey(person.id, bench.word()));
      expect(await race((store) => store.factors.remove(one.id, NOW))).toBe(1);
      expect(await factors.get(one.id)).toMatchObject({ state: 'removed', secret: null });
      expect(await factors.acceptStep(one.id, 9, NOW)).toBe(false);
      expect(await factors.confirm(one.id, 9, NOW)).toBe(false);
      expect(await factors.removeAll(person.id, NOW)).toEqual([two.id]);
      expect(await factors.get(two.id)).toMatchObject({ state: 'removed', passkey: null });
      expect(await factors.acceptCounter(two.id, 9, NOW)).toBe(false);
      expect(await factors.of(person.id)).toEqual([]);
      expect(await factors.has(person.id)).toBe(false);
      expect(await factors.removeAll(person.id, NOW)).toEqual([]);
    });

    test('of owners who each remove their own last factor, one finds that nobody else has one', async () => {
      const { store } = bench;
      const other = await bench.other();
      for (const owner of await store.people.owners()) await store.factors.removeAll(owner.id, NOW);
      const ours = await times(3, async () => added(totp((await bench.person({ role: 'owner' })).id)));
      expect(await store.factors.anyOwnerHas()).toBe(true);
      const alone = await Promise.all(
        ours.map(({ id }, n) =>
          (n % 2 === 0 ? store : other).atomically(async (tx) => {
            await tx.factors.remove(id, NOW);
            return !(await tx.factors.anyOwnerHas());
          }),
        ),
      );
      expect(alone.filter(Boolean)).toHaveLength(1);
    });
  });

  describe('recovery codes', () => {
    test('a code is used once, by one of twenty, and only the one that was checked', async () => {
      const { factors } = bench.store;
      const { id } = await bench.person();
      await factors.setRecovery(id, ['h0', 'h1', 'h2'], NOW);
      expect(await factors.recovery(id)).toEqual([
        { position: 0, hash: 'h0' },
        { position: 1, hash: 'h1' },
        { position: 2, hash: 'h2' },
      ]);
      expect(await race((store) => store.factors.useRecovery(id, 1, 'h1', NOW))).toBe(1);
      expect((await factors.recovery(id)).map(({ position }) => position)).toEqual([0, 2]);
      // Replaced between the check and the use: the old code spends nothing of the new ones.
      await factors.setRecovery(id, ['n0', 'n1'], NOW);
      expect(await factors.useRecovery(id, 0, 'h0', NOW)).toBe(false);
      expect((await factors.recovery(id)).map(({ hash }) => hash)).toEqual(['n0', 'n1']);
      await factors.setRecovery(id, [], NOW);
      expect(await factors.recovery(id)).toEqual([]);
    });

    test('replacements at once leave one whole set', async () => {
      const { id } = await bench.person();
      const other = await bench.other();
      await times(8, (n) => {
        const hashes = Array.from({ length: 10 }, (_, position) => `set ${n} code ${position}`);
        return (n % 2 === 0 ? bench.store : other).factors.setRecovery(id, hashes, NOW);
      });
      const left = await bench.store.factors.recovery(id);
      expect(left).toHaveLength(10);
      expect(new Set(left.map(({ hash }) => hash.split(' code ')[0])).size).toBe(1);
    });
  });

  describe('failures', () => {
    test('R4: of twenty who count on from the same failures one does', async () => {
      const { factors } = bench.store;
      const { id } = await bench.person();
      const none = await factors.failures(id, 'page');
      expect(none).toEqual({ count: 0, lastAt: 0 });
      expect(await race((store) => store.factors.counted(id, 'page', none, NOW))).toBe(1);
      const one = await factors.failures(id, 'page');
      expect(one).toEqual({ count: 1, lastAt: NOW });
      expect(await race((store) => store.factors.counted(id, 'page', one, NOW + 1))).toBe(1);
      expect(await factors.failures(id, 'page')).toEqual({ count: 2, lastAt: NOW + 1 });
    });

    test('H71: surfaces and people are counted apart', async () => {
      const { factors } = bench.store;
      const [ana, eve] = [await bench.person(), await bench.person()];
      await times(20, () => factors.failed(ana.id, 'page', NOW));
      expect(await factors.failures(ana.id, 'page')).toEqual({ count: 20, lastAt: NOW });
      expect((await factors.failures(ana.id, 'cli')).count).toBe(0);
      expect((await factors.failures(eve.id, 'page')).count).toBe(0);
      await factors.failed(ana.id, 'cli', NOW);
      await factors.eased(ana.id, 20, 12);
      expect((await factors.failures(ana.id, 'page')).count).toBe(12);
      expect((await factors.failures(ana.id, 'cli')).count).toBe(1);
      await factors.cleared(ana.id, 'page');
      expect((await factors.failures(ana.id, 'page')).count).toBe(0);
      await factors.clearedAll(ana.id);
      expect((await factors.failures(ana.id, 'cli')).count).toBe(0);
    });
  });

  describe('recoveries', () => {
    const READY = NOW + 600_000;
    const begun = async (principal: PrincipalId) => {
      const recovery = { id: bench.id('recovery'), principal, startedAt: NOW, readyAt: READY } as const;
      return { recovery, as: await bench.store.recoveries.start(recovery) };
    };

    test('one is open for a person, found by its beginning, and ends once', async () => {
      const { recoveries } = bench.store;
      const { id } = await bench.person();
      const { recovery, as } = await begun(id);
      expect(as).toBe('started');
      expect((await begun(id)).as).toBe('exists');
      expect(await recoveries.open(id)).toEqual({ ...recovery, state: 'announced', endedAt: null });
      expect(await recoveries.find(recovery.id)).toContainEqual(await recoveries.open(id));
      expect(await recoveries.announced()).toContainEqual(await recoveries.open(id));
      expect(await recoveries.end(recovery.id, 'done', READY - 1)).toBe(false);
      expect(await race((store) => store.recoveries.end(recovery.id, 'done', READY))).toBe(1);
      expect(await recoveries.open(id)).toBeNull();
      expect((await recoveries.announced()).map(({ principal }) => principal)).not.toContain(id);
      expect(await recoveries.lastDone(id)).toMatchObject({ id: recovery.id, endedAt: READY });
      expect((await begun(id)).as).toBe('started');
    });

    test('a stopped one is never done', async () => {
      const { recoveries } = bench.store;
      const { id } = await bench.person();
      const { recovery } = await begun(id);
      const other = await bench.other();
      const ends = await times(20, (n) =>
        (n % 2 === 0 ? bench.store : other).recoveries.end(
          recovery.id,
          n % 3 === 0 ? 'stopped' : 'done',
          READY - 1,
        ),
      );
      expect(ends.filter(Boolean)).toHaveLength(1);
      expect(await recoveries.end(recovery.id, 'done', READY)).toBe(false);
      expect(await recoveries.lastDone(id)).toBeNull();
    });
  });

  test('forgetting a person takes their factors, codes, failures and recoveries along', async () => {
    const { store } = bench;
    const { person } = await bench.known();
    const { id } = await added(totp(person.id));
    await store.factors.setRecovery(person.id, ['h0'], NOW);
    await store.factors.failed(person.id, 'page', NOW);
    const recovery = {
      id: bench.id('recovery'),
      principal: person.id,
      startedAt: NOW,
      readyAt: NOW,
    } as const;
    await store.recoveries.start(recovery);
    await store.atomically((tx) => tx.people.forget(person.id));
    expect(await store.factors.get(id)).toBeNull();
    expect(await store.factors.recovery(person.id)).toEqual([]);
    expect((await store.factors.failures(person.id, 'page')).count).toBe(0);
    expect(await store.recoveries.open(person.id)).toBeNull();
  });
}
