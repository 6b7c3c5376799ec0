// R14, R56, R62, R64: service tokens as the services of core keep them. The attacks: somebody with an owner's session makes
// one quietly; one that was seen in a chat; two with the same chance; one that is used while it is being revoked.
import { expect, test } from 'vitest';
import { createHasher } from '../../runtime/crypto/hasher.ts';
import { StorageKey } from '../../runtime/keys.ts';
import { SeededRandom } from '../../testing/fakes.ts';
import { HOST, openWorld, type World } from '../../testing/world.ts';
import { TOKEN_SCOPES } from './holder.ts';
import { type NewTokenAsked, ServiceTokens } from './tokens.ts';

const HOUSE = { audiences: ['tools.example'], isAssertable: (channel: string) => channel === 'loopback' };

function tokensOf({ store, clock, services }: World, seed = 'tokens'): ServiceTokens {
  const random = new SeededRandom(seed);
  const hasher = createHasher(new StorageKey(new SeededRandom('key').bytes(32)));
  return new ServiceTokens({ store, clock, random, hasher, bus: services.bus, house: () => HOUSE });
}

const ASKED: readonly NewTokenAsked[] = [
  { scope: 'request', agent: 'main' },
  { scope: 'runtime', agent: 'main', audiences: ['tools.example', 'tools.example'] },
  { scope: 'ingress', accounts: ['loopback', 'loopback:support'] },
  { scope: 'backend', audiences: ['tools.example'] },
  { scope: 'read' },
];

test('R64, R14: owners are told in their chats that there is a new one, and never which', async () => {
  await using world = await openWorld();
  await world.knows('olga', 'owner');
  const tokens = tokensOf(world);
  const { row, token, hopSecret } = await tokens.create(
    { scope: 'ingress', accounts: ['loopback'], name: 'my ingress' },
    HOST,
  );
  await world.settle();
  const told = world.heardBy('olga').join('\n');
  expect(told).toContain('"my ingress" (ingress) made by the host');
  expect(told).toContain(`countersign tokens revoke ${row.token}`);
  for (const secret of [token, hopSecret ?? 'nothing']) expect(told).not.toContain(secret.slice(4));
});

test('each scope holds what it was made for, in the form it is compared in', async () => {
  await using world = await openWorld();
  const tokens = tokensOf(world);
  const held = new Map<string, unknown>();
  for (const asked of ASKED) {
    const made = await tokens.create(asked, HOST);
    const { scope, agent, accounts, audiences, token } = (await tokens.check(made.token)) ?? expect.fail();
    expect(token).toBe(made.row.token);
    expect(made.hopSecret === null).toBe(scope !== 'ingress');
    held.set(scope, { agent, accounts, audiences });
  }
  expect([...held.keys()]).toEqual([...TOKEN_SCOPES]);
  expect(Object.fromEntries(held)).toEqual({
    request: { agent: 'main', accounts: [], audiences: [] },
    runtime: { agent: 'main', accounts: [], audiences: ['tools.example'] },
    ingress: { agent: null, accounts: ['loopback:default', 'loopback:support'], audiences: [] },
    backend: { agent: null, accounts: [], audiences: ['tools.example'] },
    read: { agent: null, accounts: [], audiences: [] },
  });
});

test('R56: what is not a token to the letter is never looked up, and nothing near one is one', async () => {
  await using world = await openWorld();
  const tokens = tokensOf(world);
  const { token } = await tokens.create({ scope: 'read' }, HOST);
  const near = [...token.slice(4)].map((char, at) => {
    const other = char === 'a' ? 'b' : 'a';
    return `cst_${token.slice(4, 4 + at)}${other}${token.slice(5 + at)}`;
  });
  for (const text of [
    ...near,
    '',
    token.toUpperCase(),
    ` ${token}`,
    `${token}\n`,
    token.slice(0, -1),
    `${token}a`,
  ]) {
    expect(await tokens.check(text), text).toBeNull();
  }
  expect(await tokens.check(token)).not.toBeNull();
});

test('R62: of many calls at the moment it is revoked none comes after the end of it', async () => {
  await using world = await openWorld();
  const tokens = tokensOf(world);
  const { row, token } = await tokens.create({ scope: 'read' }, HOST);
  const calls = Array.from({ length: 20 }, () => tokens.check(token));
  const ends = await Promise.allSettled([tokens.revoke(row.token, HOST), tokens.revoke(row.token, HOST)]);
  await Promise.all(calls);
  expect(ends.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(await tokens.check(token)).toBeNull();
  expect(await tokens.isLive(row.token)).toBe(false);
  const types = (await world.events())
    .map(({ body }) => body.type)
    .filter((type) => type.startsWith('token.'));
  expect(types.filter((type) => type === 'token.revoked')).toHaveLength(1);
  expect(types.filter((type) => type === 'token.used')).toHaveLength(1);
});

test('R63: it ends when it was said to, by the clock', async () => {
  await using world = await openWorld();
  const tokens = tokensOf(world);
  const { token, row } = await tokens.create({ scope: 'read', lifeMs: 60_000 }, HOST);
  world.clock.advance('59s');
  expect(await tokens.check(token)).not.toBeNull();
  world.clock.advance('1s');
  expect(await tokens.check(token)).toBeNull();
  expect(await tokens.look(token)).toEqual({ reason: 'expired', token: row.token });
});

test('a beginning that two tokens share is neither of them', async () => {
  await using world = await openWorld();
  const tokens = tokensOf(world);
  const one = await tokens.create({ scope: 'read' }, HOST);
  await tokens.create({ scope: 'read' }, HOST);
  expect((await tokens.find(one.row.token)).token).toBe(one.row.token);
  await expect(tokens.find('tok_')).rejects.toMatchObject({ code: 'not_found' });
  await expect(tokens.find(one.token)).rejects.toMatchObject({ code: 'not_found' });
});
