// R20, R30, R33, R34: from the moment an owner has a factor, what widens rights asks for a fresh proof of it, at every door
// that may do it at all. The attack is an agent that runs as the owner's own user and has the host's socket: without the
// proof, with a wrong one, or with one that was used before, nothing happens.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { VERBS } from '../core/authorise.ts';
import { totpAt } from '../testing/factor-stage.ts';
import { jsonOf, openHouse, type TestHouse } from '../testing/house.ts';
import type { Route } from './route.ts';
import { ROUTES } from './routes.ts';

afterEach(() => {
  vi.useRealTimers();
});

type Headers = Record<string, string>;

/** A house whose clock moves when told. */
async function openStage() {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_795_000_000_000 });
  const house = await openHouse({ running: true });
  const post = (path: string, body: unknown = {}, headers: Headers = {}) =>
    house.call('host', 'POST', `/api/v1${path}`, body, headers);
  return {
    house,
    post,
    advance: (ms: number) => vi.setSystemTime(Date.now() + ms),
    async adds(name: string, role: string, headers: Headers = {}) {
      const added = await jsonOf<{ id: string }>(post('/people', { name, role }, headers));
      return added.id;
    },
    /** An app for them; gives a code that was not used yet. */
    async enrols(person: string, headers: Headers = {}) {
      const begun = await post('/factors/totp', { person }, headers);
      expect(begun.status, await begun.clone().text()).toBe(201);
      const { id, secret } = await jsonOf<{ id: string; secret: string }>(begun);
      const confirmed = await post(`/factors/${id}/confirm`, { code: totpAt(secret, Date.now()) });
      expect(confirmed.status, await confirmed.clone().text()).toBe(200);
      return {
        id,
        next(): Headers {
          vi.setSystemTime(Date.now() + 30_000);
          return totp(totpAt(secret, Date.now()));
        },
        wrong: (): Headers => totp(totpAt(secret, Date.now() + 3_600_000)),
      };
    },
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]();
    },
  };
}

const totp = (code: string): Headers => ({ 'x-countersign-factor': `totp ${code}` });
const as = (name: string): Headers => ({ 'x-countersign-as': encodeURIComponent(name) });

async function codeOf(answer: Promise<Response>): Promise<string> {
  const got = await answer;
  if (got.status < 400) return 'ok';
  return (await jsonOf<{ code: string }>(got)).code;
}

async function eventsOf({ composed }: TestHouse) {
  const { store } = composed;
  return (await store.audit.walk(store.writer, 0, 10_000)).map(({ body }) => body);
}

/** What is wrong with the value is said there before a factor is asked for. */
const LOOKED_AT_FIRST = ['/api/v1/config/set'];
/** Routes that ask the host for a factor whatever the body says. */
const GUARDED: readonly Route[] = ROUTES.filter(
  ({ verbs, path }) =>
    LOOKED_AT_FIRST.includes(path) ||
    verbs.every((verb) =>
      Object.entries(VERBS[verb]).some(([door, cell]) => door === 'host' && cell === 'until_factor'),
    ),
);

test('the host’s guarded routes are those we know of', () => {
  expect(GUARDED.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      '/api/v1/people/:ref/forget',
      '/api/v1/factors/:id/remove',
      '/api/v1/factors/recovery-codes',
      '/api/v1/channels',
      '/api/v1/config/set',
      '/api/v1/config/unset',
      '/api/v1/config/accept',
    ]),
  );
});

test('R30, R34: every guarded route is refused without, with a wrong and with a used proof, and opens with a fresh one', async () => {
  await using stage = await openStage();
  const { house, post } = stage;
  await stage.adds('Olga', 'owner');
  const app = await stage.enrols('Olga');
  for (const { path, example } of GUARDED) {
    const url = path.replace('/api/v1', '').replace(/:\w+/g, 'fac_zzzzzzzz');
    const body = example ?? {};
    const before = await eventsOf(house);
    expect(await codeOf(post(url, body)), path).toBe('auth_factor_required');
    expect(await codeOf(post(url, body, app.wrong())), path).toBe('challenge_failed');
    expect(await codeOf(post(url, body, { 'x-countersign-factor': 'totp' })), path).toBe('challenge_failed');
    const between = (await eventsOf(house)).slice(before.length).map(({ type }) => type);
    const told = ['call.denied', 'factor.failed', 'denials.counted'];
    expect(
      between.filter((type) => !told.includes(type)),
      path,
    ).toEqual([]);
    const right = app.next();
    const opened = await codeOf(post(url, body, right));
    expect(opened, path).not.toMatch(/^auth_|challenge_failed|internal/);
    expect(await codeOf(post(url, body, right)), `${path}, used`).toBe('challenge_failed');
  }
});

