// Whoever answers at a channel's address can forge every sender of it, and reads the token in every call: plain http is
// for a server of one's own on this machine, and only when somebody said so.
import { expect, test } from 'vitest';
import { checkRules } from './rules.ts';
import { Secret } from './secret.ts';
import { settingsPrint } from './settings-print.ts';

function mistakes(telegram: Record<string, string | boolean>, testEndpoints = false) {
  const tree = { channels: { telegram: { botToken: 'x', ...telegram } } };
  return checkRules(tree, { testEndpoints }).mistakes;
}

test.each(['https://bots.example', 'https://bots.example:8443/api', 'https://127.0.0.1:8081'])(
  '%s is fine',
  (apiRoot) => {
    expect(mistakes({ apiRoot })).toEqual([]);
  },
);

test.each(['http://127.0.0.1:8081', 'http://localhost:8081', 'http://[::1]:8081'])(
  '%s needs localApi, or the switch of the tests',
  (apiRoot) => {
    expect(mistakes({ apiRoot })).toMatchObject([
      { path: 'channels.telegram.apiRoot', hint: expect.stringContaining('localApi') },
    ]);
    expect(mistakes({ apiRoot, localApi: false })).toHaveLength(1);
    expect(mistakes({ apiRoot, localApi: true })).toEqual([]);
    expect(mistakes({ apiRoot }, true)).toEqual([]);
  },
);

test.each(['http://bots.example', 'http://10.0.0.7:8081'])('%s is never fine', (apiRoot) => {
  for (const localApi of [false, true]) expect(mistakes({ apiRoot, localApi }, true)).toHaveLength(1);
});

test('localApi of one account says nothing about another', () => {
  const apiRoot = 'http://127.0.0.1:8081';
  const accounts = { own: { botToken: 'y', apiRoot, localApi: true }, other: { botToken: 'z', apiRoot } };
  const tree = { channels: { telegram: { botToken: 'x', accounts } } };
  expect(checkRules(tree, { testEndpoints: false }).mistakes.map(({ path }) => path)).toEqual([
    'channels.telegram.accounts.other.apiRoot',
  ]);
});

test('a webhook without a public address, or with a secret that is guessed, is said at once', () => {
  const check = (webhookSecret: string, gateway = {}) =>
    checkRules(
      { gateway, channels: { telegram: { botToken: 'x', mode: 'webhook', webhookSecret } } },
      { testEndpoints: false },
    );
  const publicUrl = 'https://gate.example';
  const long = 'a-secret_of_0123456789';
  expect(check(long, { publicUrl })).toEqual({ mistakes: [], warnings: [] });
  expect(check(long).warnings).toMatchObject([{ hint: expect.stringContaining('publicUrl') }]);
  expect(check('short', { publicUrl }).warnings).toMatchObject([{ path: 'channels.telegram.webhookSecret' }]);
  expect(check('two words', { publicUrl }).mistakes).toMatchObject([
    { path: 'channels.telegram.webhookSecret' },
  ]);
});

test('a print of settings changes with any of them, and with a secret that prints alike', () => {
  const base = {
    mode: 'polling',
    botToken: new Secret('one'),
    webhookSecret: null,
    apiRoot: null,
    localApi: false,
  } as const;
  const print = (settings: Parameters<typeof settingsPrint>[0]['settings'], more = '') =>
    settingsPrint({ settings }, more);
  expect(print({ ...base, botToken: new Secret('one') })).toBe(print(base));
  const others = [
    print({ ...base, botToken: new Secret('two') }),
    print({ ...base, mode: 'webhook' }),
    print({ ...base, webhookSecret: new Secret('one') }),
    print({ ...base, apiRoot: 'https://bots.example' }),
    print(base, 'https://gate.example'),
  ];
  expect(new Set([print(base), ...others]).size).toBe(6);
  for (const one of others) expect(one).not.toContain('one');
});
