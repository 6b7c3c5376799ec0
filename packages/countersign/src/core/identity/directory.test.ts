// People as the owner keeps them: roles, blocks, forgetting, and a house that always has an owner.
import { Problem } from '@countersign/protocol/problem';
import { expect, test } from 'vitest';
import { HOST, openWorld } from '../../testing/world.ts';
import { verifyChain } from '../audit/chain.ts';

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (cause: unknown) => Problem.codeOf(cause),
  );

test('the only owner can be neither lowered, blocked, suspended nor forgotten', async () => {
  await using world = await openWorld();
  const { id } = await world.knows('olga', 'owner');
  const { directory } = world.services;
  expect(await codeOf(directory.setRole(id, 'user', HOST))).toBe('state_conflict');
  expect(await codeOf(directory.setState(id, 'block', HOST))).toBe('state_conflict');
  expect(await codeOf(directory.setState(id, 'suspend', HOST))).toBe('state_conflict');
  expect(await codeOf(directory.forget(id, HOST))).toBe('state_conflict');
  await world.knows('otto', 'owner');
  expect(await codeOf(directory.setRole(id, 'user', HOST))).toBe('done');
});

test('a blocked person is silence, an unblocked one talks as before', async () => {
  await using world = await openWorld();
  const { id } = await world.knows('ana');
  await world.services.directory.setState(id, 'block', HOST);
  expect(await world.says('ana', 'hello')).toMatchObject({ as: 'nobody', reason: 'blocked' });
  await world.services.directory.setState(id, 'unblock', HOST);
  expect((await world.says('ana', 'hello')).as).toBe('agent');
});

test('a peer belongs to one person: adding it to another is refused and nothing is half-written', async () => {
  await using world = await openWorld();
  await world.knows('ana');
  const add = world.services.directory.add({ name: 'thief', role: 'owner', peer: world.peer('ana') }, HOST);
  expect(await codeOf(add)).toBe('state_conflict');
  expect(await codeOf(world.services.directory.find('thief'))).toBe('not_found');
});

test('forgetting removes every word and name of a person, and the chain still verifies', async () => {
  await using world = await openWorld();
  await world.says('ana', 'my name is zanzibar', { displayName: 'Zanzibar' });
  await world.approves(world.codeOf('ana'));
  await world.says('ana', 'zanzibar again');
  const person = await world.services.directory.find('Zanzibar');
  await world.services.directory.forget(person.id, HOST);
  const events = await world.events();
  expect(verifyChain(events)).toMatchObject({ ok: true });
  const about = events.filter(
    ({ body }) => body.subject['principal'] === person.id || body.type.startsWith('pairing.'),
  );
  expect(about.length).toBeGreaterThan(3);
  expect(about.every(({ personal }) => personal === null)).toBe(true);
  expect(await world.store.sessions.list({ limit: 10 })).toEqual([]);
  expect(await world.services.directory.list({ after: null, limit: 10 })).toEqual([]);
  expect((await world.says('ana', 'hello')).as).toBe('desk');
});

test('H03: a name, a beginning of a name, or another case of it never finds a person by accident', async () => {
  await using world = await openWorld();
  await world.knows('ana');
  await world.knows('anabel');
  expect(await world.services.directory.find('ana')).toMatchObject({ name: 'ana' });
  expect(await codeOf(world.services.directory.find('anab'))).toBe('not_found');
  expect(await codeOf(world.services.directory.find('p'))).toBe('not_found');
  expect(await codeOf(world.services.directory.find(''))).toBe('not_found');
});

test.each(['loopback:', 'loopback:Ana Smith', 'loopback:@ana', 'nowhere:ana', 'ana', ''])(
  'H05: %o is no peer',
  async (text) => {
    await using world = await openWorld();
    expect(() => world.services.directory.parsePeer(text)).toThrow(Problem);
  },
);
