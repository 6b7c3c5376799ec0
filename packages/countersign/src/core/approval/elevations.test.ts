// Elevation (decision 28): an owner's word for a while. The attacks: an elevation without a proof or without an end, one that
// carries what is destructive or what others ask, and one that outlives the rights of whoever gave it.
import type { PrincipalId } from '@countersign/protocol/ids';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ApprovalBench, actor, OTHER, PUSH, WIPE } from '../../testing/approval-bench.ts';
import { codeOf } from '../../testing/factor-stage.ts';
import { parseNative } from '../identity/peer.ts';
import { elevationBinding } from './elevating.ts';
import { LONGEST_ELEVATION_MS } from './elevations.ts';
import type { Elevate, Elevator } from './grants-port.ts';
import type { ProvenSession } from './service.ts';

const HOST = { kind: 'host' } as const;
const MINUTE_MS = 60_000;

let bench: ApprovalBench;
let olga: PrincipalId;
let rita: PrincipalId;
let code: (after?: number) => string;
beforeEach(async () => {
  bench = await ApprovalBench.open();
  olga = await bench.person('Olga', 'owner');
  rita = await bench.person('Rita', 'user');
  code = await bench.app(olga);
});
afterEach(() => bench[Symbol.asyncDispose]());

const by = (owner: PrincipalId, more: Partial<Elevator> = {}): Elevator => ({
  owner,
  surface: 'page',
  actor: actor(owner),
  given: { kind: 'totp', proof: { kind: 'totp', value: code() }, place: 'device:dev_a' },
  ...more,
});
const begin = (more: Partial<Elevate> = {}, who: Partial<Elevator> & { owner?: PrincipalId } = {}) =>
  bench.elevations.begin(
    { agent: 'main', session: null, forMs: 15 * MINUTE_MS, ...more },
    by(who.owner ?? olga, who),
  );
const asks = async (more: Parameters<ApprovalBench['ask']>[1] = {}, action = PUSH) =>
  (await bench.ask(action, more)).request.because;

test('it covers what is elevated, unasked, and nothing destructive (the floor); it ends with its time', async () => {
  await begin();
  const free = await bench.ask(PUSH);
  expect([free.state, free.request.because]).toEqual(['approved', 'elevated']);
  expect((await bench.ask(WIPE)).state).toBe('pending');
  bench.clock.advance('15m');
  expect((await bench.ask(OTHER)).state).toBe('pending');
  expect(await bench.elevations.live()).toEqual([]);
});

test('the owners hear that its time is over, once; one that was ended has been told', async () => {
  const chat = parseNative('olga', /^\w+$/);
  if (chat === null) expect.fail();
  const link = { ceiling: 'owner', assurance: 'high', direct: true, accessUntil: null } as const;
  const peer = { channel: 'loopback', account: 'default', native: chat };
  const names = { displayName: null, username: null, at: bench.clock.now() };
  await bench.store.people.link(peer, { principal: olga, ...link, ...names });
  const told = async () =>
    (
      await bench.store.outbox.claim([peer], bench.store.writer, bench.clock.now() + 1, bench.clock.now(), 99)
    ).map(({ text }) => text);
  const first = await begin();
  expect(await told()).toEqual([expect.stringContaining('works elevated until')]);
  expect(await bench.elevations.lapse()).toBe(0);
  bench.clock.advance('15m');
  expect(await bench.elevations.lapse()).toBe(1);
  expect(await bench.elevations.lapse()).toBe(0);
  expect((await bench.store.elevations.get(first.id))?.endedBy).toBe('time');
  await begin();
  await bench.elevations.end(null, HOST);
  bench.clock.advance('15m');
  expect(await bench.elevations.lapse()).toBe(0);
});

test('it covers the owner’s own and what nobody else asks, of that agent alone', async () => {
  await begin();
  expect(await asks()).toBe('elevated');
  expect(await asks({ session: bench.session(olga) })).toBe('elevated');
  expect(await asks({ session: bench.session(rita) })).toBeNull();
  expect(await asks({ agent: 'other' })).toBeNull();
});

