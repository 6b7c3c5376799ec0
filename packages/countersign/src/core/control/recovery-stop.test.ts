// R33: the owner who never lost anything stops a recovery in their own chat, by the words they were sent.
import { expect, test } from 'vitest';
import { HOST, openWorld } from '../../testing/world.ts';

test('/notme with the id of a recovery stops it; afterwards it cannot be carried out', async () => {
  await using world = await openWorld();
  const olga = await world.knows('olga', 'owner');
  const { recovery } = await world.services.recovery.start(olga.id, HOST);
  await world.settle();
  const told = world.heardBy('olga').at(-1) ?? '';
  const command = /\/notme rec_\S+/.exec(told)?.[0] ?? '';
  await world.says('olga', command);
  expect(world.heardBy('olga').join('\n')).toContain('Stopped. Nothing changed');
  world.clock.advance('10m');
  await expect(world.services.recovery.finish(recovery.id, HOST)).rejects.toMatchObject({
    code: 'already_decided',
  });
  await world.says('olga', command);
  expect(world.heardBy('olga').at(-1)).toContain('that recovery is stopped'.slice(1));
});

test('anybody else stops none', async () => {
  await using world = await openWorld();
  const olga = await world.knows('olga', 'owner');
  await world.knows('abe', 'approver');
  const { recovery } = await world.services.recovery.start(olga.id, HOST);
  await world.says('abe', `/notme ${recovery.id}`);
  expect(await world.store.recoveries.open(olga.id)).toMatchObject({ id: recovery.id });
  await world.says('olga', '/notme rec_zzzzzzzz');
  expect(world.heardBy('olga').at(-1)).toContain('here is no recovery of that id');
});

test('said while the gateway was away it counts when it is back: stopping the gateway silences no owner', async () => {
  await using world = await openWorld();
  const olga = await world.knows('olga', 'owner');
  const { recovery } = await world.services.recovery.start(olga.id, HOST);
  const sentAt = world.clock.now();
  world.clock.advance('11m');
  await world.says('olga', `/notme ${recovery.id}`, { arrived: 'backlog', sentAt });
  expect(world.heardBy('olga').at(-1)).toContain('Stopped. Nothing changed');
  await expect(world.services.recovery.finish(recovery.id, HOST)).rejects.toMatchObject({
    code: 'already_decided',
  });
});
