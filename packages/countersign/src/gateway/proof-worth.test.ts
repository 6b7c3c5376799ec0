// Approval 6.6, R30: a page says before the yes whether a proof is asked for, and what it covers. The attack: a person who reads
// that they will be asked, presses on, and has said yes without a code.
import type { ApprovalRow } from '@countersign/protocol/approval';
import { afterEach, expect, test, vi } from 'vitest';
import { type Browser, command, openApprovalHouse, PUSH, WIPE } from '../testing/approval-house.ts';
import { totpAt } from '../testing/factor-stage.ts';
import { jsonOf } from '../testing/house.ts';

afterEach(() => {
  vi.useRealTimers();
});

const FETCH = command('git', 'push', 'origin', 'dev');

async function proving() {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_795_000_000_000 });
  const stage = await openApprovalHouse();
  const post = (at: string, body: object) => stage.house.call('host', 'POST', `/api/v1${at}`, body);
  const made = await jsonOf<{ id: string; secret: string }>(post('/factors/totp', { person: 'Olga' }));
  await post(`/factors/${made.id}/confirm`, { code: totpAt(made.secret, Date.now()) });
  vi.setSystemTime(Date.now() + 30_000);
  const olga = await stage.browser('olga');
  const header = { 'x-countersign-factor': `totp ${totpAt(made.secret, Date.now())}` };
  expect((await olga.call('POST', '/api/v1/devices/prove', undefined, header)).status).toBe(200);
  vi.setSystemTime(Date.now() + 30_000);
  const says = (id: string, body: object, by: Browser = olga) =>
    by.call('POST', `/api/v1/approvals/${id}/decision`, body);
  const looks = (id: string, by: Browser = olga) =>
    jsonOf<ApprovalRow>(by.call('GET', `/api/v1/approvals/${id}`));
  const factor = () => ({ kind: 'totp', value: totpAt(made.secret, Date.now()) });
  return { ...stage, olga, says, looks, factor };
}

test('one that was given for another request is said to count, until when, and does', async () => {
  await using stage = await proving();
  const [first, second] = [await stage.asks(PUSH), await stage.asks(FETCH)];
  expect((await stage.looks(first.id)).proof).toEqual({ seconds: 300 });
  expect(await jsonOf(stage.says(first.id, { decision: 'approve', factor: stage.factor() }))).toMatchObject({
    state: 'approved',
  });
  const until = new Date(Date.now() + 300_000).toISOString();
  expect((await stage.looks(second.id)).proof).toEqual({ seconds: 300, until });
  vi.setSystemTime(Date.now() + 300_000);
  // Over in that moment: nothing is said that a yes would not find.
  expect((await stage.looks(second.id)).proof).toEqual({ seconds: 300 });
  expect((await stage.says(second.id, { decision: 'approve' })).status).toBe(403);
});

test('what is destructive needs one of its own, whatever was proven before', async () => {
  await using stage = await proving();
  const [first, wipe] = [await stage.asks(PUSH), await stage.asks(WIPE)];
  expect(await jsonOf(stage.says(first.id, { decision: 'approve', factor: stage.factor() }))).toMatchObject({
    state: 'approved',
  });
  expect((await stage.looks(wipe.id)).proof).toEqual({ seconds: 0 });
  expect((await stage.says(wipe.id, { decision: 'approve' })).status).toBe(403);
});

test('it is theirs: others read nothing of it, the program that asked least of all', async () => {
  await using stage = await proving();
  const [first, second] = [await stage.asks(PUSH), await stage.asks(FETCH)];
  expect(await jsonOf(stage.says(first.id, { decision: 'approve', factor: stage.factor() }))).toMatchObject({
    state: 'approved',
  });
  const ari = await stage.browser('ari');
  expect((await stage.looks(second.id, ari)).proof).toEqual({ seconds: 300 });
  expect((await jsonOf<ApprovalRow>(stage.sees(second.id))).proof).toBeUndefined();
  // What is over needs none.
  expect((await stage.looks(first.id)).proof).toBeUndefined();
});
