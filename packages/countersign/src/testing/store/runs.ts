// Grants and what became of them; elevations. Whoever comes at the same time, and through which handle: a
// grant is spent once, a run ends once, an elevation ends once.
import type { GrantId } from '@countersign/protocol/ids';
import { describe, expect, test } from 'vitest';
import type { NewApproval } from '../../core/approval/approvals-port.ts';
import type { RunEnd } from '../../core/approval/runs-port.ts';
import type { NewElevation } from '../../core/approval/windows-port.ts';
import type { Store } from '../../core/store-port.ts';
import { approvalRow, word } from '../approval-rows.ts';
import { HOUR, NOW, type StoreBench, times } from './bench.ts';
import { windowsSuite } from './windows.ts';

const MANY = 50;
const END = NOW + 120_000;
const BY = 'token:tok_a';
const OK: RunEnd = {
  ...{ exitCode: 0, signal: null, changed: 'script' },
  ...{ outputDigest: 'ab', outputSize: 12, output: 'the end of it' },
};

export function runsSuite(bench: StoreBench): void {
  /** Half of them through another handle on the same data. */
  const race = async <T>(
    work: (store: StoreBench['store'], n: number) => Promise<T>,
    many = MANY,
  ): Promise<T[]> => {
    const other = await bench.other();
    return times(many, (n) => work(n % 2 === 0 ? bench.store : other, n));
  };
  /** A request with its yes and its grant. */
  const granted = async (more: Partial<NewApproval> = {}) => {
    const { id } = await bench.person();
    const request = approvalRow(bench.id('approval'), NOW, { token: bench.id('token'), ...more });
    const grant: GrantId = bench.id('grant');
    await bench.store.approvals.open(request, null);
    await bench.store.atomically(async (tx) => {
      await tx.approvals.say(request.id, word(id, NOW), 'approve', END);
      await tx.runs.issue({ approval: request.id, grant, issuedAt: NOW, expiresAt: END, seal: 'sealed' });
    });
    return { approval: request.id, grant };
  };
  const stateOf = async (approval: NewApproval['id']) => (await bench.store.approvals.get(approval))?.state;

  describe('grants and runs', () => {
    test('a grant comes back as it went in, by its id and by its request', async () => {
      const { approval, grant } = await granted();
      const fresh = { approval, grant, issuedAt: NOW, expiresAt: END, seal: 'sealed' };
      const nothing = { redeemedAt: null, redeemedBy: null, startedAt: null, seenAt: null, end: null };
      const whole = { ...fresh, ...nothing, finishedAt: null, lostAt: null, failure: null };
      expect(await bench.store.runs.byGrant(grant)).toEqual(whole);
      expect(await bench.store.runs.of([approval, bench.id('approval')])).toEqual(
        new Map([[approval, whole]]),
      );
      expect(await bench.store.runs.byGrant(bench.id('grant'))).toBeNull();
      expect(await bench.store.runs.of([])).toEqual(new Map());
    });

    test('R40: a request has one grant, and a grant one request', async () => {
      const { approval, grant } = await granted();
      const again = { issuedAt: NOW, expiresAt: END, seal: 'sealed' };
      await expect(
        bench.store.runs.issue({ ...again, approval, grant: bench.id('grant') }),
      ).rejects.toThrow();
      await expect(
        bench.store.runs.issue({ ...again, approval: bench.id('approval'), grant }),
      ).rejects.toThrow();
    });

    test('R40: a thousand redemptions of one grant at once, one run', async () => {
      const { approval, grant } = await granted();
      const won = await race((store, n) => store.runs.redeem(grant, `token:tok_${n}`, NOW + 1), 1_000);
      expect(won.filter(Boolean)).toHaveLength(1);
      const run = await bench.store.runs.byGrant(grant);
      expect(run).toMatchObject({ redeemedAt: NOW + 1, redeemedBy: `token:tok_${won.indexOf(true)}` });
      expect(await stateOf(approval)).toBe('redeemed');
    }, 60_000);

    test('R42: nothing redeems what is not approved, what ran out, or what nobody knows', async () => {
      const { store } = bench;
      const late = await granted();
      expect(await store.runs.redeem(late.grant, BY, END)).toBe(false);
      expect(await store.runs.redeem(late.grant, BY, END - 1)).toBe(true);
      const taken = await granted();
      await store.approvals.end(taken.approval, 'cancel', 'requester', NOW + 1);
      expect(await store.runs.redeem(taken.grant, BY, NOW + 2)).toBe(false);
      const void_ = await granted();
      await store.approvals.end(void_.approval, 'supersede', 'policy_changed', NOW + 1);
      expect(await store.runs.redeem(void_.grant, BY, NOW + 2)).toBe(false);
      const waits = approvalRow(bench.id('approval'), NOW, { token: bench.id('token') });
      await store.approvals.open(waits, null);
      const early = bench.id('grant');
      await store.runs.issue({
        ...{ approval: waits.id, grant: early, issuedAt: NOW, expiresAt: END, seal: 'sealed' },
      });
      expect(await store.runs.redeem(early, BY, NOW + 1)).toBe(false);
      expect(await store.runs.redeem(bench.id('grant'), BY, NOW + 1)).toBe(false);
    });

    test('a grant is redeemed or its request is void, never both, whoever is quicker', async () => {
      const { store } = bench;
      for (let round = 0; round < 10; round += 1) {
        const { approval, grant } = await granted();
        const [void_, won] = await Promise.all([
          store.approvals.end(approval, 'supersede', 'policy_changed', NOW + 1),
          store.runs.redeem(grant, BY, NOW + 1),
        ]);
        expect([void_, won].filter(Boolean)).toHaveLength(1);
        expect(await stateOf(approval)).toBe(won ? 'redeemed' : 'superseded');
      }
    });

    test('H54: only who redeemed tells of it, and only after', async () => {
      const { runs } = bench.store;
      const { approval, grant } = await granted();
      const end = { end: OK };
      const all = (by: string) =>
        Promise.all([
          runs.started(grant, by, NOW + 2),
          runs.seen(grant, by, NOW + 2),
          runs.finish(grant, by, end, NOW + 2),
        ]);
      expect(await all(BY)).toEqual([false, false, false]);
      await runs.redeem(grant, BY, NOW + 1);
      expect(await all('token:tok_b')).toEqual([false, false, false]);
      expect(await stateOf(approval)).toBe('redeemed');
      expect(await runs.byGrant(grant)).toMatchObject({ startedAt: null, finishedAt: null, end: null });
    });

    test('is started once, seen often, and ends once; what it printed comes back', async () => {
      const { runs } = bench.store;
      const { approval, grant } = await granted();
      await runs.redeem(grant, BY, NOW + 1);
      const starts = await race((store) => store.runs.started(grant, BY, NOW + 2));
      expect(starts.filter(Boolean)).toHaveLength(1);
      expect(await runs.seen(grant, BY, NOW + 3)).toBe(true);
      expect(await runs.byGrant(grant)).toMatchObject({ startedAt: NOW + 2, seenAt: NOW + 3 });
      const ends = await race((store) => store.runs.finish(grant, BY, { end: OK }, NOW + 4));
      expect(ends.filter(Boolean)).toHaveLength(1);
      expect(await runs.byGrant(grant)).toMatchObject({ finishedAt: NOW + 4, end: OK, failure: null });
      expect(await stateOf(approval)).toBe('finished');
      expect(await runs.seen(grant, BY, NOW + 5)).toBe(false);
    });

    test('what was not started though it was redeemed says why, and has no end of its own', async () => {
      const { runs } = bench.store;
      const { approval, grant } = await granted();
      await runs.redeem(grant, BY, NOW + 1);
      expect(await runs.finish(grant, BY, { failure: 'changed: program' }, NOW + 2)).toBe(true);
      expect(await runs.byGrant(grant)).toMatchObject({ failure: 'changed: program', end: null });
      expect(await stateOf(approval)).toBe('finished');
    });

    test('whoever is silent is lost, once; who was heard of is not; who comes back ends it after all', async () => {
      const { runs } = bench.store;
      const [silent, heard, over] = [await granted(), await granted(), await granted()];
      for (const { grant } of [silent, heard, over]) await runs.redeem(grant, BY, NOW + 1);
      await runs.seen(heard.grant, BY, NOW + 100);
      await runs.finish(over.grant, BY, { end: OK }, NOW + 2);
      const ours = [silent.approval, heard.approval, over.approval];
      const lost = (await race((store) => store.runs.lose(NOW + 50, NOW + 200, 1_000))).flat();
      expect(lost.filter((id) => ours.includes(id))).toEqual([silent.approval]);
      expect(await stateOf(silent.approval)).toBe('lost');
      expect(await runs.byGrant(silent.grant)).toMatchObject({ lostAt: NOW + 200, finishedAt: null });
      // A lost one is spent all the same.
      expect(await runs.redeem(silent.grant, BY, NOW + 2)).toBe(false);
      expect(await runs.seen(silent.grant, BY, NOW + 300)).toBe(true);
      expect(await runs.finish(silent.grant, BY, { end: OK }, NOW + 400)).toBe(true);
      expect(await stateOf(silent.approval)).toBe('finished');
      expect(await runs.lose(NOW + 350, NOW + 500, 1_000)).not.toContain(silent.approval);
    });

    test('go with their request: pruned, or its person forgotten; what is not heard to its end stays', async () => {
      const { store } = bench;
      const person = await bench.person();
      const theirs = await granted({ requester: person.id });
      const [old, open] = [await granted(), await granted()];
      await store.runs.redeem(open.grant, BY, NOW + 1);
      await store.people.forget(person.id);
      await store.approvals.prune(NOW + HOUR);
      expect(await store.runs.byGrant(theirs.grant)).toBeNull();
      expect(await store.runs.byGrant(old.grant)).toBeNull();
      expect(await store.runs.byGrant(open.grant)).toMatchObject({ redeemedAt: NOW + 1 });
    });
  });

  windowsSuite(bench);
  elevationsSuite(bench, race);
}

