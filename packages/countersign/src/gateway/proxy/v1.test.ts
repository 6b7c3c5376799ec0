// H52, H65–H68, I-03, I-05, I-06, I-13: below an agent nobody is somebody by what they say, and no bearer goes out without
// a person whom the store named for that very call.
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AUDIENCE, openProxyHouse, type ProxyHouse } from '../../testing/proxy-house.ts';

const CHAT = '/v1/chat/completions';
const BODY = { model: 'm', messages: [{ role: 'user', content: 'hi' }], stream: true };

let open: ProxyHouse;
beforeAll(async () => {
  open = await openProxyHouse();
});
afterAll(() => open[Symbol.asyncDispose]());

function post(headers: Record<string, string>, body: unknown = BODY, path = CHAT): Promise<Response> {
  return fetch(`${open.base}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

const lastAsked = () => {
  const asked = open.upstream.requests.at(-1);
  if (asked === undefined) throw new Error('nothing was asked');
  return asked;
};

interface Refused {
  readonly code: string;
  readonly reason?: string;
  readonly hint?: string;
  readonly error: { readonly message: string; readonly type: string; readonly code: string };
}

async function refused(answer: Promise<Response>, status: number): Promise<Refused> {
  const before = open.upstream.requests.length;
  const got = await answer;
  expect(got.status).toBe(status);
  const said = (await got.json()) as Refused;
  expect(said.error.message).not.toBe('');
  expect(open.upstream.requests.length).toBe(before);
  return said;
}

describe('a call with a handle', () => {
  test('carries the proven person in a bearer, our key, a turn and a trace, and none of the claims', async () => {
    const answer = await post(
      {
        ...(await open.as('ana')),
        'x-countersign-user': 'bob',
        'x-countersign-bearer': 'eyJ.forged.x',
        x_countersign_bearer: 'eyJ.forged.x',
        'x-user-id': 'bob',
        'x-phone': '+15550000000',
        'x-openclaw-session-key': 'agent:main:telegram:default:direct:555002',
        cookie: 'a=b',
        'x-stainless-lang': 'js',
      },
      { ...BODY, user: 'bob', metadata: { user_id: 'bob', topic: 'x' } },
    );
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('[DONE]');
    const { headers, text } = lastAsked();
    expect(text).toBe(JSON.stringify({ ...BODY, metadata: { topic: 'x' } }));
    expect(headers['authorization']).toBe('Bearer sk-upstream');
    expect(headers['x-stainless-lang']).toBe('js');
    expect(headers['x-countersign-turn']).toMatch(/^turn_[a-z2-7]{24}$/);
    expect(headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(
      Object.keys(headers).filter((name) => /countersign|phone|user-id|user_id|openclaw|cookie/.test(name)),
    ).toEqual(['x-countersign-turn', 'x-countersign-bearer']);
    const claims = decodeJwt(String(headers['x-countersign-bearer']));
    expect(claims).toMatchObject({
      aud: AUDIENCE,
      act: { sub: 'main' },
      channel: 'telegram',
      account: 'default',
    });
  });

  test('two people have two bearers, and each their own', async () => {
    const subs = [];
    for (const name of ['ana', 'bob', 'ana'] as const) {
      await (await post(await open.as(name))).text();
      subs.push(decodeJwt(String(lastAsked().headers['x-countersign-bearer'])).sub);
    }
    expect(subs[0]).toBe(subs[2]);
    expect(subs[0]).not.toBe(subs[1]);
  });

  test('a turn and a trace that came along go on, and stand in the audit with the bearer', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const turn = 'turn_aaaaaaaaaaaaaaaaaaaaaaaa';
    const handle = await open.handle('ana');
    const session = await open.says('ana');
    const headers = { authorization: `Bearer ${open.token}`, 'x-countersign-session': handle };
    const answer = await post({ ...headers, traceparent, tracestate: 'a=b', 'x-countersign-turn': turn });
    expect(answer.headers.get('x-countersign-turn')).toBe(turn);
    await answer.text();
    const asked = lastAsked().headers;
    expect(asked).toMatchObject({ traceparent, tracestate: 'a=b', 'x-countersign-turn': turn });
    const { jti } = decodeJwt(String(asked['x-countersign-bearer']));
    await expect
      .poll(async () => {
        const list = await open.house.composed.store.audit.list({
          limit: 50,
          types: ['proxy.called'],
          subjects: [session],
        });
        return list.map(({ body }) => body.subject);
      })
      .toContainEqual(
        expect.objectContaining({ session, turn, jti, trace: traceparent.slice(3, 35), status: 200 }),
      );
  });

  test('a trace that is none is replaced, and its state with it', async () => {
    const bad = { traceparent: '00-zz-b7-01', tracestate: 'a=b', 'x-countersign-turn': 'mine' };
    await (await post({ ...(await open.as('ana')), ...bad })).text();
    const { headers } = lastAsked();
    expect(headers['traceparent']).toMatch(/^00-[0-9a-f]{32}/);
    expect(headers['tracestate']).toBeUndefined();
    expect(headers['x-countersign-turn']).not.toBe('mine');
  });

  test('responses and models are passed on too; models without a handle', async () => {
    open.upstream.next({ status: 200, body: '{"id":"resp_1"}' }, { status: 200, body: '{"data":[]}' });
    await (
      await post(await open.as('ana'), { model: 'm', input: 'hi' }, '/v1/responses?api-version=1')
    ).text();
    expect(lastAsked().path).toBe('/v1/responses?api-version=1');
    const models = await fetch(`${open.base}/v1/models`, {
      headers: { authorization: `Bearer ${open.token}` },
    });
    expect(await models.text()).toBe('{"data":[]}');
    expect(lastAsked().headers).not.toHaveProperty('x-countersign-bearer');
    expect(lastAsked().headers['authorization']).toBe('Bearer sk-upstream');
  });

  test('H66: a redirect is told and never followed', async () => {
    open.upstream.next({ status: 307, headers: { location: 'http://127.0.0.1:1/evil' } });
    const before = open.upstream.requests.length;
    const answer = await post(await open.as('ana'));
    expect([answer.status, answer.headers.get('location')]).toEqual([307, 'http://127.0.0.1:1/evil']);
    expect(open.upstream.requests.length).toBe(before + 1);
  });
});

describe('a call without an identity ends here', () => {
  const token = () => ({ authorization: `Bearer ${open.token}` });

  test('no handle, an unknown one, and two of them: 401, and what to change', async () => {
    const missing = await refused(post(token()), 401);
    expect(missing).toMatchObject({ code: 'identity_required', reason: 'handle_missing' });
    expect(missing.error).toMatchObject({ code: 'handle_missing', type: 'authentication_error' });
    expect(missing.error.message).toContain('x-countersign-session');
    for (const handle of ['csh_AAAAAAAAAAAAAAAAAAAAAA', 'x', 'agent:main:telegram:default:direct:555001']) {
      const said = await refused(post({ ...token(), 'x-countersign-session': handle }), 401);
      expect(said.reason).toBe('handle_unknown');
    }
    const one = await open.handle('ana');
    const twice = await raw(
      `POST ${CHAT} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${open.token}\r\ncontent-type: application/json\r\nx-countersign-session: ${one}\r\nX-Countersign-Session: ${one}\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}`,
    );
    expect(twice).toMatch(/^HTTP\/1.1 401 /);
  });

  test('H65: a session key names nobody to a runtime, and to an ingress only whom its token names', async () => {
    const key = 'agent:main:telegram:default:direct:555001';
    await open.says('ana');
    expect((await refused(post({ ...token(), 'x-openclaw-session-key': key }), 401)).reason).toBe(
      'handle_missing',
    );
    const made = await open.makes({ scope: 'ingress', accounts: ['telegram:default'] });
    const ingress = { authorization: `Bearer ${made.token}` };
    for (const spelling of [key, key.toUpperCase(), key.replace(':direct:', ':dm:')]) {
      expect((await post({ ...ingress, 'x-openclaw-session-key': spelling })).status).toBe(200);
    }
    expect((await refused(post(ingress), 401)).reason).toBe('handle_missing');
    const group = await open.says('ana', '-100');
    const { key: groupKey } = (await open.house.composed.store.sessions.find(group))[0] ?? { key: '' };
    expect((await refused(post({ ...ingress, 'x-openclaw-session-key': groupKey }), 401)).reason).toBe(
      'session_shared',
    );
    const elsewhere = await open.makes({ scope: 'ingress', accounts: ['twilio:default'] });
    const foreign = { authorization: `Bearer ${elsewhere.token}`, 'x-openclaw-session-key': key };
    expect((await refused(post(foreign), 401)).reason).toBe('handle_unknown');
  });

  test('R61: the handle of another agent is as unknown as none', async () => {
    const other = await open.makes({ scope: 'runtime', for: 'other', audiences: [AUDIENCE] });
    const call = {
      authorization: `Bearer ${other.token}`,
      'x-countersign-session': await open.handle('ana'),
    };
    expect((await refused(post(call), 401)).reason).toBe('handle_unknown');
  });

  test('R62: a session that was revoked is over with the next call, and so is a token', async () => {
    const call = await open.as('bob');
    expect((await post(call)).status).toBe(200);
    const session = await open.says('bob');
    await open.house.call('host', 'POST', `/api/v1/sessions/${session}/revoke`);
    expect((await refused(post(call), 401)).reason).toBe('session_ended');
    const made = await open.makes({ scope: 'runtime', for: 'main', audiences: [] });
    await open.house.call('host', 'POST', `/api/v1/tokens/${made.id}/revoke`);
    const late = { ...(await open.as('ana')), authorization: `Bearer ${made.token}` };
    expect((await refused(post(late), 401)).code).toBe('auth_required');
  });

  test('I-10: an answer that runs breaks off when the person loses their access', async () => {
    open.upstream.next({ bytes: ['data: {}\n\n'], end: 'open' });
    const answer = await post(await open.as('bob'));
    const asked = lastAsked();
    const session = await open.says('bob');
    const reader = answer.body?.getReader();
    await reader?.read();
    await open.house.call('host', 'POST', `/api/v1/sessions/${session}/revoke`);
    await expect(reader?.read()).rejects.toThrow();
    expect(await asked.cut).toBe(true);
  });

  test('H52: no token, another scope, another credential: nobody is called for', async () => {
    const handle = { 'x-countersign-session': await open.handle('ana') };
    expect((await refused(post(handle), 401)).code).toBe('auth_required');
    expect((await refused(post({ ...handle, authorization: 'Bearer sk-something' }), 401)).code).toBe(
      'auth_required',
    );
    for (const scope of ['request', 'backend', 'read']) {
      const more =
        scope === 'backend' ? { audiences: [AUDIENCE] } : scope === 'request' ? { for: 'main' } : {};
      const made = await open.makes({ scope, ...more });
      const said = await refused(post({ ...handle, authorization: `Bearer ${made.token}` }), 403);
      expect(said.code).toBe('auth_forbidden');
    }
  });

  test('a page of another origin, another host name: refused before anything', async () => {
    const call = { ...(await open.as('ana')), origin: 'http://evil.example' };
    expect((await refused(post(call), 403)).code).toBe('auth_origin_forbidden');
    const answer = await raw(
      `GET /v1/models HTTP/1.1\r\nhost: evil.example\r\nauthorization: Bearer ${open.token}\r\nconnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 421 /);
  });
});

