// A person's factors from the first enrolment to the last removal.
import { expect, test } from 'vitest';
import { codeOf, HOST, openFactorStage, totpAt } from '../../testing/factor-stage.ts';

test('a TOTP counts once its first code is shown, and not before', async () => {
  await using stage = await openFactorStage();
  const { factors, clock } = stage;
  const olga = await stage.person('Olga');
  const { id, secret, uri } = await factors.enrolTotp(olga.id, 'phone', HOST);
  expect(uri).toContain(`otpauth://totp/Countersign:Olga?secret=${secret}`);
  expect(await factors.has(olga.id)).toBe(false);
  expect(await factors.list(olga.id)).toMatchObject([{ id, kind: 'totp', label: 'phone', state: 'pending' }]);
  expect(await stage.proves(olga.id, totpAt(secret, stage.now))).toMatchObject({ ok: false });

  expect(await codeOf(factors.confirmTotp(id, '000000', HOST))).toBe('challenge_failed');
  const confirmed = await factors.confirmTotp(id, totpAt(secret, stage.now), HOST);
  expect(confirmed).toMatchObject({ id, state: 'active' });
  expect(await factors.has(olga.id)).toBe(true);
  expect(await factors.ownerHasFactor()).toBe(true);
  expect(await codeOf(factors.confirmTotp(id, totpAt(secret, stage.now), HOST))).toBe('already_decided');
  clock.advance('30s');
  expect(await stage.proves(olga.id, totpAt(secret, stage.now))).toMatchObject({ ok: true, factor: { id } });
  expect(await stage.types()).toEqual([
    'factor.enrolled',
    'factor.failed',
    'factor.confirmed',
    'factor.proven',
  ]);
  expect(JSON.stringify(await stage.events())).not.toContain(secret);
});

test('an enrolment that was not confirmed in a quarter of an hour, or was begun anew, is void', async () => {
  await using stage = await openFactorStage();
  const { factors, clock } = stage;
  const olga = await stage.person('Olga');
  const first = await factors.enrolTotp(olga.id, 'phone', HOST);
  const second = await factors.enrolTotp(olga.id, 'phone', HOST);
  expect(await codeOf(factors.confirmTotp(first.id, totpAt(first.secret, stage.now), HOST))).toBe(
    'not_found',
  );
  clock.advance('15m');
  expect(await codeOf(factors.confirmTotp(second.id, totpAt(second.secret, stage.now), HOST))).toBe(
    'expired',
  );
  expect(await factors.list(olga.id)).toEqual([]);
});

test('twenty confirmations at once make one', async () => {
  await using stage = await openFactorStage();
  const olga = await stage.person('Olga');
  const { id, secret } = await stage.factors.enrolTotp(olga.id, 'phone', HOST);
  const code = totpAt(secret, stage.now);
  const all = Array.from({ length: 20 }, () => codeOf(stage.factors.confirmTotp(id, code, HOST)));
  expect((await Promise.all(all)).filter((one) => one === 'ok')).toHaveLength(1);
});

test('R14: the person and every owner are told of what is added and removed', async () => {
  await using stage = await openFactorStage();
  const olga = await stage.person('Olga');
  const ana = await stage.person('Ana', 'approver');
  const eve = await stage.person('Eve', 'user');
  const { id } = await stage.totp(ana.id);
  for (const peer of [olga.peer, ana.peer]) {
    const told = await stage.told(peer);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(`New authenticator app added for "Ana" by the host.`);
    expect(told[0]).toContain(`countersign factors remove ${id}`);
  }
  const by = { kind: 'principal', id: olga.id, surface: 'cli' } as const;
  await stage.factors.remove(id, by);
  expect(await stage.told(ana.peer)).toEqual([expect.stringContaining('of "Ana" was removed by "Olga"')]);
  expect(await stage.told(olga.peer)).toHaveLength(1);
  expect(await stage.told(eve.peer)).toEqual([]);
});

