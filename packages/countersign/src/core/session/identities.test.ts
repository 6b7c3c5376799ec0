// Who the tools act for, through the whole road: a message comes in, the agent is asked, and what goes along names its own
// sender; later, a handle names the same person, to that agent alone, for as long as the house lets them in.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bound, GROUP, house, last, minted, ORIGIN, read, reason } from '../../testing/identity-world.ts';
import type { User } from './binding.ts';
import { isDenied } from './identity.ts';

test('I-01 I-04: the agent is asked with a bearer of whoever wrote, and with the handle of that session', async () => {
  await using world = await house();
  const ana = await world.knows('ana');
  await world.says('ana', 'my number is +1555, user_id: 42, I am bob');
  const { carried } = last(world);
  const claims = await read(world, carried?.bearer ?? '');
  expect(claims).toMatchObject({
    sub: ana.id,
    tenant: 'default',
    act: { sub: 'main' },
    channel: 'loopback',
    account: 'default',
    assurance: 'medium',
    scope: 'tools',
  });
  expect(claims.exp - claims.iat).toBe(300);
  expect(carried?.handle).toMatch(/^csh_[A-Za-z0-9_-]{22}$/);
  expect((await bound(world, carried?.handle ?? '')).principal).toBe(ana.id);
});

test('H67: two people in one group each carry their own, on one key, whatever the other says', async () => {
  await using world = await house();
  const [ana, bob] = [await world.knows('ana'), await world.knows('bob')];
  const carried = [];
  for (const name of ['ana', 'bob', 'ana', 'bob']) {
    await world.says(name, 'I am the other one', { conversation: GROUP });
    carried.push(last(world).carried);
  }
  const subs = await Promise.all(carried.map(async (one) => (await read(world, one?.bearer ?? '')).sub));
  expect(subs).toEqual([ana.id, bob.id, ana.id, bob.id]);
  const handles = carried.map((one) => one?.handle ?? '');
  expect(new Set(handles).size).toBe(2);
  const sids = await Promise.all(carried.map(async (one) => (await read(world, one?.bearer ?? '')).sid));
  expect(new Set(sids).size).toBe(1);
  expect((await bound(world, handles[0] ?? '')).principal).toBe(ana.id);
  expect((await bound(world, handles[1] ?? '')).principal).toBe(bob.id);
});

test('R61: a handle of one agent is unknown to any other, and so is any text that is none', async () => {
  await using world = await house();
  await world.knows('ana');
  await world.says('ana', 'hi');
  const handle = last(world).carried?.handle ?? '';
  const { identities } = world.services;
  const mine = await bound(world, handle);
  const [others, mains] = [
    await identities.handleOf(mine.session, 'coder'),
    await identities.handleOf(mine.session, 'main'),
  ];
  expect(mains).toBe(handle);
  expect(others).not.toBe(handle);
  expect(await reason(identities.resolve(handle, 'coder'))).toBe('handle_unknown');
  expect(await reason(identities.resolve(others ?? '', 'main'))).toBe('handle_unknown');
  expect((await bound(world, others ?? '', 'coder')).agent).toBe('coder');
  expect(await reason(identities.resolve('', 'main'))).toBe('handle_missing');
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 40 }), fc.string({ maxLength: 8 }), async (text, agent) => {
      const at = fc.sample(fc.nat({ max: handle.length - 1 }), 1)[0] ?? 0;
      const changed = `${handle.slice(0, at)}${handle[at] === 'A' ? 'B' : 'A'}${handle.slice(at + 1)}`;
      for (const one of [text, `csh_${text}`, changed, handle.toUpperCase(), `${handle}=`, ` ${handle}`])
        expect(await reason(identities.resolve(one, 'main'))).not.toBe('somebody');
      if (agent !== 'main' && agent !== 'coder')
        expect(await reason(identities.resolve(handle, agent))).toBe('handle_unknown');
    }),
    { numRuns: 100 },
  );
});

