// Attacks on who somebody is: a bearer that is handed out although what it says is no longer so, a handle or a key that
// outlives its person, and a question that is answered too late.
import { expect, test } from 'vitest';
import { createBearerSigner } from '../../runtime/crypto/bearer-signer.ts';
import { createHasher } from '../../runtime/crypto/hasher.ts';
import { StorageKey } from '../../runtime/keys.ts';
import { bound, GROUP, house, last, minted, read, reason } from '../../testing/identity-world.ts';
import { Bearers } from './bearers.ts';
import type { User } from './binding.ts';
import { Front } from './front.ts';
import { STORED_USERS } from './user.ts';

const HOST = { kind: 'host' } as const;

test('H65: keys of another account or another agent are unknown, however anybody stands there', async () => {
  await using world = await house();
  await world.knows('ana');
  await world.says('ana', 'hi');
  await world.says('ana', 'hi', { conversation: GROUP });
  const elsewhere = { agent: null, accounts: ['loopback:other', 'loopback'] };
  const other = { agent: 'other', accounts: ['loopback:default'] };
  for (const key of ['agent:main:loopback:default:direct:ana', 'agent:main:loopback:default:group:room'])
    for (const asked of [elsewhere, other])
      expect(await reason(world.services.identities.resolveKey(key, asked))).toBe('handle_unknown');
});

test('R61: whose session a key is acts for its person, and no agent but the one of the key', async () => {
  await using world = await house();
  const ana = await world.knows('ana');
  const key = 'agent:helper:loopback:default:direct:ana';
  const opened = {
    key,
    exclusive: true,
    principal: ana.id,
    peer: world.peer('ana'),
    kind: 'direct',
  } as const;
  await world.store.bindings.open(opened, world.clock.now());
  const { identities } = world.services;
  const accounts = ['loopback:default'];
  expect(await identities.resolveKey(key, { agent: 'helper', accounts })).toMatchObject({
    principal: ana.id,
    agent: 'helper',
  });
  for (const agent of [null, 'main', 'help'])
    expect(await reason(identities.resolveKey(key, { agent, accounts }))).toBe('handle_unknown');
});

test('R62: whoever is shut out while the directory thinks gets no bearer, and none is written down', async () => {
  const user: User = { user: 'u-1', tenant: 'default', attributes: {} };
  let meanwhile = async () => {};
  await using world = await house({
    users: {
      find: async () => {
        await meanwhile();
        return user;
      },
    },
  });
  const ana = await world.knows('ana');
  await world.says('ana', 'hi');
  const { identities, directory } = world.services;
  const before = await bound(world, last(world).carried?.handle ?? '');
  meanwhile = async () => {
    world.clock.advance(5);
    await directory.setState(ana.id, 'block', { kind: 'host' });
  };
  expect(await reason(identities.bearer(before, 'others'))).toBe('access_ended');
  await identities.written();
  const events = await world.store.audit.list({ limit: 9, types: ['bearer.minted'] });
  expect(events.map(({ body }) => body.subject['audience'])).toEqual(['tools']);
});

test('R62: a chat that became somebody else’s names nobody under the handle of whom it was, in a group either', async () => {
  await using world = await house();
  const [ana, bob] = [await world.knows('ana'), await world.knows('bob')];
  const { identities, links, directory } = world.services;
  await world.says('ana', 'hi', { conversation: GROUP });
  const handle = last(world).carried?.handle ?? '';
  expect((await bound(world, handle)).principal).toBe(ana.id);
  await links.unlink(world.peer('ana'), HOST);
  expect(await reason(identities.resolve(handle, 'main'))).toBe('access_ended');
  await links.set(await directory.find(bob.id), world.peer('ana'), null, HOST);
  expect(await reason(identities.resolve(handle, 'main'))).toBe('access_ended');
  await world.says('ana', 'hi', { conversation: GROUP });
  const { bearer = '', handle: fresh = '' } = last(world).carried ?? {};
  expect((await read(world, bearer)).sub).toBe(bob.id);
  expect(fresh).not.toBe(handle);
  expect(await reason(identities.resolve(handle, 'main'))).toBe('access_ended');
});

test('R61: two agents on one session act each under their own name, whichever asked first', async () => {
  await using world = await house();
  await world.knows('ana');
  await world.says('ana', 'hi');
  const { identities } = world.services;
  const [session] = await world.store.sessions.list({ live: true, limit: 1 });
  if (session === undefined) throw new Error('no session');
  for (const agent of ['main', 'helper', 'main']) {
    const handle = (await identities.handleOf(session.id, agent)) ?? '';
    const { token } = minted(await identities.bearer(await bound(world, handle, agent), 'tools'));
    expect((await read(world, token)).act).toEqual({ sub: agent });
  }
});

