// I-13, I-14: identity headers before tools. Who may call is asked of the store at that moment; what a caller writes under
// our names never gets behind a server that follows our recipe; programs get 401 or 403, and never a page to log in at.
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AUDIENCE, openProxyHouse, type ProxyHouse } from '../testing/proxy-house.ts';
import { hasProgram, startCaddy, startNginx, type WebServer } from '../testing/web-server.ts';

const OTHER = 'other.example';
let open: ProxyHouse;
beforeAll(async () => {
  const audience = { origins: ['http://127.0.0.1:1'] };
  open = await openProxyHouse({
    config: { bearer: { audiences: { [AUDIENCE]: audience, [OTHER]: audience } } },
  });
});
afterAll(() => open[Symbol.asyncDispose]());

async function bearer(name: 'ana' | 'bob' = 'ana', audience = AUDIENCE): Promise<string> {
  const { identities } = open.house.composed.core;
  const bound = await identities.of(await open.says(name));
  if ('outcome' in bound) throw new Error(bound.reason);
  const minted = await identities.bearer(bound, audience);
  if ('outcome' in minted) throw new Error(minted.reason);
  return minted.token;
}

const check = (headers: Record<string, string>, query = `?audience=${AUDIENCE}`, init: RequestInit = {}) =>
  fetch(`${open.base}/api/v1/forward-auth${query}`, { redirect: 'manual', headers, ...init });

describe('the check', () => {
  test('a bearer, in either header, is somebody', async () => {
    const token = await bearer();
    for (const headers of [{ 'x-countersign-bearer': token }, { authorization: `Bearer ${token}` }]) {
      const answer = await check(headers);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('x-countersign-user')).toMatch(/^prn_/);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'x-countersign-tenant': 'default',
        'x-countersign-agent': 'main',
        'x-countersign-channel': 'telegram',
        'x-countersign-account': 'default',
        'x-countersign-assurance': expect.stringMatching(/medium|high/),
        'x-countersign-audience': AUDIENCE,
        'x-countersign-scope': 'tools',
        'x-countersign-bearer': token,
      });
    }
  });

  test('a runtime with a handle is somebody, and the tools get a fresh bearer', async () => {
    const answer = await check(await open.as('bob'));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-countersign-bearer')).toMatch(/^eyJ/);
    expect(answer.headers.get('x-countersign-user')).not.toBe(
      (await check(await open.as('ana'))).headers.get('x-countersign-user'),
    );
  });

  test.each<[string, () => Promise<Record<string, string>>, number]>([
    ['nothing', async () => ({}), 401],
    ['a token without a handle', async () => ({ authorization: `Bearer ${open.token}` }), 401],
    ['a handle without a token', async () => ({ 'x-countersign-session': await open.handle('ana') }), 401],
    ['a key of somebody else', async () => ({ authorization: 'Bearer sk-1' }), 401],
    [
      'a forged bearer',
      async () => ({ authorization: `Bearer ${(await bearer()).slice(0, -8)}AAAAAAAA` }),
      401,
    ],
    [
      'two people at once',
      async () => ({
        'x-countersign-bearer': await bearer(),
        authorization: `Bearer ${await bearer('bob')}`,
      }),
      401,
    ],
    ['a bearer for others', async () => ({ 'x-countersign-bearer': await bearer('ana', OTHER) }), 403],
  ])('%s is refused, without a redirect', async (_, headers, status) => {
    const answer = await check(await headers());
    expect(answer.status).toBe(status);
    expect(answer.headers.get('location')).toBeNull();
    expect([...answer.headers.keys()].filter((name) => name.startsWith('x-countersign-'))).toEqual([]);
  });

  test('a bearer of somebody else, and one of too little, are refused where that was asked', async () => {
    const token = await bearer();
    const user = (await check({ 'x-countersign-bearer': token })).headers.get('x-countersign-user') ?? '';
    const ask = async (more: string) =>
      (await check({ 'x-countersign-bearer': token }, `?audience=${AUDIENCE}&${more}`)).status;
    expect(await ask(`user=${user}`)).toBe(200);
    expect(await ask('user=somebody')).toBe(403);
    expect(await ask('scope=tools:calendar')).toBe(200);
    expect(await ask('scope=admin')).toBe(403);
  });

  test('R62: what was revoked is refused with the next question', async () => {
    const token = await bearer('bob');
    const session = await open.says('bob');
    expect((await check({ 'x-countersign-bearer': token })).status).toBe(200);
    await open.house.call('host', 'POST', `/api/v1/sessions/${session}/revoke`);
    expect((await check({ 'x-countersign-bearer': token })).status).toBe(401);
  });

  test('behind a prefix, with any method and a path of somebody else’s: the same question', async () => {
    const headers = { 'x-countersign-bearer': await bearer() };
    for (const method of ['GET', 'POST', 'DELETE', 'PATCH']) {
      const answer = await check(headers, `/for/${AUDIENCE}/calendar/7?audience=${OTHER}`, { method });
      expect([method, answer.status]).toEqual([method, 200]);
    }
    expect((await check(headers, `/for/${OTHER}/calendar`)).status).toBe(403);
    expect((await check(headers, `/for/a&user=b/calendar`)).status).toBe(403);
    // The segment is one audience, whatever stands in it: nothing of it is a question of its own.
    for (const more of ['&scope=tools', '%26scope=tools', '+', '%00'])
      expect((await check(headers, `/for/${AUDIENCE}${more}/calendar`)).status).toBe(403);
  });

  test('R58: a part of a scope allows itself and what is below it, never what begins alike', async () => {
    const { identities } = open.house.composed.core;
    const bound = await identities.of(await open.says('ana'));
    if ('outcome' in bound) throw new Error(bound.reason);
    const minted = await identities.bearer(bound, AUDIENCE, { scope: ['tools:cal'] });
    if ('outcome' in minted) throw new Error(minted.reason);
    const ask = async (scope: string) =>
      (await check({ 'x-countersign-bearer': minted.token }, `?audience=${AUDIENCE}&scope=${scope}`)).status;
    expect(await ask('tools:cal')).toBe(200);
    expect(await ask('tools:cal:read')).toBe(200);
    for (const wider of ['tools', 'tools:calendar', 'tool', 'tools:ca']) expect(await ask(wider)).toBe(403);
  });

  test('H03: an id is written so that no two are the same header, and none is two headers', async () => {
    const id = 'ana%2Fü\u{2028}7';
    const mapped = await open.house.call('host', 'POST', '/api/v1/people/map', {
      items: [{ person: 'telegram:555001', user: 'ana%2Fü7' }],
    });
    expect(mapped.status).toBe(200);
    const refused = await open.house.call('host', 'POST', '/api/v1/people/map', {
      items: [{ person: 'telegram:555001', user: id }],
    });
    expect(refused.status).toBe(400);
    const answer = await check({ 'x-countersign-bearer': await bearer() });
    expect(answer.headers.get('x-countersign-user')).toBe('ana%252F%C3%BC7');
    await open.house.call('host', 'POST', '/api/v1/people/telegram:555001/unmap');
  });
});

