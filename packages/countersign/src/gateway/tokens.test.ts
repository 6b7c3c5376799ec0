// R56, R62, R68: what a program proves itself with. The attacks: a token that is a little wrong and falls back to what the
// bare door may; one that was revoked and still works; one that reaches further than the one thing it is for.
import type { TokenCreate } from '@countersign/protocol/service-token';
import { expect, test } from 'vitest';
import { TOKEN_SCOPES, type TokenScope } from '../core/token/holder.ts';
import { jsonOf, openHouse } from '../testing/house.ts';
import { bearer, OTHER_TOOLS, openTokenHouse, TOOLS } from '../testing/token-house.ts';
import { ROUTES } from './routes.ts';

const ASKED: Readonly<Record<TokenScope, TokenCreate>> = {
  request: { scope: 'request', for: 'main' },
  runtime: { scope: 'runtime', for: 'main', audiences: [TOOLS] },
  ingress: { scope: 'ingress', accounts: ['telegram'] },
  backend: { scope: 'backend', audiences: [TOOLS] },
  read: { scope: 'read' },
};

test('is shown once, kept as a hash, and listed without itself', async () => {
  await using stage = await openTokenHouse();
  const { house } = stage;
  const made = await stage.makes({ ...ASKED.ingress, name: 'my ingress', expires: '90d' });
  expect(made).toMatchObject({ scope: 'ingress', accounts: ['telegram:default'], state: 'live' });
  expect(made.token).toMatch(/^cst_[a-z2-7]{52}$/);
  expect(made.hopSecret).toMatch(/^chs_[a-z2-7]{52}$/);
  const list = await (await house.call('host', 'GET', '/api/v1/tokens')).text();
  const audit = await (await house.call('host', 'GET', '/api/v1/audit')).text();
  for (const text of [list, audit]) {
    expect(text).toContain(made.id);
    expect(text).not.toContain(made.token.slice(4));
    expect(text).not.toContain(made.hopSecret?.slice(4));
  }
  const one = await jsonOf<object>(house.call('host', 'GET', `/api/v1/tokens/${made.id.slice(0, 12)}`));
  expect(one).toMatchObject({ id: made.id, name: 'my ingress' });
  expect(one).not.toHaveProperty('token');
});

test('its first use is told, and its last one to the minute', async () => {
  await using stage = await openTokenHouse();
  const { token, id } = await stage.makes(ASKED.read);
  for (let n = 0; n < 3; n++) {
    expect((await stage.house.call('tcp', 'GET', '/metrics', undefined, bearer(token))).status).toBe(200);
  }
  expect(await stage.events('token.used')).toMatchObject([{ actor: id, subject: { token: id } }]);
  const [row] = (await jsonOf<{ items: object[] }>(stage.house.call('host', 'GET', '/api/v1/tokens'))).items;
  expect(row).toMatchObject({ id, lastUsedAt: expect.any(String) });
});

test('R62: revoked, it is refused with the very next call, at every door; once', async () => {
  await using stage = await openTokenHouse();
  const { house } = stage;
  const { token, id } = await stage.makes(ASKED.read);
  const asks = (door: 'tcp' | 'agent') =>
    house.call(door, 'GET', '/api/v1/gateway', undefined, bearer(token));
  expect([(await asks('tcp')).status, (await asks('agent')).status]).toEqual([200, 200]);
  await stage.revoked(`/tokens/${id}/revoke`);
  expect([(await asks('tcp')).status, (await asks('agent')).status]).toEqual([401, 401]);
  expect((await house.call('host', 'POST', `/api/v1/tokens/${id}/revoke`)).status).toBe(409);
  expect(await stage.events('token.refused')).toMatchObject([{ reason: 'revoked', subject: { token: id } }]);
});

