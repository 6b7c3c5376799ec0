// Pairings in a real Chromium, under the gateway's Content-Security-Policy and Trusted Types, with names that attack:
// everything is reached by the keyboard, axe finds nothing, and nothing is wider than the window.
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { at, focused, HTML, looks, TURNED } from '../../../../test/door-visit.ts';
import { buildPages, CHROMIUM, HOME, LOOKS } from '../../../../test/page-visit.ts';
import type { FakeDoor } from '../testing/fake-door.ts';

let dist = '';
beforeAll(async () => {
  vi.stubEnv('NODE_ENV', 'production');
  dist = await buildPages();
}, 300_000);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(dist, { recursive: true, force: true });
});

function strangers(door: FakeDoor): void {
  door.asks({ id: 'pair_html', identifier: '999001', displayName: HTML, firstWords: `${HTML} hello` }, 3);
  door.asks({ id: 'pair_turned', identifier: '999002', displayName: TURNED, username: 'turned' }, 9);
  door.asks(
    {
      id: 'pair_fake',
      identifier: '555102',
      displayName: '\u041Elg\u0430',
      firstWords: 'Hi, it is me, Olga. New phone.\nhttps://evil.example/now',
    },
    20,
  );
  const { code: _, ...waiting } = door.asks({ id: 'pair_web', identifier: 'q7w2', channel: 'webchat' }, 2);
  door.pairings = [...door.pairings.slice(0, -1), { ...waiting, state: 'waiting' }];
}

