// H63, H57: one program that asks without end. The attacks: large requests that nobody is asked about, kept for ninety days; so many
// of them that every word of anybody reads them all; and so many that who was asked a moment ago is forgotten.
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { command, LOOK, openApprovalHouse, PUSH } from '../testing/approval-house.ts';
import { jsonOf } from '../testing/house.ts';

type Row = { readonly id: string; readonly state: string; readonly grant?: string | null };
const padded = (n: number, bytes: number) => {
  const action = command('git', 'status', `f${n}`);
  const env = Object.fromEntries([1, 2, 3, 4].map((one) => [`LC_${one}`, 'x'.repeat(bytes / 4)]));
  return action.kind === 'exec' ? { ...action, env: { ...action.env, ...env } } : action;
};

test('H63: a request of a megabyte is refused, and so are too many large ones, with when to come again', async () => {
  await using stage = await openApprovalHouse();
  const huge = await stage.asking({ action: padded(0, 800_000) });
  expect([huge.status, await huge.json()]).toMatchObject([413, { code: 'request_too_large' }]);
  let [stored, last] = [0, huge];
  while (stored < 100) {
    last = await stage.asking({ action: padded(stored, 200_000) });
    if (last.status !== 201) break;
    stored += 1;
  }
  expect([stored > 50, stored < 100, last.status]).toEqual([true, true, 429]);
  expect(await last.json()).toMatchObject({
    code: 'rate_limited',
    reason: 'asks_too_much',
    retryAfter: expect.any(Number),
  });
  const denied = await stage.events('call.denied');
  expect(denied).toMatchObject([{ reason: 'request_too_large' }, { reason: 'rate_limited' }]);
  // Another program is not held up by it.
  expect((await stage.asks(LOOK, { by: stage.other })).state).toBe('approved');
});

test('H63: a yes opens nothing of what nobody was asked about, and a change of the policy ends all of it all the same', async () => {
  await using stage = await openApprovalHouse();
  const unasked = await Promise.all([1, 2, 3].map((n) => stage.asks(padded(n, 1_000))));
  const { id } = await stage.asks(PUSH, { by: stage.other });
  // What cannot be opened shows who opens it.
  const database = new DatabaseSync(stage.house.composed.home.store);
  database.exec(`update approvals set action = x'00', judged = x'00' where need is null`);
  database.close();
  const page = await stage.browser('ari');
  const said = await page.call('POST', `/api/v1/approvals/${id}/decision`, { decision: 'approve' });
  expect(await said.json()).toMatchObject({ state: 'approved' });
  await stage.types('ari', 'hello there 123456');
  const set = { path: 'defaults.security', value: 'deny' };
  expect((await stage.house.call('host', 'POST', '/api/v1/policy/set', set)).status).toBe(200);
  const ended = await stage.events('approval.superseded');
  const named = ended.map(({ subject }) => (subject as { approval: string }).approval);
  expect(named.toSorted()).toEqual([...unasked.map((one) => one.id), id].toSorted());
});

test('R41: what was allowed for somebody who is shut out since ends at once, and nobody else’s', async () => {
  await using stage = await openApprovalHouse();
  const { house, people } = stage;
  const session = await stage.handle('rita');
  const [theirs, nobodys] = [await stage.asks(LOOK, { session }), await stage.asks(LOOK)];
  const page = await stage.asks(PUSH, { session });
  const blocked = await house.call('host', 'POST', `/api/v1/people/${people.rita}/block`, {});
  expect(blocked.status).toBe(200);
  await house.composed.core.approvals.settled();
  const state = async ({ id }: { readonly id: string }) => (await jsonOf<Row>(stage.sees(id))).state;
  expect([await state(theirs), await state(nobodys), await state(page)]).toEqual([
    'superseded',
    'approved',
    'superseded',
  ]);
  const ended = await stage.events('approval.superseded');
  expect(ended.map(({ reason }) => reason)).toEqual(['requester_changed', 'requester_changed']);
});

test('R64: who was asked a moment ago is remembered, however much is asked and allowed meanwhile', async () => {
  await using stage = await openApprovalHouse();
  const { id } = await stage.asks(PUSH, { by: stage.other });
  expect((await stage.atHost(id, { decision: 'deny' })).status).toBe(200);
  for (let n = 0; n < 110; n += 1) await stage.asks(command('git', 'log', `${n}`));
  await stage.types('ari', 'hello there 123456');
  expect(await stage.events('code.kept_back')).toHaveLength(1);
});
