// R20, R34: a device proves its own person and nobody else, for one call or for itself. The attack is a browser that came by
// a login code alone, and a device of one owner that carries the proof of another.

import type { DeviceId, PrincipalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Caller } from '../core/authorise.ts';
import { effectiveScopes } from '../core/device/scopes.ts';
import { totpAt } from '../testing/factor-stage.ts';
import { BrowserKey, jsonOf, openHouse, type TestHouse } from '../testing/house.ts';
import { SoftwareAuthenticator } from '../testing/software-authenticator.ts';
import { problemAnswer } from './answers.ts';
import { ROUTES } from './routes.ts';

afterEach(() => {
  vi.useRealTimers();
});

const ORIGIN = 'http://localhost:8787';
type Headers = Record<string, string>;
type DeviceCaller = Extract<Caller, { door: 'device' }>;
const totp = (code: string): Headers => ({ 'x-countersign-factor': `totp ${code}` });

let made = 0;

/** A device of that person, as the door lets it in: with what it may do now. */
async function device(house: TestHouse, principal: PrincipalId, via: 'login' | 'approval') {
  const { store } = house.composed;
  const { jwk, device: thumbprint } = new BrowserKey();
  made += 1;
  const id: DeviceId = `dev_${String(made).padStart(24, 'a')}`;
  const scopes = ['approvals', 'manage', 'pairing', 'read'] as const;
  const now = Date.now();
  const row = { id, key: jwk, thumbprint, role: 'operator', scopes, name: 'laptop' } as const;
  await store.devices.add({ ...row, principal, via, proven: false, createdAt: now });
  return {
    id,
    async caller(): Promise<DeviceCaller> {
      const [held, person] = [await store.devices.get(id), await store.people.get(principal)];
      if (held === null || person === null) throw new Error('nobody');
      const may = effectiveScopes(held, person.role, await store.factors.has(principal));
      return { door: 'device', device: id, principal, role: person.role, scopes: may };
    },
    /** A call over TCP whose DPoP proof was right. */
    async call(method: string, path: string, body?: unknown, headers: Headers = {}): Promise<Response> {
      const url = new URL(`${ORIGIN}/api/v1${path}`);
      for (const route of ROUTES) {
        const names = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name ?? '');
        const found = new RegExp(`^${route.path.replace(/:\w+/g, '([^/]+)')}$`).exec(url.pathname);
        if (route.method !== method || found === null) continue;
        const params = Object.fromEntries(names.map((name, n) => [name, found[n + 1] ?? '']));
        const request = new Request(url, {
          method,
          headers: { origin: ORIGIN, 'content-type': 'application/json', ...headers },
          ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
        });
        const bindings = { door: 'tcp', remote: '127.0.0.1' } as const;
        const { services } = house.composed;
        return route
          .answer({ request, url, params, caller: await this.caller(), bindings, services })
          .catch((cause: unknown) =>
            problemAnswer(cause instanceof Problem ? cause : new Problem('internal', { cause })),
          );
      }
      throw new Error(`no route ${method} ${path}`);
    },
  };
}

async function openStage() {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_795_000_000_000 });
  const house = await openHouse();
  const { directory, factors } = house.composed.core;
  const by = { kind: 'host' } as const;
  return {
    house,
    person: (name: string, role: 'owner' | 'approver') => directory.add({ name, role, peer: null }, by),
    async app(principal: PrincipalId) {
      const { id, secret } = await factors.enrolTotp(principal, 'phone', by);
      await factors.confirmTotp(id, totpAt(secret, Date.now()), by);
      return () => {
        vi.setSystemTime(Date.now() + 30_000);
        return totp(totpAt(secret, Date.now()));
      };
    },
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  };
}

async function codeOf(answer: Promise<Response>): Promise<string> {
  const got = await answer;
  return got.status < 400 ? 'ok' : (await jsonOf<{ code: string }>(got)).code;
}

