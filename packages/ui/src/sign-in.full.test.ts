// Signing in and claiming in a real Chromium, under the gateway's Content-Security-Policy and Trusted Types: every state is
// reached as a person reaches it, axe finds nothing in it, and nothing is wider than the window.
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { focused, go, id, inHouse, keyOf, looks, OWNED } from '../../../test/in-house.ts';
import { buildPages, CHROMIUM, HOME, LOOKS } from '../../../test/page-visit.ts';

let dist = '';
beforeAll(async () => {
  vi.stubEnv('NODE_ENV', 'production');
  dist = await buildPages();
}, 300_000);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(dist, { recursive: true, force: true });
});

describe.skipIf(CHROMIUM === undefined).each(LOOKS)('in $scheme at $width', { timeout: 400_000 }, (look) => {
  test('a browser signs in by a code: the words, the time, a wrong code, a late one, the right one pasted', () =>
    inHouse(dist, look, async (visit, house) => {
      const { page } = visit;
      house.available = false;
      await page.goto(`${HOME}/`);
      await page.getByText('No owner’s chat can receive a code now').waitFor();
      await page.getByText('countersign devices approve devreq_k7qd2mx4').waitFor();
      await page.getByText('/pair approve devreq_k7qd2mx4').waitFor();
      await looks(visit, look, 'login unavailable');
      // Pressed, it asks at once and says so. By itself it asks as well, and is not answered here before that.
      const pressed = Promise.withResolvers<void>();
      visit.api = (call) =>
        call.path === '/api/v1/login' ? pressed.promise.then(() => house.answer(call)) : house.answer(call);
      await id(visit, 'login-send').click();
      await page.locator('[data-can=asking]').waitFor();
      house.available = true;
      pressed.resolve();
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
      await expect.poll(() => page.url()).toBe(`${HOME}/`);
      await looks(visit, look, 'login code');
      await id(visit, 'login-code').pressSequentially('111111');
      await page.getByText('This code did not work').waitFor();
      await looks(visit, look, 'login refused');
      house.codeLife = 1_000;
      await page.getByRole('button', { name: 'Back' }).click();
      await id(visit, 'login-send').click();
      await page.getByText('The time of this code is over').waitFor();
      await expect.poll(() => focused(visit)).toBe('login-again');
      await looks(visit, look, 'login over');
      house.codeLife = 60_000;
      await page.keyboard.press('Enter');
      await id(visit, 'login-code').waitFor();
      await id(visit, 'login-code').evaluate((input) => {
        if (!(input instanceof HTMLInputElement)) return;
        input.focus();
        document.execCommand('insertText', false, '135 790');
      });
      await id(visit, 'page-title').waitFor();
      expect(house.calls.find(({ body }) => body['code'] === '135790')).toBeDefined();
    }));

  test('a channel that is back is noticed without a click, and then nothing is asked any more', () =>
    inHouse(dist, look, async (visit, house) => {
      const { page } = visit;
      house.available = false;
      await page.goto(`${HOME}/`);
      await page.getByText('No owner’s chat can receive a code now').waitFor();
      const asked = () => house.calls.filter(({ path }) => path === '/api/v1/login').length;
      // Until now the answer was no, however often it asked.
      const noes = asked();
      house.available = true;
      await page.getByText('A code can be sent now').waitFor();
      // Once it is yes, nothing is asked any more until somebody presses.
      expect(asked()).toBe(noes + 1);
    }));

  test('the claim goes on to a passkey, recovery codes and a chat', () =>
    inHouse(dist, look, async (visit, house) => {
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
      await id(visit, 'page-title').waitFor({ timeout: 30_000 });
      visit.claim = OWNED;
      await page.reload();
      await id(visit, 'page-title').waitFor({ timeout: 30_000 });
      await go(visit, 'factors?prove=1');
      await page.getByRole('button', { name: 'Use a passkey' }).click();
      await page.getByText('may do everything its owner may').first().waitFor();
      const proof = house.calls.findLast(({ path }) => path.endsWith('/prove'));
      expect(proof?.headers['x-countersign-factor']).toMatch(/^passkey [\w-]+$/);
    }));
});
