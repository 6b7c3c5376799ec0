// What a platform tells later of a message of ours: recorded once, for the account it came to, whichever part it was.
import { expect, test } from 'vitest';
import { cloudHarness } from '../testing/channel/cloud-harness.ts';
import { openWorld } from '../testing/world.ts';

async function said(text: string) {
  const world = await openWorld({ on: [cloudHarness] });
  const here = world.on(cloudHarness);
  await here.says('ana', 'hello');
  await world.approves(await here.codeOf('ana'));
  world.agent.answer = async () => text;
  await here.says('ana', 'go on');
  const rows = await world.store.outbox.recent({ channel: 'whatsapp-cloud', limit: 1 });
  const [row] = rows;
  if (row === undefined) throw new Error('nothing was sent');
  const report = (id: string, fate: 'delivered' | 'failed', account = 'default') =>
    world.services.inbox.fate({ channel: 'whatsapp-cloud', account, id, fate, reason: 'not_reachable' });
  const fate = async () =>
    (await world.store.outbox.recent({ channel: 'whatsapp-cloud', limit: 1 }))[0]?.fate;
  const failures = async () =>
    (await world.events()).filter(({ body }) => body.type === 'delivery.failed').length;
  return { world, id: row.id, report, fate, failures };
}

test('of a text in parts the first one counts as delivered, and any that failed fails it', async () => {
  const { world, id, report, fate, failures } = await said('long words '.repeat(1_000));
  await using _ = world;
  expect(await fate()).toBe('sent');
  await report(`${id}.1`, 'delivered');
  expect(await fate()).toBe('sent');
  await report(`${id}.2`, 'failed');
  expect(await fate()).toBe('failed');
  await report(id, 'delivered');
  expect(await fate()).toBe('failed');
  expect(await failures()).toBe(1);
});

test('H62: what is told by another account, of nothing, or of no id of ours, changes nothing', async () => {
  const { world, id, report, fate, failures } = await said('words');
  await using _ = world;
  await report(id, 'failed', 'support');
  for (const junk of ['', 'out_', `${id}x`, 'out_aaaaaaaaaaaaaaaaaaaaaaaa', "out_' or 1=1", '../x'])
    await report(junk, 'failed');
  expect(await fate()).toBe('sent');
  await report(id, 'delivered');
  await report(id, 'failed');
  expect(await fate()).toBe('delivered');
  expect(await failures()).toBe(0);
});
