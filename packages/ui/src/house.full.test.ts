// Signing in and the house page in a real Chromium, under the gateway's Content-Security-Policy and Trusted Types: every
// state is reached as a person reaches it, axe finds nothing in it, and nothing is wider than the window.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  buildPages,
  CHROMIUM,
  HOME,
  LOOKS,
  type Look,
  sound,
  type Visit,
  visiting,
} from '../../../test/page-visit.ts';
import { base64url, thumbprintOf } from './device-key.ts';
import { FakeHouse } from './testing/fake-house.ts';

const OWNED = { GET: { status: 200, body: { owned: true, gateway: 'ins_test', nonce: 'n', ts: 1 } } };
/** Set to keep pictures of every state. */
const SHOTS = process.env['COUNTERSIGN_SHOTS'];

let dist = '';
beforeAll(async () => {
  vi.stubEnv('NODE_ENV', 'production');
  dist = await buildPages();
}, 60_000);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(dist, { recursive: true, force: true });
});

const inHouse = (look: Look, work: (visit: Visit, house: FakeHouse) => Promise<void>): Promise<void> =>
  visiting(dist, look, (visit) => {
    const house = new FakeHouse();
    visit.claim = OWNED;
    visit.api = house.answer;
    visit.onConnect = (frame) => house.connect(frame);
    return work(visit, house);
  });

async function looks(visit: Visit, look: Look, what: string): Promise<void> {
  await sound(visit, what);
  await picture(visit, look, what);
}

async function picture(visit: Visit, look: Look, what: string): Promise<void> {
  if (SHOTS === undefined) return;
  mkdirSync(SHOTS, { recursive: true });
  const path = join(SHOTS, `${what.replaceAll(' ', '-')}.${look.scheme}.png`);
  await visit.page.screenshot({ path, fullPage: true });
}

const id = ({ page }: Visit, name: string) => page.getByTestId(name);

/** Opens the house as a browser that is in; the fake learns the key from the proof of the first call. */
async function enter(visit: Visit, house: FakeHouse): Promise<void> {
  house.isIn = true;
  await visit.page.addInitScript('Object.defineProperty(navigator, "locks", { value: undefined })');
  await visit.page.goto(`${HOME}/`);
  await visit.page.getByText('Your house').or(visit.page.getByText('Hello, Olga')).first().waitFor();
  house.key = await keyOf(house);
  await visit.page.reload();
  await visit.page.getByText('Hello, Olga').waitFor();
}

async function keyOf(house: FakeHouse): Promise<string> {
  await expect.poll(() => house.calls.some(({ headers }) => headers['dpop'] !== undefined)).toBe(true);
  const proof = house.calls.find(({ headers }) => headers['dpop'] !== undefined)?.headers['dpop'] ?? '';
  const { jwk } = JSON.parse(Buffer.from(proof.split('.')[0] ?? '', 'base64url').toString());
  return base64url(await thumbprintOf(jwk));
}

