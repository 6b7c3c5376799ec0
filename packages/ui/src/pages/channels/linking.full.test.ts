// Linking a phone in a real Chromium, under the gateway's Content-Security-Policy and Trusted Types, the gateway played from
// memory: the picture, its renewal, the end; the code; every way it can fail; and by keyboard alone. Axe finds nothing, and
// nothing is wider than the window.
import { rmSync } from 'node:fs';
import type { FactorRow } from '@countersign/protocol/factor';
import type { AccountStatus } from '@countersign/protocol/gateway';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { changed, enter, focused, id, inHouse, looks } from '../../../../../test/in-house.ts';
import { buildPages, CHROMIUM, LOOKS, type Visit } from '../../../../../test/page-visit.ts';
import type { FakeHouse } from '../../testing/fake-house.ts';
import { UNLINKED } from '../../testing/fake-linking.ts';

const TOTP: FactorRow = {
  id: 'fac_totp',
  kind: 'totp',
  label: 'app',
  state: 'active',
  person: 'prn_olga',
  createdAt: '2026-01-01T00:00:00.000Z',
};
const CONNECTED: AccountStatus = {
  channel: 'whatsapp',
  account: 'default',
  enabled: true,
  dmPolicy: 'pairing',
  state: 'connected',
  detail: 'as +15550009001',
};
const PICTURE = (n: number) =>
  `https://wa.me/settings/linked_devices#${n},${'A'.repeat(44)},${'B'.repeat(44)}`;
const NOT_INSTALLED = 'npm install baileys@7.0.0-rc14, beside countersign, then restart the gateway';

let dist = '';
beforeAll(async () => {
  vi.stubEnv('NODE_ENV', 'production');
  dist = await buildPages();
}, 300_000);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(dist, { recursive: true, force: true });
});

/** What the picture on the page is drawn as. */
const drawn = ({ page }: Visit) => page.locator('.link-picture svg path').getAttribute('d');
/** The gateway has had the question for the next step. */
const asked = (house: FakeHouse, what: RegExp) =>
  expect.poll(() => house.calls.filter(({ path }) => what.test(path)).length).toBeGreaterThan(0);

async function atChannels(visit: Visit, house: FakeHouse, row: AccountStatus = UNLINKED): Promise<void> {
  house.isProven = true;
  house.factors = [TOTP];
  house.rest.channels.push(row);
  await enter(visit, house, 'channels');
}

