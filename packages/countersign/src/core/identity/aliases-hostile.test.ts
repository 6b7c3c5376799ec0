// A phone number that changes hands, against the book of aliases: whoever has it next gets nothing that was given to who had
// it before, by whichever id they come, and what is old teaches nothing.
import { expect, test } from 'vitest';
import { loopbackNative } from '../../channels/loopback/channel.ts';
import { HOST, openWorld, type World } from '../../testing/world.ts';

const NUMBER = '15550001';
const ANA = { alias: loopbackNative(NUMBER) };
const OTHER = { alias: loopbackNative('15550002') };

async function roleOf(world: World, name: string) {
  const { peer, principal } = await world.store.people.standing(world.peer(name));
  return peer?.principal === null ? null : (principal?.role ?? null);
}

/** Olga owns the house; an owner was added by the number, and came by their id. */
async function joined() {
  const world = await openWorld();
  await world.knows('olga', 'owner');
  const ana = await world.knows(NUMBER, 'owner');
  await world.says('us.ana', '/whoami', ANA);
  expect(await roleOf(world, 'us.ana')).toBe('owner');
  return { world, ana };
}

test('a number that passed on opens nothing by itself: not to an id, nor where no id is told', async () => {
  const { world } = await joined();
  await using _ = world;
  await world.says('us.eve', 'hello', ANA);
  for (const name of ['us.ana', 'us.eve', NUMBER]) expect(await roleOf(world, name), name).toBeNull();
  expect(await world.says(NUMBER, '/pair')).toMatchObject({ as: 'desk', because: 'pairing' });
  // It is nobody's, for good.
  expect(await world.store.aliases.list()).toEqual([]);
  expect(world.heardBy('olga').join('\n')).toMatch(/loopback:15550001, which was .* is a stranger again/);
});

test('a number that its holder left opens nothing to the next one', async () => {
  const { world } = await joined();
  await using _ = world;
  await world.says('us.ana', 'hello', OTHER);
  expect(await roleOf(world, 'us.ana')).toBeNull();
  expect(await world.says(NUMBER, '/pair')).toMatchObject({ as: 'desk', because: 'pairing' });
  expect(await world.says('us.eve', '/pair', ANA)).toMatchObject({ as: 'desk', because: 'pairing' });
});

test('nor one whose holder has moved, as the platform says', async () => {
  const { world } = await joined();
  await using _ = world;
  const from = loopbackNative('us.ana');
  await world.services.inbox.moved({ channel: 'loopback', account: 'default', from, to: null, at: null });
  await world.settle();
  expect(await roleOf(world, 'us.ana')).toBeNull();
  expect(await world.says(NUMBER, '/pair')).toMatchObject({ as: 'desk', because: 'pairing' });
});

test('an id that comes with a number that is nobody’s is suspended like by any other', async () => {
  const { world } = await joined();
  await using _ = world;
  await world.knows('us.bob');
  await world.says('us.bob', 'hello', OTHER);
  await world.says('us.carl', 'hello', OTHER);
  expect(await roleOf(world, 'us.bob')).toBeNull();
  await world.says('us.ana', '/whoami', OTHER);
  expect(await roleOf(world, 'us.ana')).toBeNull();
});

test('what was said to nobody long ago teaches nothing: neither who has a number nor who has it no more', async () => {
  const { world } = await joined();
  await using _ = world;
  for (const name of ['us.zed', 'us.ana'])
    await world.says(name, 'hello', {
      alias: name === 'us.zed' ? ANA.alias : OTHER.alias,
      arrived: 'history',
    });
  expect(await roleOf(world, 'us.ana')).toBe('owner');
  expect(world.services.aliases.aliasOf(world.peer('us.ana'))).toBe(NUMBER);
});

test('R20: what the number may do at most, its id may do at most, from the next word on', async () => {
  const { world, ana } = await joined();
  await using _ = world;
  await world.store.people.setCeiling(world.peer(NUMBER), 'user', ana.id);
  await world.says('us.ana', '/pair');
  const { peer } = await world.store.people.standing(world.peer('us.ana'));
  expect(peer?.ceiling).toBe('user');
  expect(world.heardBy('us.ana').join('\n')).not.toContain('setup');
});

test('a number that was given to another person takes its id along to nobody', async () => {
  const { world } = await joined();
  await using _ = world;
  await world.store.people.unlink(world.peer(NUMBER));
  await world.services.directory.add({ name: 'bob', role: 'user', peer: world.peer(NUMBER) }, HOST);
  await world.says('us.ana', '/whoami');
  expect(await roleOf(world, 'us.ana')).toBeNull();
  expect(await roleOf(world, NUMBER)).toBe('user');
});

test('H60: an old move that is told again suspends nobody who was let in since; one without a time always does', async () => {
  await using world = await openWorld();
  const from = loopbackNative('us.ana');
  const moved = { channel: 'loopback', account: 'default', from, to: null };
  const at = world.clock.now();
  await world.knows('us.ana');
  await world.services.inbox.moved({ ...moved, at });
  expect(await roleOf(world, 'us.ana')).toBeNull();
  world.clock.advance('1h');
  await world.knows('us.ana');
  await world.services.inbox.moved({ ...moved, at });
  expect(await roleOf(world, 'us.ana')).toBe('user');
  await world.services.inbox.moved({ ...moved, at: null });
  expect(await roleOf(world, 'us.ana')).toBeNull();
});

