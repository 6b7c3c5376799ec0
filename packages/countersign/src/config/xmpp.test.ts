// Nothing of XMPP in the clear outside this machine, and no address where a part of one is meant.
import { expect, test } from 'vitest';
import { checkRules } from './rules.ts';

const GOOD = { username: 'bot', domain: 'example.org', service: 'xmpps://example.org:5223', password: 'x' };

function mistakes(more: Record<string, string | object>, testEndpoints = false) {
  return checkRules({ channels: { xmpp: { ...GOOD, ...more } } }, { testEndpoints }).mistakes;
}

test.each([
  'xmpps://example.org',
  'xmpps://10.0.0.7:5223',
  // Comes to TLS, or to nothing: the channel sees to that.
  'xmpp://example.org:5222',
  'xmpp://127.0.0.1:5222',
  'xmpp://[::1]',
])('%s is fine', (service) => {
  expect(mistakes({ service })).toEqual([]);
});

test.each([
  'ws://example.org/xmpp-websocket',
  'ws://127.0.0.1:5280/xmpp-websocket',
  'wss://example.org/xmpp-websocket',
  'http://example.org',
  'tcp://example.org',
  'example.org',
  'example.org:5222',
  'xmpps://bot:secret@example.org',
  'xmpps://example.org/path',
  'xmpps://example.org?x',
  'xmpps://',
])('%s is never fine, for tests either', (service) => {
  for (const isTest of [false, true])
    expect(mistakes({ service }, isTest)).toMatchObject([{ path: 'channels.xmpp.service' }]);
});

test('an address is told apart from its parts', () => {
  expect(mistakes({ username: 'bot@example.org' })).toMatchObject([{ path: 'channels.xmpp.username' }]);
  expect(mistakes({ domain: 'bot@example.org' })).toMatchObject([{ path: 'channels.xmpp.domain' }]);
  expect(mistakes({ domain: 'https://example.org/' })).toMatchObject([{ path: 'channels.xmpp.domain' }]);
  expect(mistakes({ domain: 'bücher.example' })).toEqual([]);
});

test('one login is one account; the same name on another server is another', () => {
  expect(mistakes({ accounts: { b: { username: 'bot' } } })).toMatchObject([
    { path: 'channels.xmpp.accounts.b.username' },
  ]);
  expect(mistakes({ accounts: { b: { domain: 'example.net' } } })).toEqual([]);
});
