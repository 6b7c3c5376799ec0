// H32, H64: a header that says "I am local" or "I am somebody else" is worth what its sender is worth, and no header and
// no proxy on this machine makes anybody local.
import { expect, test } from 'vitest';
import { isPlainWay, remoteOf, type Trusted, trustedBy } from './remote.ts';

const nobody = trustedBy([]);
const proxies = trustedBy(['127.0.0.1', '10.0.0.0/8', 'fd00::/8']);
const LOCAL = { host: 'localhost:8787' };
const PUBLIC = { host: 'assistant.example' };

const remote = (
  connection: string,
  forwarded: string | null,
  isTrusted: Trusted,
  more: Record<string, string> = PUBLIC,
) => {
  const headers: Record<string, string> = {
    ...(forwarded === null ? {} : { 'x-forwarded-for': forwarded }),
    ...more,
  };
  return remoteOf(connection, (name) => headers[name], isTrusted);
};

test('without a named proxy no header is ever believed', () => {
  expect(remote('203.0.113.7', '127.0.0.1', nobody)).toBe('203.0.113.7');
  expect(remote('203.0.113.7', null, nobody, LOCAL)).toBe('203.0.113.7');
  expect(remote('127.0.0.1', '198.51.100.1', nobody)).toBe('unknown');
});

test('behind named proxies it is the nearest address that is none of them', () => {
  expect(remote('127.0.0.1', '198.51.100.1', proxies)).toBe('198.51.100.1');
  expect(remote('127.0.0.1', '198.51.100.1, 10.1.2.3', proxies)).toBe('198.51.100.1');
  expect(remote('127.0.0.1', '198.51.100.1, 127.0.0.1,10.1.2.3', proxies)).toBe('198.51.100.1');
  expect(remote('fd00::1', '2001:db8::9', proxies)).toBe('2001:db8::9');
});

test('what a stranger wrote to the left is not read', () => {
  expect(remote('10.0.0.1', '127.0.0.1, 198.51.100.1', proxies)).toBe('198.51.100.1');
  expect(remote('10.0.0.1', '10.0.0.9, 127.0.0.1, 198.51.100.1', proxies)).toBe('198.51.100.1');
  expect(remote('203.0.113.7', '127.0.0.1', proxies)).toBe('203.0.113.7');
});

test('a proxy that says nothing, or nonsense, is counted itself', () => {
  for (const said of [
    null,
    '',
    'unknown',
    'localhost',
    '_hidden',
    '1.2.3',
    '1.2.3.4:x',
    '[::1',
    '1.2.3.4:5:6',
    ',',
  ]) {
    expect(remote('10.0.0.1', said, proxies), String(said)).toBe('10.0.0.1');
    expect(remote('10.0.0.1', `198.51.100.1, ${said ?? ''}`, proxies), String(said)).toBe('10.0.0.1');
  }
});

test('a port behind an address is left away', () => {
  expect(remote('10.0.0.1', '198.51.100.1:5678', proxies)).toBe('198.51.100.1');
  expect(remote('10.0.0.1', '[2001:db8::9]:5678', proxies)).toBe('2001:db8::9');
  expect(remote('10.0.0.1', '[2001:db8::9]', proxies)).toBe('2001:db8::9');
});

test('the mapped form of an address is the address', () => {
  expect(remote('::ffff:10.0.0.1', '198.51.100.1', proxies)).toBe('198.51.100.1');
  expect(remote('0:0:0:0:0:ffff:a00:1', '198.51.100.1', proxies)).toBe('198.51.100.1');
  expect(remote('::ffff:203.0.113.7', '198.51.100.1', proxies)).toBe('203.0.113.7');
  expect(remote('10.0.0.1', '::ffff:198.51.100.1', proxies)).toBe('198.51.100.1');
});

test.each<[string, string, string | null, Trusted, Record<string, string>]>([
  ['a proxy on this machine that the owner did not name', '127.0.0.1', null, nobody, PUBLIC],
  [
    'one that keeps no host name but says that it was there',
    '::1',
    null,
    nobody,
    { ...LOCAL, via: '1.1 caddy' },
  ],
  ['one that says another header', '127.0.0.1', null, nobody, { ...LOCAL, 'x-real-ip': '127.0.0.1' }],
  ['a named one that says nothing', '127.0.0.1', null, proxies, PUBLIC],
  ['a named one that says: from this machine', '10.0.0.1', '127.0.0.1', proxies, LOCAL],
  ['a named one that says it in IPv6', '10.0.0.1', '::1', proxies, PUBLIC],
  ['a named one that says it mapped', '10.0.0.1', '::ffff:127.0.0.9', proxies, PUBLIC],
])('nobody becomes local: behind %s it is unknown', (_name, connection, forwarded, isTrusted, more) => {
  expect(remote(connection, forwarded, isTrusted, more)).toBe('unknown');
});

test('this machine itself, and a tunnel that ends here, is loopback', () => {
  for (const connection of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
    expect(remote(connection, null, nobody, LOCAL)).toBe(connection.replace('::ffff:', ''));
  }
  expect(remote('127.0.0.1', null, proxies, LOCAL)).toBe('127.0.0.1');
});

test('the way is plain unless it is loopback or comes from a named proxy', () => {
  expect(isPlainWay('203.0.113.7', proxies)).toBe(true);
  expect(isPlainWay('', proxies)).toBe(true);
  expect(isPlainWay('192.168.1.5', nobody)).toBe(true);
  for (const near of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '10.1.1.1', '::ffff:10.1.1.1', 'fd00::1']) {
    expect(isPlainWay(near, proxies), near).toBe(false);
  }
});