test('R58: a wider scope is never given, a narrower one is, and nothing else than the scope differs', async () => {
  await using world = await house();
  await world.knows('ana');
  await world.says('ana', 'hi');
  const mine = await bound(world, last(world).carried?.handle ?? '');
  const { identities } = world.services;
  const narrow = minted(await identities.bearer(mine, 'tools', { scope: ['tools:calendar', 'tools:mail'] }));
  expect((await read(world, narrow.token)).scope).toBe('tools:calendar tools:mail');
  const part = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.constantFrom('tool', 'tools ', 'Tools', 'tools:', 'admin', '*', 'openid'),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 5 }), async (scope) => {
      const answer = await identities.bearer(mine, 'tools', { scope });
      if (isDenied(answer)) {
        expect(answer.reason).toBe('scope_wider');
        return;
      }
      const given = (await read(world, answer.token)).scope.split(' ');
      for (const one of given) expect(one === 'tools' || /^tools:[!#-[\]-~]+$/.test(one)).toBe(true);
      expect(new Set(given)).toEqual(new Set(scope));
    }),
    { numRuns: 150 },
  );
  expect(await reason(identities.bearer(mine, 'nowhere'))).toBe('audience_unknown');
});

test('R61: a bearer of one audience is not one of another', async () => {
  await using world = await house();
  await world.knows('ana');
  await world.says('ana', 'hi');
  const { carried } = last(world);
  const mine = await bound(world, carried?.handle ?? '');
  const other = minted(await world.services.identities.bearer(mine, 'others'));
  await expect(read(world, other.token, 'tools')).rejects.toMatchObject({ code: 'bearer_invalid' });
  await expect(read(world, carried?.bearer ?? '', 'others')).rejects.toMatchObject({
    code: 'bearer_invalid',
  });
  expect((await read(world, other.token, 'others')).aud).toBe('others');
});

test('the same bearer until 80 % of its life, then another; never one that is about to end', async () => {
  await using world = await house();
  await world.knows('ana');
  await world.says('ana', 'hi');
  const mine = await bound(world, last(world).carried?.handle ?? '');
  const ask = async () => minted(await world.services.identities.bearer(mine, 'tools'));
  const first = await ask();
  world.clock.advance('239s');
  expect((await ask()).jti).toBe(first.jti);
  world.clock.advance('1s');
  const second = await ask();
  expect(second.jti).not.toBe(first.jti);
  expect(second.expiresAt - world.clock.now()).toBe(300_000);
  // Another configuration, and nothing of the one before is handed out.
  world.bearer = { ...world.bearer, issuer: 'https://gate.example' };
  const third = await ask();
  expect(third.jti).not.toBe(second.jti);
  expect((await read(world, third.token)).iss).toBe('https://gate.example');
});

test('R62 I-11: revoked, blocked, suspended, unlinked, off the list: nobody at the very next question', async () => {
  await using world = await house();
  const { identities, directory, revokeSession, pairings } = world.services;
  const begin = async (name: string) => {
    const person = await world.knows(name);
    await world.says(name, 'hi');
    const handle = last(world).carried?.handle ?? '';
    expect(await reason(identities.resolve(handle, 'main'))).toBe('somebody');
    return { person, handle };
  };
  const [cem, dia, eve, fay] = [
    await begin('cem'),
    await begin('dia'),
    await begin('eve'),
    await begin('fay'),
  ];
  const host = { kind: 'host' } as const;
  await directory.setState(cem.person.id, 'block', host);
  await directory.setState(dia.person.id, 'suspend', host);
  await pairings.revoke(world.peer('eve'), host);
  const [session] = await world.store.sessions.list({ principal: fay.person.id, limit: 1 });
  if (session === undefined) throw new Error('no session');
  await revokeSession(session, host);
  expect(await reason(identities.resolve(cem.handle, 'main'))).toBe('access_ended');
  expect(await reason(identities.resolve(dia.handle, 'main'))).toBe('access_ended');
  expect(await reason(identities.resolve(eve.handle, 'main'))).not.toBe('somebody');
  expect(await reason(identities.resolve(fay.handle, 'main'))).toBe('session_ended');
  // A pause that ends gives back what was; a session that was ended never comes back under its handle.
  await directory.setState(dia.person.id, 'resume', host);
  expect((await bound(world, dia.handle)).principal).toBe(dia.person.id);
  await world.says('fay', 'again');
  const fresh = last(world).carried?.handle ?? '';
  expect(fresh).not.toBe(fay.handle);
  expect(await reason(identities.resolve(fay.handle, 'main'))).toBe('session_ended');
});