describe.skipIf(CHROMIUM === undefined).each(LOOKS)('in $scheme at $width', { timeout: 400_000 }, (look) => {
  test('a phone is linked by keyboard alone: what it means, a proof, the picture, its renewal, and a card that says so', () =>
    inHouse(dist, look, async (visit, house) => {
      const { page } = visit;
      const { linking } = house.rest;
      linking.needsProof = true;
      await atChannels(visit, house);
      await page.getByText('Press “Link a phone”').waitFor();
      expect(await page.getByTestId('unlink').count()).toBe(0);
      await looks(visit, look, 'channels without a phone');
      await id(visit, 'link').focus();
      await page.keyboard.press('Enter');
      await id(visit, 'unofficial').waitFor();
      await expect.poll(() => focused(visit)).toBe('link-by-picture');
      await expect.poll(() => page.url()).toContain('link=whatsapp');
      await looks(visit, look, 'link a phone');
      // Nothing was begun by looking.
      expect(linking.begun).toEqual([]);
      await page.keyboard.press('Enter');
      await id(visit, 'proof-totp').fill('246810');
      await page.keyboard.press('Enter');
      await page.getByText('Connecting to WhatsApp…').waitFor();
      expect(linking.begun).toEqual([{ account: 'default', force: false }]);
      await asked(house, /\/logins\//);
      linking.picture(PICTURE(1));
      await page.getByRole('img', { name: 'QR code to link a phone' }).waitFor();
      const first = await drawn(visit);
      await page.getByText('show it to nobody').waitFor();
      await looks(visit, look, 'a code to scan');
      linking.picture(PICTURE(2), 20);
      await page.getByText('A new QR code is shown').waitFor();
      expect(await drawn(visit)).not.toBe(first);
      // A click beside it gives nothing up.
      await page.mouse.click(2, 2);
      linking.go({ state: 'finishing' });
      await page.getByText('The phone said yes').waitFor();
      expect(await page.locator('.link-picture').count()).toBe(0);
      linking.go({ state: 'linked', login: '+15550009001' });
      await id(visit, 'link-linked').getByText('Linked as +15550009001').waitFor();
      await looks(visit, look, 'linked');
      house.rest.channels = house.rest.channels.map((row) => (row.channel === 'whatsapp' ? CONNECTED : row));
      changed(visit, house, 'channels');
      await page.keyboard.press('Escape');
      await id(visit, 'link-phone').waitFor({ state: 'detached' });
      await expect.poll(() => focused(visit)).toBe('link');
      expect(linking.cancelled).toEqual([]);
      await id(visit, 'channels').getByText('+15550009001').waitFor();
      await page.getByRole('button', { name: 'Link anew: WhatsApp, linked device' }).waitFor();
      // Neither the picture nor its text is anywhere on the page or in what the browser keeps.
      expect(await page.content()).not.toContain('linked_devices');
      expect(await page.evaluate('JSON.stringify({ ...localStorage, ...sessionStorage })')).not.toContain(
        'wa.me',
      );
    }));

  test('a number gets a code of eight letters; when it is over, another one; whoever leaves gives it up', () =>
    inHouse(dist, look, async (visit, house) => {
      const { page } = visit;
      const { linking } = house.rest;
      await atChannels(visit, house);
      await id(visit, 'link').click();
      await id(visit, 'link-by-code').click();
      await id(visit, 'begin-linking').click();
      await page.getByText('Write it with the country code').waitFor();
      await id(visit, 'link-number').fill('+1 555 555 0123');
      await looks(visit, look, 'link by a number');
      await page.keyboard.press('Enter');
      await asked(house, /\/logins\//);
      expect(linking.begun).toEqual([{ account: 'default', force: false, phone: '+1 555 555 0123' }]);
      linking.code('ABCD1234');
      await id(visit, 'link-code').getByText('ABCD-1234').waitFor();
      await looks(visit, look, 'a code to type');
      linking.code('EFGH5678', 1);
      await page.getByText('This code is no longer taken').waitFor();
      await looks(visit, look, 'a code that is over');
      await id(visit, 'restart-linking').click();
      await page.getByText('Connecting to WhatsApp…').waitFor();
      expect(linking.begun.at(-1)).toMatchObject({ force: true });
      await id(visit, 'stop-linking').click();
      await id(visit, 'begin-linking').waitFor();
      await expect.poll(() => linking.cancelled.length).toBe(2);
      await id(visit, 'begin-linking').click();
      await page.getByText('Connecting to WhatsApp…').waitFor();
      await page.keyboard.press('Escape');
      await expect.poll(() => linking.cancelled.length).toBe(3);
      await expect.poll(() => focused(visit)).toBe('link');
    }));

  test('why it ended is said with what to do: not in time, linked already, no library, no WhatsApp, a restart', () =>
    inHouse(dist, look, async (visit, house) => {
      const { page } = visit;
      const { linking } = house.rest;
      await atChannels(visit, house);
      const begin = async (): Promise<void> => {
        await id(visit, 'begin-linking').click();
        await page.getByText('Connecting to WhatsApp…').waitFor();
      };
      const failed = (why: string) => page.locator(`[data-testid="link-failed"][data-why="${why}"]`);
      const retry = async (): Promise<void> => {
        await id(visit, 'retry-linking').click();
        await id(visit, 'begin-linking').waitFor();
      };
      await id(visit, 'link').click();
      await begin();
      linking.fail('nobody linked a phone in time');
      await failed('late').getByText('Have the phone in your hand').waitFor();
      await looks(visit, look, 'not linked in time');
      await retry();
      await begin();
      linking.fail('the library for WhatsApp is not installed', NOT_INSTALLED);
      await failed('library').getByText('npm install baileys@7.0.0-rc14', { exact: true }).waitFor();
      await looks(visit, look, 'a missing library');
      await retry();
      await begin();
      linking.fail('what answers is not WhatsApp: <b>its</b> certificate');
      await failed('impostor').getByRole('link', { name: 'Open its settings' }).waitFor();
      expect(await page.locator('[data-testid="link-failed"] b').count()).toBe(0);
      await retry();
      await begin();
      linking.forget();
      await failed('gone').getByText('may have been restarted').waitFor();
      await retry();
      await begin();
      linking.fail('this account is linked already, as +15550009001');
      await failed('linked').waitFor();
      await looks(visit, look, 'linked already');
      await id(visit, 'force-linking').click();
      await page.getByText('Connecting to WhatsApp…').waitFor();
      expect(linking.begun.at(-1)).toEqual({ account: 'default', force: true });
      linking.refusal = {
        status: 409,
        body: {
          status: 409,
          code: 'state_conflict',
          title: 'x',
          detail: 'this account is being linked already',
        },
      };
      await id(visit, 'stop-linking').click();
      await id(visit, 'begin-linking').click();
      await failed('under').waitFor();
      await looks(visit, look, 'somebody links it already');
      await id(visit, 'leave-linked').click();
      await id(visit, 'link-phone').waitFor({ state: 'detached' });
      await expect.poll(() => focused(visit)).toBe('link');
    }));

  test('unlinking is asked once, with the focus on keeping it; what WhatsApp could not be told is left to the phone', () =>
    inHouse(dist, look, async (visit, house) => {
      const { page } = visit;
      const { linking } = house.rest;
      linking.needsProof = true;
      linking.told = false;
      await atChannels(visit, house, CONNECTED);
      await looks(visit, look, 'channels with a phone');
      await id(visit, 'unlink').click();
      await expect.poll(() => focused(visit)).toBe('keep');
      await looks(visit, look, 'unlink a phone');
      await page.keyboard.press('Escape');
      await expect.poll(() => focused(visit)).toBe('unlink');
      await page.keyboard.press('Enter');
      await id(visit, 'confirm').click();
      await id(visit, 'proof-totp').fill('246810');
      await page.keyboard.press('Enter');
      await id(visit, 'unlink-phone').waitFor({ state: 'detached' });
      await id(visit, 'told').getByText('WhatsApp could not be told').waitFor();
      house.rest.channels = house.rest.channels.map((row) => (row.channel === 'whatsapp' ? UNLINKED : row));
      changed(visit, house, 'channels');
      await page.getByText('Press “Link a phone”').waitFor();
    }));

  test('a browser that has proven nothing yet may look, and is offered no linking', () =>
    inHouse(dist, look, async (visit, house) => {
      house.rest.channels.push(UNLINKED);
      await enter(visit, house, 'channels?link=whatsapp:default');
      await id(visit, 'channels').waitFor();
      expect(await id(visit, 'link').count()).toBe(0);
      expect(await id(visit, 'link-phone').count()).toBe(0);
    }));
});
