// Devices, factors, channels and the first steps in a real Chromium, under the gateway's Content-Security-Policy and Trusted
// Types: each is gone through as a person does it, axe finds nothing, and nothing is wider than the window.
import { rmSync } from 'node:fs';
import type { FactorRow } from '@countersign/protocol/factor';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { changed, enter, focused, go, id, inHouse, looks, picture } from '../../../../test/in-house.ts';
import { buildPages, CHROMIUM, HOME, LOOKS } from '../../../../test/page-visit.ts';
import type { FakeHouse } from '../testing/fake-house.ts';

const CREATED = '2026-01-01T00:00:00.000Z';
const TOTP: FactorRow = {
  id: 'fac_totp',
  kind: 'totp',
  label: 'app',
  state: 'active',
  person: 'prn_olga',
  createdAt: CREATED,
};

let dist = '';
beforeAll(async () => {
  vi.stubEnv('NODE_ENV', 'production');
  dist = await buildPages();
}, 300_000);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(dist, { recursive: true, force: true });
});

/** A browser of a name that tries things, and a request of another. */
function withOthers(house: FakeHouse): void {
  const base = { ...house.own, id: 'dev_other', key: 'k'.repeat(43), name: '<b>Fire\u202Efox</b>' };
  house.isProven = true;
  house.factors = [TOTP];
  house.devices = [
    base,
    {
      ...base,
      id: 'dev_old',
      key: 'o'.repeat(43),
      name: 'old tablet',
      state: 'revoked',
      endedAt: CREATED,
      endedWhy: 'not_me',
    },
    {
      ...base,
      id: 'devreq_a',
      state: 'pending',
      key: 'p'.repeat(43),
      address: '203.0.113.7',
      expiresAt: new Date(Date.now() + 600_000).toISOString(),
      asks: ['see people, devices, requests, settings and the audit'],
    },
  ];
}

