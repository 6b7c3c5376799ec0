// H71: whoever guesses at a factor locks the surface they guess on, for a while that grows (R4, R28, R38), and nobody out
// anywhere else. Guesses at once count each.
import { expect, test } from 'vitest';
import { openFactorStage } from '../../testing/factor-stage.ts';
import { proofRefused } from './prover.ts';
import { CLOSED_AT, delayAfter, waitAfter } from './throttle.ts';

const MINUTE = 60_000;

test('five failures are free, then thirty seconds that double up to an hour', () => {
  const delays = Array.from({ length: 16 }, (_, count) => delayAfter(count) / 1000);
  expect(delays).toEqual([0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600, 3_600]);
  expect(delayAfter(1e9)).toBe(60 * MINUTE);
});

test('a wait runs out with the clock, is never longer than its delay, and ends nothing that is closed', () => {
  expect(waitAfter({ count: 6, lastAt: 1_000 }, 1_000)).toBe(MINUTE);
  expect(waitAfter({ count: 6, lastAt: 1_000 }, 1_000 + MINUTE)).toBe(0);
  expect(waitAfter({ count: 6, lastAt: 10 * MINUTE }, 0)).toBe(MINUTE);
  expect(waitAfter({ count: CLOSED_AT, lastAt: 0 }, 1e15)).toBe(60 * MINUTE);
});

test('H71: guesses close one surface for a while; the right code passes on another at once', async () => {
  await using stage = await openFactorStage();
  const olga = await stage.person('Olga');
  const { code } = await stage.totp(olga.id);
  await stage.told(olga.peer);
  for (let n = 0; n < 4; n++) expect(await stage.proves(olga.id, '000000')).toEqual({ ok: false, wait: 0 });
  expect(await stage.proves(olga.id, '000000')).toEqual({ ok: false, wait: 30_000 });
  // Not even a right one is looked at now, and looking does not spend it.
  expect(await stage.proves(olga.id, code())).toEqual({ ok: false, wait: 30_000 });
  expect(await stage.proves(olga.id, code(), 'page')).toMatchObject({ ok: true });
  expect(await stage.told(olga.peer)).toEqual([
    '5 wrong proofs in a row for "Olga" on telegram. Further tries there have to wait; other places are not touched.',
  ]);

  stage.clock.advance('30s');
  expect(await stage.proves(olga.id, '000000')).toEqual({ ok: false, wait: MINUTE });
  stage.clock.advance('60s');
  expect(await stage.proves(olga.id, code())).toMatchObject({ ok: true });
  // A right one clears the surface.
  expect(await stage.proves(olga.id, '000000')).toEqual({ ok: false, wait: 0 });
});

test('H71: another person on the same surface is not touched', async () => {
  await using stage = await openFactorStage();
  const [olga, otto] = [await stage.person('Olga'), await stage.person('Otto')];
  await stage.totp(olga.id);
  const { code } = await stage.totp(otto.id);
  for (let n = 0; n < 9; n++) await stage.proves(olga.id, '000000');
  expect(await stage.proves(otto.id, code())).toMatchObject({ ok: true });
});

test('R4: of a hundred wrong guesses at once five are looked at', async () => {
  await using stage = await openFactorStage();
  const olga = await stage.person('Olga');
  await stage.totp(olga.id);
  const guesses = Array.from({ length: 100 }, (_, n) => stage.proves(olga.id, String(n).padStart(6, '0')));
  await Promise.all(guesses);
  const { count } = await stage.store.factors.failures(olga.id, 'telegram');
  expect(count).toBe(5);
});

test('R4: at fifty in a row the surface stays closed until a factor is proven elsewhere', async () => {
  await using stage = await openFactorStage();
  const olga = await stage.person('Olga');
  const { code } = await stage.totp(olga.id);
  for (let n = 0; n < CLOSED_AT; n++) {
    await stage.proves(olga.id, '000000');
    stage.clock.advance('1h');
  }
  stage.clock.advance('24h');
  expect(await stage.proves(olga.id, code())).toEqual({ ok: false, wait: 60 * MINUTE });
  expect(await stage.proves(olga.id, code(), 'page')).toMatchObject({ ok: true });
  stage.clock.advance('30s');
  expect(await stage.proves(olga.id, code())).toMatchObject({ ok: true });
});

test('R13: wrong, used, unknown and throttled read alike, but for when to come back', async () => {
  await using stage = await openFactorStage();
  const olga = await stage.person('Olga');
  const eve = await stage.person('Eve', 'user');
  const { code } = await stage.totp(olga.id);
  const typed = code();
  await stage.proves(olga.id, typed);
  const wrong = await stage.proves(olga.id, '000000', 'a');
  expect(await stage.proves(olga.id, typed, 'b')).toEqual(wrong);
  expect(await stage.proves(eve.id, typed, 'c')).toEqual(wrong);
  expect(await stage.proves('prn_nobody', typed, 'd')).toEqual(wrong);
  const { retryAfter, ...throttled } = proofRefused(30_000).toJSON();
  expect(retryAfter).toBe(30);
  expect(throttled).toEqual(proofRefused(0).toJSON());
  // The audit knows which.
  const reasons = (await stage.events()).flatMap(({ body }) =>
    body.type === 'factor.failed' ? body.reason : [],
  );
  expect(reasons).toEqual(['wrong', 'used', 'unknown', 'unknown']);
});
