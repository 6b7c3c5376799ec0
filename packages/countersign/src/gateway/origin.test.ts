// H24: a page of another origin, another port of localhost, and a name rebound to this address. None of them may write,
// and none but our own names are answered.
import { expect, test } from 'vitest';
import { checkHost, checkOrigin, isChatHost, isOwnOrigin, type Names, publicOriginOf } from './origin.ts';

const NONE: Names = { publicUrl: null, chatUrl: null };
const PUBLIC: Names = { publicUrl: 'https://assistant.example', chatUrl: 'https://chat.example:8443' };
const headers = (given: Record<string, string>) => (name: string) => given[name];

function host(name: string, names: Names, isPlain = false): 'yes' | 'no' {
  try {
    checkHost(headers({ host: name }), names, isPlain);
    return 'yes';
  } catch (cause) {
    expect(cause).toMatchObject({ code: 'request_misdirected', status: 421 });
    return 'no';
  }
}

test.each([
  ...['localhost', 'localhost:8787', 'LOCALHOST:1', '127.0.0.1', '127.0.0.1:8787', '[::1]', '[::1]:8787'],
  ...['x.localhost', 'a-b.c.localhost:9'],
])('%s is this machine, at any port', (name) => {
  expect(host(name, NONE)).toBe('yes');
});

test.each([
  ...[
    '',
    'evil.example',
    'localhost.evil.example',
    'evil-localhost',
    '.localhost',
    'localhost.',
    '127.0.0.1.evil.example',
  ],
  ...[
    '127.0.0.2',
    '0.0.0.0:8787',
    '192.168.1.5:8787',
    '[::]',
    '[::2]',
    'localhost:8787@evil.example',
    'localhost:abc',
  ],
  ...['localhost:8787 evil', 'localhost:99999', '::1', 'assistant.example', 'localhost/../x', '-x.localhost'],
])('%s is nobody we know', (name) => {
  expect(host(name, NONE)).toBe('no');
});

test('a configured name is answered at its own port only', () => {
  expect(host('assistant.example', PUBLIC)).toBe('yes');
  expect(host('Assistant.Example:443', PUBLIC)).toBe('yes');
  expect(host('assistant.example:8787', PUBLIC)).toBe('no');
  expect(host('chat.example:8443', PUBLIC)).toBe('yes');
  expect(host('chat.example', PUBLIC)).toBe('no');
});

test('H32: a forwarded header makes no name ours', () => {
  const forwarded = {
    host: 'evil.example',
    'x-forwarded-host': 'assistant.example',
    'x-forwarded-proto': 'https',
    forwarded: 'host=assistant.example;proto=https',
  };
  expect(() => checkHost(headers(forwarded), PUBLIC)).toThrow('host name');
});

test('an https name that came in the clear is refused with the reason; loopback names and a plain name are not', () => {
  expect(host('assistant.example', PUBLIC, true)).toBe('no');
  expect(host('chat.example:8443', PUBLIC, true)).toBe('no');
  expect(() => checkHost(headers({ host: 'assistant.example' }), PUBLIC, true)).toThrow(/https only/);
  // Containers: a port published from inside comes from the bridge, under a name of this machine.
  expect(host('localhost:8787', PUBLIC, true)).toBe('yes');
  expect(host('127.0.0.2:1', { publicUrl: 'http://127.0.0.2:1', chatUrl: null }, true)).toBe('yes');
});

test.each<[string, Record<string, string>, string]>([
  ['publicUrl, however the host is written', { host: 'Assistant.Example:443' }, 'https://assistant.example'],
  ['the chat’s own name', { host: 'chat.example:8443' }, 'https://chat.example:8443'],
  ['this machine', { host: 'localhost:8787' }, 'http://localhost:8787'],
  ['this machine by address', { host: '[::1]:8787' }, 'http://[::1]:8787'],
  ['this machine, without a port', { host: 'LOCALHOST:80' }, 'http://localhost'],
  [
    'this machine, where a tunnel ends TLS, as the page says',
    { host: 'localhost:8443', origin: 'https://localhost:8443' },
    'https://localhost:8443',
  ],
  [
    'this machine, whatever another page says',
    { host: 'localhost:8787', origin: 'https://evil.example' },
    'http://localhost:8787',
  ],
  [
    'publicUrl, whatever forwarded headers say',
    { host: 'assistant.example', 'x-forwarded-proto': 'http', 'x-forwarded-host': 'evil.example' },
    'https://assistant.example',
  ],
  [
    'publicUrl, whatever its page is said to be',
    { host: 'assistant.example', origin: 'http://assistant.example' },
    'https://assistant.example',
  ],
])('the origin as the browser sees it: %s', (_name, given, origin) => {
  expect(publicOriginOf(headers(given), PUBLIC)).toBe(origin);
});