test('R63: past its end it is refused without anybody having to tidy', async () => {
  await using stage = await openTokenHouse();
  const { token, id } = await stage.makes({ ...ASKED.read, expires: '1ms' });
  const answer = await stage.house.call('tcp', 'GET', '/metrics', undefined, bearer(token));
  expect(answer.status).toBe(401);
  const rows = await jsonOf<{ items: object[] }>(stage.house.call('host', 'GET', '/api/v1/tokens?show=all'));
  expect(rows.items).toMatchObject([{ id, state: 'expired' }]);
});

test('R68: a credential that is not exactly right proves nothing, and never falls back to the bare door', async () => {
  await using stage = await openTokenHouse();
  const { token, id } = await stage.makes(ASKED.read);
  const body = token.slice(4);
  const wrong = [
    '',
    'Bearer',
    'Bearer ',
    token,
    `Token ${token}`,
    `Bearer  ${token}`,
    `Bearer\t${token}`,
    `Bearer ${token}x`,
    `Bearer ${token.slice(0, -1)}`,
    `Bearer ${token.toUpperCase()}`,
    `Bearer CST_${body}`,
    `Bearer "${token}"`,
    `Bearer ${token}, Bearer ${token}`,
    `Bearer ${token};`,
    `Bearer ${token} ${token}`,
    `Bearer cst_${'a'.repeat(52)}`,
    `Bearer ${id}`,
    // HTTP Basic is for OAuth clients.
    `Basic ${Buffer.from(`${id}:${token}`).toString('base64')}`,
  ];
  for (const door of ['tcp', 'agent'] as const) {
    for (const authorization of wrong) {
      // /healthz is open to everybody: but not to somebody with a wrong credential.
      const answer = await stage.house.call(door, 'GET', '/healthz', undefined, { authorization });
      expect(answer.status, `${door}: ${authorization}`).toBe(401);
    }
    expect((await stage.house.call(door, 'GET', '/healthz', undefined, bearer(token))).status).toBe(200);
  }
  expect((await stage.house.call('host', 'GET', '/healthz', undefined, bearer(token))).status).toBe(401);
});

test('several Authorization headers are none, whichever of them is right', async () => {
  await using stage = await openTokenHouse();
  const { token } = await stage.makes(ASKED.read);
  for (const values of [
    [`Bearer ${token}`, `Bearer ${token}`],
    [`Bearer ${token}`, 'Basic eDp5'],
    ['Bearer x', `Bearer ${token}`],
  ]) {
    const headers = new Headers({ host: 'localhost:8787' });
    for (const value of values) headers.append('authorization', value);
    const request = new Request('http://localhost:8787/metrics', { headers });
    expect((await stage.house.raw('tcp', request)).status).toBe(401);
  }
});

test('a token in the address is not read, even where the header beside it is right', async () => {
  await using stage = await openTokenHouse();
  const { token } = await stage.makes(ASKED.read);
  const escaped = token.replace('cst_', 'cst%5f');
  for (const path of [`/metrics?access_token=${token}`, `/metrics?x=${escaped}`, `/chat?token=${token}`]) {
    for (const headers of [{}, bearer(token)]) {
      const answer = await stage.house.call('tcp', 'GET', path, undefined, headers);
      expect(answer.status, path).toBe(401);
      expect(await answer.text()).not.toContain(token);
    }
  }
});