test('R20: a browser that came by a login code manages nothing until a factor is proven on it', async () => {
  await using stage = await openStage();
  const olga = await stage.person('Olga', 'owner');
  const next = await stage.app(olga.id);
  const browser = await device(stage.house, olga.id, 'login');
  expect(await codeOf(browser.call('GET', '/people'))).toBe('ok');
  for (const headers of [{}, next()])
    expect(await codeOf(browser.call('POST', '/people', { name: 'Ana', role: 'user' }, headers))).toBe(
      'auth_forbidden',
    );
  expect(await codeOf(browser.call('POST', '/devices/prove'))).toBe('auth_factor_required');
  expect(await codeOf(browser.call('POST', '/devices/prove', {}, totp('000000')))).toBe('challenge_failed');
  const proof = next();
  const proven = await jsonOf(browser.call('POST', '/devices/prove', {}, proof));
  expect(proven).toMatchObject({
    id: browser.id,
    proven: true,
    active: ['approvals', 'manage', 'pairing', 'read'],
  });
  expect(await codeOf(browser.call('POST', '/devices/prove', {}, proof))).toBe('challenge_failed');
  expect(await codeOf(browser.call('POST', '/people', { name: 'Ana', role: 'user' }))).toBe('ok');
  // What is guarded at the host is guarded here: managing is not proving.
  expect(await codeOf(browser.call('POST', '/people', { name: 'Eve', role: 'owner' }))).toBe(
    'auth_factor_required',
  );
  expect(await codeOf(browser.call('POST', '/people', { name: 'Eve', role: 'owner' }, next()))).toBe('ok');
  const { store } = stage.house.composed;
  const events = (await store.audit.walk(store.writer, 0, 1_000)).map(({ body }) => body);
  expect(events.filter(({ type }) => type === 'device.proven')).toHaveLength(1);
  expect(events.findLast(({ type }) => type === 'person.added')?.actor).toContain(`${olga.id}@device`);
});

test('R5: who signs in with one browser after the other gets no tries anew; a proven device is not touched (H71)', async () => {
  await using stage = await openStage();
  const olga = await stage.person('Olga', 'owner');
  const next = await stage.app(olga.id);
  const laptop = await device(stage.house, olga.id, 'approval');
  expect(await codeOf(laptop.call('POST', '/devices/prove', {}, next()))).toBe('ok');
  const tries: string[] = [];
  for (let n = 0; n < 8; n++) {
    const browser = await device(stage.house, olga.id, 'login');
    tries.push(await codeOf(browser.call('POST', '/devices/prove', {}, totp('000000'))));
  }
  expect(tries.slice(0, 4)).toEqual(Array(4).fill('challenge_failed'));
  expect(tries.slice(5)).toEqual(Array(3).fill('rate_limited'));
  const raise = laptop.call('POST', '/people', { name: 'Eve', role: 'owner' }, next());
  expect(await codeOf(raise)).toBe('ok');
});

test('R33: a browser that came by a login code takes no owner’s chat away; everybody else’s it may', async () => {
  await using stage = await openStage();
  const { house } = stage;
  const [olga, ana] = [await stage.person('Olga', 'owner'), await stage.person('Ana', 'approver')];
  const browser = await device(house, olga.id, 'login');
  const [hers, another] = ['a'.repeat(52), 'b'.repeat(52)];
  for (const [{ id }, native] of [
    [olga, hers],
    [ana, another],
  ] as const) {
    const body = { peer: `webchat:${native}`, as: 'owner' };
    expect((await house.call('host', 'POST', `/api/v1/people/${id}/link`, body)).status).toBe(200);
  }
  const ends = (identifier: string) =>
    codeOf(browser.call('POST', '/pairings/revoke', { channel: 'webchat', identifier }));
  expect(await ends(hers)).toBe('auth_forbidden');
  expect(await ends(another)).toBe('ok');
});

describe('a device proves its own person', () => {
  test('not with another owner’s factor, whoever it names', async () => {
    await using stage = await openStage();
    const [olga, otto] = [await stage.person('Olga', 'owner'), await stage.person('Otto', 'owner')];
    const [ofOlga, ofOtto] = [await stage.app(olga.id), await stage.app(otto.id)];
    const laptop = await device(stage.house, olga.id, 'approval');
    expect(await codeOf(laptop.call('POST', '/devices/prove', {}, ofOlga()))).toBe('ok');
    const raise = (headers: Headers) =>
      laptop.call('POST', '/people', { name: 'Eve', role: 'owner' }, headers);
    expect(await codeOf(raise({ ...ofOtto(), 'x-countersign-as': 'Otto' }))).toBe('challenge_failed');
    expect(await codeOf(raise({ ...ofOlga(), 'x-countersign-as': 'Otto' }))).toBe('ok');
  });

  test('one whose person has no factor is told who helps', async () => {
    await using stage = await openStage();
    const [olga, otto] = [await stage.person('Olga', 'owner'), await stage.person('Otto', 'owner')];
    const next = await stage.app(olga.id);
    const laptop = await device(stage.house, otto.id, 'approval');
    expect(await codeOf(laptop.call('POST', '/factors/totp', {}, next()))).toBe('auth_factor_required');
  });

  test('before anybody has one, enrolling it here proves this device too', async () => {
    await using stage = await openStage();
    const olga = await stage.person('Olga', 'owner');
    const laptop = await device(stage.house, olga.id, 'approval');
    const { id, secret } = await jsonOf<{ id: string; secret: string }>(laptop.call('POST', '/factors/totp'));
    const code = totpAt(secret, Date.now());
    expect(await jsonOf(laptop.call('POST', `/factors/${id}/confirm`, { code }))).toMatchObject({
      state: 'active',
    });
    expect((await laptop.caller()).scopes).toContain('manage');
  });

  test('it sees the factors of others only where it manages', async () => {
    await using stage = await openStage();
    const [olga, abe] = [await stage.person('Olga', 'owner'), await stage.person('Abe', 'approver')];
    const tablet = await device(stage.house, abe.id, 'approval');
    const laptop = await device(stage.house, olga.id, 'approval');
    expect(await codeOf(tablet.call('GET', '/factors'))).toBe('ok');
    expect(await codeOf(tablet.call('GET', `/factors?person=${abe.id}`))).toBe('ok');
    expect(await codeOf(tablet.call('GET', `/factors?person=${olga.id}`))).toBe('auth_forbidden');
    expect(await codeOf(tablet.call('GET', '/factors?person=nobody'))).toBe('auth_forbidden');
    expect(await codeOf(tablet.call('POST', '/factors/totp'))).toBe('auth_forbidden');
    expect(await codeOf(laptop.call('GET', `/factors?person=${abe.id}`))).toBe('ok');
  });
});