test('who is blocked by their id is blocked by the number they acted by, at once', async () => {
  await using world = await openWorld();
  await world.says(NUMBER, 'hello');
  await world.approves(world.codeOf(NUMBER));
  await world.says('us.ana', 'hello', ANA);
  const us = world.peer('us.ana');
  await world.store.people.unlink(us);
  await world.store.people.setBlocked(us, true, world.clock.now());
  world.services.bus.publish('peerChanged', us);
  await world.services.aliases.idle();
  expect(await world.says(NUMBER, 'hello')).toMatchObject({ as: 'nobody', reason: 'blocked' });
  // And an owner can lift either.
  for (const name of ['us.ana', NUMBER]) {
    await world.store.people.setBlocked(world.peer(name), false, world.clock.now());
    world.services.bus.publish('peerChanged', world.peer(name));
  }
  await world.services.aliases.idle();
  expect((await world.says(NUMBER, 'hello')).as).toBe('agent');
});

test('a listed number that passed on lets its last holder in no more, either', async () => {
  await using world = await openWorld({ policy: { dmPolicy: 'allowlist', allowFrom: [NUMBER] } });
  expect((await world.says('us.ana', 'hello', ANA)).as).toBe('desk');
  await world.says('us.eve', 'hello', ANA);
  for (const name of ['us.ana', 'us.eve'])
    expect(await world.says(name, 'hello'), name).toMatchObject({ as: 'nobody', reason: 'not_allowed' });
});

test('a listed number that wrote before keeps its place when it comes by an id', async () => {
  await using world = await openWorld({ policy: { dmPolicy: 'allowlist', allowFrom: [NUMBER] } });
  await world.says(NUMBER, 'hello');
  for (let n = 0; n < 3; n++) expect((await world.says('us.ana', 'hello', ANA)).as).toBe('agent');
  expect((await world.says('us.ana', 'hello')).as).toBe('agent');
});

test('an approval that ended with a number is shown as ended, and may be asked for again', async () => {
  await using world = await openWorld();
  await world.says('us.ana', 'hello', ANA);
  await world.approves(world.codeOf('us.ana'));
  await world.says('us.ana', 'hello', ANA);
  await world.says('us.ana', 'hello', OTHER);
  const approved = await world.store.pairings.list({ states: ['approved'], limit: 10 });
  expect(approved).toEqual([]);
  await world.approves(world.codeOf('us.ana'));
  expect((await world.says('us.ana', 'hello', OTHER)).as).toBe('agent');
});

test('only what a person sends says which number they have', async () => {
  const { world } = await joined();
  await using _ = world;
  for (const actor of ['system', 'self', 'bot'] as const)
    await world.says('us.ana', 'x', { actor, ...OTHER });
  expect(await roleOf(world, 'us.ana')).toBe('owner');
  for (const actor of ['system', 'self', 'bot'] as const) await world.says('us.eve', 'x', { actor, ...ANA });
  expect(await roleOf(world, 'us.ana')).toBe('owner');
});

test('an id that an owner took away and let in again by itself does not end with the number', async () => {
  const { world } = await joined();
  await using _ = world;
  await world.services.links.unlink(world.peer('us.ana'), HOST);
  await world.services.aliases.idle();
  await world.says('us.ana', 'hello');
  await world.approves(world.codeOf('us.ana'));
  await world.services.links.unlink(world.peer(NUMBER), HOST);
  await world.services.aliases.idle();
  expect((await world.says('us.ana', 'hello')).as).toBe('agent');
});

test('R20: an id that was lowered by itself is not raised by its number', async () => {
  const { world, ana } = await joined();
  await using _ = world;
  await world.store.people.setCeiling(world.peer('us.ana'), 'user', ana.id);
  await world.says('us.ana', '/whoami', ANA);
  const { peer } = await world.store.people.standing(world.peer('us.ana'));
  expect(peer?.ceiling).toBe('user');
});

test('a number that was disputed joins nobody again, whoever is let in by it later', async () => {
  const { world } = await joined();
  await using _ = world;
  await world.says('us.eve', 'hello', ANA);
  await world.services.directory.add({ name: 'bob', role: 'owner', peer: world.peer(NUMBER) }, HOST);
  for (const name of ['us.eve', 'us.ana', 'us.fay']) await world.says(name, '/pair', ANA);
  for (const name of ['us.eve', 'us.ana', 'us.fay']) expect(await roleOf(world, name), name).toBeNull();
  expect(await roleOf(world, NUMBER)).toBe('owner');
});

test('a number that is listed for groups is heard there by its id, and in groups alone', async () => {
  const groups = { groupPolicy: 'allowlist', groupAllowFrom: [NUMBER], requireMention: false } as const;
  await using world = await openWorld({ policy: groups });
  const conversation = { kind: 'group', id: 'family' } as const;
  expect((await world.says('us.eve', 'hello', { conversation })).as).toBe('nobody');
  expect((await world.says('us.ana', 'hello', { conversation, ...ANA })).as).toBe('desk');
  expect((await world.says('us.ana', 'hello', { conversation })).as).toBe('agent');
  expect(await world.says('us.ana', 'hello')).toMatchObject({ as: 'desk', because: 'pairing' });
});
