// The first owner: by the secret of whoever started the gateway, once, for ten minutes, and never by being first.
import { Problem } from '@countersign/protocol/problem';
import { expect, test } from 'vitest';
import { HOST, openWorld, type World } from '../testing/world.ts';

const take = (world: World, secret: string, name = 'olga') =>
  world.services.claim.take({ secret, name, peer: world.peer(name) }).then(
    () => 'taken' as const,
    (cause: unknown) => Problem.codeOf(cause),
  );

test('the secret makes one owner, whose browser talks unpaired, and then no second', async () => {
  await using world = await openWorld();
  const { secret } = await world.services.claim.issue(HOST);
  expect(await take(world, secret)).toBe('taken');
  expect((await world.says('olga', 'hello')).as).toBe('agent');
  expect(await take(world, secret, 'mallory')).toBe('already_owned');
  await expect(world.services.claim.issue(HOST)).rejects.toMatchObject({ code: 'already_owned' });
});

test('R3: twenty parallel claims with the right secret make one owner', async () => {
  await using world = await openWorld();
  const { secret } = await world.services.claim.issue(HOST);
  const results = await Promise.all(Array.from({ length: 10 }, (_, n) => take(world, secret, `c-${n}`)));
  expect(results.filter((result) => result === 'taken')).toHaveLength(1);
  expect(await world.store.people.owners()).toHaveLength(1);
});

test('R6 R13: wrong, late, used and superseded secrets are answered alike', async () => {
  await using world = await openWorld();
  const first = await world.services.claim.issue(HOST);
  const second = await world.services.claim.issue(HOST);
  expect(await take(world, 'wrong')).toBe('challenge_failed');
  expect(await take(world, first.secret)).toBe('challenge_failed');
  world.clock.advance('10m');
  expect(await take(world, second.secret)).toBe('challenge_failed');
});

test('being the first to be approved makes a user, not an owner', async () => {
  await using world = await openWorld();
  await world.says('ana', 'hello');
  await world.approves(world.codeOf('ana'));
  expect(await world.store.people.owners()).toEqual([]);
  expect(await world.services.directory.find('ana')).toMatchObject({
    role: 'user',
    peers: [{ ceiling: 'user' }],
  });
});

test('R4: guesses at the secret are limited', async () => {
  await using world = await openWorld();
  const { secret } = await world.services.claim.issue(HOST);
  const results: string[] = [];
  for (let n = 0; n < 12; n++) results.push(await take(world, `guess-${n}`));
  expect(results.at(-1)).toBe('rate_limited');
  expect(await take(world, secret)).toBe('rate_limited');
  world.clock.advance('6s');
  expect(await take(world, secret)).toBe('taken');
});
