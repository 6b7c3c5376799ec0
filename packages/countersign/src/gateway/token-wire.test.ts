// R68 on the wire: what a real listener makes of Authorization. The attack: two of them, where one reader believes the first
// and the next one the last; a name or a value that a lenient parser would mend.
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openProxyHouse, type ProxyHouse } from '../testing/proxy-house.ts';

let house: ProxyHouse;
let token = '';

beforeAll(async () => {
  house = await openProxyHouse();
  token = (await house.makes({ scope: 'read' })).token;
});
afterAll(() => house[Symbol.asyncDispose]());

/** The status of one request, byte for byte as written. */
function ask(lines: readonly string[], path = '/metrics'): Promise<number> {
  const text = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${house.port}`,
    ...lines,
    'Connection: close',
    '',
    '',
  ];
  return new Promise((resolve, reject) => {
    const socket = connect(house.port, '127.0.0.1', () => void socket.write(text.join('\r\n')));
    let answer = '';
    socket.on('data', (part) => {
      answer += part.toString('latin1');
    });
    socket.on('end', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0)));
    socket.on('error', reject);
  });
}

test('one right header is a caller', async () => {
  expect(await ask([`Authorization: Bearer ${token}`])).toBe(200);
  expect(await ask([`aUTHORIZATION:bearer ${token}`])).toBe(200);
});

test('two headers are none, in either order, equal or not', async () => {
  const right = `Authorization: Bearer ${token}`;
  for (const lines of [
    [right, right],
    [right, 'Authorization: Bearer x'],
    ['Authorization: Bearer x', right],
    [right, 'authorization: '],
    ['Authorization: Basic eDp5', right],
    [right, 'Authorization: DPoP cdt_x'],
    ['Authorization: DPoP cdt_x', right],
  ]) {
    expect(await ask(lines), lines.join(' | ').replaceAll(token, '…')).toBe(401);
  }
});

test('the same below an agent, where requests are read before the API sees them', async () => {
  const right = `Authorization: Bearer ${house.token}`;
  expect(await ask([right], '/v1/models')).not.toBe(401);
  for (const lines of [[], [right, right], [right, 'Authorization: Bearer x'], ['Authorization: x', right]]) {
    expect(await ask(lines, '/v1/models')).toBe(401);
  }
  expect(await ask([], `/v1/models?access_token=${house.token}`)).toBe(401);
  expect(await ask([`Authorization: Bearer ${token}`], '/v1/models')).toBe(403);
});

test('what a lenient reader would mend is not mended', async () => {
  for (const lines of [
    [`Authorization: Bearer\t${token}`],
    [`Authorization: Bearer  ${token}`],
    [`Authorization: Bearer ${token}\t x`],
    [`Authorization: Bearer ${token.slice(0, 20)} ${token.slice(20)}`],
    [`X-Authorization: Bearer ${token}`],
    [`Proxy-Authorization: Bearer ${token}`],
    [`Cookie: Authorization=Bearer ${token}`],
  ]) {
    expect(await ask(lines)).toBe(401);
  }
  // A line that is folded, or has a space before its colon, is no header at all (RFC 9112 5).
  for (const lines of [[`Authorization : Bearer ${token}`], ['Authorization: Bearer', ` ${token}`]]) {
    expect(await ask(lines)).toBe(400);
  }
  expect(await ask([], `/metrics?access_token=${token}`)).toBe(401);
});