test('I-11: a bearer that was made is not handed out again once anything it says has changed', async () => {
  let user: User = { user: 'u-1', tenant: 'acme', attributes: { dept: 'sales' } };
  const claims = new Map([['department', 'dept']]);
  await using world = await house({ users: { find: async () => user }, bearer: { claims } });
  await world.knows('ana');
  await world.says('ana', 'hi');
  const { identities } = world.services;
  const handle = last(world).carried?.handle ?? '';
  const now = await bound(world, handle);
  const said = async (of = now) => read(world, minted(await identities.bearer(of, 'tools')).token);
  const first = await said();
  expect((await said()).jti).toBe(first.jti);
  user = { ...user, tenant: 'other' };
  expect((await said()).tenant).toBe('other');
  user = { ...user, attributes: { dept: 'board' } };
  expect((await said())['department']).toBe('board');
  user = { ...user, user: 'u-2' };
  expect((await said()).sub).toBe('u-2');
  for (const [claim, value] of [
    ['assurance', now.assurance === 'high' ? 'low' : 'high'],
    ['account', 'second'],
    ['channel', 'telegram'],
  ] as const)
    expect((await said({ ...now, [claim]: value }))[claim]).toBe(value);
  const last1 = await said();
  identities.forget(now.session);
  expect((await said()).jti).not.toBe(last1.jti);
});

test('R57: whatever the directory says, no attribute becomes a claim that others read of any token', async () => {
  const names = ['cnf', 'client_id', 'azp', 'nbf', 'may_act', 'amr', '__proto__'];
  const claims = new Map(names.map((name) => [name, 'evil']));
  const user = { user: 'u-1', tenant: 'acme', attributes: { evil: 'x' } };
  await using world = await house({ users: { find: async () => user }, bearer: { claims } });
  await world.knows('ana');
  await world.says('ana', 'hi');
  const said = await read(world, last(world).carried?.bearer ?? '');
  for (const name of names) expect(Object.hasOwn(said, name)).toBe(false);
});

test('I-03: a question whose session is over by now is not asked without a name', async () => {
  await using world = await house();
  const ana = await world.knows('ana');
  await world.says('ana', 'hi');
  const { identities, directory, revokeSession } = world.services;
  const [session] = await world.store.sessions.list({ principal: ana.id, limit: 1 });
  const turn = world.agent.asked.at(-1)?.turn;
  if (session === undefined || turn === undefined) throw new Error('no turn');
  const front = new Front({ identities, settings: () => world.bearer });
  const of = () => front.of({ id: turn, session: session.id });
  expect(await of()).toMatchObject({ as: 'somebody' });
  await directory.setState(ana.id, 'block', HOST);
  expect(await of()).toEqual({ as: 'refused', reason: 'access_ended' });
  await revokeSession(session, HOST);
  expect(await of()).toEqual({ as: 'refused', reason: 'session_ended' });
});

test('R57: a bearer of the key before is not handed out again once another one signs', async () => {
  await using world = await house();
  await world.knows('ana');
  await world.says('ana', 'hi');
  const { clock, random } = world;
  const keys = { current: { kid: 'one', key: world.signingKey.privateKey } };
  const bearers = new Bearers({
    clock,
    random,
    hasher: createHasher(new StorageKey(random.bytes(32))),
    signer: createBearerSigner(keys),
    users: STORED_USERS,
    log: { minted: () => {}, idle: async () => {} },
    settings: () => world.bearer,
  });
  const who = await bound(world, last(world).carried?.handle ?? '');
  const get = async () => minted(await bearers.get(who, 'tools', {}, async () => who)).token;
  const kid = (token: string) => JSON.parse(atob(token.split('.')[0] ?? '')).kid;
  const before = await get();
  expect(await get()).toBe(before);
  keys.current = { ...keys.current, kid: 'two' };
  expect([kid(before), kid(await get())]).toEqual(['one', 'two']);
});

test('R14: owners are told in their chats who was mapped to the tools, and who is nobody there any more', async () => {
  await using world = await house();
  await world.knows('olga', 'owner');
  const ana = await world.knows('ana');
  const { userMaps: maps } = world.services;
  await maps.map([{ person: ana.id, user: 'u-1', tenant: 'acme', attributes: {} }], HOST);
  await maps.clear(ana.id, HOST);
  await world.settle();
  expect(world.heardBy('olga').slice(-2)).toEqual([
    expect.stringMatching(new RegExp(`^Mapped to users of your tools by .*: ${ana.id}$`)),
    expect.stringMatching(new RegExp(`^No user of your tools any more, by .*: ${ana.id}$`)),
  ]);
});

test('H04: a session acts as where its person was asserted last, and is nobody when that place is nobody’s', async () => {
  await using world = await house();
  const ana = await world.knows('ana');
  const { identities } = world.services;
  const opened = { key: 'agent:main:main', exclusive: true, principal: ana.id, kind: 'direct' } as const;
  const open = (name: string) =>
    world.store.bindings.open({ ...opened, peer: world.peer(name) }, world.clock.now());
  const session = await open('ana');
  if (session === null) throw new Error('no session');
  expect(await identities.of(session)).toMatchObject({ principal: ana.id, peer: world.peer('ana') });
  expect(await open('stranger')).toBe(session);
  expect(await reason(identities.of(session))).toBe('access_ended');
});
