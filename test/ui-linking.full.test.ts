// Linking a phone from the page to WhatsApp and back: the built pages in a real Chromium, the gateway's own routes, and
// WhatsApp played over its own protocol. What is drawn is what the phone scans; the card follows what the gateway says and
// asks by no timer.
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonOf } from '../packages/countersign/src/testing/house.ts';
import { OUR_PHONE } from '../packages/countersign/src/testing/whatsapp/directory.ts';
import { WhatsAppHouse } from '../packages/countersign/src/testing/whatsapp/house.ts';
import { drawingOf } from '../packages/ui/src/shared/qr-path.ts';
import type { Answer, Call, FakeHouse } from '../packages/ui/src/testing/fake-house.ts';
import { changed, enter, focused, id, inHouse, looks } from './in-house.ts';
import { buildPages, CHROMIUM, LOOKS, type Visit } from './page-visit.ts';

let dist = '';
beforeAll(async () => {
  dist = await buildPages();
}, 300_000);
afterAll(() => rmSync(dist, { recursive: true, force: true }));

/** What is about channels is answered by the gateway; who sits at the browser is played. */
function join(visit: Visit, fake: FakeHouse, { house }: WhatsAppHouse): Call[] {
  const calls: Call[] = [];
  visit.api = async (call): Promise<Answer | null> => {
    if (!call.path.startsWith('/api/v1/channels')) return fake.answer(call);
    calls.push(call);
    const body = call.method === 'GET' ? undefined : call.body;
    const answer = await house.call('host', call.method, call.path, body);
    return { status: answer.status, body: await jsonOf<object>(answer) };
  };
  house.composed.core.bus.subscribe('channelChanged', () => changed(visit, fake, 'channels'));
  return calls;
}

describe.skipIf(CHROMIUM === undefined).each(LOOKS)('in $scheme at $width', { timeout: 400_000 }, (look) => {
  test('the picture on the page links the phone, the card says as whom, and unlinking ends it at WhatsApp too', () =>
    inHouse(dist, look, async (visit, fake) => {
      await using whatsapp = await WhatsAppHouse.open();
      const { page } = visit;
      fake.isProven = true;
      const calls = join(visit, fake, whatsapp);
      await enter(visit, fake, 'channels');
      await page.getByText('no phone is linked yet').waitFor();
      await id(visit, 'link').click();
      await id(visit, 'begin-linking').click();
      await page.getByRole('img', { name: 'QR code to link a phone' }).waitFor();
      const text = await whatsapp.client.channels
        .loginStep(calls.find(({ path }) => path.includes('/logins/'))?.path.split(/[/?]/)[5] ?? '', 0)
        .then((step) => step.text ?? '');
      // A phone that points its camera here reads exactly this.
      expect(text).toContain(',');
      expect(await page.locator('.link-picture svg path').getAttribute('d')).toBe(drawingOf(text).path);
      await looks(visit, look, 'a real code to scan');
      whatsapp.stub.scanned(text);
      await id(visit, 'link-linked').getByText(`Linked as +${OUR_PHONE}`).waitFor();
      await page.keyboard.press('Escape');
      await id(visit, 'channels').getByText(`+${OUR_PHONE}`, { exact: true }).waitFor();
      await expect.poll(() => focused(visit)).toBe('link');
      const lists = () => calls.filter(({ path }) => path === '/api/v1/channels').length;
      const before = lists();
      await looks(visit, look, 'a phone is linked');
      // A channel that has just started may say so once more; a card that makes its list ask again would never end.
      expect(lists() - before).toBeLessThanOrEqual(1);
      await id(visit, 'unlink').click();
      await id(visit, 'confirm').click();
      await id(visit, 'told').getByText('is unlinked').waitFor();
      await page.getByText('no phone is linked yet').waitFor();
      expect(await page.content()).not.toContain(text);
    }));

  test('WhatsApp ends the login by itself: the card says so without being asked, and offers a phone again', () =>
    inHouse(dist, look, async (visit, fake) => {
      await using whatsapp = await WhatsAppHouse.linked();
      fake.isProven = true;
      join(visit, fake, whatsapp);
      await enter(visit, fake, 'channels');
      await id(visit, 'channels').getByText(`+${OUR_PHONE}`, { exact: true }).waitFor();
      whatsapp.stub.fail('401');
      await visit.page.getByText('Press “Link a phone”').waitFor();
      expect(await id(visit, 'unlink').count()).toBe(0);
    }));

  test('a code for the number is WhatsApp’s own, shown in fours; given up, nothing of it stays', () =>
    inHouse(dist, look, async (visit, fake) => {
      await using whatsapp = await WhatsAppHouse.open();
      fake.isProven = true;
      join(visit, fake, whatsapp);
      await enter(visit, fake, 'channels');
      await id(visit, 'link').click();
      await id(visit, 'link-by-code').click();
      await id(visit, 'link-number').fill('+1 (555) 555-0123');
      await id(visit, 'begin-linking').click();
      await id(visit, 'link-code').waitFor();
      expect(await id(visit, 'link-code').textContent()).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
      expect(whatsapp.stub.codeFor).toContain('15555550123');
      await visit.page.keyboard.press('Escape');
      await id(visit, 'link-phone').waitFor({ state: 'detached' });
      const again = await whatsapp.client.channels.login('whatsapp');
      expect(again.state).toBe('starting');
      await whatsapp.client.channels.loginCancel(again.id);
    }));
});
