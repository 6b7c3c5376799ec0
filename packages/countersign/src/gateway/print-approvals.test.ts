// What would help, as the wire says it: never that something may not have run of which it is known that it started.
import type { ApprovalRow } from '@countersign/protocol/approval';
import { expect, test } from 'vitest';
import { command, openApprovalHouse, PUSH } from '../testing/approval-house.ts';
import { jsonOf } from '../testing/house.ts';
import { hintOf, printApproval } from './print-approvals.ts';

test('what was lost may not have run; once it started, only its end is unknown', async () => {
  await using stage = await openApprovalHouse();
  const asked = await stage.asks(PUSH);
  await stage.atHost(asked.id, { decision: 'approve' });
  const view = await stage.house.composed.services.approvals.show({ door: 'host' }, asked.id);
  const { run } = view;
  if (run === null) throw new Error('a yes comes with a grant');
  const lost = (startedAt: number | null) =>
    printApproval(
      { ...view, state: 'lost', run: { ...run, redeemedAt: 1, startedAt, lostAt: 2 } },
      'decider',
    );
  expect(lost(null).hint).toContain('it may not have run');
  expect(lost(1).hint).toContain('it started; how it ended is not known');
  expect(lost(1).hint).not.toContain('may not have run');
});

test('where nobody may decide, the first step is to own the gateway', () => {
  expect(hintOf('no_approver')).toMatch(/countersign claim, .*countersign people role <person> approver/);
});

test('of what ran unasked and was another thing by then, why it could and what ended it are both there', async () => {
  await using stage = await openApprovalHouse();
  const { id } = await stage.asks(command('git', 'status'));
  const { call } = stage.house;
  const by = { authorization: `Bearer ${stage.program.token}` };
  const cancel = call('agent', 'POST', `/api/v1/approvals/${id}/cancel`, { changed: 'program' }, by);
  expect(await jsonOf(cancel)).toMatchObject({
    state: 'cancelled',
    because: 'free',
    endedBy: 'changed_program',
  });
});

test("R67: which machine is the gateway's own is said to deciders, by what the gateway knows of itself", async () => {
  await using stage = await openApprovalHouse();
  const { installation } = stage.house.composed.store;
  const ari = await stage.browser('ari');
  const shown = async ({ id }: { id: string }) =>
    jsonOf<ApprovalRow>(ari.call('GET', `/api/v1/approvals/${id}`));
  const ours = await stage.asks({ ...PUSH, host: installation });
  expect(ours.here).toBeUndefined();
  expect(await shown(ours)).toMatchObject({ host: installation, here: true });
  const theirs = await stage.asks({ ...PUSH, host: `${installation}x` });
  expect((await shown(theirs)).here).toBeUndefined();
});
