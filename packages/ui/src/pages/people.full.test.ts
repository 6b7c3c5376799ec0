// People in a real Chromium, a thousand of them, with names that attack.
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { at, HTML, looks, TURNED } from '../../../../test/door-visit.ts';
import { buildPages, CHROMIUM, HOME, LOOKS } from '../../../../test/page-visit.ts';
import { chatOf, type FakeDoor } from '../testing/fake-door.ts';

let dist = '';
beforeAll(async () => {
  vi.stubEnv('NODE_ENV', 'production');
  dist = await buildPages();
}, 300_000);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(dist, { recursive: true, force: true });
});

function crowd(door: FakeDoor): void {
  const names = [HTML, TURNED, 'Bill', '\u0412ill'];
  door.people = [
    ...door.people,
    ...Array.from({ length: 1_000 }, (_, number) => ({
      id: `prn_${String(number).padStart(4, '0')}abcd`,
      name: names[number] ?? `Person ${number}`,
      role: 'user' as const,
      state: number === 2 ? ('suspended' as const) : ('active' as const),
      peers: [chatOf('telegram', String(600_000_000 + number * 7), { displayName: names[number] ?? 'x' })],
      createdAt: '2026-01-01T00:00:00.000Z',
    })),
  ];
}

describe.skipIf(CHROMIUM === undefined).each(LOOKS)(
  'people in $scheme at $width',
  { timeout: 400_000 },
  (look) => {
    test('one of a thousand is found while few are in the document', () =>
      at(
        dist,
        look,
        'people',
        async (visit) => {
          const { page } = visit;
          const rows = page.getByTestId('person-row');
          await rows.first().waitFor();
          await page.getByText('1001').first().waitFor();
          expect(await rows.count()).toBeLessThan(40);
          await looks(visit, look, 'people');
          expect(await page.locator('main').textContent()).not.toMatch(/[\u202E\u200B]/);
          await page.keyboard.press('/');
          await page.keyboard.type('600006993');
          await expect.poll(() => rows.count()).toBe(1);
          await page.locator('main ul.list > li[tabindex="0"]').focus();
          await page.keyboard.press('Enter');
          await page.getByTestId('chats').getByText('600006993').waitFor();
          await page.goBack();
          await expect.poll(() => rows.count()).toBe(1);
        },
        crowd,
      ));

    test('a person: renamed with undo, raised by a proof, suspended, forgotten after typing', () =>
      at(
        dist,
        look,
        'people?open=prn_0000abcd',
        async (visit, door) => {
          const { page } = visit;
          const dialog = page.getByRole('dialog');
          const named = () => door.people.find(({ id }) => id === 'prn_0000abcd');
          await page.getByTestId('chats').waitFor();
          await looks(visit, look, 'person');
          await page.getByRole('button', { name: 'Rename' }).click();
          await dialog.getByLabel('Name in your list').fill('Eve');
          await looks(visit, look, 'person-rename');
          await page.keyboard.press('Enter');
          await page.getByText('They are called Eve now').waitFor();
          expect(named()?.name).toBe('Eve');
          await page.getByRole('button', { name: 'Undo' }).click();
          await page.getByText('called <img').waitFor();
          expect(named()?.name).toBe(HTML);
          await page.getByRole('button', { name: 'Change role' }).click();
          await dialog.getByRole('radio', { name: 'owner' }).check();
          await looks(visit, look, 'person-role');
          await dialog.getByRole('button', { name: 'Change' }).click();
          await dialog.getByTestId('proof-totp').waitFor();
          await page.keyboard.press('Escape');
          await dialog.waitFor({ state: 'hidden' });
          await page.getByRole('button', { name: 'Suspend' }).click();
          await dialog.getByText('Until you resume').waitFor();
          await dialog.getByRole('button', { name: 'Suspend' }).click();
          await page.getByRole('button', { name: 'Resume' }).waitFor();
          await page.getByRole('button', { name: 'Forget…' }).click();
          await dialog.getByText('What stays').waitFor();
          expect(await dialog.getByTestId('forget-person').isDisabled()).toBe(true);
          await looks(visit, look, 'person-forget');
          await dialog.getByTestId('forget-words').fill('prn_0000');
          await dialog.getByTestId('forget-person').click();
          await dialog.getByTestId('proof-totp').waitFor();
          await dialog.getByTestId('proof-totp').fill(door.house.totp);
          await page.keyboard.press('Enter');
          await page.getByText('prn_0000abcd is forgotten').waitFor();
          await page.getByTestId('people').waitFor();
          expect(named()).toBeUndefined();
        },
        crowd,
      ));

    test('two chats become one person’s by the codes both were sent', () =>
      at(
        dist,
        look,
        'people?open=prn_0002abcd&link=K7QD2MX4',
        async (visit, door) => {
          const { page } = visit;
          const dialog = page.getByRole('dialog');
          expect(await dialog.getByTestId('link-peer').inputValue()).toBe('K7QD2MX4');
          await looks(visit, look, 'person-link');
          await dialog.getByRole('button', { name: 'Go on' }).click();
          await dialog.getByLabel('Code shown in telegram:600000014').fill('ABCD2345');
          await dialog.getByLabel('Code shown in webchat:q7w2').fill('wrong');
          await looks(visit, look, 'person-link-codes');
          await dialog.getByTestId('link-finish').click();
          await dialog.getByRole('alert').waitFor();
          await dialog.getByLabel('Code shown in webchat:q7w2').fill('WXYZ6789');
          await dialog.getByTestId('link-finish').click();
          await page.getByText('webchat:q7w2 is Bill now').waitFor();
          expect(door.calls.at(-1)?.body).toEqual({ peer: 'webchat:q7w2', codes: ['ABCD2345', 'WXYZ6789'] });
          await page.getByTestId('chats').getByText('q7w2').waitFor();
        },
        crowd,
      ));

    test('the only owner stays: what the gateway says is shown where it was asked', () =>
      at(dist, look, 'people?open=prn_olga', async (visit) => {
        const { page } = visit;
        await page.getByText('This is you').waitFor();
        const dialog = page.getByRole('dialog');
        await page.getByRole('button', { name: 'Block' }).click();
        await dialog.getByRole('button', { name: 'Block' }).click();
        await dialog.getByRole('alert').getByText('only owner').waitFor();
        await looks(visit, look, 'person-only-owner');
        await page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'hidden' });
        await page.getByRole('button', { name: 'Unlink telegram:555101' }).click();
        await page.getByRole('dialog').getByText('becomes a stranger').waitFor();
        await looks(visit, look, 'person-unlink');
      }));

    test('somebody new is added, and nobody changes anything without the right to', () =>
      at(dist, look, 'people', async (visit, door) => {
        const { page } = visit;
        await page.getByRole('button', { name: 'Add a person' }).click();
        await looks(visit, look, 'person-add');
        await page.getByRole('dialog').getByLabel('Name').fill('Nora');
        await page.keyboard.press('Enter');
        await expect.poll(() => door.calls.at(-1)?.body).toEqual({ name: 'Nora', role: 'user' });
        door.scopes = ['read'];
        await page.goto(`${HOME}/#/people?open=prn_olga`);
        await page.reload();
        await page.getByText('may look, but not change').waitFor();
        expect(await page.getByRole('button', { name: 'Forget…' }).count()).toBe(0);
      }));
  },
);