test('of one conversation it covers that one, as far as its owner speaks there', async () => {
  const mine: ProvenSession = bench.session(olga);
  await begin({ session: mine.session });
  expect(await asks({ session: mine })).toBe('elevated');
  expect(await asks()).toBeNull();
  expect(await asks({ session: bench.session(olga) })).toBe('only_the_requester');
  // A conversation that several share.
  expect(await asks({ session: { ...mine, principal: rita } })).toBeNull();
});

test('H52: whoever leaves the session out is not taken for the owner where anybody else may be the one', async () => {
  await begin({ forMs: LONGEST_ELEVATION_MS });
  await bench.converses(olga, 'agent:main:direct:olga');
  await bench.converses(rita, 'agent:deploy:direct:rita');
  expect(await asks()).toBe('elevated');
  const hers = await bench.converses(rita, 'agent:main:direct:rita');
  expect(await asks({}, OTHER)).toBeNull();
  // What names the owner is the owner's.
  expect(await asks({ session: bench.session(olga) })).toBe('elevated');
  await bench.store.sessions.revoke(hers, bench.clock.now());
  expect(await asks()).toBe('elevated');
});

test('E-01: no proof, a wrong one, a used one, of nobody, of no owner: nothing begins, and it is written down', async () => {
  const given = by(olga).given;
  expect(await codeOf(begin({}, { given: null }))).toBe('auth_factor_required');
  const wrong = { kind: 'totp', proof: { kind: 'totp', value: '000000' }, place: 'device:dev_a' } as const;
  expect(await codeOf(begin({}, { given: wrong }))).toBe('challenge_failed');
  expect(await codeOf(begin({}, { given: { ...wrong, proof: null } }))).toBe('challenge_failed');
  const ari = await bench.person('Ari', 'approver');
  await bench.app(ari);
  expect(await codeOf(begin({}, { owner: ari }))).toBe('auth_forbidden');
  const bare = await bench.person('Otto', 'owner');
  expect(await codeOf(begin({}, { owner: bare }))).toBe('auth_factor_required');
  bench.clock.advance('30s');
  expect(await codeOf(begin())).toBe('ok');
  expect(await codeOf(begin())).toBe('challenge_failed');
  expect(given).not.toBeNull();
  expect(await bench.elevations.live()).toHaveLength(1);
  expect((await bench.events('elevation.refused')).map(({ reason }) => reason)).toEqual(
    expect.arrayContaining(['auth_factor_required', 'challenge_failed', 'auth_forbidden']),
  );
});

test('R30: the code of an elevation decides nothing, and that of a decision elevates nothing', async () => {
  const given = by(olga).given;
  await begin({}, { given });
  await bench.elevations.end(null, HOST);
  const asked = await bench.ask(PUSH);
  if (given === null) expect.fail();
  expect(await codeOf(bench.says(olga, 'approve', asked, { enrolled: ['totp'], given }))).toBe(
    'challenge_failed',
  );
});

test.each([0, 59_999, LONGEST_ELEVATION_MS + 1, Number.NaN, Number.POSITIVE_INFINITY])(
  'for %s ms: refused, and no code is spent',
  async (forMs) => {
    const given = by(olga).given;
    expect(await codeOf(begin({ forMs }, { given }))).toBe('request_malformed');
    expect(await codeOf(begin({ forMs: LONGEST_ELEVATION_MS }, { given }))).toBe('ok');
  },
);

test('R39: with a passkey enrolled, a code in a chat elevates nothing, and is not spent', async () => {
  await bench.store.factors.add({
    ...{ id: bench.id('factor'), principal: olga, kind: 'passkey', label: 'key', secret: null },
    passkey: { credential: 'c', publicKey: 'k', counter: 0, transports: [], origin: 'http://localhost' },
    state: 'active',
    createdAt: bench.clock.now(),
  });
  const given = by(olga).given;
  expect(await codeOf(begin({}, { surface: 'chat', given }))).toBe('auth_forbidden');
  expect(await codeOf(begin({}, { given }))).toBe('ok');
});

