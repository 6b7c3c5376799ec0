// The keys of WhatsApp as a linked device: the older switch, and the one address that must never be guessed at.
import { expect, test } from 'vitest';
import { rawAccounts } from './accounts.ts';
import { channelsSchema } from './channels-schema.ts';
import { checkRules } from './rules.ts';

const isOn = (whatsapp: Record<string, string | boolean | Record<string, boolean>>) =>
  rawAccounts({ channels: { whatsapp } }).find(({ channel }) => channel === 'whatsapp')?.enabled;

test('web.enabled false switches it off, whatever else is written', () => {
  expect(isOn({})).toBe(true);
  expect(isOn({ web: { enabled: true } })).toBe(true);
  expect(isOn({ web: { enabled: false } })).toBe(false);
  expect(isOn({ enabled: true, web: { enabled: false } })).toBe(false);
  expect(isOn({ enabled: false })).toBe(false);
});

test.each([
  'http://web.example/ws',
  'tcp://web.example',
  'web.example',
  'wss://a:b@web.example/ws',
  'wss://web.example/ws#x',
])('%s is no address of WhatsApp', (waWebSocketUrl) => {
  expect(channelsSchema.safeParse({ whatsapp: { waWebSocketUrl } }).success).toBe(false);
});

test('a plain socket is for tests on this machine, and nothing else', () => {
  const mistakes = (waWebSocketUrl: string, testEndpoints: boolean) =>
    checkRules({ channels: { whatsapp: { waWebSocketUrl } } }, { testEndpoints }).mistakes.length;
  expect(mistakes('wss://web.example/ws', false)).toBe(0);
  expect(mistakes('ws://127.0.0.1:9/ws', false)).toBe(1);
  expect(mistakes('ws://127.0.0.1:9/ws', true)).toBe(0);
  expect(mistakes('ws://web.example/ws', true)).toBe(1);
});

test.each(['15555550123', '+0155', 'ana', '+1 555 555 0123'])('%s is no number to link', (phoneLogin) => {
  expect(channelsSchema.safeParse({ whatsapp: { phoneLogin } }).success).toBe(false);
});
