// H69, N-12: a TOTP replayed in its window, the enrolment code used again, a recovery code and then the code it stood in
// for, a double submit, drift. In each one try wins. And R26: a step stays spent when the gateway starts anew.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HOST, openFactorStage, totpAt } from '../../testing/factor-stage.ts';
import { FakeClock } from '../../testing/fakes.ts';

const wins = (results: readonly { readonly ok: boolean }[]) => results.filter(({ ok }) => ok).length;

test('H69 R30: a code is accepted once for all surfaces and actions', async () => {
  await using stage = await openFactorStage();
  const olga = await stage.person('Olga');
  const { code } = await stage.totp(olga.id);
  const typed = code();
  const results = [
    await stage.proves(olga.id, typed, 'telegram'),
    await stage.proves(olga.id, typed, 'telegram'),
    await stage.proves(olga.id, typed, 'cli'),
    await stage.factors.prove(olga.id, { kind: 'totp', value: typed }, 'page', stage.now, 'another action'),
  ];
  stage.clock.advance('29s');
  results.push(await stage.proves(olga.id, typed, 'page'));
  expect(wins(results)).toBe(1);
  expect(results[0]?.ok).toBe(true);
});

test('H69: the code that confirmed the enrolment is spent', async () => {
  await using stage = await openFactorStage();
  const olga = await stage.person('Olga');
  const { id, secret } = await stage.factors.enrolTotp(olga.id, 'phone', HOST);
  const typed = totpAt(secret, stage.now);
  await stage.factors.confirmTotp(id, typed, HOST);
  expect(await stage.proves(olga.id, typed)).toMatchObject({ ok: false });
  // Nor the one before it, which the window would still take.
  expect(await stage.proves(olga.id, totpAt(secret, stage.now - 30_000))).toMatchObject({ ok: false });
  expect(await stage.proves(olga.id, totpAt(secret, stage.now + 30_000))).toMatchObject({ ok: true });
});

test('H69: after a recovery code a replay of the last code, or of the recovery code, fails', async () => {
  await using stage = await openFactorStage();
  const olga = await stage.person('Olga');
  const { code } = await stage.totp(olga.id);
  const [recovery = ''] = await stage.factors.recoveryCodes(olga.id, HOST);
  const typed = code();
  const uses = (surface: string) =>
    stage.factors.prove(olga.id, { kind: 'recovery', value: recovery }, surface, stage.now);
  expect(await stage.proves(olga.id, typed)).toMatchObject({ ok: true });
  expect(await uses('cli')).toMatchObject({ ok: true });
  expect(wins([await stage.proves(olga.id, typed), await uses('cli'), await uses('page')])).toBe(0);
});

test('H69 R40: of a thousand submissions of one right code at once one is accepted', async () => {
  await using stage = await openFactorStage();
  const olga = await stage.person('Olga');
  const { code } = await stage.totp(olga.id);
  const typed = code();
  const results = await Promise.all(
    // Over many surfaces, so that the throttle is not what stops them.
    Array.from({ length: 1_000 }, (_, n) => stage.proves(olga.id, typed, `device:${n % 250}`)),
  );
  expect(wins(results)).toBe(1);
  expect((await stage.types()).filter((type) => type === 'factor.proven')).toHaveLength(1);
});

test('H69 R3: of a thousand on one surface one is accepted, too', async () => {
  await using stage = await openFactorStage();
  const olga = await stage.person('Olga');
  const { code } = await stage.totp(olga.id);
  const typed = code();
  const results = await Promise.all(Array.from({ length: 1_000 }, () => stage.proves(olga.id, typed)));
  expect(wins(results)).toBe(1);
});

test('H69 R25: a code two steps off is refused on both sides, and spends nothing', async () => {
  await using stage = await openFactorStage();
  const olga = await stage.person('Olga');
  const { code } = await stage.totp(olga.id);
  stage.clock.advance('120s');
  expect(await stage.proves(olga.id, code(-60_000))).toMatchObject({ ok: false });
  expect(await stage.proves(olga.id, code(60_000))).toMatchObject({ ok: false });
  expect(await stage.proves(olga.id, code(30_000))).toMatchObject({ ok: true });
  // The step of now lies below the accepted one.
  expect(await stage.proves(olga.id, code())).toMatchObject({ ok: false });
});

test('R26: the store is opened again, and the step is still spent', async () => {
  const home = mkdtempSync(join(tmpdir(), 'countersign-factors-'));
  try {
    const clock = new FakeClock();
    const where = { url: 'sqlite:countersign.db', home, clock };
    const first = await openFactorStage({ ...where, seed: 'first' });
    const olga = await first.person('Olga');
    const { code } = await first.totp(olga.id);
    const typed = code();
    expect(await first.proves(olga.id, typed)).toMatchObject({ ok: true });
    await first.store.close();

    await using second = await openFactorStage({ ...where, seed: 'second' });
    expect(await second.proves(olga.id, typed)).toMatchObject({ ok: false });
    clock.advance('30s');
    expect(await second.proves(olga.id, code())).toMatchObject({ ok: true });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

test('R26: two handles on one store accept a code once between them', async () => {
  const home = mkdtempSync(join(tmpdir(), 'countersign-factors-'));
  try {
    const clock = new FakeClock();
    const where = { url: 'sqlite:countersign.db', home, clock };
    await using left = await openFactorStage({ ...where, seed: 'left' });
    await using right = await openFactorStage({ ...where, seed: 'right' });
    const olga = await left.person('Olga');
    const { code } = await left.totp(olga.id);
    const typed = code();
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? left : right).proves(olga.id, typed, `s${n}`)),
    );
    expect(wins(results)).toBe(1);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