test('whoever decides ends it, by id or all; who and how it was proven stand in the audit', async () => {
  const one = await begin();
  bench.clock.advance('30s');
  const two = await begin({ agent: 'other' });
  expect((await bench.elevations.live()).map(({ id }) => id)).toEqual([two.id, one.id]);
  expect(await bench.elevations.end(one.id, actor(rita))).toBe(1);
  expect(await codeOf(bench.elevations.end(one.id, HOST))).toBe('not_found');
  expect(await asks()).toBeNull();
  expect(await bench.elevations.end(null, HOST)).toBe(1);
  expect(await bench.elevations.end(null, HOST)).toBe(0);
  expect(await bench.events('elevation.begun')).toMatchObject([
    {
      actor: `${olga}@device:dev_a`,
      subject: { elevation: one.id, agent: 'main', principal: olga, factors: ['totp'], surface: 'page' },
    },
    { subject: { elevation: two.id, agent: 'other' } },
  ]);
  expect(await bench.events('elevation.ended')).toMatchObject([
    { actor: `${rita}@device:dev_a`, subject: { elevation: one.id }, reason: 'person' },
    { actor: 'host', subject: { elevation: two.id } },
  ]);
});

test('a change of the policy ends it; one that changes nothing does not', async () => {
  await begin();
  await bench.policies.set('tiers.write.timeout', '10m', HOST);
  expect(await asks()).toBe('elevated');
  await bench.policies.set('tiers.write.timeout', '3m', HOST);
  expect(await asks()).toBeNull();
  expect(await bench.events('elevation.ended')).toMatchObject([{ reason: 'policy_changed' }]);
});

test('the owner’s suspension, role and factors end it, at once, and for good', async () => {
  await bench.person('Otto', 'owner');
  const { directory } = bench;
  const changes = [
    [() => directory.setState(olga, 'suspend', HOST), () => directory.setState(olga, 'resume', HOST)],
    [() => directory.setRole(olga, 'approver', HOST), () => directory.setRole(olga, 'owner', HOST)],
  ] as const;
  for (const [change, back] of changes) {
    bench.clock.advance('30s');
    await begin();
    await change();
    // Whether or not anybody has swept it up.
    expect(await asks()).not.toBe('elevated');
    await bench.elevations.settled();
    await back();
    expect(await asks()).toBeNull();
  }
  const [factor] = await bench.factors.list(olga);
  bench.clock.advance('30s');
  await begin();
  await bench.app(await bench.person('Ines', 'owner'));
  await bench.factors.remove(factor?.id ?? 'fac_none', HOST);
  expect(await bench.elevations.live()).toEqual([]);
  expect((await bench.events('elevation.ended')).map(({ reason }) => reason)).toEqual([
    'people_changed',
    'people_changed',
    'people_changed',
  ]);
});

test('it is looked at in the transaction that asks: a change that nobody has swept up yet ends it already', async () => {
  await begin();
  const { people, factors } = bench.store;
  await people.setState(olga, ['active'], 'suspended');
  expect(await asks()).not.toBe('elevated');
  await people.setState(olga, ['suspended'], 'active');
  expect(await asks()).toBe('elevated');
  await factors.removeAll(olga, bench.clock.now());
  expect(await asks()).not.toBe('elevated');
  // And the sweeper ends it for good.
  await bench.elevations.settlePeople();
  expect(await bench.elevations.live()).toEqual([]);
});

test('R62: whoever is forgotten elevates nothing, and that it ended is written down and told', async () => {
  await bench.person('Otto', 'owner');
  await begin();
  const changed: string[] = [];
  bench.bus.subscribe('elevationChanged', ({ agent }) => changed.push(agent));
  const window = { principal: olga, agent: 'main', tier: 'elevated', host: 'h', session: null } as const;
  await bench.store.windows.open(window, bench.clock.now() + MINUTE_MS);
  await bench.directory.forget(olga, HOST);
  expect(await asks()).not.toBe('elevated');
  expect(await bench.store.windows.until(window, bench.clock.now())).toBeNull();
  expect(await bench.events('elevation.ended')).toMatchObject([
    { reason: 'people_changed', subject: { principal: olga, agent: 'main' } },
  ]);
  expect(changed).toEqual(['main']);
});

test('R32: a challenge of one conversation, agent or time is that of no other', () => {
  const one = { agent: 'main', session: bench.id('session'), forMs: MINUTE_MS };
  const all = [
    one,
    { ...one, session: null },
    { ...one, session: bench.id('session') },
    { ...one, agent: 'deploy' },
    { ...one, forMs: MINUTE_MS + 1 },
  ].map(elevationBinding);
  expect(new Set(all).size).toBe(all.length);
});
