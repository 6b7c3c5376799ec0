// R57-R59, R61, R62: bearers for handles, asked about and ended. The attacks: a handle of one agent in another's hands, a
// bearer for an audience or a scope that nobody gave, a backend that reads what is not for it, and whoever was shut out
// and is still somebody a minute later.
import fc from 'fast-check';
import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { jsonOf } from '../testing/house.ts';
import {
  bearer,
  EXCHANGE,
  exchangeForm,
  type Form,
  formRequest,
  OTHER_TOOLS,
  openTokenHouse,
  SESSION,
  TOOLS,
  type TokenHouse,
} from '../testing/token-house.ts';

async function openStage(config: object = {}) {
  const stage = await openTokenHouse(config);
  const runtime = await stage.makes({ scope: 'runtime', for: 'main', audiences: [TOOLS] });
  const backend = await stage.makes({ scope: 'backend', audiences: [TOOLS] });
  return { ...stage, runtime, backend, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
}

async function personOf({ house }: TokenHouse): Promise<string> {
  const [session] = await house.composed.store.sessions.list({ live: true, limit: 1 });
  return session?.principal ?? '';
}

interface Refused {
  readonly error: string;
  readonly error_description: string;
}

test('R58: a handle becomes a bearer: sub the person, act the agent, one audience', async () => {
  await using stage = await openStage();
  const handle = await stage.handle('555001');
  const answer = await stage.oauth('token', exchangeForm(handle), bearer(stage.runtime.token));
  expect(answer.status).toBe(200);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('pragma')).toBe('no-cache');
  const body = await jsonOf<Record<string, unknown>>(answer);
  expect(body).toEqual({
    access_token: expect.stringMatching(/^eyJ/),
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    token_type: 'Bearer',
    expires_in: expect.any(Number),
    scope: 'tools',
  });
  expect(body['expires_in']).toBeLessThanOrEqual(300);
  const person = await personOf(stage);
  const claims = decodeJwt(String(body['access_token']));
  expect(claims).toMatchObject({ aud: TOOLS, sub: person, act: { sub: 'main' }, scope: 'tools' });
});

test('a client may prove itself by HTTP Basic: its id and its token, and nothing else', async () => {
  await using stage = await openStage();
  const handle = await stage.handle('555001');
  const { id, token } = stage.runtime;
  const basic = (user: string, word: string) => ({
    authorization: `Basic ${Buffer.from(`${user}:${word}`).toString('base64')}`,
  });
  const asks = async (headers: Record<string, string>, more = {}) =>
    (await stage.oauth('token', exchangeForm(handle, more), headers)).status;
  expect(await asks(basic(id, token))).toBe(200);
  expect(await asks(basic(encodeURIComponent(id), encodeURIComponent(token)))).toBe(200);
  for (const [user, word] of [
    [stage.backend.id, token],
    ['', token],
    [token, ''],
    [id, ''],
    [id, `${token} `],
    [id.toUpperCase(), token],
  ] as const) {
    expect(await asks(basic(user, word)), user).toBe(401);
  }
  expect(await asks({}, { client_id: id, client_secret: token })).toBe(401);
  expect(await asks(bearer(token), { client_secret: token })).toBe(400);
});

test('who proves no client is told so in the words of RFC 6749, and nothing of the body is read', async () => {
  await using stage = await openStage();
  for (const where of ['token', 'introspect', 'revoke']) {
    const answer = await stage.oauth(where, { token: 'x' }, {});
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/Basic realm=/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await jsonOf<Refused>(answer)).toMatchObject({
      error: 'invalid_client',
      error_description: expect.stringContaining('tokens create --scope'),
    });
  }
  const wrong = await stage.oauth('token', exchangeForm('csh_x'), bearer(stage.backend.token));
  expect(wrong.status).toBe(403);
  expect(await jsonOf<Refused>(wrong)).toMatchObject({
    error: 'unauthorized_client',
    error_description:
      'this is a backend token, and the call takes one of scope runtime. countersign tokens create --scope runtime',
  });
});