describe.skipIf(CHROMIUM === undefined).each(LOOKS)('in $scheme at $width', { timeout: 400_000 }, (look) => {
  test('devices: a request is read, then decided with the focus on Reject; a revoked browser is out at once', () =>
    inHouse(dist, look, async (visit, house) => {
      const { page } = visit;
      withOthers(house);
      await enter(visit, house, 'devices');
      await id(visit, 'pending-devices').waitFor();
      await looks(visit, look, 'devices');
      await page.getByRole('button', { name: 'Look at it: devreq_a' }).click();
      await id(visit, 'decide-device').waitFor({ state: 'attached' });
      await page
        .getByText('See people, devices, requests, settings and the audit', { exact: false })
        .first()
        .waitFor();
      await expect.poll(() => focused(visit)).toBe('reject-device');
      await expect.poll(() => page.url()).toContain('open=devreq_a');
      expect(await page.locator('b').count()).toBe(0);
      await looks(visit, look, 'a decision');
      await id(visit, 'approve-device').click();
      await id(visit, 'proof-totp').fill('246810');
      await looks(visit, look, 'a decision that needs a proof');
      await page.keyboard.press('Enter');
      await id(visit, 'approve-device').waitFor({ state: 'detached' });
      await id(visit, 'pending-devices').waitFor({ state: 'detached' });
      await id(visit, 'told').getByRole('button', { name: 'Undo' }).waitFor();
      await expect.poll(() => id(visit, 'devices').locator('> li').count()).toBe(2);
      // Whoever follows an old link is told what became of it.
      await go(visit, 'devices?open=dev_old');
      await page.getByText('It was ended.').waitFor();
      await page.keyboard.press('Escape');
      await go(visit, 'devices?show=all');
      await page.getByText('an owner said “not me”').waitFor();
      await looks(visit, look, 'ended devices');
      await go(visit, 'devices');
      await page.getByRole('button', { name: 'Rename: dev_other' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('kitchen');
      await looks(visit, look, 'rename a device');
      await page.keyboard.press('Enter');
      await id(visit, 'devices').getByText('kitchen').waitFor();
      await page.getByRole('button', { name: 'Revoke: dev_other' }).click();
      await expect.poll(() => focused(visit)).toBe('keep');
      await looks(visit, look, 'revoke a device');
      await page.getByRole('button', { name: 'Revoke it' }).click();
      await expect.poll(() => id(visit, 'devices').locator('> li').count()).toBe(1);
      house.isIn = false;
      visit.tell({ type: 'error', code: 'auth_forbidden', hint: 'this device was revoked by Olga' });
      await visit.cut();
      await page.getByText('this device was revoked by Olga').waitFor();
      await looks(visit, look, 'revoked');
    }));

  test('a setup code is shown once with what it can ask for; who comes with it is named where it is shown', () =>
    inHouse(dist, look, async (visit, house) => {
      const { page } = visit;
      withOthers(house);
      await enter(visit, house, 'devices');
      await id(visit, 'add-node').click();
      await id(visit, 'setup-code').waitFor();
      expect(house.calls.findLast(({ path }) => path.endsWith('/setup'))?.body).toEqual({ role: 'node' });
      await page.getByText('only a browser on this same machine gets there').waitFor();
      await looks(visit, look, 'setup code');
      const asking = house.devices.find(({ state }) => state === 'pending');
      if (asking !== undefined)
        house.devices.push({ ...asking, id: 'devreq_new', key: 'n'.repeat(43), name: 'box' });
      changed(visit, house, 'devices');
      await page.getByText('A device has just asked').waitFor();
      await page.getByRole('button', { name: 'Look at it', exact: true }).last().click();
      await expect.poll(() => focused(visit)).toBe('reject-device');
      await expect.poll(() => page.url()).toContain('open=devreq_new');
      await id(visit, 'reject-device').click();
      await id(visit, 'reject-device').waitFor({ state: 'detached' });
      expect(await page.content()).not.toContain('eyJ1cmwi');
    }));

  test('a browser signed in by code may look; a factor is added, proven in place, and then it may do everything', () =>
    inHouse(dist, look, async (visit, house) => {
      const { page } = visit;
      await enter(visit, house, 'factors?prove=1');
      await page.getByText('You have no factor to prove yet').waitFor();
      expect(await id(visit, 'add-totp').count()).toBe(0);
      await looks(visit, look, 'factors of a browser that may look');
      await go(visit, 'devices');
      await id(visit, 'scopes-later').waitFor();
      expect(await id(visit, 'add-device').count()).toBe(0);
      house.via = 'claim';
      await page.reload();
      await go(visit, 'factors');
      await id(visit, 'add-totp').click();
      await id(visit, 'totp-secret').waitFor();
      await looks(visit, look, 'totp enrolment');
      await id(visit, 'totp-code').fill('000000');
      await page.keyboard.press('Enter');
      await page.getByText('This code does not fit').waitFor();
      await id(visit, 'totp-code').fill('246 810');
      await page.keyboard.press('Enter');
      await page.getByText('The app is confirmed').waitFor();
      changed(visit, house, 'devices', 'factors');
      await id(visit, 'prove').click();
      await expect.poll(() => page.url()).toContain('prove=1');
      await id(visit, 'proof-totp').fill('999999');
      await page.keyboard.press('Enter');
      await page.getByText('This did not fit').waitFor();
      await looks(visit, look, 'a proof that did not fit');
      await id(visit, 'proof-totp').fill('246810');
      await page.keyboard.press('Enter');
      await id(visit, 'prove-here').waitFor({ state: 'detached' });
      changed(visit, house, 'devices', 'factors');
      await go(visit, 'devices');
      await expect.poll(() => id(visit, 'scopes-yes').locator('li').count()).toBe(4);
      expect(await id(visit, 'scopes-later').count()).toBe(0);
    }));

  test('recovery codes are shown once, printed alone, and their number is watched', () =>
    inHouse(dist, look, async (visit, house) => {
      const { page } = visit;
      house.isProven = true;
      house.factors = [TOTP];
      house.recoveryCodes = 2;
      await enter(visit, house, 'factors');
      await page.getByText('Few are left').waitFor();
      await looks(visit, look, 'factors');
      await id(visit, 'make-codes').click();
      await page.getByText('A-QRST-UVWX-YZ23-4567').waitFor();
      await looks(visit, look, 'recovery codes');
      await page.emulateMedia({ media: 'print' });
      expect(await page.getByText('A-QRST-UVWX-YZ23-4567').isVisible()).toBe(true);
      expect(await page.getByText(`Countersign recovery codes for ${HOME}`).isVisible()).toBe(true);
      for (const hidden of ['I kept them', 'Add a passkey', 'Overview', 'Authenticator app'])
        expect(await page.getByText(hidden).first().isVisible(), hidden).toBe(false);
      await picture(visit, look, 'recovery codes in print');
      await page.emulateMedia({ media: 'screen' });
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Download' }).click(),
      ]);
      expect(download.suggestedFilename()).toBe('countersign-recovery-codes.txt');
      await page.getByText('I kept them').click();
      await page.getByText('10 codes left').waitFor();
      expect(await page.content()).not.toContain('QRST');
      await page.getByRole('button', { name: 'Remove: Authenticator app, fac_totp' }).click();
      await page.getByText('It is the only one you have').waitFor();
      await expect.poll(() => focused(visit)).toBe('keep');
      await looks(visit, look, 'remove a factor');
      await id(visit, 'confirm').click();
      await page.getByText('You have none yet').waitFor();
    }));

  test('R33: a recovery that somebody announced is seen by every owner, with what it would end, and stopped', () =>
    inHouse(dist, look, async (visit, house) => {
      const { page } = visit;
      house.rest.recoveries = [
        {
          id: 'rec_1',
          person: 'prn_olga',
          state: 'announced',
          startedAt: CREATED,
          readyAt: new Date(Date.now() + 600_000).toISOString(),
          ends: { factors: 2, recoveryCodes: 10, devices: 1 },
        },
      ];
      // A browser that only answers at the door stops it as well.
      await enter(visit, house, 'factors');
      await id(visit, 'recovery-announced').getByText('2 factors, 10 recovery codes, 1 device').waitFor();
      await looks(visit, look, 'a recovery announced');
      await id(visit, 'stop-recovery').click();
      await id(visit, 'recovery-announced').waitFor({ state: 'detached' });
      await page.getByText('was stopped. Nothing changed.').waitFor();
    }));

  test('the first steps of an owner tick themselves off, can be skipped, and are found again in the help', () =>
    inHouse(dist, look, async (visit, house) => {
      const { page } = visit;
      house.via = 'claim';
      await enter(visit, house, 'overview');
      await id(visit, 'tour').getByText('0 of 4 done').waitFor();
      await looks(visit, look, 'tour');
      await page.getByRole('button', { name: 'Got it' }).click();
      await page.getByText('1 of 4 done').waitFor();
      house.isProven = true;
      house.factors = [TOTP];
      changed(visit, house, 'factors', 'devices');
      await page.getByText('2 of 4 done').waitFor();
      await id(visit, 'tour-over').click();
      await id(visit, 'tour').waitFor({ state: 'detached' });
      await page.reload();
      await id(visit, 'page-title').waitFor();
      await page.keyboard.press('?');
      await id(visit, 'show-tour').click();
      await page.getByText('2 of 4 done').waitFor();
      await page.getByRole('link', { name: 'Add a bot' }).click();
      await id(visit, 'account-token').waitFor();
      await expect.poll(() => page.url()).toContain('#/channels?open=new');
    }));

  test('channels: how each is, what is wrong and what to do, a live check, and one more whose login is tried first', () =>
    inHouse(dist, look, async (visit, house) => {
      const { page } = visit;
      house.isProven = true;
      house.rest.channels.push({
        channel: 'telegram',
        account: 'support',
        enabled: true,
        dmPolicy: 'allowlist',
        state: 'retrying',
        detail: 'Telegram does not know this bot token',
      });
      await enter(visit, house, 'channels?open=telegram:support');
      await page.getByText('The token is not taken').waitFor();
      await expect.poll(() => focused(visit)).toBe('Telegram · support');
      expect(await page.getByRole('link', { name: /Telegram · support/ }).getAttribute('href')).toBe(
        '#/settings?at=channels.telegram.accounts.support.dmPolicy',
      );
      await looks(visit, look, 'channels');
      await page.getByRole('button', { name: 'Check now: Telegram · support' }).click();
      await page.getByText('The check failed: Telegram does not know').waitFor();
      house.rest.channels = house.rest.channels.map((row) => ({ ...row, state: 'connected' }));
      changed(visit, house, 'channels');
      await page.getByText('The token is not taken').waitFor({ state: 'detached' });
      await id(visit, 'add-account').click();
      await id(visit, 'try-account').click();
      await page.getByText('This is needed.').waitFor();
      await id(visit, 'account-name').fill('Support!');
      await looks(visit, look, 'add a channel');
      await id(visit, 'account-name').fill('family');
      await id(visit, 'account-token').fill('123:secret');
      house.rest.login = { refused: 'Telegram does not know this bot token' };
      await id(visit, 'try-account').click();
      await id(visit, 'failed').getByText('Telegram does not know this bot token').waitFor();
      house.rest.login = { is: '@family_bot' };
      await id(visit, 'try-account').click();
      await id(visit, 'channel-login').getByText('@family_bot').waitFor();
      expect(
        house.calls.findLast(({ path, method }) => method === 'POST' && path.endsWith('/channels'))?.body,
      ).toEqual({
        channel: 'telegram',
        account: 'family',
        token: '123:secret',
      });
      await looks(visit, look, 'a channel added');
      expect(await page.content()).not.toContain('123:secret');
    }));
});
