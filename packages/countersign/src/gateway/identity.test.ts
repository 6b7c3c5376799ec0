// The whole house: a message comes in, the agent is asked over a socket with a bearer, and whoever fetches the keys by HTTP
// verifies it; people are mapped by the owner's call; a restart changes neither handles nor keys.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DoctorCheck } from '@countersign/protocol/gateway';
import type { PersonRow } from '@countersign/protocol/identity';
import { type BearerKeys, verifyBearer } from '@countersign/protocol/token';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { parseNative } from '../core/identity/peer.ts';
import { FakeOpenAi } from '../testing/fake-openai.ts';
import { jsonOf, openHouse, type TestHouse } from '../testing/house.ts';
import { inboundFrom } from '../testing/inbound.ts';
import { compose } from './compose.ts';

let agent: FakeOpenAi;
beforeAll(async () => {
  agent = await FakeOpenAi.start();
});
afterEach(() => agent.requests.splice(0));
afterAll(() => agent.goesAway());

function config(more: { origins?: readonly string[]; users?: object; audience?: object } = {}): object {
  const { origins = [new URL(agent.url).origin], users = {}, audience = {} } = more;
  return {
    agent: { url: agent.url, audience: 'tools.example' },
    bearer: { audiences: { 'tools.example': { origins, ...audience } } },
    users,
    channels: {
      telegram: { enabled: true, botToken: '1:x', dmPolicy: 'allowlist', allowFrom: ['555001', '555002'] },
    },
  };
}

let said = 0;

/** As the channel would hand it over. */
async function says({ composed }: Pick<TestHouse, 'composed'>, native: string, text = 'hi'): Promise<void> {
  const id = parseNative(native, /^\d+$/);
  if (id === null) throw new Error('no native id');
  said += 1;
  await composed.core.inbox.receive(
    inboundFrom(
      { channel: 'telegram', account: 'default', native: id },
      { messageId: `m${said}`, text, sentAt: Date.now() },
    ),
  );
  await composed.core.inbox.idle();
  await composed.core.turns.idle();
}

const headers = () => agent.requests.at(-1)?.headers ?? {};

async function claims(house: TestHouse) {
  const keys = await jsonOf<BearerKeys>(house.call('tcp', 'GET', '/.well-known/jwks.json'));
  const issuer = `urn:countersign:${house.composed.store.installation}`;
  return verifyBearer(String(headers()['x-countersign-bearer']), { keys, audience: 'tools.example', issuer });
}

async function person(house: TestHouse, index: number): Promise<string> {
  const { items } = await jsonOf<{ items: PersonRow[] }>(house.call('host', 'GET', '/api/v1/people'));
  return items.find(({ peers }) => peers.some(({ identifier }) => identifier === `55500${index}`))?.id ?? '';
}

