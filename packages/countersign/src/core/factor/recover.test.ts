// R33: everything lost. The host announces, ten minutes pass, and until then any owner can stop it from a chat.
import { makeId } from '@countersign/protocol/ids';
import { expect, test } from 'vitest';
import { codeOf, type FactorStage, HOST, openFactorStage } from '../../testing/factor-stage.ts';
import { RECOVERY_TABLE } from './recover.ts';

async function device(stage: FactorStage, principal: `prn_${string}`, thumbprint: string) {
  const id = makeId('device', Buffer.alloc(15, thumbprint));
  await stage.store.devices.add({
    id,
    key: { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) },
    thumbprint,
    role: 'operator',
    scopes: ['read'],
    name: 'browser',
    principal,
    via: 'approval',
    proven: true,
    createdAt: stage.now,
  });
  return id;
}

test('announced leads to stopped or done, and these to nothing', () => {
  expect(Object.keys(RECOVERY_TABLE)).toEqual(['announced', 'stopped', 'done']);
  for (const state of ['stopped', 'done'] as const) {
    for (const event of ['stop', 'finish'] as const) {
      expect(RECOVERY_TABLE[state][event]).toEqual({ refused: 'already_decided' });
    }
  }
});

test('after ten minutes it ends factors, recovery codes and devices, and the host may enrol for half an hour', async () => {
  await using stage = await openFactorStage();
  const { recovery, factors, store } = stage;
  const [olga, otto] = [await stage.person('Olga'), await stage.person('Otto')];
  await stage.totp(olga.id);
  await stage.totp(otto.id);
  await factors.recoveryCodes(olga.id, HOST);
  const [hers, his] = [await device(stage, olga.id, 'a'), await device(stage, otto.id, 'b')];
  for (const { peer } of [olga, otto]) await stage.told(peer);

  const { recovery: row, as } = await recovery.start(olga.id, HOST);
  expect(as).toBe('started');
  for (const { peer } of [olga, otto]) {
    const [text] = await stage.told(peer);
    expect(text).toContain(`/notme ${row.id}`);
    expect(text).toContain('"Olga" lost every factor');
  }
  expect(await codeOf(recovery.finish(row.id, HOST))).toBe('state_conflict');
  stage.clock.advance('9m');
  // Asking again shortens nothing, and lengthens nothing.
  expect(await recovery.start(olga.id, HOST)).toEqual({ recovery: row, as: 'exists' });
  expect(await codeOf(recovery.finish(row.id, HOST))).toBe('state_conflict');
  stage.clock.advance('1m');
  const changed: string[] = [];
  stage.bus.subscribe('deviceChanged', (id) => changed.push(id));
  expect(await recovery.finish(row.id, HOST)).toMatchObject({ state: 'done' });

  expect(await factors.list(olga.id)).toEqual([]);
  expect(await factors.recoveryCodesLeft(olga.id)).toBe(0);
  expect(await store.devices.get(hers)).toMatchObject({ state: 'revoked', endedWhy: 'recovered' });
  expect(changed).toEqual([hers]);
  // Nobody else's.
  expect(await factors.has(otto.id)).toBe(true);
  expect(await store.devices.get(his)).toMatchObject({ state: 'paired' });
  expect(await stage.told(otto.peer)).toEqual([expect.stringContaining('was carried out')]);
  expect(await codeOf(recovery.finish(row.id, HOST))).toBe('already_decided');
  expect(await codeOf(recovery.stop(row.id, HOST))).toBe('already_decided');

  expect(await recovery.mayEnrol(otto.id)).toBe(false);
  expect(await recovery.mayEnrol(olga.id)).toBe(true);
  stage.clock.advance('29m');
  expect(await recovery.mayEnrol(olga.id)).toBe(true);
  await stage.totp(olga.id);
  expect(await recovery.mayEnrol(olga.id)).toBe(false);
  expect(await stage.types()).toEqual(expect.arrayContaining(['recovery.announced', 'recovery.done']));
});

test('the window to enrol closes after half an hour', async () => {
  await using stage = await openFactorStage();
  const olga = await stage.person('Olga');
  const { recovery } = await stage.recovery.start(olga.id, HOST);
  stage.clock.advance('10m');
  await stage.recovery.finish(recovery.id, HOST);
  stage.clock.advance('30m');
  expect(await stage.recovery.mayEnrol(olga.id)).toBe(false);
});

test('a stopped one changes nothing, can never be carried out, and a new one waits anew', async () => {
  await using stage = await openFactorStage();
  const { recovery } = stage;
  const [olga, otto] = [await stage.person('Olga'), await stage.person('Otto')];
  await stage.totp(olga.id);
  const { recovery: row } = await recovery.start(olga.id, HOST);
  stage.clock.advance('10m');
  const found = await recovery.find(row.id.slice(0, 12));
  expect(found?.id).toBe(row.id);
  await stage.told(otto.peer);
  const by = { kind: 'principal', id: otto.id, surface: 'loopback' } as const;
  expect(await recovery.stop(row.id, by)).toMatchObject({ state: 'stopped' });
  expect(await stage.told(otto.peer)).toEqual([
    'The recovery of "Olga" was stopped by "Otto". Nothing changed.',
  ]);
  stage.clock.advance('24h');
  expect(await codeOf(recovery.finish(row.id, HOST))).toBe('already_decided');
  expect(await stage.factors.has(olga.id)).toBe(true);
  expect(await recovery.mayEnrol(olga.id)).toBe(false);
  const again = await recovery.start(olga.id, HOST);
  expect(again.as).toBe('started');
  expect(again.recovery.readyAt).toBe(stage.now + 600_000);
  expect(await stage.types()).toContain('recovery.stopped');
});

test('of a stop and a finish at once one stands', async () => {
  await using stage = await openFactorStage();
  const olga = await stage.person('Olga');
  const { recovery } = await stage.recovery.start(olga.id, HOST);
  stage.clock.advance('10m');
  const both = [stage.recovery.stop(recovery.id, HOST), stage.recovery.finish(recovery.id, HOST)];
  expect((await Promise.all(both.map(codeOf))).toSorted()).toEqual(['already_decided', 'ok']);
});

test('nobody is recovered who is not there, and no beginning of an id finds two', async () => {
  await using stage = await openFactorStage();
  expect(await codeOf(stage.recovery.start('prn_nobody', HOST))).toBe('not_found');
  expect(await codeOf(stage.recovery.finish('rec_nothing', HOST))).toBe('not_found');
  for (const ref of ['', 'rec_', 'rec_zzz', '%%%']) expect(await stage.recovery.find(ref)).toBeNull();
});