describe('what cannot be passed on is told', () => {
  test('a body that is no JSON object, compressed, of another type, too large: 4xx', async () => {
    const call = await open.as('ana');
    expect((await refused(post(call, '{"a":1,}'), 400)).code).toBe('request_malformed');
    expect((await refused(post(call, '[]'), 400)).code).toBe('request_malformed');
    expect((await refused(post({ ...call, 'content-encoding': 'gzip' }), 400)).code).toBe(
      'request_malformed',
    );
    expect((await refused(post({ ...call, 'content-type': 'text/plain' }), 400)).code).toBe(
      'request_malformed',
    );
    const large = await new Promise<number>((resolve, reject) => {
      const headers = { ...call, 'content-type': 'application/json', 'content-length': 40_000_000 };
      const asked = httpRequest(`${open.base}${CHAT}`, { method: 'POST', headers }, (answer) => {
        resolve(answer.statusCode ?? 0);
        asked.destroy();
      });
      asked.on('error', reject);
      asked.write('{');
    });
    expect(large).toBe(413);
  });

  test('another path or method: 404, 405', async () => {
    const call = await open.as('ana');
    expect((await refused(post(call, BODY, '/v1/embeddings'), 404)).code).toBe('not_found');
    expect((await refused(post(call, BODY, '/v1/models'), 405)).code).toBe('request_unsupported');
    expect((await refused(post({}, BODY, '/v1/embeddings'), 401)).code).toBe('auth_required');
  });

  test('an upstream that is away, resets or talks nonsense: 502; one that is silent: 504', async () => {
    const call = await open.as('ana');
    open.upstream.next({ reset: true });
    const reset = await post(call);
    expect([reset.status, ((await reset.json()) as Refused).code]).toEqual([502, 'upstream_unreachable']);
    await open.upstream.goesAway();
    const away = await refused(post(call), 502);
    expect(away.error).toMatchObject({ code: 'upstream_unreachable', type: 'server_error' });
    await open.upstream.comesBack();
    await using slow = await openProxyHouse({ proxy: { timeout: '1s' } });
    slow.upstream.next({ silent: true });
    const answer = await fetch(`${slow.base}${CHAT}`, {
      method: 'POST',
      headers: { ...(await slow.as('ana')), 'content-type': 'application/json' },
      body: JSON.stringify(BODY),
    });
    expect([answer.status, ((await answer.json()) as Refused).code]).toEqual([504, 'upstream_timeout']);
  });

  test('an answer that breaks off in the middle never looks whole', async () => {
    open.upstream.next({ bytes: ['data: {}\n\n', 'data: {'], end: 'reset' });
    const answer = await post(await open.as('ana'));
    await expect(answer.text()).rejects.toThrow();
  });
});

