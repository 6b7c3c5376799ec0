// R42, E-11: time is read when it is one's turn. The attack: keep the store busy, so that a yes that comes too late, or a request
// under an elevation that is over, is judged by the clock of when it began to wait.
import type { PrincipalId } from '@countersign/protocol/ids';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ApprovalBench, PUSH } from '../../testing/approval-bench.ts';
import { codeOf } from '../../testing/factor-stage.ts';

let bench: ApprovalBench;
let olga: PrincipalId;
beforeEach(async () => {
  bench = await ApprovalBench.open();
  olga = await bench.person('Olga', 'owner');
});
afterEach(() => bench[Symbol.asyncDispose]());

/** Somebody has the turn; `work` comes meanwhile, and the clock goes on before it has its own. */
async function waitsWhile<T>(time: '2m' | '10m' | '15m', work: () => Promise<T>): Promise<T> {
  const [taken, free] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const busy = bench.store.atomically(async (tx) => {
    await tx.approvals.turn();
    taken.resolve();
    await free.promise;
  });
  await taken.promise;
  const waiting = work();
  // It is in the queue by now, or comes to it later still.
  await new Promise((resolve) => setImmediate(resolve));
  bench.clock.advance(time);
  free.resolve();
  await busy;
  return waiting;
}

test('R42: a yes that waited for its turn until the request was over counts for nothing', async () => {
  const asked = await bench.ask(PUSH);
  expect(await waitsWhile('10m', () => codeOf(bench.says(olga, 'approve', asked)))).toBe('expired');
  const view = await bench.approvals.get(asked.request.id);
  expect([view.state, view.request.words, view.run]).toEqual(['expired', [], null]);
});

test('a yes whose turn comes in time lasts from then', async () => {
  const asked = await bench.ask(PUSH);
  const view = await waitsWhile('2m', () => bench.says(olga, 'approve', asked));
  expect(view.request.redeemBy).toBe(bench.clock.now() + 120_000);
  expect(view.run?.issuedAt).toBe(bench.clock.now());
});

test('R62: an elevation that ended while a request waited for its turn carries it no more', async () => {
  await bench.enrols(olga);
  const now = bench.clock.now();
  await bench.store.elevations.begin({
    ...{ id: `elev_${'a'.repeat(24)}`, agent: 'main', session: null, by: olga, surface: 'page' },
    ...{ createdAt: now, until: now + 900_000 },
  });
  expect((await bench.ask(PUSH)).request.because).toBe('elevated');
  const late = await waitsWhile('15m', () => bench.ask(PUSH));
  expect(late.state).not.toBe('approved');
  expect(late.run).toBeNull();
});

test('what is taken back after its time is not taken back', async () => {
  const asked = await bench.ask(PUSH);
  expect(await waitsWhile('10m', () => codeOf(bench.approvals.cancel(asked.request.id, bench.token)))).toBe(
    'expired',
  );
});