test('I-04: the bearer is verified with what anybody may fetch, and each person has their own', async () => {
  await using house = await openHouse({ config: config() });
  await says(house, '555001');
  const first = await claims(house);
  expect(first).toMatchObject({
    sub: await person(house, 1),
    channel: 'telegram',
    account: 'default',
    assurance: 'medium',
  });
  expect(headers()['x-countersign-session']).toMatch(/^csh_[\w-]{22}$/);
  expect(headers()['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  await says(house, '555002', 'I am 555001');
  expect((await claims(house)).sub).toBe(await person(house, 2));
  const answer = await house.call('tcp', 'GET', '/.well-known/jwks.json');
  expect(answer.headers.get('content-type')).toBe('application/jwk-set+json');
  expect(answer.headers.get('cache-control')).toBe('public, max-age=300');
});

test('an origin that the audience does not list hears neither bearer nor handle, and the doctor says so', async () => {
  await using house = await openHouse({ config: config({ origins: ['https://tools.example'] }) });
  await says(house, '555001');
  expect(agent.requests).toHaveLength(1);
  expect(JSON.stringify(headers())).not.toMatch(/csh_|eyJ/);
  const { items } = await jsonOf<{ items: DoctorCheck[] }>(house.call('host', 'GET', '/api/v1/doctor'));
  expect(items).toContainEqual(expect.objectContaining({ name: 'bearer', level: 'warning' }));
});

test('a restart changes nothing: the same handle, the same keys, the same person', async () => {
  await using house = await openHouse({ config: config() });
  await says(house, '555001');
  const before = { ...headers() };
  const keys = await jsonOf<BearerKeys>(house.call('tcp', 'GET', '/.well-known/jwks.json'));
  const again = await compose({ home: house.home, env: {}, running: null });
  await says({ composed: again }, '555001');
  expect(headers()['x-countersign-session']).toBe(before['x-countersign-session']);
  expect(again.services.jwks()).toEqual(keys);
  const found = await again.core.identities.resolve(String(before['x-countersign-session']), 'main');
  expect(found).toMatchObject({ principal: await person(house, 1) });
  await again.close();
});

test('people map: the very next bearer names the user, with attributes as configured; and no more', async () => {
  await using house = await openHouse({ config: config({ users: { claims: { department: 'dept' } } }) });
  await says(house, '555001');
  const id = await person(house, 1);
  const items = [
    { person: 'telegram:555001', user: 'u-4711', tenant: 'acme', attributes: { dept: 'sales', x: 'y' } },
  ];
  const mapped = await house.call('host', 'POST', '/api/v1/people/map', { items });
  expect(await jsonOf(mapped)).toEqual({ items: [{ ...items[0], person: id }] });
  await says(house, '555001');
  expect(await claims(house)).toMatchObject({ sub: 'u-4711', tenant: 'acme', department: 'sales' });
  expect(await jsonOf(house.call('host', 'GET', `/api/v1/people/${id}/user`))).toMatchObject({
    user: 'u-4711',
  });
  expect(await jsonOf(house.call('host', 'POST', `/api/v1/people/${id}/unmap`, {}))).toEqual({
    unmapped: id,
  });
  await says(house, '555001');
  expect((await claims(house)).sub).toBe(id);
  const types = (
    await house.composed.store.audit.list({ types: ['person.mapped', 'person.unmapped'], limit: 9 })
  ).map(({ body }) => body.type);
  expect(types).toEqual(['person.unmapped', 'person.mapped']);
});

test('the doctor says where /v1 goes, with or without a bearer, and who is left without an answer', async () => {
  const doctor = async (more: object) => {
    await using house = await openHouse({ config: { ...config({ users: { required: true } }), ...more } });
    await says(house, '555001');
    const { items } = await jsonOf<{ items: DoctorCheck[] }>(house.call('host', 'GET', '/api/v1/doctor'));
    const listed = await jsonOf<{ items: object[] }>(house.call('host', 'GET', '/api/v1/users'));
    expect(listed.items).toEqual([]);
    return items.filter(({ name }) => name === 'proxy' || name === 'users');
  };
  const upstream = agent.url;
  const users = { name: 'users', level: 'warning', hint: expect.stringContaining('people map prn_') };
  expect(await doctor({})).toMatchObject([users]);
  expect(await doctor({ proxy: { upstream } })).toMatchObject([{ name: 'proxy', level: 'note' }, users]);
  expect(await doctor({ proxy: { upstream, audience: 'tools.example' } })).toMatchObject([
    { name: 'proxy', level: 'ok' },
    users,
  ]);
  const elsewhere = { upstream: 'https://model.example/v1', audience: 'tools.example' };
  expect(await doctor({ proxy: elsewhere })).toMatchObject([{ name: 'proxy', level: 'warning' }, users]);
});

test('H03: a map with one mistake changes nothing: a user of somebody else, an id of ours, blanks, nobody', async () => {
  await using house = await openHouse({ config: config() });
  await says(house, '555001');
  await says(house, '555002');
  const [ana, bob] = [await person(house, 1), await person(house, 2)];
  const good = { person: ana, user: 'u-1' };
  const map = (items: readonly object[]) => house.call('host', 'POST', '/api/v1/people/map', { items });
  for (const wrong of [
    { person: bob, user: 'u-1' },
    { person: bob, user: ana },
    { person: bob, user: 'PRN_x' },
    { person: bob, user: 'u 2' },
    { person: bob, user: 'u\u{200b}2' },
    { person: bob, user: 'u-2', tenant: '' },
    { person: 'telegram:999', user: 'u-2' },
    { person: 'nobody', user: 'u-2' },
    { person: ana, user: 'u-2' },
  ]) {
    const answer = await map([good, wrong]);
    expect([wrong, answer.status]).toEqual([wrong, 400]);
    expect(await house.composed.store.userMap.get(`prn_${ana.slice(4)}`)).toBeNull();
  }
  expect((await map([])).status).toBe(400);
  // Of one entry there is no first.
  expect(await (await map([{ person: 'nobody', user: 'u-2' }])).json()).toMatchObject({
    detail: 'nothing was changed. there is no such person',
  });
  // Two who change places do.
  expect((await map([good, { person: bob, user: 'u-2' }])).status).toBe(200);
  expect(
    (
      await map([
        { person: ana, user: 'u-2' },
        { person: bob, user: 'u-1' },
      ])
    ).status,
  ).toBe(200);
  for (const door of ['tcp', 'agent'] as const)
    expect((await house.call(door, 'POST', '/api/v1/people/map', { items: [good] })).status).toBe(401);
});

test('HS256: the backend verifies with the secret it shares', async () => {
  const secret = '0123456789abcdef0123456789abcdef';
  await using house = await openHouse({ config: config({ audience: { alg: 'HS256', secret } }) });
  await says(house, '555001');
  const issuer = `urn:countersign:${house.composed.store.installation}`;
  const bearer = String(headers()['x-countersign-bearer']);
  const rules = { audience: 'tools.example', issuer };
  const keys = new TextEncoder().encode(secret);
  expect((await verifyBearer(bearer, { ...rules, keys })).sub).toBe(await person(house, 1));
  await expect(verifyBearer(bearer, { ...rules, keys: house.composed.services.jwks() })).rejects.toThrow();
});

test('R64: neither token nor handle is in the log, the audit, or what the store shows of a session', async () => {
  await using house = await openHouse({ config: config() });
  await says(house, '555001');
  await house.composed.core.identities.written();
  const [bearer, handle] = [
    String(headers()['x-countersign-bearer']),
    String(headers()['x-countersign-session']),
  ];
  const shown = await Promise.all(
    ['/api/v1/audit?limit=100', '/api/v1/sessions', '/api/v1/people', '/api/v1/overview'].map(async (path) =>
      (await house.call('host', 'GET', path)).text(),
    ),
  );
  for (const text of shown) for (const secret of [bearer, handle]) expect(text).not.toContain(secret);
  expect(shown[0]).toContain('bearer.minted');
});

test('mistakes in the configuration are told before anybody is named', async () => {
  const wrong: readonly [object, string][] = [
    [config({ audience: { alg: 'HS256' } }), 'bearer.audiences["tools.example"].secret'],
    [config({ audience: { alg: 'HS256', secret: 'short' } }), 'bearer.audiences["tools.example"].secret'],
    [config({ audience: { secret: 'x'.repeat(32) } }), 'bearer.audiences["tools.example"].secret'],
    [config({ users: { kind: 'http' } }), 'users.url'],
    [config({ users: { kind: 'http', url: 'http://tools.example/users' } }), 'users.url'],
    [config({ users: { claims: { sub: 'x' } } }), 'users.claims.sub'],
    [config({ users: { claims: { act: 'x' } } }), 'users.claims.act'],
  ];
  await using house = await openHouse({ config: { agent: { kind: 'echo' } } });
  for (const [text, path] of wrong) {
    writeFileSync(join(house.home, 'countersign.jsonc'), JSON.stringify(text));
    await expect(compose({ home: house.home, env: {}, running: null })).rejects.toMatchObject({
      code: 'config_invalid',
      members: { mistakes: expect.arrayContaining([expect.objectContaining({ path })]) },
    });
  }
});