describe('passkeys', () => {
  const key = new SoftwareAuthenticator();

  test('are made, and prove, over the routes, for one call each (R30, R31)', async () => {
    await using stage = await openStage();
    const olga = await stage.person('Olga', 'owner');
    const laptop = await device(stage.house, olga.id, 'approval');
    const { options } = await jsonOf<{ options: { challenge: string } }>(
      laptop.call('POST', '/factors/passkey'),
    );
    const response = wire(key.create({ challenge: options.challenge, origin: ORIGIN }));
    const finished = laptop.call('POST', '/factors/passkey/finish', { label: 'laptop', response });
    expect(await jsonOf(finished)).toMatchObject({
      kind: 'passkey',
      origin: ORIGIN,
      state: 'active',
      person: olga.id,
    });
    expect(await codeOf(laptop.call('POST', '/factors/passkey/finish', { response }))).toBe(
      'challenge_failed',
    );

    const asked = await jsonOf<{ options: { challenge: string } }>(
      laptop.call('POST', '/factors/passkey/challenge'),
    );
    const { challenge } = asked.options;
    const assertion = wire(key.get({ challenge, origin: ORIGIN, userHandle: olga.id }));
    const text = Buffer.from(JSON.stringify({ challenge, response: assertion })).toString('base64url');
    const raise = () =>
      laptop.call(
        'POST',
        '/people',
        { name: 'Eve', role: 'owner' },
        { 'x-countersign-factor': `passkey ${text}` },
      );
    expect(await codeOf(raise())).toBe('ok');
    expect(await codeOf(raise())).toBe('challenge_failed');
  });

  test('are not made at the host’s door, nor without a page', async () => {
    await using stage = await openStage();
    const olga = await stage.person('Olga', 'owner');
    const { house } = stage;
    const answer = await jsonOf(house.call('host', 'POST', '/api/v1/factors/passkey', {}));
    expect(answer).toMatchObject({
      code: 'request_malformed',
      hint: expect.stringContaining('http://localhost:8787'),
    });
    const laptop = await device(house, olga.id, 'approval');
    const evil = { origin: 'http://203.0.113.7:8787' };
    expect(await codeOf(laptop.call('POST', '/factors/passkey', {}, evil))).toBe('request_malformed');
  });
});

/** As a browser's JSON form nests it. */
function wire({ id, ...fields }: { readonly id: string }): unknown {
  const response = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
  return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response };
}

test('R34: an app begun at the host before there was a factor is void once a passkey counts', async () => {
  await using stage = await openStage();
  const olga = await stage.person('Olga', 'owner');
  const { house } = stage;
  const begun = await jsonOf<{ id: string; secret: string }>(
    house.call('host', 'POST', '/api/v1/factors/totp', {}),
  );
  const laptop = await device(house, olga.id, 'approval');
  const { options } = await jsonOf<{ options: { challenge: string } }>(
    laptop.call('POST', '/factors/passkey'),
  );
  const response = wire(new SoftwareAuthenticator().create({ challenge: options.challenge, origin: ORIGIN }));
  expect(await codeOf(laptop.call('POST', '/factors/passkey/finish', { response }))).toBe('ok');
  const code = totpAt(begun.secret, Date.now());
  const late = house.call('host', 'POST', `/api/v1/factors/${begun.id}/confirm`, { code });
  expect(await codeOf(late)).toBe('not_found');
});