test('to an origin that the audience does not list goes neither bearer nor handle', async () => {
  await using house = await openProxyHouse({ isListed: false });
  const answer = await fetch(`${house.base}${CHAT}`, {
    method: 'POST',
    headers: { ...(await house.as('ana')), 'content-type': 'application/json' },
    body: JSON.stringify(BODY),
  });
  expect(answer.status).toBe(200);
  const names = Object.keys(house.upstream.requests[0]?.headers ?? {});
  expect(names.filter((name) => name.startsWith('x-countersign-'))).toEqual(['x-countersign-turn']);
});

test('one session may have so many calls open and so many a minute; then 429 with a time', async () => {
  await using house = await openProxyHouse({ proxy: { limits: { concurrent: 2, perMinute: 3 } } });
  house.upstream.usually({ bytes: ['data: {}\n\n'], end: 'open' });
  const headers = { ...(await house.as('ana')), 'content-type': 'application/json' };
  const call = () =>
    fetch(`${house.base}${CHAT}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(BODY),
      signal: ending.signal,
    });
  const ending = new AbortController();
  expect((await call()).status).toBe(200);
  expect((await call()).status).toBe(200);
  const third = await call();
  expect([third.status, third.headers.get('retry-after')]).toEqual([429, '1']);
  ending.abort();
  await expect.poll(() => house.upstream.connections()).toBe(0);
  const bob = { ...(await house.as('bob')), 'content-type': 'application/json' };
  house.upstream.usually({ says: ['x'] });
  for (const status of [200, 200, 200, 429]) {
    const answer = await fetch(`${house.base}${CHAT}`, {
      method: 'POST',
      headers: bob,
      body: JSON.stringify(BODY),
    });
    expect(answer.status).toBe(status);
    await answer.text();
  }
});

test('without a proxy there is nothing behind /v1, and the answer says how to change that', async () => {
  await using house = await openProxyHouse({ config: { proxy: null } });
  const answer = await fetch(`${house.base}/v1/models`, {
    headers: { authorization: `Bearer ${house.token}` },
  });
  expect([answer.status, await answer.text()]).toEqual([404, expect.stringContaining('proxy.upstream')]);
});

test('what was passed on is counted: calls, bytes, tokens', async () => {
  await (await post(await open.as('ana'))).text();
  const metrics = async () => (await open.house.call('host', 'GET', '/metrics')).text();
  await expect.poll(metrics).toMatch(/countersign_proxy_open 0\n/);
  const text = await metrics();
  expect(text).toMatch(/countersign_proxy_requests_total\{status="200"\} [1-9]/);
  expect(text).toMatch(/countersign_proxy_bytes_total\{direction="received"\} [1-9]/);
  expect(text).toMatch(/countersign_proxy_tokens_total\{kind="output"\} [1-9]/);
});

/** Bytes on a socket of their own: what no client library would send. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = '';
    const socket = connect(open.port, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('utf8').on('data', (piece) => {
      heard += piece;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(heard));
  });
}
