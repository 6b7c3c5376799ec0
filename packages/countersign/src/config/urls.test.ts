// H32: what the owner writes about the network is believed, so it must not be more than was meant: a name that browsers
// can ask for, over TLS unless it is this machine's, and proxies that are proxies.
import { describe, expect, test } from 'vitest';
import { publicOrigin, trustedProxy } from './urls.ts';

describe('publicUrl and chatUrl', () => {
  const origin = publicOrigin('x');

  test.each([
    ['https://Assistant.Example/', 'https://assistant.example'],
    ['https://assistant.example:443', 'https://assistant.example'],
    ['https://assistant.example:8443', 'https://assistant.example:8443'],
    ['https://machine.tail1234.ts.net', 'https://machine.tail1234.ts.net'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['https://192.0.2.7', 'https://192.0.2.7'],
    ['https://[2001:DB8::1]:444', 'https://[2001:db8::1]:444'],
    ['http://localhost:8787', 'http://localhost:8787'],
    ['http://127.0.0.1:8787', 'http://127.0.0.1:8787'],
    ['http://[::1]:8787', 'http://[::1]:8787'],
    ['http://box.localhost', 'http://box.localhost'],
  ])('%s is %s', (text, parsed) => {
    expect(origin.parse(text)).toBe(parsed);
  });

  test.each([
    ...['', 'assistant.example', 'assistant.example:443', '//assistant.example', 'ftp://assistant.example'],
    ...[
      'http://assistant.example',
      'http://192.168.1.5:8787',
      'http://localhost.example',
      'http://evil-localhost',
    ],
    ...['https://me@assistant.example', 'https://me:pw@assistant.example', 'https://assistant.example/path'],
    ...[
      'https://assistant.example?x',
      'https://assistant.example/#x',
      'wss://assistant.example',
      'javascript:alert(1)',
    ],
    ...[
      'https://*.example',
      'https://*',
      'https://my_box',
      'https://0.0.0.0',
      'https://0',
      'https://[::]:8787',
    ],
  ])('%s is none', (text) => {
    expect(origin.safeParse(text).success).toBe(false);
  });
});

describe('trustedProxies', () => {
  test.each([
    ...['127.0.0.1', '::1', '192.0.2.7', '192.0.2.7/32', '10.0.0.0/8', '172.16.0.0/12', '127.0.0.1/8'],
    ...['2001:db8::1', '2001:db8::/32', 'fc00::/7', 'fd00::/8', 'fe80::/10'],
  ])('%s may be a proxy', (text) => {
    expect(trustedProxy.safeParse(text).success).toBe(true);
  });

  test.each([
    ...[
      '',
      '*',
      'all',
      'localhost',
      'caddy',
      'proxy.example',
      '192.0.2.7:80',
      '[::1]',
      '::1%lo',
      ' 127.0.0.1',
    ],
    ...['0.0.0.0/0', '::/0', '0.0.0.0/1', '128.0.0.0/1', '64.0.0.0/2', '0.0.0.0/7', '2000::/3', '8000::/1'],
    ...[
      '0.0.0.0',
      '::',
      '0.0.0.0/8',
      '::/128',
      '10.0.0.0/33',
      'fd00::/129',
      '10.0.0.0/',
      '10.0.0.0/8/8',
      '10/8',
    ],
    ...['10.0.0.0/-1', '10.0.0.0/08x', '10.0.0.0/255.0.0.0', '010.0.0.1', '10.0.0.0/ 8'],
  ])('%j is none', (text) => {
    expect(trustedProxy.safeParse(text).success).toBe(false);
  });

  test.each([
    '::ffff:0:0/96',
    '::ffff:0.0.0.0/96',
    '::/8',
    '::/64',
    '0::/80',
    '::ffff:10.0.0.1',
    '::ffff:a00:0/104',
  ])('%s holds IPv4 addresses nobody meant', (text) => {
    const parsed = trustedProxy.safeParse(text);
    expect(parsed.error?.issues.map(({ message }) => message)).toEqual(['this holds IPv4 addresses']);
  });
});