test('each flaw of a request has its error code', async () => {
  await using stage = await openStage();
  const handle = await stage.handle('555001');
  const whole = exchangeForm(handle);
  const without = (name: string) => Object.fromEntries(Object.entries(whole).filter(([key]) => key !== name));
  const cases: readonly [Form, string][] = [
    [{}, 'invalid_request'],
    [without('grant_type'), 'invalid_request'],
    [{ ...whole, grant_type: 'client_credentials' }, 'unsupported_grant_type'],
    [{ ...whole, grant_type: [EXCHANGE, EXCHANGE] }, 'invalid_request'],
    [without('subject_token'), 'invalid_request'],
    [{ ...whole, subject_token: '' }, 'invalid_request'],
    [without('subject_token_type'), 'invalid_request'],
    [{ ...whole, subject_token_type: 'urn:ietf:params:oauth:token-type:access_token' }, 'invalid_request'],
    [{ ...whole, subject_token: 'csh_AAAAAAAAAAAAAAAAAAAAAA' }, 'invalid_request'],
    [{ ...whole, subject_token: [handle, handle] }, 'invalid_request'],
    [{ ...whole, audience: OTHER_TOOLS }, 'invalid_target'],
    [{ ...whole, audience: 'nowhere.example' }, 'invalid_target'],
    [{ ...whole, audience: [TOOLS, OTHER_TOOLS] }, 'invalid_target'],
    [{ ...whole, audience: [TOOLS, TOOLS] }, 'invalid_target'],
    [{ ...whole, resource: 'https://tools.example' }, 'invalid_target'],
    [{ ...whole, scope: 'everything' }, 'invalid_scope'],
    [{ ...whole, scope: 'tools everything' }, 'invalid_scope'],
    [{ ...whole, scope: 'tools  tools:a' }, 'invalid_scope'],
    [{ ...whole, scope: 'toolsmith' }, 'invalid_scope'],
    [{ ...whole, scope: 'tools"' }, 'invalid_scope'],
    [{ ...whole, actor_token: handle, actor_token_type: SESSION }, 'invalid_request'],
    [{ ...whole, requested_token_type: 'urn:ietf:params:oauth:token-type:saml2' }, 'invalid_request'],
  ];
  for (const [form, error] of cases) {
    const answer = await stage.oauth('token', form, bearer(stage.runtime.token));
    expect([answer.status, (await jsonOf<Refused>(answer)).error], JSON.stringify(form)).toEqual([
      400,
      error,
    ]);
  }
  // RFC 6749 3.2: what nobody knows is passed by, and one audience goes without saying.
  const fine = { ...without('audience'), unheard_of: 'x' };
  expect((await stage.oauth('token', fine, bearer(stage.runtime.token))).status).toBe(200);
  const asJson = new Request('http://localhost:8787/oauth/token', {
    method: 'POST',
    headers: { host: 'localhost:8787', 'content-type': 'application/json', ...bearer(stage.runtime.token) },
    body: JSON.stringify(whole),
  });
  const refused = await stage.house.raw('tcp', asJson);
  expect([refused.status, (await jsonOf<Refused>(refused)).error]).toEqual([400, 'invalid_request']);
});

test('R61: a handle is worth nothing to a runtime of another agent', async () => {
  await using stage = await openStage();
  const other = await stage.makes({ scope: 'runtime', for: 'other', audiences: [TOOLS] });
  const mine = await stage.handle('555001', 'main');
  const theirs = await stage.handle('555001', 'other');
  expect(mine).not.toBe(theirs);
  await expect(stage.exchanged(other.token, mine)).rejects.toThrow(/no session/);
  await expect(stage.exchanged(stage.runtime.token, theirs)).rejects.toThrow(/no session/);
  expect(decodeJwt(await stage.exchanged(other.token, theirs))).toMatchObject({ act: { sub: 'other' } });
  expect(await stage.events('bearer.refused')).toMatchObject([
    { reason: 'handle_unknown', subject: { agent: 'other' } },
    { reason: 'handle_unknown', subject: { agent: 'main' } },
  ]);
});