test('R62: somebody let in by the group list alone is nobody when they are taken off it', async () => {
  await using world = await house();
  await world.knows('ana');
  await world.says('ana', 'hi', { conversation: GROUP });
  const handle = last(world).carried?.handle ?? '';
  world.configure('default', { groupAllowFrom: ['bob'] });
  expect(await reason(world.services.identities.resolve(handle, 'main'))).toBe('access_ended');
});

test('R63: a session on which nobody wrote for a week gives nothing until somebody does', async () => {
  await using world = await house();
  await world.knows('ana');
  await world.says('ana', 'hi');
  const handle = last(world).carried?.handle ?? '';
  world.clock.advance('7d');
  expect(await reason(world.services.identities.resolve(handle, 'main'))).toBe('somebody');
  world.clock.advance('1ms');
  expect(await reason(world.services.identities.resolve(handle, 'main'))).toBe('session_idle');
  await world.says('ana', 'hi again');
  expect(last(world).carried?.handle).toBe(handle);
  expect(await reason(world.services.identities.resolve(handle, 'main'))).toBe('somebody');
});

test('I-06: on a direct key that several may speak on, nobody is named, and the agent hears no name', async () => {
  await using world = await house({ allowShared: true });
  await world.knows('ana');
  await world.knows('bob');
  for (const name of ['ana', 'bob']) {
    await world.says(name, 'hi');
    expect(last(world)).toMatchObject({ text: 'hi', carried: null });
  }
  const [session] = await world.store.sessions.list({ limit: 1 });
  expect(await reason(world.services.identities.of(session?.id ?? 'ses_'))).toBe('session_shared');
  const own = { agent: null, accounts: ['loopback:default'] };
  expect(await reason(world.services.identities.resolveKey('agent:main:main', own))).toBe('session_shared');
  expect(await world.store.bindings.shared(9)).toEqual(['agent:main:main']);
});

test('H65: a key finds its one person in any spelling, and nobody where several speak', async () => {
  await using world = await house();
  const ana = await world.knows('ana');
  await world.says('ana', 'hi');
  await world.says('ana', 'hi', { conversation: GROUP });
  const own = { agent: null, accounts: ['loopback:default'] };
  const resolveKey = (key: string, asked = own) => world.services.identities.resolveKey(key, asked);
  for (const key of [
    'agent:main:loopback:default:direct:ana',
    'AGENT:MAIN:LOOPBACK:DEFAULT:DIRECT:ANA',
    'agent:main:loopback:default:dm:ana',
  ])
    expect(await resolveKey(key)).toMatchObject({ principal: ana.id, agent: 'main' });
  expect(await reason(resolveKey('agent:main:loopback:default:group:room'))).toBe('session_shared');
  expect(await reason(resolveKey('agent:main:loopback:default:direct:bob'))).toBe('handle_unknown');
  expect(await reason(resolveKey(ana.id))).toBe('handle_unknown');
  expect(await reason(resolveKey(''))).toBe('handle_unknown');
});

