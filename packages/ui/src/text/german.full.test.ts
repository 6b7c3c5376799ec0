// The pages as a browser that wants German shows them, in a real Chromium: signing in and every place of the house are
// German, the document says so, longer words than English stay inside a narrow window, and axe finds nothing.
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { enter, go, id, inHouse, looks } from '../../../../test/in-house.ts';
import { buildPages, CHROMIUM, HOME, type Look, type Visit } from '../../../../test/page-visit.ts';
import { house as englishHouse } from '../strings-house.ts';
import { asked, elevated } from '../testing/approval-rows.ts';
import type { FakeHouse } from '../testing/fake-house.ts';
import { leaves } from '../testing/leaves.ts';
import { german as germanHouse } from './de/house.ts';
import { german } from './de.ts';
import { english } from './en.ts';

const LOOK: Look = { scheme: 'light', width: 360, locale: 'de-DE' };
const PAGES = Object.entries(german.shell.pages);

/** Words on a button or a badge that do not fit on it. */
const CUT = `[...document.querySelectorAll('.mantine-Button-label, .mantine-Badge-label, .mantine-Tabs-tabLabel')]
  .filter((label) => label.scrollWidth > label.clientWidth + 1)
  .map((label) => label.textContent)`;

/** Lines that only an English page has. */
const ENGLISH = new Set([...linesOf(english, german), ...linesOf(englishHouse, germanHouse)]);

function* linesOf(english: object, german: object): Generator<string> {
  const theirs = new Set([...leaves(german).values()].map(({ many }) => many));
  for (const { many } of leaves(english).values()) if (!theirs.has(many)) yield many;
}

let dist = '';
beforeAll(async () => {
  vi.stubEnv('NODE_ENV', 'production');
  dist = await buildPages();
}, 300_000);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(dist, { recursive: true, force: true });
});

describe.skipIf(CHROMIUM === undefined)('a browser that wants German', { timeout: 400_000 }, () => {
  test('signs in in German', () =>
    inHouse(dist, LOOK, async (visit) => {
      const { page } = visit;
      const { login } = germanHouse;
      await page.goto(`${HOME}/`);
      await page.getByRole('heading', { name: login.title }).waitFor();
      await page.getByText(login.others.waiting).waitFor();
      await isGerman(visit, 'sign in in German');
      await id(visit, 'login-send').click();
      await page.getByText(login.phraseTitle).waitFor();
      await isGerman(visit, 'a code in German');
    }));

  test('finds every place of the house in German', () =>
    inHouse(dist, LOOK, async (visit, house) => {
      await furnish(house);
      await enter(visit, house, 'overview');
      await visit.page.getByRole('button', { name: german.shell.menu }).click();
      await visit.page.getByRole('link', { name: german.shell.chat, exact: true }).waitFor();
      await isGerman(visit, 'the menu in German');
      await visit.page.getByRole('button', { name: german.shell.closeMenu }).click();
      for (const [name, title] of PAGES) {
        await go(visit, name);
        await expect.poll(() => id(visit, 'page-title').textContent()).toBe(title);
        await isGerman(visit, `${name} in German`);
      }
      house.isProven = true;
      await visit.page.reload();
      await go(visit, 'devices?open=devreq_a');
      await id(visit, 'reject-device').getByText(german.devices.decide.reject).waitFor();
      await isGerman(visit, 'a decision in German');
      await visit.page.keyboard.press('Escape');
      await id(visit, 'reject-device').waitFor({ state: 'detached' });
      await go(visit, 'approvals?open=appr_push');
      await id(visit, 'approve').click();
      await id(visit, 'approve-really').click();
      await id(visit, 'proof-totp').waitFor();
      await isGerman(visit, 'a proof in German');
      await visit.page.keyboard.press('Escape');
      await id(visit, 'proof-totp').waitFor({ state: 'detached' });
      await id(visit, 'later').click();
      await visit.page.keyboard.press('?');
      await visit.page.getByText(german.shell.keys.everywhere).waitFor();
      await isGerman(visit, 'keys in German');
    }));
});

/** Something in each room, and what is longest. */
async function furnish(house: FakeHouse): Promise<void> {
  const { own } = house;
  house.factors = [
    {
      id: 'fac_totp',
      kind: 'totp',
      label: 'app',
      state: 'active',
      person: 'prn_olga',
      createdAt: own.createdAt,
    },
  ];
  house.recoveryCodes = 2;
  house.rest.asked.elevations = [elevated('elev_1')];
  const factors = ['totp' as const, 'recovery' as const, 'passkey' as const];
  house.rest.asked.rows = [
    await asked('appr_push', 'git push', {
      need: { who: 'owners', people: ['prn_olga'], quorum: 1, factors },
    }),
  ];
  house.devices = [
    { ...own, id: 'dev_other', key: 'k'.repeat(43), name: 'Telefon', active: [] },
    { ...own, id: 'devreq_a', key: 'p'.repeat(43), name: 'Tablet', state: 'pending', address: '203.0.113.7' },
  ];
  const states = ['connected', 'retrying', 'failed', 'starting', 'off'] as const;
  house.rest.channels = states.map((state) => ({
    channel: 'telegram',
    account: state,
    enabled: state !== 'off',
    dmPolicy: 'pairing',
    state,
  }));
  house.rest.recoveries = [
    {
      id: 'rec_1',
      person: 'prn_olga',
      state: 'announced',
      startedAt: own.createdAt,
      readyAt: new Date(Date.now() + 600_000).toISOString(),
      ends: { factors: 2, recoveryCodes: 10, devices: 1 },
    },
  ];
}

async function isGerman(visit: Visit, what: string): Promise<void> {
  expect(await visit.page.evaluate('document.documentElement.lang')).toBe('de');
  const shown = String(await visit.page.evaluate('document.body.innerText'));
  const left = shown.split('\n').filter((line) => ENGLISH.has(line.trim()));
  expect(left, what).toEqual([]);
  expect(await visit.page.evaluate(CUT), what).toEqual([]);
  await looks(visit, LOOK, what);
}