describe.skipIf(CHROMIUM === undefined).each(LOOKS)('in $scheme at $width', { timeout: 240_000 }, (look) => {
  test('a browser signs in by a code: the words, the time, a wrong code, a late one, the right one pasted', () =>
    inHouse(look, async (visit, house) => {
      const { page } = visit;
      house.available = false;
      await page.goto(`${HOME}/`);
      await page.getByText('No owner’s chat can receive a code now').waitFor();
      await page.getByText('countersign devices approve devreq_k7qd2mx4').waitFor();
      await page.getByText('/pair approve devreq_k7qd2mx4').waitFor();
      await looks(visit, look, 'login unavailable');
      house.available = true;
      await id(visit, 'login-send').click();
      await page.getByText('A code can be sent now').waitFor();
      await page.getByText('I have a ticket').click();
      await looks(visit, look, 'login start');
      await id(visit, 'login-ticket').fill('abcd-efgh');
      await page.keyboard.press('Enter');
      await id(visit, 'login-code').waitFor();
      expect(await id(visit, 'login-phrase').textContent()).toBe('quiet harbour');
      expect(house.calls.findLast(({ method }) => method === 'POST')?.body).toMatchObject({
        ticket: 'ABCDEFGH',
        signature: expect.stringMatching(/^[\w-]{86}$/),
      });
      expect(page.url()).toBe(`${HOME}/`);
      await looks(visit, look, 'login code');
      await id(visit, 'login-code').pressSequentially('111111');
      await page.getByText('This code did not work').waitFor();
      await looks(visit, look, 'login refused');
      house.codeLife = 1_000;
      await page.getByRole('button', { name: 'Back' }).click();
      await id(visit, 'login-send').click();
      await page.getByText('The time of this code is over').waitFor();
      expect(await page.evaluate('document.activeElement.dataset.testid')).toBe('login-again');
      await looks(visit, look, 'login over');
      house.codeLife = 60_000;
      await page.keyboard.press('Enter');
      await id(visit, 'login-code').waitFor();
      await id(visit, 'login-code').evaluate((input) => {
        if (!(input instanceof HTMLInputElement)) return;
        input.focus();
        document.execCommand('insertText', false, '135 790');
      });
      await page.getByText('Your house').waitFor();
      expect(house.calls.find(({ body }) => body['code'] === '135790')).toBeDefined();
    }));

  test('a browser signed in by code sees what it may do, proves a factor in place, and then may do everything', () =>
    inHouse(look, async (visit, house) => {
      const { page } = visit;
      await enter(visit, house);
      await page.getByText('You have nothing to prove yourself with yet').waitFor();
      expect(await id(visit, 'add-totp').count()).toBe(0);
      await looks(visit, look, 'house without a factor');
      house.via = 'claim';
      await page.reload();
      await id(visit, 'add-totp').click();
      await id(visit, 'totp-secret').waitFor();
      await looks(visit, look, 'totp enrolment');
      await id(visit, 'totp-code').fill('000000');
      await page.keyboard.press('Enter');
      await page.getByText('This code does not fit').waitFor();
      await id(visit, 'totp-code').fill('246 810');
      await page.keyboard.press('Enter');
      await page.getByText('The app is confirmed').waitFor();
      await id(visit, 'prove').click();
      await id(visit, 'proof-totp').fill('999999');
      await page.keyboard.press('Enter');
      await page.getByText('This did not fit').waitFor();
      await looks(visit, look, 'a proof that did not fit');
      await id(visit, 'proof-totp').fill('246810');
      await page.keyboard.press('Enter');
      await id(visit, 'scopes-later').waitFor({ state: 'detached' });
      expect(await id(visit, 'scopes-yes').locator('li').count()).toBe(4);
      await looks(visit, look, 'house proven');
      await id(visit, 'make-codes').click();
      await page.getByText('A-QRST-UVWX-YZ23-4567').waitFor();
      await looks(visit, look, 'recovery codes');
      await page.emulateMedia({ media: 'print' });
      expect(await page.getByText('A-QRST-UVWX-YZ23-4567').isVisible()).toBe(true);
      expect(await page.getByText(`Countersign recovery codes for ${HOME}`).isVisible()).toBe(true);
      for (const hidden of ['Hello, Olga', 'This browser', 'I kept them', 'Add a passkey'])
        expect(await page.getByText(hidden).first().isVisible(), hidden).toBe(false);
      await picture(visit, look, 'recovery codes in print');
      await page.emulateMedia({ media: 'screen' });
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Download' }).click(),
      ]);
      expect(download.suggestedFilename()).toBe('countersign-recovery-codes.txt');
      await page.getByText('I kept them').click();
      expect(await page.content()).not.toContain('QRST');
    }));

  test('devices: a request is read, then decided with the focus on Reject; a revoked browser is out at once', () =>
    inHouse(look, async (visit, house) => {
      const { page } = visit;
      const base = { ...house.own, id: 'dev_other', key: 'k'.repeat(43), name: '<b>Fire\u202Efox</b>' };
      house.isProven = true;
      house.factors = [
        {
          id: 'fac_totp',
          kind: 'totp',
          label: 'app',
          state: 'active',
          person: 'prn_olga',
          createdAt: base.createdAt,
        },
      ];
      house.devices = [
        base,
        {
          ...base,
          id: 'devreq_a',
          state: 'pending',
          key: 'p'.repeat(43),
          address: '203.0.113.7',
          asks: ['see people, devices, requests, settings and the audit'],
        },
      ];
      await enter(visit, house);
      await looks(visit, look, 'house with a request');
      await page.getByRole('button', { name: 'Look at it: devreq_a' }).click();
      await id(visit, 'decide-device').waitFor();
      expect(await page.evaluate('document.activeElement.dataset.testid')).toBe('reject-device');
      expect(await page.locator('b').count()).toBe(0);
      await looks(visit, look, 'a decision');
      await id(visit, 'approve-device').click();
      await id(visit, 'proof-totp').fill('246810');
      await looks(visit, look, 'a decision that needs a proof');
      await page.keyboard.press('Enter');
      await id(visit, 'decide-device').waitFor({ state: 'detached' });
      await id(visit, 'pending-devices').waitFor({ state: 'detached' });
      expect(await id(visit, 'devices').locator('> li').count()).toBe(2);
      await id(visit, 'add-node').click();
      await id(visit, 'setup-code').waitFor();
      await looks(visit, look, 'setup code');
      await page.getByRole('button', { name: 'Revoke: dev_other' }).click();
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Keep it');
      await looks(visit, look, 'sure');
      await page.getByRole('button', { name: 'Revoke it' }).click();
      await expect.poll(() => id(visit, 'devices').locator('> li').count()).toBe(1);
      house.isIn = false;
      visit.tell({ type: 'error', code: 'auth_forbidden', hint: 'this device was revoked by Olga' });
      await visit.cut();
      await page.getByText('this device was revoked by Olga').waitFor();
      await looks(visit, look, 'revoked');
    }));

  test('the claim goes on to a passkey, recovery codes and a chat', () =>
    inHouse(look, async (visit, house) => {
      const { page } = visit;
      const cdp = await page.context().newCDPSession(page);
      await cdp.send('WebAuthn.enable');
      await cdp.send('WebAuthn.addVirtualAuthenticator', {
        options: {
          protocol: 'ctap2',
          transport: 'internal',
          hasResidentKey: true,
          hasUserVerification: true,
          isUserVerified: true,
          automaticPresenceSimulation: true,
        },
      });
      visit.claim = {
        GET: { status: 200, body: { ...OWNED.GET.body, owned: false } },
        POST: { status: 201, body: {} },
      };
      house.isIn = true;
      house.via = 'claim';
      await page.goto(`${HOME}/#claim=S3CRET`);
      await id(visit, 'claim-name').fill('Olga');
      await id(visit, 'claim-submit').click();
      await page.getByText('This gateway is yours, Olga').waitFor();
      await id(visit, 'add-passkey').waitFor();
      await looks(visit, look, 'claimed');
      await id(visit, 'add-passkey').click();
      await id(visit, 'make-codes').waitFor();
      expect(house.calls.find(({ path }) => path.endsWith('/finish'))?.body).toMatchObject({
        label: 'Passkey of Chrome on Linux',
        response: { type: 'public-key', response: { attestationObject: expect.any(String) } },
      });
      await looks(visit, look, 'claimed codes');
      await id(visit, 'make-codes').click();
      await page.getByText('I kept them').click();
      await page.getByText('countersign people link Olga <code> --as owner').waitFor();
      await looks(visit, look, 'claimed link');
      await id(visit, 'enter').click();
      house.key = await keyOf(house);
      await page.getByText('Hello, Olga').waitFor({ timeout: 30_000 });
      await id(visit, 'prove').click();
      await page.getByRole('button', { name: 'Use a passkey' }).click();
      await id(visit, 'scopes-later').waitFor({ state: 'detached' });
      const proof = house.calls.findLast(({ path }) => path.endsWith('/prove'));
      expect(proof?.headers['x-countersign-factor']).toMatch(/^passkey [\w-]+$/);
    }));
});
