// Attacks on /v1, byte by byte: two readers of one request who understand it differently. Whoever stands behind us must
// find no claim that we did not see, and no second request in the first.
import { request as httpRequest } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AUDIENCE, openProxyHouse, type ProxyHouse } from '../../testing/proxy-house.ts';

const BODY = '{"model":"m","messages":[]}';
const JSON_TYPE = 'content-type: application/json';
const LENGTH = `content-length: ${BODY.length}`;

let open: ProxyHouse;
beforeAll(async () => {
  open = await openProxyHouse();
});
afterAll(() => open[Symbol.asyncDispose]());

interface Sent {
  readonly line?: string;
  readonly headers: readonly string[];
  readonly body?: string;
  readonly connection?: string;
}

/** Bytes on a socket of their own; what came back, and what the upstream was asked. */
async function send({ line, headers, body = BODY, connection = 'close' }: Sent) {
  const head = [
    line ?? 'POST /v1/chat/completions HTTP/1.1',
    'host: localhost',
    `authorization: Bearer ${open.token}`,
    `x-countersign-session: ${await open.handle('ana')}`,
    `connection: ${connection}`,
    ...headers,
  ];
  const before = open.upstream.requests.length;
  const answer = await new Promise<string>((resolve, reject) => {
    let heard = '';
    const socket = connect(open.port, '127.0.0.1', () => socket.write(`${head.join('\r\n')}\r\n\r\n${body}`));
    socket.setEncoding('latin1').on('data', (piece) => {
      heard += piece;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(heard));
  });
  return { answer, asked: open.upstream.requests.slice(before) };
}

describe('I-05: a body that another reader would read in another way is refused', () => {
  test.each<[string, readonly string[]]>([
    ['two types, the second a form', [JSON_TYPE, 'Content-Type: application/x-www-form-urlencoded']],
    ['two types, both JSON', [JSON_TYPE, JSON_TYPE]],
    ['two types in one', ['content-type: application/json;, multipart/form-data; boundary=x']],
    ['UTF-7, in which "+AHU-ser" is a claim', ['content-type: application/json; charset=utf-7']],
    ['UTF-16', ['content-type: application/json;charset=utf-16le']],
    ['a charset twice', ['content-type: application/json; charset=utf-8; charset=utf-7']],
    ['a form', ['content-type: application/x-www-form-urlencoded']],
    ['parts', ['content-type: multipart/form-data; boundary=x']],
    ['no type', []],
    ['compressed', [JSON_TYPE, 'content-encoding: gzip']],
    ['compressed, said second', [JSON_TYPE, 'content-encoding: identity', 'Content-Encoding: br']],
  ])('%s', async (_, headers) => {
    const { answer, asked } = await send({ headers: [...headers, LENGTH] });
    expect(answer).toMatch(/^HTTP\/1.1 400 [\s\S]*request_malformed/);
    expect(asked).toEqual([]);
  });

  test.each(['application/json', 'Application/JSON; charset=utf-8', 'application/json;charset="UTF-8"'])(
    '%s is JSON in UTF-8',
    async (type) => {
      expect((await send({ headers: [`content-type: ${type}`, LENGTH] })).asked).toHaveLength(1);
    },
  );
});

describe('H52: one request is one request, whoever reads it', () => {
  const chunked = `1b\r\n${BODY}\r\n0\r\n\r\n`;
  const te = 'transfer-encoding: chunked';
  test.each<[string, Sent]>([
    ['a length and chunks', { headers: [JSON_TYPE, LENGTH, te], body: chunked }],
    ['two lengths', { headers: [JSON_TYPE, LENGTH, 'content-length: 2'] }],
    ['a header over two lines', { headers: [JSON_TYPE, LENGTH, 'x-a: b', ' x-user-id: bob'] }],
    ['a header behind a bare line feed', { headers: [JSON_TYPE, LENGTH, 'x-a: b\nx-user-id: bob'] }],
    ['a space before the colon', { headers: [JSON_TYPE, 'transfer-encoding : chunked'], body: chunked }],
    ['chunks that are not the last coding', { headers: [JSON_TYPE, `${te}, identity`], body: chunked }],
    ['a size that is none', { headers: [JSON_TYPE, te], body: `0x1b\r\n${BODY}\r\n0\r\n\r\n` }],
    ['an upgrade', { headers: [JSON_TYPE, LENGTH, 'upgrade: websocket'], connection: 'upgrade' }],
    [
      'a whole address',
      { line: 'POST http://localhost/v1/chat/completions HTTP/1.1', headers: [JSON_TYPE, LENGTH] },
    ],
    ['a second host', { headers: ['host: evil.example', JSON_TYPE, LENGTH] }],
  ])('%s goes no further', async (_, sent) => {
    const { answer, asked } = await send(sent);
    expect(answer).toMatch(/^HTTP\/1.1 (400|404|503) /);
    expect(asked).toEqual([]);
  });

  test('trailers, an expectation, HTTP/1.0 and what Connection names add nothing and hide nothing', async () => {
    for (const sent of [
      {
        headers: [JSON_TYPE, te, 'trailer: x-user-id'],
        body: `${chunked.slice(0, -2)}x-user-id: bob\r\n\r\n`,
      },
      { headers: [JSON_TYPE, LENGTH, 'expect: 100-continue'] },
      { headers: [JSON_TYPE, LENGTH], line: 'POST /v1/chat/completions HTTP/1.0' },
      { headers: [JSON_TYPE, LENGTH], connection: 'close, x-countersign-bearer, authorization' },
    ]) {
      const { asked } = await send(sent);
      expect(asked).toHaveLength(1);
      const { headers = {}, text } = asked[0] ?? {};
      expect(text).toBe(BODY);
      expect(headers).toMatchObject({
        authorization: 'Bearer sk-upstream',
        'content-length': `${BODY.length}`,
      });
      expect(decodeJwt(String(headers['x-countersign-bearer'])).aud).toBe(AUDIENCE);
      for (const name of ['x-user-id', 'expect', 'trailer', 'transfer-encoding'])
        expect(headers).not.toHaveProperty(name);
    }
  });
});

test('H12: a claim in the address ends here, in any spelling, and the rest of it stays as it came', async () => {
  const line = (query: string) => `POST /v1/chat/completions?${query} HTTP/1.1`;
  for (const [query, expected] of [
    ['user=bob&api-version=2025-01-01&user_id=7', '?api-version=2025-01-01'],
    ['us%65r=bob', ''],
    ['a=%2F&metadata%5Buser_id%5D=7&x-user-id=bob&b', '?a=%2F&b'],
    ['a=1;user=bob&b=2', '?b=2'],
    ['X-Countersign-Bearer=eyJ&%ff=1', '?%ff=1'],
  ] as const) {
    const { asked } = await send({ line: line(query), headers: [JSON_TYPE, LENGTH] });
    expect(asked.map(({ path }) => path)).toEqual([`/v1/chat/completions${expected}`]);
  }
});

test('I-10: neither the token nor the handle goes upstream, under whatever name a client sends it', async () => {
  const handle = await open.handle('ana');
  const { asked } = await send({
    line: `POST /v1/chat/completions?ctx=${handle}&a=1 HTTP/1.1`,
    headers: [
      `api-key: ${open.token}`,
      `X-Api-Key: Bearer ${open.token}`,
      `x-context: session=${handle}; a=1`,
      'x-kept: cst_short',
      JSON_TYPE,
      LENGTH,
    ],
  });
  expect(asked).toHaveLength(1);
  const [heard] = asked;
  expect([heard?.path, heard?.headers['x-kept']]).toEqual(['/v1/chat/completions?a=1', 'cst_short']);
  expect(JSON.stringify(heard)).not.toMatch(/csh_|cst_[a-z2-7]{20}/);
});

test('R68: the owner’s own socket is no way into /v1: the right token is nobody’s there', async () => {
  const { hostSocket: socketPath, upstream } = open;
  const before = upstream.requests.length;
  const headers = await open.as('ana');
  const status = await new Promise<number | undefined>((resolve, reject) => {
    httpRequest({ socketPath, path: '/v1/models', headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end();
  });
  expect(status).toBe(401);
  expect(upstream.requests.length).toBe(before);
});

test('R61: a key of another agent is unknown to an ingress, and its own names that agent', async () => {
  await open.says('ana');
  const token = async (more: object) =>
    (await open.makes({ scope: 'ingress', accounts: ['telegram:default'], ...more })).token;
  const call = async (bearer: string) => {
    const before = open.upstream.requests.length;
    const answer = await fetch(`${open.base}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${bearer}`,
        'content-type': 'application/json',
        'x-openclaw-session-key': 'agent:main:telegram:default:direct:555001',
      },
      body: BODY,
    });
    await answer.text();
    return [answer.status, open.upstream.requests.slice(before)] as const;
  };
  expect(await call(await token({ for: 'helper' }))).toEqual([401, []]);
  const [status, [asked]] = await call(await token({}));
  expect(status).toBe(200);
  expect(decodeJwt(String(asked?.headers['x-countersign-bearer']))['act']).toEqual({ sub: 'main' });
});

test('R62: whoever is shut out while their call is still being sent is not asked for', async () => {
  const session = await open.says('bob');
  const handle = await open.handle('bob');
  const before = open.upstream.requests.length;
  const heard = await new Promise<string>((resolve) => {
    let answer = '';
    const socket = connect(open.port, '127.0.0.1', () => {
      socket.write(
        `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${open.token}\r\nx-countersign-session: ${handle}\r\n${JSON_TYPE}\r\n${LENGTH}\r\n\r\n{`,
      );
    });
    socket.on('data', (piece) => {
      answer += String(piece);
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
    void (async () => {
      await expect
        .poll(async () => (await open.house.call('host', 'GET', '/metrics')).text())
        .toContain('countersign_proxy_open 1');
      await open.house.call('host', 'POST', `/api/v1/sessions/${session}/revoke`);
      socket.write(BODY.slice(1));
    })();
  });
  expect(heard).toBe('');
  expect(open.upstream.requests.length).toBe(before);
});

test('R62: an answer that runs breaks off when its token is revoked, and that of another token goes on', async () => {
  const thief = await open.makes({ scope: 'runtime', for: 'main', audiences: [] });
  const handle = await open.handle('ana');
  const reading = async (token: string) => {
    open.upstream.next({ bytes: ['data: {}\n\n'], end: 'open' });
    const answer = await fetch(`${open.base}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'x-countersign-session': handle,
        'content-type': 'application/json',
      },
      body: BODY,
    });
    const asked = open.upstream.requests.at(-1);
    const reader = answer.body?.getReader();
    await reader?.read();
    return { reader, asked };
  };
  const [theirs, ours] = [await reading(thief.token), await reading(open.token)];
  await open.house.call('host', 'POST', `/api/v1/tokens/${thief.id}/revoke`);
  await expect(theirs.reader?.read()).rejects.toThrow();
  expect(await theirs.asked?.cut).toBe(true);
  await (await open.house.call('host', 'GET', '/metrics')).text();
  expect(await Promise.race([ours.asked?.cut, Promise.resolve('still open')])).toBe('still open');
  await ours.reader?.cancel();
});

test.each<[string, string, object]>([
  ['block', '/api/v1/people/ID/block', {}],
  ['suspend', '/api/v1/people/ID/suspend', {}],
  ['unlink', '/api/v1/people/unlink', { peer: 'telegram:555001' }],
])(
  'I-10: people %s breaks off the answer that runs for them, and not that of somebody else',
  async (_, path, body) => {
    await using house = await openProxyHouse();
    house.upstream.usually({ bytes: ['data: {}\n\n'], end: 'open' });
    const reading = async (name: 'ana' | 'bob') => {
      const headers = { ...(await house.as(name)), 'content-type': 'application/json' };
      const answer = await fetch(`${house.base}/v1/chat/completions`, {
        method: 'POST',
        headers,
        body: BODY,
      });
      const reader = answer.body?.getReader();
      await reader?.read();
      return reader;
    };
    const [ana, bob] = [await reading('ana'), await reading('bob')];
    const rows = await house.house.composed.store.sessions.list({ live: true, limit: 9 });
    const id = rows.find(({ key }) => key.endsWith(':555001'))?.principal ?? '';
    expect((await house.house.call('host', 'POST', path.replace('ID', id), body)).status).toBe(200);
    await expect(ana?.read()).rejects.toThrow();
    // Whoever is asked about has been asked about when this is answered.
    await (await house.house.call('host', 'GET', '/metrics')).text();
    await expect.poll(() => house.upstream.connections()).toBe(1);
    await (await house.house.call('host', 'GET', '/metrics')).text();
    expect(await house.upstream.connections()).toBe(1);
    expect(await Promise.race([bob?.read(), Promise.resolve('still open')])).toBe('still open');
    await bob?.cancel();
  },
);

const post = async (house: ProxyHouse, headers: Record<string, string> = {}) =>
  fetch(`${house.base}/v1/chat/completions`, {
    method: 'POST',
    headers: { ...(await house.as('ana')), 'content-type': 'application/json', ...headers },
    body: BODY,
  });

describe('I-13: the header of the bearer is ours, whatever it is called', () => {
  const forged = { 'x-my-bearer': 'eyJ.forged.x', 'x_my-bearer': 'eyJ.forged.x' };

  test('a name of the configuration', async () => {
    await using house = await openProxyHouse({ config: { agent: { bearerHeader: 'X-My-Bearer' } } });
    await (await post(house, forged)).text();
    const { headers = {} } = house.upstream.requests[0] ?? {};
    expect(decodeJwt(String(headers['x-my-bearer'])).aud).toBe(AUDIENCE);
    expect(JSON.stringify(headers)).not.toContain('forged');
  });

  test('where no bearer goes, none of a caller’s goes either', async () => {
    await using house = await openProxyHouse({
      isListed: false,
      config: { agent: { bearerHeader: 'x-my-bearer' } },
    });
    await (await post(house, { ...forged, 'x-countersign-bearer': 'eyJ.forged.x' })).text();
    expect(house.upstream.requests).toHaveLength(1);
    expect(JSON.stringify(house.upstream.requests[0]?.headers)).not.toContain('eyJ');
  });

  test('as Authorization it stands there alone', async () => {
    await using house = await openProxyHouse({
      proxy: { apiKey: null },
      config: { agent: { bearerHeader: 'authorization' } },
    });
    await (await post(house)).text();
    const { headers = {} } = house.upstream.requests[0] ?? {};
    const [, token = ''] = /^Bearer ([^ ,]+)$/.exec(String(headers['authorization'])) ?? [];
    expect(decodeJwt(token).aud).toBe(AUDIENCE);
  });
});

describe('an upstream that is not what it should be', () => {
  /** One that answers every call with these bytes, and tells when a call of it was cut. */
  async function behind(answer: readonly (string | Buffer)[]) {
    const cut = Promise.withResolvers<void>();
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('close', () => cut.resolve());
      socket.once('data', () => {
        for (const part of answer) socket.write(part);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const house = await openProxyHouse({ behind: `http://127.0.0.1:${port}/v1`, proxy: { timeout: '3s' } });
    return {
      house,
      cut: cut.promise,
      async [Symbol.asyncDispose]() {
        await house[Symbol.asyncDispose]();
        server.close();
      },
    };
  }

  test('interim answers are between the two of us: the caller hears the one that counts', async () => {
    const early = 'HTTP/1.1 103 Early Hints\r\nlink: </evil>; rel=preload\r\nx-countersign-user: bob\r\n\r\n';
    await using on = await behind([early, early, 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}']);
    const answer = await post(on.house);
    expect([answer.status, await answer.text()]).toEqual([200, '{}']);
    expect(answer.headers.get('link')).toBeNull();
  });

  test('more than it announced is nobody’s next answer', async () => {
    const evil = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil';
    await using on = await behind([`HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}${evil}`]);
    for (let call = 0; call < 3; call += 1) expect(await (await post(on.house)).text()).toBe('{}');
  });

  test('H63: who asks and reads nothing holds it no longer than it may stay silent', async () => {
    const length = 64 * 1024 * 1024;
    await using on = await behind([
      `HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n`,
      Buffer.alloc(length, 'a'),
    ]);
    const { house } = on;
    const head = Object.entries({ host: 'localhost', ...(await house.as('ana')) }).map(
      ([n, v]) => `${n}: ${v}`,
    );
    const socket = connect(house.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.pause();
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\n${head.join('\r\n')}\r\n${JSON_TYPE}\r\n${LENGTH}\r\n\r\n${BODY}`,
    );
    await on.cut;
    socket.destroy();
  });
});