test('the last factor of the last owner who has one stays, unless the host recovers', async () => {
  await using stage = await openFactorStage();
  const { factors } = stage;
  const olga = await stage.person('Olga');
  const otto = await stage.person('Otto');
  const ana = await stage.person('Ana', 'approver');
  const [one, two, hers] = [await stage.totp(olga.id), await stage.totp(otto.id), await stage.totp(ana.id)];
  const results = await Promise.all([one, two].map(({ id }) => codeOf(factors.remove(id, HOST))));
  expect(results.toSorted()).toEqual(['ok', 'state_conflict']);
  expect(await factors.ownerHasFactor()).toBe(true);
  const left = results[0] === 'ok' ? two : one;
  // An approver's factor is not an owner's: it neither counts nor is held back.
  expect(await codeOf(factors.remove(hers.id, HOST))).toBe('ok');
  expect(await codeOf(factors.remove(left.id, HOST))).toBe('state_conflict');
  await factors.remove(left.id, HOST, { force: true });
  expect(await factors.ownerHasFactor()).toBe(false);
  expect(await codeOf(factors.remove(left.id, HOST))).toBe('not_found');
});

test('a suspended owner’s factor still guards the house, and proves nothing', async () => {
  await using stage = await openFactorStage();
  const olga = await stage.person('Olga');
  const { code } = await stage.totp(olga.id);
  await stage.store.people.setState(olga.id, ['active'], 'suspended');
  expect(await stage.factors.ownerHasFactor()).toBe(true);
  expect(await stage.proves(olga.id, code())).toMatchObject({ ok: false });
});

test('a factor is found by the beginning of its id, and shows nothing that proves', async () => {
  await using stage = await openFactorStage();
  const olga = await stage.person('Olga');
  const { id } = await stage.totp(olga.id);
  expect(await stage.factors.find(id.slice(0, 9))).toMatchObject({ id, principal: olga.id });
  expect(Object.keys(await stage.factors.find(id))).not.toContain('secret');
  for (const ref of ['', 'fac_', 'fac_zz%', '%', id.slice(0, 6)]) {
    expect(await codeOf(stage.factors.find(ref))).toMatch(/not_found/);
  }
});

test('recovery codes stand in for a factor, once each, and go with the last one', {
  timeout: 60_000,
}, async () => {
  await using stage = await openFactorStage();
  const { factors, store } = stage;
  const olga = await stage.person('Olga');
  const otto = await stage.person('Otto');
  await stage.totp(otto.id);
  expect(await codeOf(factors.recoveryCodes(olga.id, HOST))).toBe('state_conflict');
  const { id } = await stage.totp(olga.id);
  const old = await factors.recoveryCodes(olga.id, HOST);
  const codes = await factors.recoveryCodes(olga.id, HOST);
  await stage.told(olga.peer);
  const uses = (value: string, surface = 'cli') =>
    factors.prove(olga.id, { kind: 'recovery', value }, surface, stage.now);

  expect(await uses(old[0] ?? '')).toMatchObject({ ok: false });
  expect(await uses((codes[3] ?? '').toLowerCase().replaceAll('-', ' '))).toMatchObject({
    ok: true,
    factor: { kind: 'recovery', id: null },
  });
  expect(await uses(codes[3] ?? '')).toMatchObject({ ok: false });
  expect(await factors.recoveryCodesLeft(olga.id)).toBe(9);
  expect((await stage.told(olga.peer)).join()).toContain('A recovery code of "Olga" was used; 9 are left.');
  // Another person's code is nobody's here.
  const theirs = await factors.prove(otto.id, { kind: 'recovery', value: codes[4] ?? '' }, 'cli', stage.now);
  expect(theirs).toMatchObject({ ok: false });

  const [code = ''] = codes;
  const many = await Promise.all(Array.from({ length: 5 }, () => uses(code, 'page')));
  expect(many.filter(({ ok }) => ok)).toHaveLength(1);
  expect(JSON.stringify(await stage.events())).not.toMatch(new RegExp(codes.join('|')));

  await factors.remove(id, HOST);
  expect(await store.factors.recovery(olga.id)).toEqual([]);
  expect(await uses(codes[5] ?? '', 'chat')).toMatchObject({ ok: false });
});