test('R58: no request, however it is put, makes a bearer wider than tools or for another audience', async () => {
  await using stage = await openStage();
  const handle = await stage.handle('555001');
  const word = fc.oneof(
    fc.constantFrom('tools', 'tools:a', 'tools:a:b', 'admin', '*', 'Tools', TOOLS),
    fc.string(),
  );
  const scope = fc.array(word, { maxLength: 4 }).map((words) => words.join(' '));
  const forms = fc.record(
    {
      scope,
      audience: fc.oneof(fc.constantFrom(TOOLS, OTHER_TOOLS), fc.string()),
      sub: word,
      act: word,
      actor: word,
      aud: word,
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(forms, async (form) => {
      const answer = await stage.oauth('token', exchangeForm(handle, form), bearer(stage.runtime.token));
      expect(answer.status).toBeLessThan(500);
      if (answer.status !== 200) return;
      const claims = decodeJwt((await jsonOf<{ access_token: string }>(answer)).access_token);
      expect([claims.aud, claims['act']]).toEqual([TOOLS, { sub: 'main' }]);
      expect(
        String(claims['scope'])
          .split(' ')
          .every((one) => /^tools(:.+)?$/.test(one)),
      ).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test('a body of any bytes is answered, and never with more than it asks', async () => {
  await using stage = await openStage();
  const body = fc.oneof(
    fc.string(),
    fc.uint8Array({ maxLength: 300 }),
    fc.constantFrom('a=%', '=', '&&&', 'grant_type', 'x=%ff%fe', '__proto__=x', 'token=%00'),
  );
  await fc.assert(
    fc.asyncProperty(body, fc.constantFrom('token', 'introspect', 'revoke'), async (bytes, where) => {
      const token = where === 'introspect' ? stage.backend.token : stage.runtime.token;
      const request = new Request(`http://localhost:8787/oauth/${where}`, {
        method: 'POST',
        headers: {
          host: 'localhost:8787',
          'content-type': 'application/x-www-form-urlencoded',
          ...bearer(token),
        },
        body: typeof bytes === 'string' ? bytes : Buffer.from(bytes),
      });
      const answer = await stage.house.raw('tcp', request);
      expect([200, 400]).toContain(answer.status);
      expect(await answer.text()).not.toContain('access_token');
    }),
    { numRuns: 200 },
  );
});

test('R59: a backend is told of its own audience; of everything else that it is not active, and no more', async () => {
  await using stage = await openStage();
  const both = await stage.makes({ scope: 'runtime', for: 'main', audiences: [TOOLS, OTHER_TOOLS] });
  const other = await stage.makes({ scope: 'backend', audiences: [OTHER_TOOLS] });
  const good = await stage.exchanged(both.token, await stage.handle('555001'));
  expect(await stage.introspected(stage.backend.token, good)).toMatchObject({
    ...decodeJwt(good),
    active: true,
    token_type: 'Bearer',
    client_id: 'main',
  });
  const [head = '', payload = '', mac = ''] = good.split('.');
  const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url');
  const nothing = [
    '',
    'x',
    `${head}.${payload}`,
    `${head}.${payload}.`,
    `${none}.${payload}.`,
    `${head}.${payload}.${mac.slice(0, -4)}AAAA`,
    `${head}.${Buffer.from('{"aud":"tools.example","jti":"x"}').toString('base64url')}.${mac}`,
    both.token,
    await stage.handle('555001'),
    'x'.repeat(20_000),
  ];
  for (const token of nothing.slice(1)) {
    expect(await stage.introspected(stage.backend.token, token), token.slice(0, 40)).toEqual({
      active: false,
    });
  }
  expect(await stage.introspected(other.token, good)).toEqual({ active: false });
  expect((await stage.oauth('introspect', { token: good }, bearer(both.token))).status).toBe(403);
  expect((await stage.oauth('introspect', { token: good }, {})).status).toBe(401);
  expect((await stage.oauth('introspect', {}, bearer(stage.backend.token))).status).toBe(400);
});

test('R59: no attribute of a person stands in for what introspection says itself', async () => {
  await using stage = await openStage({
    users: { claims: { active: 'on', token_type: 'kind', dept: 'dept' } },
  });
  const handle = await stage.handle('555001');
  const attributes = { on: false, kind: 'mac', dept: 'sales' };
  const items = [{ person: 'telegram:555001', user: 'u-1', attributes }];
  await stage.house.call('host', 'POST', '/api/v1/people/map', { items });
  const token = await stage.exchanged(stage.runtime.token, handle);
  expect(await stage.introspected(stage.backend.token, token)).toMatchObject({
    active: true,
    token_type: 'Bearer',
    dept: 'sales',
  });
});

/** What an owner does, and what must be over with it. */
const ENDS: Readonly<
  Record<string, (stage: TokenHouse, ids: { token: string; person: string }) => Promise<void>>
> = {
  'pairing revoke': async ({ house }) => {
    const { config } = house.composed;
    const peer = { channel: 'telegram', identifier: '555001' };
    const answer = await house.call('host', 'POST', '/api/v1/pairings/revoke', peer);
    expect(answer.status, await answer.text()).toBeLessThan(300);
    expect(config.mistakes).toEqual([]);
  },
  'sessions revoke': async (stage) => {
    const [session] = await stage.house.composed.store.sessions.list({ live: true, limit: 1 });
    await stage.revoked(`/sessions/${session?.id}/revoke`);
  },
  'people block': (stage, { person }) => stage.revoked(`/people/${person}/block`),
  'people suspend': (stage, { person }) => stage.revoked(`/people/${person}/suspend`),
  'people forget': (stage, { person }) => stage.revoked(`/people/${person}/forget`),
  'tokens revoke': (stage, { token }) => stage.revoked(`/tokens/${token}/revoke`),
};

for (const [what, end] of Object.entries(ENDS)) {
  test(`R62: ${what} makes a bearer inactive, and its handle worthless, within one request`, async () => {
    await using stage = await openStage();
    const handle = await stage.handle('555001');
    const good = await stage.exchanged(stage.runtime.token, handle);
    expect(await stage.introspected(stage.backend.token, good)).toMatchObject({ active: true });
    await end(stage, { token: stage.runtime.id, person: await personOf(stage) });
    expect(await stage.introspected(stage.backend.token, good)).toEqual({ active: false });
    const again = await stage.oauth('token', exchangeForm(handle), bearer(stage.runtime.token));
    expect([400, 401]).toContain(again.status);
    expect(await again.text()).not.toContain('access_token');
  });
}

test('a bearer of one token goes on when another token of the same agent is revoked', async () => {
  await using stage = await openStage();
  const second = await stage.makes({ scope: 'runtime', for: 'main', audiences: [TOOLS] });
  const handle = await stage.handle('555001');
  const first = await stage.exchanged(stage.runtime.token, handle);
  const other = await stage.exchanged(second.token, handle);
  expect(other).not.toBe(first);
  await stage.revoked(`/tokens/${stage.runtime.id}/revoke`);
  expect(await stage.introspected(stage.backend.token, first)).toEqual({ active: false });
  expect(await stage.introspected(stage.backend.token, other)).toMatchObject({ active: true });
});

test('RFC 7009: a runtime ends a bearer of its agent; of another agent’s it is refused, of none it hears 200', async () => {
  await using stage = await openStage();
  const stranger = await stage.makes({ scope: 'runtime', for: 'other', audiences: [TOOLS] });
  const handle = await stage.handle('555001');
  const good = await stage.exchanged(stage.runtime.token, handle);
  const ends = async (token: string, presented: string) =>
    (await stage.oauth('revoke', { token: presented, token_type_hint: 'whatever' }, bearer(token))).status;
  expect(await ends(stranger.token, good)).toBe(403);
  expect(await stage.introspected(stage.backend.token, good)).toMatchObject({ active: true });
  expect(await ends(stage.runtime.token, 'nothing at all')).toBe(200);
  expect(await ends(stage.backend.token, good)).toBe(403);
  expect(await ends(stage.runtime.token, good)).toBe(200);
  expect(await stage.introspected(stage.backend.token, good)).toEqual({ active: false });
  expect(await ends(stage.runtime.token, good)).toBe(200);
  expect(await stage.events('bearer.revoked')).toMatchObject([{ subject: { jti: decodeJwt(good).jti } }]);
  // The next one is another one.
  const next = await stage.exchanged(stage.runtime.token, handle);
  expect(await stage.introspected(stage.backend.token, next)).toMatchObject({ active: true });
});

test('the same over the agent socket, and for no one there without a token', async () => {
  await using stage = await openStage();
  const handle = await stage.handle('555001');
  const form = exchangeForm(handle);
  const ask = (headers: Record<string, string>) =>
    stage.house.raw('agent', formRequest('/oauth/token', form, headers));
  expect((await ask({})).status).toBe(401);
  expect((await ask(bearer(stage.runtime.token))).status).toBe(200);
});

test('the metadata names what is there, at the address it was asked at or the public one', async () => {
  await using stage = await openStage();
  const path = '/.well-known/oauth-authorization-server';
  const said = await jsonOf<Record<string, unknown>>(stage.house.call('tcp', 'GET', path));
  expect(said).toMatchObject({
    issuer: expect.stringMatching(/^urn:countersign:ins_/),
    token_endpoint: 'http://localhost:8787/oauth/token',
    grant_types_supported: [EXCHANGE],
  });
  await using named = await openStage({ gateway: { publicUrl: 'https://assistant.example' } });
  expect(await jsonOf(named.house.call('tcp', 'GET', path))).toMatchObject({
    issuer: 'https://assistant.example',
    jwks_uri: 'https://assistant.example/.well-known/jwks.json',
  });
});