describe('R20: by what a call does, and to whom', () => {
  test('raising and adding raised people asks; adding and lowering users does not', async () => {
    await using stage = await openStage();
    await stage.adds('Olga', 'owner');
    const app = await stage.enrols('Olga');
    const ana = await stage.adds('Ana', 'user');
    const { post } = stage;
    expect(await codeOf(post('/people', { name: 'Eve', role: 'owner' }))).toBe('auth_factor_required');
    expect(await codeOf(post(`/people/${ana}/role`, { role: 'approver' }))).toBe('auth_factor_required');
    expect(await codeOf(post(`/people/${ana}/role`, { role: 'approver' }, app.next()))).toBe('ok');
    expect(await codeOf(post(`/people/${ana}/role`, { role: 'user' }))).toBe('ok');
    const peer = `webchat:${'a'.repeat(52)}`;
    expect(await codeOf(post(`/people/${ana}/link`, { peer, as: 'owner' }))).toBe('auth_factor_required');
    expect(await codeOf(post(`/people/${ana}/link`, { peer, as: 'owner' }, app.next()))).toBe('ok');
  });

  test('an owner who has a factor is not lowered, blocked, suspended or forgotten without one', async () => {
    await using stage = await openStage();
    const { post } = stage;
    const olga = await stage.adds('Olga', 'owner');
    const otto = await stage.adds('Otto', 'owner');
    const app = await stage.enrols('Olga');
    for (const [verb, body] of [
      ['role', { role: 'user' }],
      ['role', { role: 'approver' }],
      ['block', {}],
      ['suspend', {}],
      ['forget', {}],
    ] as const)
      expect(await codeOf(post(`/people/${olga}/${verb}`, body)), verb).toBe('auth_factor_required');
    // Otto guards nothing; ending what he may is the host's business, as before.
    expect(await codeOf(post(`/people/${otto}/suspend`))).toBe('ok');
    // Giving it back is not: that is raising him.
    expect(await codeOf(post(`/people/${otto}/resume`))).toBe('auth_factor_required');
    expect(await codeOf(post(`/people/${otto}/resume`, {}, app.next()))).toBe('ok');
    expect(await codeOf(post(`/people/${otto}/block`))).toBe('ok');
    expect(await codeOf(post(`/people/${otto}/unblock`))).toBe('auth_factor_required');
    expect(await codeOf(post(`/people/${otto}/unblock`, {}, app.next()))).toBe('ok');
    expect(await codeOf(post(`/people/${olga}/role`, { role: 'user' }, app.next()))).toBe('ok');
  });

  test('R33: the chat in which an owner would stop a recovery is not taken from them without one', async () => {
    await using stage = await openStage();
    const { post } = stage;
    const olga = await stage.adds('Olga', 'owner');
    const identifier = 'a'.repeat(52);
    const peer = `webchat:${identifier}`;
    expect(await codeOf(post(`/people/${olga}/link`, { peer, as: 'owner' }))).toBe('ok');
    const app = await stage.enrols('Olga');
    const revoke = { channel: 'webchat', identifier };
    for (const [path, body] of [
      ['/pairings/revoke', revoke],
      ['/people/unlink', { peer }],
      [`/people/${olga}/unlink`, { peer }],
    ] as const)
      expect(await codeOf(post(path, body)), path).toBe('auth_factor_required');
    expect(await codeOf(post('/pairings/revoke', revoke, app.next()))).toBe('ok');
    // A user's chat is ended as before.
    const hers = { channel: 'webchat', identifier: 'b'.repeat(52) };
    const ana = { name: 'Ana', role: 'user', peer: `webchat:${hers.identifier}` };
    expect(await codeOf(post('/people', ana))).toBe('ok');
    expect(await codeOf(post('/pairings/revoke', hers))).toBe('ok');
  });

  test('a call that needs no proof spends none', async () => {
    await using stage = await openStage();
    await stage.adds('Olga', 'owner');
    const app = await stage.enrols('Olga');
    const right = app.next();
    expect(await codeOf(stage.post('/people', { name: 'Ana', role: 'user' }, right))).toBe('ok');
    // Nor does one that is malformed.
    expect(await codeOf(stage.post('/config/set', { path: 1 }, right))).toBe('request_malformed');
    // Nor one whose value the configuration does not take; that is said before a proof is asked for.
    const wrong = { path: 'channels.telegram.dmPolicy', value: 'everybody' };
    expect(await codeOf(stage.post('/config/set', wrong, right))).toBe('config_invalid');
    expect(await codeOf(stage.post('/config/set', wrong))).toBe('config_invalid');
    expect(await codeOf(stage.post('/config/set', { path: 'no.such.key', value: 1 }))).not.toMatch(
      /^auth_|ok/,
    );
    expect(await codeOf(stage.post('/config/set', { ...wrong, value: 'pairing' }))).toBe(
      'auth_factor_required',
    );
    expect(await codeOf(stage.post('/people', { name: 'Eve', role: 'approver' }, right))).toBe('ok');
  });
});

