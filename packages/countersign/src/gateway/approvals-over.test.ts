// Whoever looks back reads what people decided apart from what the policy let run: a hundred reads hide no yes.
import type { ApprovalRow } from '@countersign/protocol/approval';
import { overviewSchema } from '@countersign/protocol/overview';
import { expect, test } from 'vitest';
import { command, LOOK, openApprovalHouse, PUSH } from '../testing/approval-house.ts';
import { jsonOf } from '../testing/house.ts';

test('by whether people were asked, page by page; the overview counts both, and tells of who works elevated', async () => {
  await using stage = await openApprovalHouse();
  const { house } = stage;
  const push = await stage.asks(PUSH);
  await stage.asks(LOOK);
  await stage.asks(command('git', 'log'));
  await stage.atHost(push.id, { decision: 'deny' }, 'Olga');
  const list = async (query: string) => {
    const page = await jsonOf<{ items: ApprovalRow[] }>(
      house.call('host', 'GET', `/api/v1/approvals?show=all&${query}`),
    );
    return page.items.map(({ need }) => need !== undefined);
  };
  expect(await list('')).toEqual([false, false, true]);
  expect(await list('asked=people')).toEqual([true]);
  expect(await list('asked=nobody')).toEqual([false, false]);
  expect(await list('asked=nobody&limit=1')).toEqual([false]);
  expect((await house.call('host', 'GET', '/api/v1/approvals?asked=me')).status).toBe(400);

  const { store } = house.composed;
  const now = Date.now();
  await store.elevations.begin({
    ...{ id: `elev_${'a'.repeat(24)}`, agent: 'main', session: null, by: stage.people.olga },
    ...{ surface: 'page', createdAt: now, until: now + 600_000 },
  });
  const { needs, day } = overviewSchema.parse(await jsonOf(house.call('host', 'GET', '/api/v1/overview')));
  expect(day.counts).toMatchObject({ putToPeople: 1, saidYes: 0, saidNo: 1, ranUnasked: 2 });
  expect(needs.flatMap((need) => (need.kind === 'check' ? [need.check.name] : []))).toContain('elevation');
});