const NAMES = [
  'user',
  'tenant',
  'agent',
  'channel',
  'account',
  'assurance',
  'scope',
  'audience',
  'sid',
  'jti',
  'bearer',
];

function recipe(
  name: 'nginx' | 'caddy',
  start: (ports: { countersign: number; tools: number }) => Promise<WebServer>,
) {
  describe.skipIf(!hasProgram(name))(`the recipe for ${name}, with the real one`, () => {
    const heard: IncomingHttpHeaders[] = [];
    let tools: Server;
    let server: WebServer;
    beforeAll(async () => {
      tools = createServer((request, response) => {
        heard.push(request.headers);
        response.end('the tool');
      });
      await new Promise<void>((resolve) => tools.listen(0, '127.0.0.1', () => resolve()));
      server = await start({ countersign: open.port, tools: (tools.address() as AddressInfo).port });
    });
    afterAll(async () => {
      await server?.[Symbol.asyncDispose]();
      tools?.closeAllConnections();
      tools?.close();
    });

    test('a call of somebody reaches the tools with who they are, and with no other credential', async () => {
      for (const headers of [{ 'x-countersign-bearer': await bearer() }, await open.as('ana')]) {
        heard.length = 0;
        const answer = await fetch(`${server.base}/calendar?x=1`, { method: 'POST', body: 'hi', headers });
        expect([answer.status, await answer.text()]).toEqual([200, 'the tool']);
        expect(heard[0]?.['x-countersign-user']).toMatch(/^prn_/);
        expect(heard[0]).not.toHaveProperty('authorization');
        expect(heard[0]).not.toHaveProperty('x-countersign-session');
      }
    });

    test('caller-sent headers of our names never survive', async () => {
      heard.length = 0;
      const forged = Object.fromEntries(NAMES.map((each) => [`x-countersign-${each}`, 'forged']));
      const under = Object.fromEntries(
        NAMES.flatMap((each) => [
          [`X_Countersign_${each}`, 'forged'],
          [`x-countersign_${each}`, 'forged'],
          [`x_countersign-${each}`, 'forged'],
        ]),
      );
      const rest = { ...forged, ...under, 'x-countersign-turn': 'forged', origin: 'http://page.example' };
      const good = { ...rest, 'x-countersign-bearer': await bearer() };
      expect((await fetch(server.base, { headers: good })).status).toBe(200);
      expect(JSON.stringify(heard[0])).not.toContain('forged');
      expect(
        Object.keys(heard[0] ?? {})
          .filter((each) => each.startsWith('x-countersign-'))
          .sort(),
      ).toEqual(NAMES.map((each) => `x-countersign-${each}`).sort());
    });

    test('nobody gets no further, and is sent nowhere', async () => {
      heard.length = 0;
      for (const [headers, status] of [
        [{}, 401],
        [{ 'x-countersign-user': 'ana' }, 401],
        [{ authorization: 'Bearer cst_x' }, 401],
        [{ 'x-countersign-bearer': await bearer('ana', OTHER) }, 403],
      ] as const) {
        const answer = await fetch(server.base, { headers, redirect: 'manual' });
        expect(answer.status).toBe(status);
        expect(answer.headers.get('location')).toBeNull();
      }
      expect(heard).toEqual([]);
    });
  });
}

recipe('nginx', startNginx);
recipe('caddy', startCaddy);
