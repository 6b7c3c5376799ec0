// A browser names the address that the gateway will connect to: every spelling of "inside" is refused, as text and as
// what a name resolves to (SSRF, DNS rebinding).
import { expect, test } from 'vitest';
import { isAllowedAddress, isPublicAddress, readEndpoint } from './endpoint.ts';

const STRICT = { loopback: false };
const TESTS = { loopback: true };
const verdict = (text: string, rules = STRICT) => {
  const read = readEndpoint(text, rules);
  return typeof read === 'string' ? read : 'fine';
};

test.each([
  'https://fcm.googleapis.com/fcm/send/abc:def',
  'https://updates.push.services.mozilla.com/wpush/v2/abc',
  'https://web.push.apple.com/QGuQyavXutnMH',
  'https://wns2-par02p.notify.windows.com/w/?token=abc',
  'https://push.example:8443/x',
  'https://8.8.8.8/x',
  'https://[2606:4700::1111]/x',
])('%s may be asked', (text) => {
  expect(verdict(text)).toBe('fine');
});

test.each([
  ['', 'endpoint_malformed'],
  ['fcm.googleapis.com/x', 'endpoint_malformed'],
  ['/x', 'endpoint_malformed'],
  [`https://push.example/${'x'.repeat(2100)}`, 'endpoint_malformed'],
  ['http://push.example/x', 'endpoint_not_https'],
  ['ftp://push.example/x', 'endpoint_not_https'],
  ['file:///etc/passwd', 'endpoint_malformed'],
  ['javascript:alert(1)', 'endpoint_malformed'],
  ['unix:/run/host.sock', 'endpoint_malformed'],
  ['https://user@push.example/x', 'endpoint_credentials'],
  ['https://user:word@push.example/x', 'endpoint_credentials'],
  ['https://push.example@127.0.0.1/x', 'endpoint_credentials'],
  ['https://localhost/x', 'endpoint_not_public'],
  ['https://LOCALHOST./x', 'endpoint_not_public'],
  ['https://x.localhost/x', 'endpoint_not_public'],
  ['https://printer.local/x', 'endpoint_not_public'],
  ['https://metadata.google.internal/x', 'endpoint_not_public'],
  ['https://router.home.arpa/x', 'endpoint_not_public'],
  ['https://127.0.0.1/x', 'endpoint_not_public'],
  ['https://127.1/x', 'endpoint_not_public'],
  ['https://2130706433/x', 'endpoint_not_public'],
  ['https://0x7f.0.0.1/x', 'endpoint_not_public'],
  ['https://0177.0.0.1/x', 'endpoint_not_public'],
  ['https://0/x', 'endpoint_not_public'],
  ['https://１２７.0.0.1/x', 'endpoint_not_public'],
  ['https://169.254.169.254/latest/meta-data/', 'endpoint_not_public'],
  ['https://[::1]/x', 'endpoint_not_public'],
  ['https://[::ffff:10.0.0.1]/x', 'endpoint_not_public'],
  ['https://[::ffff:8.8.8.8]/x', 'endpoint_not_public'],
  ['https://[64:ff9b::7f00:1]/x', 'endpoint_not_public'],
  ['https://[2002:7f00:1::]/x', 'endpoint_not_public'],
  ['https://[fd00::1]/x', 'endpoint_not_public'],
])('%s is %s', (text, refusal) => {
  expect(verdict(text)).toBe(refusal);
  if (refusal !== 'endpoint_not_public') expect(verdict(text, TESTS)).toBe(refusal);
});

test('the switch of the tests opens loopback and nothing beside it', () => {
  for (const host of ['localhost:9', '127.0.0.1:9', '[::1]:9']) {
    expect(verdict(`http://${host}/x`, TESTS)).toBe('fine');
    expect(verdict(`https://${host}/x`, TESTS)).toBe('fine');
  }
  for (const host of ['10.0.0.1', '169.254.169.254', '[fd00::1]', '[::ffff:127.0.0.1]'])
    expect(verdict(`https://${host}/x`, TESTS)).toBe('endpoint_not_public');
  expect(verdict('http://push.example/x', TESTS)).toBe('endpoint_not_https');
  expect(verdict('http://localhost.evil.example/x', TESTS)).toBe('endpoint_not_https');
});

test.each([
  ...['0.0.0.0', '0.1.2.3', '10.0.0.1', '10.255.255.255', '100.64.0.1', '100.127.255.255', '127.0.0.1'],
  ...['127.255.255.254', '169.254.0.1', '172.16.0.1', '172.31.255.255', '192.0.0.1', '192.0.2.1'],
  ...['192.88.99.1', '192.168.1.1', '198.18.0.1', '198.19.255.255', '198.51.100.1', '203.0.113.1'],
  ...['224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'],
  ...['::', '::1', '::ffff:8.8.8.8', '::8.8.8.8', '64:ff9b::8.8.8.8', '64:ff9b:1::1', '100::1', '2001::1'],
  ...[
    '2001:1ff::1',
    '2001:10::1',
    '2001:20::1',
    '2001:db8::1',
    '2002:0808:0808::1',
    '3fff::1',
    '3fff:fff::1',
  ],
  ...['4000::1', '5f00::1', 'fc00::1', 'fdff::1', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1'],
  ...['', 'localhost', '1.2.3', '1.2.3.4.5', '01.2.3.4', '256.1.1.1', '1:2:3', ':::', '1::2::3'],
])('%s is not public', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each([
  ...['1.1.1.1', '8.8.8.8', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255'],
  ...[
    '128.0.0.1',
    '169.253.255.255',
    '169.255.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.1.1',
    '192.0.3.1',
  ],
  ...['192.167.255.255', '192.169.0.0', '198.17.255.255', '198.20.0.0', '223.255.255.255'],
  ...['2001:200::1', '2001:4860:4860::8888', '2003::1', '2606:4700::1', '3ffe::1', '2a00::1', '2001:db7::1'],
])('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test('an address that a name resolves to is judged by the same rules', () => {
  expect(isAllowedAddress('127.0.0.1', STRICT)).toBe(false);
  expect(isAllowedAddress('127.0.0.1', TESTS)).toBe(true);
  expect(isAllowedAddress('::1', TESTS)).toBe(true);
  expect(isAllowedAddress('10.0.0.1', TESTS)).toBe(false);
  expect(isAllowedAddress('8.8.8.8', STRICT)).toBe(true);
});
