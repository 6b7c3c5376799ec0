// What the pages of devices, factors and channels say, without a page.

import type { DeviceRow } from '@countersign/protocol/device';
import type { AccountStatus } from '@countersign/protocol/gateway';
import { describe, expect, test } from 'vitest';
import { text } from '../text/say.ts';
import {
  accountFault,
  causeOf,
  keyOf,
  policySay,
  probeSay,
  settingsPath,
  titleOf,
  troubleOf,
} from './channels/words.ts';
import { endedFirst, maySay, onlyHere, whySay } from './devices/words.ts';
import { recoveryWarning } from './factors/warning.ts';

const device = (more: Partial<DeviceRow>): DeviceRow => ({
  id: 'dev_1',
  state: 'paired',
  role: 'operator',
  scopes: ['manage', 'pairing', 'read'],
  name: 'Firefox on Linux',
  key: 'k',
  createdAt: '2026-01-01T00:00:00.000Z',
  ...more,
});
const account = (more: Partial<AccountStatus>): AccountStatus => ({
  channel: 'telegram',
  account: 'default',
  enabled: true,
  dmPolicy: 'pairing',
  state: 'connected',
  ...more,
});

describe('devices', () => {
  test('a device is said to may what is active now, not what it holds', () => {
    const may = maySay(device({ active: ['read'] }), text.devices);
    expect(may).toContain(text.devices.scopes.read);
    expect(may).not.toContain(text.devices.scopes.manage);
    expect(maySay(device({ active: [] }), text.devices)).toBe(text.devices.paired.mayNothing);
  });

  test('what has ended comes last one first, each once; what was approved lives on as its device', () => {
    const at = (day: number) => `2026-01-0${day}T00:00:00.000Z`;
    const rows = [
      device({ id: 'dev_a', state: 'revoked', endedAt: at(2) }),
      device({ id: 'devreq_b', state: 'expired', expiresAt: at(3) }),
      device({ id: 'devreq_c', state: 'approved', endedAt: at(4) }),
      device({ id: 'dev_a', state: 'revoked', endedAt: at(2) }),
      device({}),
    ];
    expect(endedFirst(rows).map(({ id }) => id)).toEqual(['devreq_b', 'dev_a']);
  });

  test('why one ended is said where there are words for it, whatever a newer gateway calls it', () => {
    expect(whySay({ endedWhy: 'not_me' }, text.devices)).toBe(text.devices.ended.why.not_me);
    for (const endedWhy of ['a new reason', 'constructor', ''])
      expect(whySay({ endedWhy }, text.devices)).toBeNull();
  });

  test('a setup code that names this machine says so; what is none says nothing', () => {
    const code = (url: string) => btoa(JSON.stringify({ url, token: 't' }));
    expect(onlyHere(code('http://localhost:8787'))).toBe('http://localhost:8787');
    expect(onlyHere(code('https://agent.example'))).toBeNull();
    for (const broken of ['', '{', btoa('null'), btoa('{"url":7}'), btoa('{"url":"::"}')])
      expect(onlyHere(broken)).toBeNull();
  });
});

test('recovery codes are few from three on', () => {
  expect([10, 4, 3, 1, 0].map(recoveryWarning)).toEqual([null, null, 'low', 'low', 'out']);
});

describe('channels', () => {
  test('an account has one name in an address, and its keys one place in the settings', () => {
    expect(keyOf(account({ account: 'support' }))).toBe('telegram:support');
    expect(settingsPath(account({}), 'dmPolicy')).toBe('channels.telegram.dmPolicy');
    expect(settingsPath(account({ account: 'support' }))).toBe('channels.telegram.accounts.support');
    expect(titleOf(account({ account: 'support' }), text.channels)).toBe('Telegram · support');
    expect(titleOf(account({ channel: 'constructor' }), text.channels)).toBe('constructor');
    expect(policySay('a new policy', text.channels)).toBe('a new policy');
  });

  test.each([
    ['Telegram does not know this bot token', 'token'],
    ['Telegram cannot be reached', 'network'],
    ['no answer in 10 seconds', 'network'],
    ['Telegram answered 502', 'network'],
    ['Telegram answered 409', 'conflict'],
    ['the library for Telegram is not installed', 'library'],
    ['messages wait at Telegram: store_unavailable', 'stored'],
    ['Too many, too fast', 'busy'],
    ['internal', 'other'],
  ])('%s is about %s', (detail, cause) => {
    expect(causeOf(detail)).toBe(cause);
  });

  test('what to do is the gateway’s word where it has one, and nothing while nothing is wrong', () => {
    expect(troubleOf(account({ detail: '@bot' }), text.channels)).toBeNull();
    expect(troubleOf(account({ state: 'off' }), text.channels)).toBeNull();
    expect(troubleOf(account({ state: 'retrying', detail: 'x', hint: 'do y' }), text.channels)).toEqual({
      what: 'x',
      todo: 'do y',
    });
    expect(troubleOf(account({ state: 'failed' }), text.channels)?.todo).toBe(text.channels.hints.other);
  });

  test('a live check says who we are, or why not', () => {
    expect(probeSay('ok, @bot', text.channels)).toEqual({ isOk: true, said: text.channels.checkOk('@bot') });
    expect(probeSay('ok', text.channels).isOk).toBe(true);
    expect(probeSay('no answer in 10 seconds', text.channels).isOk).toBe(false);
    expect(probeSay('okay then', text.channels).isOk).toBe(false);
  });

  test('a new account has a name of its own', () => {
    const rows = [account({})];
    expect(accountFault('telegram', 'default', rows)).toBe('taken');
    expect(accountFault('telegram', 'support', rows)).toBeNull();
    for (const name of ['', 'Support', '-x', 'a b', '__proto__', 'x'.repeat(33)])
      expect(accountFault('telegram', name, rows)).toBe('bad');
  });
});