test('no audience, or an origin that it does not list: neither bearer nor handle', async () => {
  for (const front of [
    { agent: 'main', origin: ORIGIN, audience: null },
    { agent: 'main', origin: 'http://127.0.0.1:18790', audience: 'tools' },
    { agent: 'main', origin: null, audience: 'tools' },
    { agent: 'main', origin: ORIGIN, audience: 'others' },
    { agent: 'main', origin: ORIGIN, audience: 'gone' },
  ]) {
    await using world = await house({ bearer: { front } });
    await world.knows('ana');
    await world.says('ana', 'hi');
    expect(last(world).carried).toBeNull();
    expect(last(world).traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  }
});

test('I-03: a directory that is away names nobody: the agent is not asked, and the person is told why', async () => {
  let answer: User | 'unmapped' | 'unavailable' = 'unavailable';
  await using world = await house({ users: { find: async () => answer }, bearer: { mappedOnly: true } });
  await world.knows('ana');
  await world.says('ana', 'hi');
  expect(world.agent.asked).toHaveLength(0);
  expect(world.heardBy('ana').at(-1)).toContain('cannot be looked up right now');
  answer = 'unmapped';
  await world.says('ana', 'hi');
  expect(world.agent.asked).toHaveLength(0);
  expect(world.heardBy('ana').at(-1)).toContain('not known to the tools');
  answer = { user: 'u-1', tenant: 'acme', attributes: {} };
  await world.says('ana', 'hi');
  expect(await read(world, last(world).carried?.bearer ?? '')).toMatchObject({ sub: 'u-1', tenant: 'acme' });
  const failed = (await world.events()).filter(({ body }) => body.type === 'turn.failed');
  expect(failed.map(({ body }) => body.reason)).toEqual(['users_unavailable', 'user_unmapped']);
});

test('attributes become the claims that are configured, and never what a bearer says of itself', async () => {
  const claims = new Map([
    ['department', 'dept'],
    ['level', 'level'],
    ['sub', 'evil'],
    ['missing', 'nothing'],
    ['inherited', 'toString'],
  ]);
  await using world = await house({ bearer: { claims } });
  const ana = await world.knows('ana');
  const user = {
    user: 'u-1',
    tenant: 'acme',
    attributes: { dept: 'sales', level: 3, evil: 'u-2', more: 'x' },
  };
  await world.store.userMap.set(ana.id, user, world.clock.now());
  await world.says('ana', 'hi');
  const before = await read(world, last(world).carried?.bearer ?? '');
  expect(before).toMatchObject({ sub: 'u-1', tenant: 'acme', department: 'sales', level: 3 });
  expect(Object.keys(before)).not.toEqual(expect.arrayContaining(['missing']));
  expect(before).not.toHaveProperty('inherited');
  expect(before).not.toHaveProperty('more');
  // I-11: another mapping is in the very next bearer.
  await world.store.userMap.set(ana.id, { ...user, user: 'u-9' }, world.clock.now());
  await world.says('ana', 'hi');
  expect((await read(world, last(world).carried?.bearer ?? '')).sub).toBe('u-9');
});

test('the audit of a session shows message, turn and jti; a bearer that is handed out again makes no new event', async () => {
  await using world = await house();
  await world.knows('ana');
  const said = [await world.says('ana', 'one'), await world.says('ana', 'two')];
  const session = said.flatMap((one) => (one.as === 'agent' ? [one.session] : []))[0] ?? 'ses_';
  const events = (await world.events()).filter(({ body }) => body.subject['session'] === session);
  const of = (type: string) =>
    events.filter(({ body }) => body.type === type).map(({ body }) => body.subject);
  const [minting] = of('bearer.minted');
  const { jti } = await read(world, last(world).carried?.bearer ?? '');
  expect(of('bearer.minted')).toHaveLength(1);
  expect(minting).toMatchObject({ jti, audience: 'tools', agent: 'main', turn: world.agent.asked[0]?.turn });
  expect(of('turn.answered')).toMatchObject([{ jti }, { jti }]);
  expect(of('turn.answered').map(({ message }) => message)).toEqual(
    of('message.admitted').map(({ message }) => message),
  );
  expect(await world.store.bearers.get(jti)).toMatchObject({ session, audience: 'tools', holder: null });
  // And neither tokens nor handles stand anywhere: not in the audit, not in the log.
  const handle = last(world).carried?.handle ?? 'x';
  const written = JSON.stringify([await world.events(), world.log.lines]);
  expect(written).not.toContain(handle);
  expect(written).not.toContain(last(world).carried?.bearer ?? 'x');
});

test('H12: nothing that a sender writes, or calls themselves, is in the bearer', async () => {
  await using world = await house();
  const ana = await world.knows('ana');
  await world.says('ana', 'user_id: root, tenant: evil', { displayName: 'root', username: 'root' });
  const { carried, turn } = last(world);
  const claims = await read(world, carried?.bearer ?? '');
  expect(claims.sub).toBe(ana.id);
  expect(JSON.stringify(claims)).not.toMatch(/root|evil/);
  // The turn's id is no identity.
  expect(await reason(world.services.identities.resolve(turn, 'main'))).toBe('handle_unknown');
});
