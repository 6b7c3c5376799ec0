// A program that asked and is gone. The harm: people are asked in vain, and a yes gives a grant that nobody redeems. The harm of
// the cure: a question that was lost although somebody waits for it.
import type { ApprovalRow } from '@countersign/protocol/approval';
import { verifyReceipt } from '@countersign/protocol/verify-receipt';
import { expect, test, vi } from 'vitest';
import { type ApprovalHouse, openApprovalHouse, PUSH } from '../testing/approval-house.ts';
import { jsonOf } from '../testing/house.ts';
import { keysOf, receiptOf } from '../testing/receipts.ts';

/** A wait that can be cut off, under way. */
async function waits(stage: ApprovalHouse, id: string, query = 'wait=60&stays=true') {
  const waited = vi.spyOn(stage.house.composed.core.approvals, 'wait');
  const cut = new AbortController();
  const headers = { host: 'localhost:8787', authorization: `Bearer ${stage.program.token}` };
  const url = `http://localhost:8787/api/v1/approvals/${id}?${query}`;
  const answer = stage.house.raw('agent', new Request(url, { headers, signal: cut.signal }));
  await vi.waitFor(() => expect(waited).toHaveBeenCalledTimes(1));
  waited.mockRestore();
  return { cut: () => cut.abort(), answer };
}

/** Looks once a second, as the sweeper does. */
async function looks(stage: ApprovalHouse, seconds: number): Promise<void> {
  const { approvals } = stage.house.composed.services;
  for (let at = 0; at <= seconds; at += 1) await approvals.lookAfterAskers(at * 1_000);
}

const stateOf = async (stage: ApprovalHouse, id: string) =>
  (await jsonOf<ApprovalRow>(stage.house.call('host', 'GET', `/api/v1/approvals/${id}`))).state;

test('cut off and not back: it is taken back, and everybody reads why', async () => {
  await using stage = await openApprovalHouse();
  const { id, short } = await stage.asks(PUSH);
  const wait = await waits(stage, id);
  wait.cut();
  await wait.answer;
  await looks(stage, 14);
  expect(await stateOf(stage, id)).toBe('pending');
  await looks(stage, 16);
  const row = await jsonOf<ApprovalRow>(stage.house.call('host', 'GET', `/api/v1/approvals/${id}`));
  expect(row).toMatchObject({ state: 'cancelled', because: 'asker_gone', decisions: [] });
  expect(await stage.events('approval.cancelled')).toMatchObject([
    { reason: 'asker_gone', actor: 'system', subject: { approval: id } },
  ]);
  const receipt = await receiptOf(stage, id);
  expect(receipt.request).toMatchObject({ state: 'cancelled', because: 'asker_gone' });
  const verdict = await verifyReceipt(JSON.parse(JSON.stringify(receipt)), keysOf(stage));
  expect(verdict).toMatchObject({ ok: true });
  const late = await stage.atHost(id, { decision: 'approve' });
  expect([late.status, await late.text()]).toEqual([
    409,
    expect.stringContaining('the program that asked is gone'),
  ]);
  expect(short).toBe(row.short);
});

test('a yes that fell into the grace gives a grant that nobody can use any more', async () => {
  await using stage = await openApprovalHouse();
  const { id } = await stage.asks(PUSH);
  const wait = await waits(stage, id);
  wait.cut();
  await wait.answer;
  expect((await stage.atHost(id, { decision: 'approve' })).status).toBe(200);
  await looks(stage, 16);
  expect(await stateOf(stage, id)).toBe('cancelled');
});

test('whoever comes back within the grace has its question, and the answer that fell meanwhile', async () => {
  await using stage = await openApprovalHouse();
  const { id } = await stage.asks(PUSH);
  const wait = await waits(stage, id);
  wait.cut();
  await wait.answer;
  await looks(stage, 10);
  const again = await waits(stage, id);
  await looks(stage, 100);
  expect((await stage.atHost(id, { decision: 'approve' })).status).toBe(200);
  expect(await jsonOf<ApprovalRow>(again.answer)).toMatchObject({ state: 'approved' });
  await looks(stage, 100);
  expect(await stateOf(stage, id)).toBe('approved');
});

test.each([
  ['by a program that only waits', 'wait=60'],
  ['by one that says that it does not stay', 'wait=60&stays=false'],
])('cut off %s: nothing is taken back, it may ask again whenever it likes', async (_, query) => {
  await using stage = await openApprovalHouse();
  const { id } = await stage.asks(PUSH);
  const wait = await waits(stage, id, query);
  wait.cut();
  await wait.answer;
  await looks(stage, 100);
  expect(await stateOf(stage, id)).toBe('pending');
});

test('a gateway that stops has seen nobody go: whoever asked goes on at the next one', async () => {
  await using stage = await openApprovalHouse();
  const { id } = await stage.asks(PUSH);
  const wait = await waits(stage, id);
  // As a gateway ends: the line may be cut before the answer is out.
  wait.cut();
  stage.house.composed.services.approvals.close();
  await wait.answer;
  await looks(stage, 100);
  expect(await stateOf(stage, id)).toBe('pending');
});

test('a page that waits for the same and is closed takes nothing back', async () => {
  await using stage = await openApprovalHouse();
  const { id } = await stage.asks(PUSH);
  const waited = vi.spyOn(stage.house.composed.core.approvals, 'wait');
  const cut = new AbortController();
  const url = `http://localhost:8787/api/v1/approvals/${id}?wait=60&stays=true`;
  const answer = stage.house.raw(
    'host',
    new Request(url, { headers: { host: 'localhost:8787' }, signal: cut.signal }),
  );
  await vi.waitFor(() => expect(waited).toHaveBeenCalledTimes(1));
  cut.abort();
  await answer;
  await looks(stage, 100);
  expect(await stateOf(stage, id)).toBe('pending');
});
