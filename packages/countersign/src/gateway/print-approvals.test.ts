// What would help, as the wire says it: never that something may not have run of which it is known that it started.
import { expect, test } from 'vitest';
import { openApprovalHouse, PUSH } from '../testing/approval-house.ts';
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
