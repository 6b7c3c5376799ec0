// Adding an account of a channel with more keys than a token, in a real Chromium: what it takes, secrets as secrets, where
// its service delivers, and what to be warned of. Axe finds nothing, and nothing is wider than the window.
import { rmSync } from 'node:fs';
import type { FactorRow } from '@countersign/protocol/factor';
import type { Addable } from '@countersign/protocol/gateway';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { enter, focused, go, id, inHouse, looks } from '../../../../../test/in-house.ts';
import { buildPages, CHROMIUM, LOOKS } from '../../../../../test/page-visit.ts';
import type { FakeHouse } from '../../testing/fake-house.ts';

const TOTP: FactorRow = {
  id: 'fac_totp',
  kind: 'totp',
  label: 'app',
  state: 'active',
  person: 'prn_olga',
  createdAt: '2026-01-01T00:00:00.000Z',
};
const key = (name: string, more: Partial<Addable['fields'][number]> = {}) => ({
  key: name,
  needs: `what ${name} is`,
  secret: false,
  optional: false,
  ...more,
});
const ADDABLE: Addable[] = [
  { channel: 'telegram', needs: 'the token of a bot', fields: [] },
  {
    channel: 'whatsapp-cloud',
    needs: 'the access token',
    fields: [
      key('phoneNumberId'),
      key('appSecret', { secret: true }),
      key('verifyToken', { secret: true }),
      key('loginTemplate', { optional: true }),
    ],
  },
  { channel: 'twilio', needs: 'the auth token', fields: [key('accountSid'), key('from')] },
  { channel: 'xmpp', needs: 'the password', fields: [key('username'), key('domain'), key('service')] },
];
const ADDRESS = 'https://gate.example/webhooks/whatsapp-cloud/default';

let dist = '';
beforeAll(async () => {
  vi.stubEnv('NODE_ENV', 'production');
  dist = await buildPages();
}, 300_000);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(dist, { recursive: true, force: true });
});

const added = ({ calls }: FakeHouse) =>
  calls.findLast(({ path, method }) => method === 'POST' && path.endsWith('/channels'))?.body;

