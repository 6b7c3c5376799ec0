// The owner's directory over a real socket: away, slow, wrong and hostile. It names somebody, or nobody is named.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Native, parseNative } from '../core/identity/peer.ts';
import type { Asked } from '../core/session/bearer-port.ts';
import { FakeClock, MemoryLog } from '../testing/fakes.ts';
import { HttpUsers, type HttpUsersSettings } from './http-users.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

let server: Server;
let url: string;
let answer: Answer;
let asked: { readonly body: string; readonly request: IncomingMessage }[];
let clock: FakeClock;
let log: MemoryLog;

beforeEach(async () => {
  [asked, clock, log] = [[], new FakeClock(), new MemoryLog()];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += String(part);
    });
    request.on('end', () => {
      asked.push({ body, request });
      answer(request, response, body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port }: AddressInfo = Object(server.address());
  url = `http://127.0.0.1:${port}/users`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const json =
  (value: unknown, status = 200): Answer =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };

function users(more: Partial<HttpUsersSettings> = {}): HttpUsers {
  const settings = {
    url,
    timeoutMs: 2_000,
    cacheTtlMs: 60_000,
    apiKey: { reveal: () => 'sk-users' },
    ...more,
  };
  return new HttpUsers({ clock, log, settings });
}

function person(name: string): Asked {
  const native: Native | null = parseNative(name, /^\S+$/);
  if (native === null) throw new Error('no native id');
  return {
    principal: 'prn_aaaa',
    peer: { channel: 'telegram', account: 'default', native },
    assurance: 'medium',
  };
}

test('it hears what the channel proved, and its answer counts for a while', async () => {
  answer = json({
    user: 'u-1',
    tenant: 'acme',
    attributes: { department: 'sales', groups: ['a'] },
    more: 'ignored',
  });
  const directory = users();
  const found = { user: 'u-1', tenant: 'acme', attributes: { department: 'sales', groups: ['a'] } };
  expect(await directory.find(person('555'))).toEqual(found);
  expect(await directory.find(person('555'))).toEqual(found);
  expect(asked).toHaveLength(1);
  expect(asked[0]?.request).toMatchObject({ method: 'POST', url: '/users' });
  expect(asked[0]?.request.headers).toMatchObject({ authorization: 'Bearer sk-users' });
  expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
    principal: 'prn_aaaa',
    channel: 'telegram',
    account: 'default',
    identifier: '555',
    assurance: 'medium',
  });
  expect(await directory.find(person('556'))).toEqual(found);
  expect(asked).toHaveLength(2);
  clock.advance('1m');
  answer = json({ user: 'u-2' });
  expect(await directory.find(person('555'))).toEqual({ user: 'u-2', tenant: 'default', attributes: {} });
});

test('404 is nobody, and that is remembered as well', async () => {
  answer = json({}, 404);
  const directory = users();
  expect(await directory.find(person('555'))).toBe('unmapped');
  answer = json({ user: 'u-1' });
  expect(await directory.find(person('555'))).toBe('unmapped');
  expect(asked).toHaveLength(1);
});

test('ten messages at once are one question', async () => {
  answer = json({ user: 'u-1' });
  const directory = users();
  await Promise.all(Array.from({ length: 10 }, () => directory.find(person('555'))));
  expect(asked).toHaveLength(1);
});

test.each<[string, Answer]>([
  ['an error', json({ user: 'u-1' }, 500)],
  ['a refusal', json({ user: 'u-1' }, 403)],
  ['no content', (_, response) => response.writeHead(204).end()],
  ['silence', () => undefined],
  ['a cut', (request) => request.destroy()],
  ['half an answer', (_, response) => response.writeHead(200, { 'content-length': '50' }).end('{"user"')],
  ['HTML', (_, response) => response.writeHead(200).end('<html>')],
  ['a list', json([{ user: 'u-1' }])],
  ['no user', json({ tenant: 'acme' })],
  ['an empty user', json({ user: '' })],
  ['a user that is a number', json({ user: 7 })],
  ['a user with a blank', json({ user: 'u 1' })],
  ['a user that could be another person of ours', json({ user: 'prn_bbbb' })],
  ['the same in other letters', json({ user: 'PRN_bbbb' })],
  ['a user with a zero-width space', json({ user: 'u\u{200b}1' })],
  ['attributes that are objects', json({ user: 'u-1', attributes: { a: { b: 1 } } })],
  ['a user under more than anybody has to say', json({ user: 'u-1', more: 'x'.repeat(70_000) })],
  ['an answer without end', (_, response) => void response.writeHead(200).end('x'.repeat(70_000))],
])('fail closed: %s names nobody, and is not remembered', async (_, wrong) => {
  answer = wrong;
  const directory = users();
  expect(await directory.find(person('555'))).toBe('unavailable');
  expect(JSON.stringify(log.lines)).not.toMatch(/555|sk-users|u-1/);
  answer = json({ user: 'u-1' });
  expect(await directory.find(person('555'))).toMatchObject({ user: 'u-1' });
});

test('R62: a chat that became somebody else’s is asked about again, and is not who it was', async () => {
  const directory = users();
  answer = json({ user: 'u-1' });
  expect(await directory.find(person('555'))).toMatchObject({ user: 'u-1' });
  answer = json({ user: 'u-2' });
  expect(await directory.find({ ...person('555'), principal: 'prn_bbbb' })).toMatchObject({ user: 'u-2' });
  expect(await directory.find({ ...person('555'), assurance: 'low' })).toMatchObject({ user: 'u-2' });
  expect(await directory.find(person('555'))).toMatchObject({ user: 'u-1' });
});

test('H66: a redirect is not followed: neither the key nor the number goes anywhere else', async () => {
  let elsewhere = 0;
  const other = createServer((_, response) => {
    elsewhere += 1;
    response.end('{"user":"evil"}');
  });
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port }: AddressInfo = Object(other.address());
  for (const status of [301, 302, 303, 307, 308]) {
    answer = (_, response) => response.writeHead(status, { location: `http://127.0.0.1:${port}/` }).end();
    expect(await users().find(person('555'))).toBe('unavailable');
  }
  expect(elsewhere).toBe(0);
  other.close();
});

test('a directory that is not there names nobody', async () => {
  server.close();
  server.closeAllConnections();
  expect(await users().find(person('555'))).toBe('unavailable');
});