function elevationsSuite(
  bench: StoreBench,
  race: <T>(work: (store: Store, n: number) => Promise<T>) => Promise<T[]>,
): void {
  describe('elevations', () => {
    test('last until their time, end once, and go with whoever began them', async () => {
      const { elevations, people } = bench.store;
      const { id: by } = await bench.person();
      const begun = async (until: number): Promise<NewElevation> => {
        const id = bench.id('elevation');
        const one = {
          id,
          agent: bench.word(),
          session: null,
          by,
          surface: 'page',
          createdAt: NOW,
          until,
        } as const;
        await elevations.begin(one);
        return one;
      };
      const [short, long, ended] = [await begun(NOW + 5), await begun(END), await begun(END)];
      const live = async (now: number) => {
        const ours: string[] = [short.id, long.id, ended.id];
        return (await elevations.live(now)).map(({ id }) => id).filter((id) => ours.includes(id));
      };
      expect(await live(NOW)).toEqual([ended.id, long.id, short.id]);
      expect(await elevations.get(long.id)).toEqual({ ...long, endedAt: null, endedBy: null });
      const ends = await race((store) => store.elevations.end(ended.id, 'person', NOW + 1));
      expect(ends.filter(Boolean)).toHaveLength(1);
      expect(await elevations.get(ended.id)).toMatchObject({ endedAt: NOW + 1, endedBy: 'person' });
      expect(await live(NOW + 5)).toEqual([long.id]);
      expect(await elevations.end(short.id, 'person', NOW + 5)).toBe(false);
      // That one ran out is noticed once, whoever looks.
      const lapsed = (await race((store) => store.elevations.lapse(NOW + 5, 100))).flat();
      expect(lapsed.filter(({ id }) => id === short.id)).toHaveLength(1);
      expect(lapsed.map(({ id }) => id)).not.toContain(ended.id);
      expect(await elevations.get(short.id)).toMatchObject({ endedAt: NOW + 5, endedBy: 'time' });
      await elevations.prune(NOW + 6);
      expect(await elevations.get(short.id)).toBeNull();
      expect(await elevations.get(long.id)).not.toBeNull();
      await people.forget(by);
      expect(await elevations.get(long.id)).toBeNull();
    });
  });
}