describe.skipIf(CHROMIUM === undefined).each(LOOKS)('in $scheme at $width', { timeout: 400_000 }, (look) => {
  test('each channel asks for what it needs, secrets as secrets; where its service delivers is there to be copied', () =>
    inHouse(dist, look, async (visit, house) => {
      const { page } = visit;
      house.isProven = true;
      house.factors = [TOTP];
      house.rest.addable = ADDABLE;
      house.rest.webhook = ADDRESS;
      house.rest.login = { is: '+1 555-555-0123' };
      await enter(visit, house, 'channels');
      await id(visit, 'add-account').click();
      await id(visit, 'channel-whatsapp-cloud').click();
      await page.getByRole('link', { name: 'https://developers.facebook.com' }).waitFor();
      await page.getByText('docs/channels/whatsapp-cloud.md').waitFor();
      await id(visit, 'try-account').click();
      await expect.poll(() => page.getByText('This is needed.').count()).toBe(4);
      await looks(visit, look, 'add whatsapp through meta');
      for (const secret of ['account-token', 'account-appSecret', 'account-verifyToken'])
        expect(await id(visit, secret).getAttribute('type'), secret).toBe('password');
      await id(visit, 'account-token').fill('EAAG-secret');
      await id(visit, 'account-phoneNumberId').fill('106540352242922');
      await id(visit, 'account-appSecret').fill('app-secret');
      await id(visit, 'account-verifyToken').fill('verify-secret');
      await page.getByText('More, which can be left out').click();
      await id(visit, 'account-loginTemplate').fill('login_code');
      await page.keyboard.press('Enter');
      await id(visit, 'channel-login').getByText('+1 555-555-0123').waitFor();
      expect(added(house)).toEqual({
        channel: 'whatsapp-cloud',
        account: 'default',
        token: 'EAAG-secret',
        settings: { phoneNumberId: '106540352242922', loginTemplate: 'login_code' },
        secrets: { appSecret: 'app-secret', verifyToken: 'verify-secret' },
      });
      await id(visit, 'add-channel').getByText(ADDRESS).waitFor();
      await page.getByText('this as the callback URL').first().waitFor();
      await looks(visit, look, 'whatsapp through meta is added');
      for (const secret of ['EAAG-secret', 'app-secret', 'verify-secret'])
        expect(await page.content()).not.toContain(secret);
      await page.keyboard.press('Escape');
      await expect.poll(() => focused(visit)).toBe('add-account');
    }));

  test('secrets may stay in variables; a password of XMPP goes out as it was typed', () =>
    inHouse(dist, look, async (visit, house) => {
      house.isProven = true;
      house.factors = [TOTP];
      house.rest.addable = ADDABLE;
      await enter(visit, house, 'channels?open=new');
      await id(visit, 'channel-xmpp').click();
      await id(visit, 'account-username').fill('assistant');
      await id(visit, 'account-domain').fill('example.org');
      await id(visit, 'account-service').fill('xmpps://example.org:5223');
      await id(visit, 'account-token').fill('two words ');
      await looks(visit, look, 'add xmpp');
      await id(visit, 'try-account').click();
      await id(visit, 'channel-login').waitFor();
      const settings = { username: 'assistant', domain: 'example.org', service: 'xmpps://example.org:5223' };
      expect(added(house)).toEqual({ channel: 'xmpp', account: 'default', token: 'two words ', settings });
      await go(visit, 'channels');
      await go(visit, 'channels?open=new');
      await id(visit, 'channel-twilio').click();
      await visit.page.getByText('An SMS proves almost nothing').waitFor();
      await visit.page.getByRole('radio', { name: 'In an environment variable' }).click();
      await id(visit, 'account-token').fill('TWILIO_AUTH_TOKEN');
      await id(visit, 'account-accountSid').fill('AC0123456789abcdef');
      await id(visit, 'account-from').fill('+15555550123');
      await looks(visit, look, 'add twilio');
      await id(visit, 'try-account').click();
      await id(visit, 'channel-login').waitFor();
      expect(added(house)).toMatchObject({ token: { env: 'TWILIO_AUTH_TOKEN' } });
    }));

  test('a linked device goes on to the phone; the card of a number says where it delivers, and that codes go by SMS', () =>
    inHouse(dist, look, async (visit, house) => {
      const { page } = visit;
      house.isProven = true;
      house.factors = [TOTP];
      house.rest.addable = ADDABLE;
      house.rest.channels.push({
        channel: 'twilio',
        account: 'sms',
        enabled: true,
        dmPolicy: 'pairing',
        state: 'connected',
        detail: '+15555550123, SMS',
      });
      house.rest.config = { 'gateway.publicUrl': null, 'login.allowCarrier': true };
      await enter(visit, house, 'channels');
      await id(visit, 'carrier').getByRole('link', { name: 'Change it in the settings' }).waitFor();
      await id(visit, 'webhook').getByText('no public address yet').waitFor();
      house.rest.config = { 'gateway.publicUrl': 'https://gate.example' };
      await page.reload();
      await id(visit, 'webhook').getByText('https://gate.example/webhooks/twilio/sms').waitFor();
      await page.getByRole('button', { name: 'Copy the address' }).waitFor();
      expect(await id(visit, 'carrier').count()).toBe(0);
      await looks(visit, look, 'where twilio delivers');
      await id(visit, 'add-account').click();
      await id(visit, 'channel-whatsapp').click();
      await id(visit, 'unofficial').waitFor();
      expect(await id(visit, 'account-token').count()).toBe(0);
      await id(visit, 'account-name').fill('family');
      await looks(visit, look, 'add a linked device');
      await id(visit, 'try-account').click();
      await id(visit, 'begin-linking').waitFor();
      await expect.poll(() => page.url()).toContain('link=whatsapp%3Afamily');
      await expect.poll(() => page.url()).not.toContain('open=new');
      await page.keyboard.press('Escape');
      await id(visit, 'link-phone').waitFor({ state: 'detached' });
      await expect.poll(() => focused(visit)).toBe('add-account');
    }));
});