test('of one proof sent ten times at once one call is carried out (R30)', async () => {
  await using stage = await openStage();
  await stage.adds('Olga', 'owner');
  const app = await stage.enrols('Olga');
  const right = app.next();
  const codes = await Promise.all(
    Array.from({ length: 10 }, (_, n) =>
      codeOf(stage.post('/people', { name: `Eve ${n}`, role: 'owner' }, right)),
    ),
  );
  expect(codes.filter((code) => code === 'ok')).toHaveLength(1);
  expect(await stage.house.composed.store.people.owners()).toHaveLength(2);
});

describe('whose factor it is', () => {
  test('of several owners one is named; nobody else’s proof counts', async () => {
    await using stage = await openStage();
    const { post } = stage;
    const olga = await stage.adds('Ólga 李', 'owner');
    const otto = await stage.adds('Otto', 'owner');
    await stage.adds('Ana', 'user');
    await stage.adds('Ines', 'owner');
    const app = await stage.enrols(olga);
    const other = await stage.enrols(otto, app.next());
    const raise = (headers: Headers) => post('/people/Ana/role', { role: 'approver' }, headers);
    const asked = await raise(app.next());
    expect(asked.status).toBe(403);
    expect(await jsonOf(asked)).toMatchObject({
      code: 'auth_factor_required',
      owners: [{ id: olga, name: 'Ólga 李' }, { id: otto }],
    });
    expect(await codeOf(raise({ ...other.next(), ...as('Ólga 李') }))).toBe('challenge_failed');
    expect(await codeOf(raise({ ...other.next(), ...as('Ana') }))).toBe('auth_forbidden');
    expect(await codeOf(raise({ ...other.next(), ...as('Ines') }))).toBe('auth_factor_required');
    expect(await codeOf(raise({ ...other.next(), 'x-countersign-as': '%' }))).toBe('request_malformed');
    expect(await codeOf(raise({ ...app.next(), ...as('Ólga 李') }))).toBe('ok');
    const changed = (await eventsOf(stage.house)).findLast(({ type }) => type === 'person.role_changed');
    expect(changed?.actor).toBe(`host+${olga}`);
  });

  test('a recovery code counts once', async () => {
    await using stage = await openStage();
    const { post } = stage;
    await stage.adds('Olga', 'owner');
    const app = await stage.enrols('Olga');
    const { codes } = await jsonOf<{ codes: string[] }>(post('/factors/recovery-codes', {}, app.next()));
    const headers = { 'x-countersign-factor': `recovery ${codes[3]}` };
    expect(await codeOf(post('/people', { name: 'Ana', role: 'approver' }, headers))).toBe('ok');
    expect(await codeOf(post('/people', { name: 'Eve', role: 'approver' }, headers))).toBe(
      'challenge_failed',
    );
    const list = await jsonOf(stage.house.call('host', 'GET', '/api/v1/factors'));
    expect(list).toMatchObject({ items: [{ kind: 'totp', state: 'active' }], recoveryCodes: 9 });
  });

  test('H71: after five wrong ones the next has to wait, and is told how long', async () => {
    await using stage = await openStage();
    await stage.adds('Olga', 'owner');
    const app = await stage.enrols('Olga');
    const tries: Response[] = [];
    for (let n = 0; n < 6; n++)
      tries.push(await stage.post('/people', { name: 'Eve', role: 'owner' }, app.wrong()));
    expect(tries.slice(0, 4).map(({ status }) => status)).toEqual([401, 401, 401, 401]);
    expect(tries.at(-1)?.status).toBe(429);
    expect(Number(tries.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0);
    // Right, and too early: not looked at.
    expect(await codeOf(stage.post('/people', { name: 'Eve', role: 'owner' }, totp('000000')))).toBe(
      'rate_limited',
    );
    stage.advance(3_600_000);
    expect(await codeOf(stage.post('/people', { name: 'Ana', role: 'approver' }, app.next()))).toBe('ok');
  });
});

describe('R33: everything lost', () => {
  test('announced, delayed, carried out; then the host enrols for that person alone, for half an hour', async () => {
    await using stage = await openStage();
    const { post } = stage;
    const olga = await stage.adds('Olga', 'owner');
    const otto = await stage.adds('Otto', 'owner');
    const app = await stage.enrols(olga);
    await stage.enrols(otto, app.next());
    const begun = await jsonOf<{ id: string }>(post('/recoveries', { person: 'Olga' }));
    expect(begun).toMatchObject({ person: olga, state: 'announced', ends: { factors: 1, devices: 0 } });
    const early = await post(`/recoveries/${begun.id}/finish`);
    expect(await jsonOf(early)).toMatchObject({ code: 'state_conflict', retryAfter: 600 });
    expect(await codeOf(post('/factors/totp', { person: olga }))).toBe('auth_factor_required');
    stage.advance(600_000);
    expect(await codeOf(post(`/recoveries/${begun.id}/finish`))).toBe('ok');
    expect(await codeOf(post('/factors/totp', { person: otto }))).toBe('auth_factor_required');
    await stage.enrols(olga);
    // She has one again: the next asks for it.
    expect(await codeOf(post('/factors/totp', { person: olga }))).toBe('auth_factor_required');
  });

  test('the window closes, and a stopped one opens none', async () => {
    await using stage = await openStage();
    const { post } = stage;
    const olga = await stage.adds('Olga', 'owner');
    const otto = await stage.adds('Otto', 'owner');
    const app = await stage.enrols(olga);
    await stage.enrols(otto, app.next());
    const first = await jsonOf<{ id: string }>(post('/recoveries', { person: olga }));
    expect(await codeOf(post(`/recoveries/${first.id}/stop`))).toBe('ok');
    stage.advance(600_000);
    expect(await codeOf(post(`/recoveries/${first.id}/finish`))).toBe('already_decided');
    const second = await jsonOf<{ id: string }>(post('/recoveries', { person: olga }));
    stage.advance(600_000);
    expect(await codeOf(post(`/recoveries/${second.id}/finish`))).toBe('ok');
    stage.advance(1_800_000);
    expect(await codeOf(post('/factors/totp', { person: olga }))).toBe('auth_factor_required');
  });
});

test('the last factor of the last owner who has one stays; a guarded key changed by hand waits for a proof', async () => {
  await using stage = await openStage();
  const { house, post } = stage;
  await stage.adds('Olga', 'owner');
  const app = await stage.enrols('Olga');
  expect(await codeOf(post(`/factors/${app.id}/remove`, {}, app.next()))).toBe('state_conflict');
  const { writeFileSync } = await import('node:fs');
  const { join } = await import('node:path');
  writeFileSync(
    join(house.home, 'countersign.jsonc'),
    '{ "gateway": { "publicUrl": "https://other.example" } }',
    {
      mode: 0o600,
    },
  );
  await house.composed.tidyConfig();
  const pending = await jsonOf<{ items: { path: string }[] }>(
    house.call('host', 'GET', '/api/v1/config/pending'),
  );
  expect(pending.items.map(({ path }) => path)).toEqual(['gateway.publicUrl']);
  expect(house.composed.config.current.gateway.publicUrl).toBeNull();
  expect(await codeOf(post('/config/accept', { path: 'gateway.publicUrl' }))).toBe('auth_factor_required');
  expect(await codeOf(post('/config/accept', { path: 'gateway.publicUrl' }, app.next()))).toBe('ok');
  expect(house.composed.config.current.gateway.publicUrl).toBe('https://other.example');
});

test('R33: without a gateway nobody would be told: a recovery neither begins nor ends then', async () => {
  await using house = await openHouse();
  const answer = await house.call('host', 'POST', '/api/v1/recoveries', { person: 'nobody' });
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ code: 'gateway_down' });
});