test('an origin is ours under the host it was asked by, and under no other', () => {
  expect(isOwnOrigin('https://assistant.example', 'assistant.example', PUBLIC)).toBe(true);
  expect(isOwnOrigin('http://assistant.example', 'assistant.example', PUBLIC)).toBe(false);
  expect(isOwnOrigin('https://assistant.example', 'localhost:8787', PUBLIC)).toBe(false);
  expect(isOwnOrigin('https://localhost:8787', 'localhost:8787', PUBLIC)).toBe(true);
});

interface Case {
  readonly host?: string;
  readonly origin?: string;
  readonly site?: string;
  readonly method?: string;
  readonly path?: string;
}

function origin({
  host = 'localhost:8787',
  origin,
  site,
  method = 'POST',
  path = '/api/v1/claim',
}: Case): 'yes' | 'no' {
  const given = {
    host,
    ...(origin === undefined ? {} : { origin }),
    ...(site === undefined ? {} : { 'sec-fetch-site': site }),
  };
  try {
    checkOrigin({ method, path }, headers(given), PUBLIC);
    return 'yes';
  } catch (cause) {
    expect(cause).toMatchObject({ code: 'auth_origin_forbidden', status: 403 });
    return 'no';
  }
}

test.each<[string, Case]>([
  ['a program, without any of these headers', {}],
  ['our own page', { origin: 'http://localhost:8787', site: 'same-origin' }],
  ['our own page at an address', { host: '[::1]:8787', origin: 'http://[::1]:8787' }],
  ['our page through a tunnel that ends TLS', { origin: 'https://localhost:8787' }],
  ['our page at the public name', { host: 'assistant.example', origin: 'https://assistant.example' }],
  [
    'the chat at its own name',
    { host: 'chat.example:8443', origin: 'https://chat.example:8443', path: '/ws', method: 'GET' },
  ],
  ['a link from elsewhere to a page', { method: 'GET', path: '/chat', site: 'cross-site' }],
  ['a person who typed an address of the API', { method: 'GET', path: '/api/v1/claim', site: 'none' }],
])('%s may', (_name, given) => {
  expect(origin(given)).toBe('yes');
});

test.each<[string, Case]>([
  ['a page of another site', { origin: 'https://evil.example', site: 'cross-site' }],
  ['a page of another site, in a browser that says no more', { origin: 'https://evil.example' }],
  ['another port of localhost', { origin: 'http://localhost:3000' }],
  ['another port of localhost, as browsers call it', { site: 'same-site' }],
  ['another name of this machine', { origin: 'http://127.0.0.1:8787' }],
  ['a sandboxed frame or a file', { origin: 'null' }],
  ['an origin with a path', { origin: 'http://localhost:8787/x' }],
  ['an origin with a password', { origin: 'http://localhost:8787@evil.example' }],
  ['an empty origin', { origin: '' }],
  ['another scheme', { origin: 'ftp://localhost:8787' }],
  ['the public name over plain http', { host: 'assistant.example', origin: 'http://assistant.example' }],
  [
    'the chat page writing to the control name',
    { host: 'assistant.example', origin: 'https://chat.example:8443' },
  ],
  ['a foreign page opening the socket', { method: 'GET', path: '/ws', origin: 'https://evil.example' }],
  ['another port opening the socket', { method: 'GET', path: '/ws', origin: 'http://localhost:3000' }],
  ['a foreign page reading the API', { method: 'GET', path: '/api/v1/claim', site: 'cross-site' }],
  [
    'a foreign page reading the API by a spelling',
    { method: 'GET', path: '/%61pi/v1/claim', site: 'cross-site' },
  ],
  [
    'a foreign page with a path that decodes to nothing',
    { method: 'GET', path: '/%zz%80', site: 'cross-site' },
  ],
  [
    'a foreign page, told to be ours by a header',
    { origin: 'https://evil.example', host: 'assistant.example' },
  ],
  ['another port reading the API', { method: 'GET', path: '/api/v1/claim', site: 'same-site' }],
  ['a method nobody knows', { method: 'BREW', path: '/', site: 'cross-site' }],
])('%s may not', (_name, given) => {
  expect(origin(given)).toBe('no');
});

test.each<[string, Case]>([
  ['a page of web chat that calls the API', { origin: 'https://chat.example:8443', site: 'same-origin' }],
  ['a page of web chat that reads the API', { method: 'GET', path: '/api/v1/people', site: 'same-origin' }],
  ['a browser that says nothing of its page', { method: 'GET', path: '/api/v1/people' }],
  ['an odd spelling of the API', { method: 'GET', path: '/%61pi/v1/people' }],
])('under the name of web chat alone: %s may not', (_name, given) => {
  expect(origin({ host: 'chat.example:8443', ...given })).toBe('no');
});

test('a name is web chat’s alone when the chat has one of its own', () => {
  expect(isChatHost('Chat.example:8443', PUBLIC)).toBe(true);
  expect(isChatHost('chat.example', PUBLIC)).toBe(false);
  expect(isChatHost('assistant.example', PUBLIC)).toBe(false);
  expect(isChatHost('localhost:8787', NONE)).toBe(false);
  const one = { publicUrl: 'https://one.example', chatUrl: 'https://one.example' };
  expect(isChatHost('one.example', one)).toBe(false);
});