describe.skipIf(CHROMIUM === undefined).each(LOOKS)('in $scheme at $width', { timeout: 400_000 }, (look) => {
  test('R47, R67: who waits is listed the longest first, claims after identifiers, nothing hidden', () =>
    at(
      dist,
      look,
      'pairings',
      async (visit) => {
        const { page } = visit;
        const rows = page.getByTestId('pairing-row');
        await expect.poll(() => rows.count()).toBe(4);
        const words = await rows.allTextContents();
        expect(words.map((one) => /999001|999002|555102|q7w2/.exec(one)?.[0])).toEqual([
          '555102',
          '999002',
          '999001',
          'q7w2',
        ]);
        expect(words[1]).toContain('gnp.\\u{202E}olga\\u{200B}');
        expect(words.join('')).not.toMatch(/[\u202E\u200B]/);
        expect(words[0]).toContain('called like an owner');
        expect(words[3]).toContain('without a code');
        expect(await page.locator('main img').count()).toBe(0);
        // What a stranger wrote leads nowhere.
        expect(await rows.locator('a').count()).toBe(0);
        await looks(visit, look, 'pairings');
        await page.keyboard.press('/');
        await page.keyboard.type('999001');
        await expect.poll(() => rows.count()).toBe(1);
        await page.keyboard.type('9');
        await page.getByText('Nothing fits').waitFor();
        await looks(visit, look, 'pairings-no-match');
      },
      strangers,
    ));

  test('by the keyboard alone: open, read, Deny has the focus, approve for a time, undo', () =>
    at(
      dist,
      look,
      'pairings',
      async (visit, door) => {
        const { page } = visit;
        const dialog = page.getByTestId('decide-pairing');
        await page.getByTestId('pairing-row').first().waitFor();
        await page.locator('main ul.list > li[tabindex="0"]').focus();
        await page.keyboard.press('Enter');
        await page.getByRole('dialog').waitFor();
        await expect.poll(() => page.evaluate(focused)).toBe('deny-pairing');
        await page.getByTestId('likenesses').getByText('an owner of this gateway').first().waitFor();
        await page.getByTestId('likenesses').getByText('One digit away').waitFor();
        await looks(visit, look, 'pairing-decide');
        await page.keyboard.press('ArrowRight');
        await expect.poll(() => page.evaluate(focused)).toBe('approve-pairing');
        await page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'detached' });
        // Back where it was opened from: the keyboard does not begin again at the top.
        await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('LI');
        expect(door.calls).toEqual([]);
        await page.goto(`${HOME}/#/pairings?open=pair_html`);
        await page.getByTestId('for-how-long').selectOption('custom');
        await page.getByLabel('How many').fill('0');
        await page.getByText('whole number').waitFor();
        expect(await page.getByTestId('approve-pairing').isDisabled()).toBe(true);
        await page.getByLabel('How many').fill('36');
        await page.getByLabel('Of what').selectOption('hours');
        await page.getByTestId('pairing-name').fill('Eve');
        await looks(visit, look, 'pairing-decide-html');
        await page.getByTestId('approve-pairing').click();
        await page.getByText('telegram:999001 may talk now').waitFor();
        expect(door.calls.at(-1)?.body).toEqual({ for: '36h', name: 'Eve' });
        await expect.poll(() => page.getByTestId('pairing-row').count()).toBe(3);
        await looks(visit, look, 'pairing-approved-toast');
        await page.getByRole('button', { name: 'Undo' }).click();
        await page.getByText('telegram:999001 may not talk any more').waitFor();
        expect(door.calls.at(-1)?.body).toMatchObject({ channel: 'telegram', identifier: '999001' });
      },
      strangers,
    ));

  test('somebody else decides while it is read: it says who and what, and nothing looks like an error', () =>
    at(
      dist,
      look,
      'pairings?open=pair_fake',
      async (visit, door) => {
        const { page } = visit;
        await page.getByTestId('deny-pairing').waitFor();
        door.settle('pair_fake', { state: 'denied', decidedBy: 'prn_olga@chat:telegram' });
        visit.tell({ type: 'event', event: 'changed', seq: 2, of: ['pairings'], why: ['pairing.denied'] });
        const over = page.getByRole('dialog');
        await over.getByText('It was declined').waitFor();
        await over.getByText('in telegram').waitFor();
        expect(await over.getByRole('alert').count()).toBe(0);
        await looks(visit, look, 'pairing-decided-elsewhere');
        await page.keyboard.press('Escape');
        // Faster than the news of it.
        await page.goto(`${HOME}/#/pairings?open=pair_turned`);
        await page.getByTestId('deny-pairing').waitFor();
        door.settle('pair_turned', { state: 'approved', decidedBy: 'host', person: 'prn_olga' });
        await page.keyboard.press('Enter');
        await over.getByText('It was approved').waitFor();
        await over.getByText('shell of the gateway').waitFor();
        expect(await over.getByRole('alert').count()).toBe(0);
      },
      strangers,
    ));

  test('who was let in and who is blocked: each with its end beside it', () =>
    at(
      dist,
      look,
      'pairings?show=approved',
      async (visit, door) => {
        const { page } = visit;
        await page.getByRole('button', { name: 'Revoke the access of 999001' }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByText('From this moment').waitFor();
        await looks(visit, look, 'pairing-revoke');
        await page.keyboard.press('Enter');
        await dialog.waitFor({ state: 'hidden' });
        expect(door.calls).toEqual([]);
        await looks(visit, look, 'pairings-approved');
        await page.getByRole('button', { name: 'Revoke the access of 999001' }).click();
        await dialog.getByRole('button', { name: 'Revoke' }).click();
        await page.getByText('telegram:999001 may not talk any more').waitFor();
        await page.getByRole('tab', { name: 'Blocked' }).click();
        await page.getByRole('button', { name: 'Unblock 999002' }).click();
        await page.getByText('telegram:999002 is a stranger again').waitFor();
        await page.getByText('Nobody is blocked').waitFor();
        await page.getByRole('tab', { name: 'History' }).click();
        await expect.poll(() => page.getByTestId('all-pairings').locator('li').count()).toBe(4);
        await looks(visit, look, 'pairings-history');
      },
      (door) => {
        strangers(door);
        door.settle('pair_html', {
          state: 'approved',
          person: 'prn_olga',
          accessUntil: '2030-01-01T00:00:00.000Z',
        });
        door.settle('pair_turned', { state: 'blocked' });
      },
    ));

  test('without the right to answer it is only looked at, with a sentence why', () =>
    at(
      dist,
      look,
      'pairings?open=pair_fake',
      async (visit) => {
        const { page } = visit;
        await page.getByTestId('decide-pairing').getByText('may look, but not answer').waitFor();
        expect(await page.getByTestId('approve-pairing').count()).toBe(0);
        await looks(visit, look, 'pairing-read-only');
      },
      (door) => {
        strangers(door);
        door.scopes = ['read'];
      },
    ));

  test('an empty door is calm, and a broken one can be tried again', () =>
    at(dist, look, 'pairings', async (visit, door) => {
      const { page } = visit;
      await page.getByText('Nobody waits at the door').waitFor();
      await looks(visit, look, 'pairings-empty');
      const { answer } = door;
      visit.api = (call) =>
        call.path.includes('pairings')
          ? { status: 500, body: { code: 'internal', title: 'Broken', status: 500 } }
          : answer(call);
      await page.reload();
      await page.getByTestId('failed').waitFor();
      visit.api = answer;
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.getByText('Nobody waits at the door').waitFor();
    }));
});