test('a scope does its one thing, and every other route refuses it', async () => {
  await using stage = await openTokenHouse();
  const open: Record<string, string[]> = {};
  for (const scope of TOKEN_SCOPES) {
    const { token } = await stage.makes(ASKED[scope]);
    const opened: string[] = [];
    open[scope] = opened;
    for (const { method, path } of ROUTES) {
      const at = path.replace(/:\w+/g, 'x');
      const request = new Request(`http://localhost:8787${at}`, {
        method,
        headers: { host: 'localhost:8787', 'content-type': 'application/json', ...bearer(token) },
        ...(method === 'POST' ? { body: '{}' } : {}),
      });
      const { status } = await stage.house.raw('tcp', request);
      if (status !== 401 && status !== 403) opened.push(`${method} ${path}`);
    }
  }
  const everybodys = ['GET /healthz', 'GET /readyz', 'GET /.well-known/jwks.json'].concat(
    'GET /.well-known/oauth-authorization-server',
  );
  const below = ['GET /v1/models', 'POST /v1/chat/completions', 'POST /v1/responses'];
  const own: Readonly<Record<TokenScope, readonly string[]>> = {
    request: [
      'POST /api/v1/approvals',
      'GET /api/v1/approvals/:id',
      'POST /api/v1/approvals/:id/cancel',
      'POST /api/v1/grants/redeem',
      'POST /api/v1/grants/report',
      'POST /api/v1/exec',
      'GET /api/v1/exec/:id',
      'POST /api/v1/exec/:id/signal',
    ],
    runtime: [...below, 'POST /oauth/token', 'POST /oauth/revoke', 'GET /api/v1/forward-auth'],
    ingress: [...below, 'POST /api/v1/ingress/sessions'],
    backend: ['POST /oauth/introspect'],
    read: ['GET /metrics', 'GET /api/v1/gateway'],
  };
  for (const scope of TOKEN_SCOPES) {
    expect(new Set(open[scope]), scope).toEqual(new Set([...everybodys, ...own[scope]]));
  }
});

test('what a token names has to exist, and to mean something for its scope', async () => {
  await using stage = await openTokenHouse();
  const refused: readonly object[] = [
    { scope: 'request' },
    { scope: 'request', for: 'main', audiences: [TOOLS] },
    { scope: 'runtime', audiences: [TOOLS] },
    { scope: 'runtime', for: 'Main' },
    { scope: 'runtime', for: 'a:b' },
    { scope: 'runtime', for: 'main', audiences: ['nowhere.example'] },
    { scope: 'runtime', for: 'main', accounts: ['telegram'] },
    { scope: 'ingress' },
    { scope: 'ingress', accounts: [] },
    { scope: 'ingress', accounts: ['telegram:a:b'] },
    { scope: 'ingress', accounts: ['telegram:*'] },
    { scope: 'ingress', accounts: ['*'] },
    { scope: 'ingress', accounts: ['webchat'] },
    { scope: 'ingress', accounts: ['carrier-pigeon'] },
    { scope: 'backend' },
    { scope: 'backend', for: 'main', audiences: [TOOLS] },
    { scope: 'read', audiences: [OTHER_TOOLS] },
    { scope: 'owner' },
    { scope: ['runtime', 'ingress'] },
    { scope: 'read', expires: 'tomorrow' },
    { scope: 'read', role: 'owner' },
  ];
  for (const asked of refused) {
    const answer = await stage.house.call('host', 'POST', '/api/v1/tokens', asked);
    expect(answer.status, JSON.stringify(asked)).toBe(400);
  }
  expect(
    (await jsonOf<{ items: object[] }>(stage.house.call('host', 'GET', '/api/v1/tokens'))).items,
  ).toEqual([]);
});

test('guesses from one address are slowed down; a right token from there still works', async () => {
  await using stage = await openTokenHouse();
  const { token } = await stage.makes(ASKED.read);
  const { app } = stage.house.composed;
  const call = (authorization: string) =>
    app.fetch(
      new Request('http://localhost:8787/metrics', { headers: { host: 'localhost:8787', authorization } }),
      { door: 'tcp', remote: '203.0.113.9' },
    );
  const guesses: number[] = [];
  for (let n = 0; n < 30; n++) guesses.push((await call(`Bearer cst_${'b'.repeat(52)}`)).status);
  expect(guesses.filter((status) => status === 429)).toHaveLength(10);
  expect((await call(`Bearer ${token}`)).status).toBe(200);
});

test('a house without an owner’s factor makes tokens; nothing else about them is open without one', async () => {
  await using house = await openHouse({ running: true });
  expect((await house.call('tcp', 'GET', '/api/v1/tokens')).status).toBe(401);
  expect((await house.call('agent', 'POST', '/api/v1/tokens', ASKED.read)).status).toBe(401);
  expect((await house.call('host', 'POST', '/api/v1/tokens', ASKED.read)).status).toBe(201);
});
