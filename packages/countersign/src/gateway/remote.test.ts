// H32, H64: a header that says "I am local" or "I am somebody else" is worth what its sender is worth.
import { expect, test } from 'vitest';
import { remoteOf, trustedBy } from './remote.ts';

const nobody = trustedBy([]);
const proxies = trustedBy(['127.0.0.1', '10.0.0.0/8', 'fd00::/8']);

test('without a named proxy no header is ever read', () => {
  expect(remoteOf('203.0.113.7', '127.0.0.1', nobody)).toBe('203.0.113.7');
  expect(remoteOf('127.0.0.1', '198.51.100.1', nobody)).toBe('127.0.0.1');
});

test('behind named proxies it is the nearest address that is none of them', () => {
  expect(remoteOf('127.0.0.1', '198.51.100.1', proxies)).toBe('198.51.100.1');
  expect(remoteOf('127.0.0.1', '198.51.100.1, 10.1.2.3', proxies)).toBe('198.51.100.1');
  expect(remoteOf('fd00::1', '2001:db8::9', proxies)).toBe('2001:db8::9');
});

test('what a stranger wrote to the left is not read', () => {
  expect(remoteOf('10.0.0.1', '127.0.0.1, 198.51.100.1', proxies)).toBe('198.51.100.1');
  expect(remoteOf('203.0.113.7', '127.0.0.1', proxies)).toBe('203.0.113.7');
});

test('a proxy that says nothing, or nonsense, is counted itself', () => {
  for (const said of [null, '', 'unknown', 'localhost', '1.2.3.4:5678', ',']) {
    expect(remoteOf('10.0.0.1', said, proxies)).toBe('10.0.0.1');
  }
});

test('the mapped form of a proxy is the proxy', () => {
  expect(remoteOf('::ffff:10.0.0.1', '198.51.100.1', proxies)).toBe('198.51.100.1');
  expect(remoteOf('::ffff:203.0.113.7', '198.51.100.1', proxies)).toBe('::ffff:203.0.113.7');
});
