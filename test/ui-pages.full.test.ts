// Every page and every dialog of the Control UI, over a full house: usable by everybody (axe), in light and dark, on a
// telephone without a horizontal scroll, by keyboard alone, and never against the page's own policy.
// COUNTERSIGN_SHOTS=docs/screenshots keeps a picture of each.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { focused } from './in-page.js';
import {
  CAN_RUN,
  type Look,
  NARROW,
  NARROW_DARK,
  SHOTS,
  UiHouse,
  type UiPage,
  WIDE_DARK,
  WIDE_LIGHT,
} from './ui-visit.ts';

const PATIENCE = { timeout: 30_000 };
const LOOKS: readonly (Look & { readonly name: string })[] = [
  { ...WIDE_LIGHT, name: 'light' },
  { ...WIDE_DARK, name: 'dark' },
  { ...NARROW, name: 'narrow' },
  { ...NARROW_DARK, name: 'narrow-dark' },
];
/** The two that differ most. */
const READ: readonly string[] = ['light', 'narrow-dark'];
const PICTURED: readonly string[] = ['light', 'dark', 'narrow'];
const PAGES = [
  'overview',
  'pairings',
  'people',
  'devices',
  'channels',
  'sessions',
  'factors',
  'audit',
  'settings',
] as const;

interface Dialog {
  /** Where it is, opened by its address or by what is pressed there. */
  readonly place: string | ((ui: UiHouse) => Promise<string>);
  readonly press?: (owner: UiPage) => Promise<void>;
  /** What has the focus then, where something can be lost or given: the answer that changes nothing. */
  readonly first?: string;
}

const button = (name: string | RegExp) => (owner: UiPage) =>
  owner.page.locator('main').getByRole('button', { name }).first().click();

/** Somebody of the house with a chat, a factor of nobody's and no special role. */
const aPerson = async (ui: UiHouse) => {
  const { items } = await ui.host().people.list({ limit: 50 });
  return `people?open=${items.find(({ name }) => name === 'Grace Okafor')?.id}`;
};
const aPairing = (state: string, name: RegExp) => async (ui: UiHouse) => {
  const show = state === 'pending' ? 'open' : 'all';
  const { items } = await ui.host().pairings.list({ show, limit: 200 });
  const found = items.find((row) => row.state === state && name.test(row.displayName ?? ''));
  return `pairings?open=${found?.id}`;
};

const LINK = 'channels?link=whatsapp:default';
/** As long as WhatsApp's, and nobody's. */
const PICTURE = `https://wa.me/settings/linked_devices#2@${'A'.repeat(80)},${'B'.repeat(43)}=,${'C'.repeat(43)}=`;

/** No phone is near, and no WhatsApp: what it would say is put in the place of the gateway's answers. */
const linked = (step: { readonly state: string; readonly text: string }) => async (owner: UiPage) => {
  const row = { id: 'login_example', channel: 'whatsapp', account: 'default', step: 1, state: 'starting' };
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  await owner.page.route('**/api/v1/channels/whatsapp/login', (route) =>
    route.fulfill({ status: 202, json: row }),
  );
  await owner.page.route('**/api/v1/channels/logins/**', (route) => {
    const { pathname, searchParams } = new URL(route.request().url());
    if (pathname.endsWith('/cancel')) return route.fulfill({ json: { ...row, step: 3, state: 'failed' } });
    // After this one nothing comes.
    if (searchParams.get('after') !== '1') return;
    return route.fulfill({ json: { ...row, step: 2, expiresAt, ...step } });
  });
  await owner.id('begin-linking').click();
  await owner.page.locator(`[data-testid="link-step"][data-state="${step.state}"]`).waitFor();
};

const DIALOGS: Readonly<Record<string, Dialog>> = {
  'pairings-decide': { place: aPairing('pending', /onerror/), first: 'deny-pairing' },
  'pairings-decide-alike': { place: aPairing('pending', /Ol.ga/u), first: 'deny-pairing' },
  'pairings-decided': { place: aPairing('approved', /Grace/), first: 'close-pairing' },
  'pairings-revoke': { place: 'pairings?show=approved', press: button(/^Revoke/), first: 'keep' },
  'pairings-prolong': { place: 'pairings?show=approved', press: button(/^Prolong/) },
  'people-add': { place: 'people', press: button(/^Add a person/) },
  'people-rename': { place: aPerson, press: button(/^Rename/) },
  'people-role': { place: aPerson, press: button(/^Change role/) },
  'people-suspend': { place: aPerson, press: button(/^Suspend/), first: 'keep' },
  'people-forget': { place: aPerson, press: button(/^Forget/) },
  'people-link': { place: aPerson, press: (owner) => owner.id('link-chat').click() },
  'people-unlink': { place: aPerson, press: button(/^Unlink/), first: 'keep' },
  'devices-decide': {
    place: async (ui) => {
      const { items } = await ui.host().devices.list({ show: 'pending' });
      return `devices?open=${items[0]?.id}`;
    },
    first: 'reject-device',
  },
  'devices-rename': { place: 'devices', press: button(/^Rename/) },
  'devices-revoke': { place: 'devices', press: button(/^Revoke/), first: 'keep' },
  'devices-sign-out': { place: 'devices', press: button(/^Sign out/), first: 'keep' },
  'sessions-end': { place: 'sessions', press: button(/^End it/), first: 'keep' },
  'factors-remove': { place: 'factors', press: button(/^Remove/), first: 'keep' },
  'channels-add': { place: 'channels', press: (owner) => owner.id('add-account').first().click() },
  'audit-event': {
    place: 'audit',
    press: (owner) => owner.page.locator('main .audit-open').first().click(),
  },
  'audit-export': { place: 'audit', press: button(/^Download/), first: 'export-keep' },
  'channels-link': { place: LINK, press: linked({ state: 'picture', text: PICTURE }) },
  'channels-link-begin': { place: LINK, press: (owner) => owner.id('unofficial').waitFor() },
  'channels-link-code': { place: LINK, press: linked({ state: 'code', text: 'ABCD1234' }) },
};

describe.skipIf(!CAN_RUN)('the pages of the Control UI', { timeout: 400_000 }, () => {
  let ui: UiHouse;
  let owner: UiPage;

  beforeAll(async () => {
    ui = await UiHouse.open();
    owner = await ui.enter();
  }, 300_000);
  afterAll(() => ui?.[Symbol.asyncDispose]());

  /** Fitted at both ends, read by axe in `looks`; pictured in `pictures`. */
  async function seen(name: string, on: UiPage, looks = READ, pictures = PICTURED): Promise<void> {
    for (const look of LOOKS) {
      const isPictured = SHOTS !== undefined && pictures.includes(look.name);
      if (!isPictured && !READ.includes(look.name)) continue;
      await on.look(look);
      await on.fits(`${name} ${look.name}`);
      if (isPictured) await on.picture(`${name}-${look.name}`);
      if (looks.includes(look.name)) await on.sound(`${name} ${look.name}`);
    }
    await on.look(WIDE_LIGHT);
    ui.clean();
  }

  for (const place of PAGES) {
    test(`${place}: light, dark, 360 px`, async () => {
      await owner.go(place);
      expect(await owner.id('page-title').count()).toBe(1);
      await seen(place, owner);
    });
  }

  for (const [index, [name, { place, press, first }]] of Object.entries(DIALOGS).entries()) {
    test(`the dialog ${name}: fits, is sound, and what changes nothing has the focus`, async () => {
      await owner.go(typeof place === 'string' ? place : await place(ui));
      if (press !== undefined) await press(owner);
      const dialog = owner.page.getByRole('dialog');
      await dialog.first().waitFor();
      if (first !== undefined) await expect.poll(() => owner.page.evaluate(focused), PATIENCE).toBe(first);
      // Its colours are those of the pages: each dialog is read, and pictured, in one of the looks.
      const look = [READ[index % READ.length] ?? ''];
      await seen(name, owner, look, index % 3 === 2 ? ['narrow'] : ['light']);
      await owner.page.keyboard.press('Escape');
      await dialog.first().waitFor({ state: 'detached' });
    });
  }

  test('another page begins at its top, however far down the one before was', async () => {
    for (const [from, to] of [
      ['people', 'overview'],
      ['overview', 'audit'],
    ] as const) {
      await owner.go(from);
      await owner.page.evaluate('scrollTo(0, 600)');
      await owner.go(to);
      expect(await owner.page.evaluate('scrollY'), to).toBe(0);
    }
  });

  test('a browser nobody knows, and what it is told', async () => {
    const stranger = await ui.newcomer();
    await stranger.page.goto(ui.url);
    await stranger.requestId();
    await seen('sign-in', stranger);
    await stranger.close();
    ui.clean();
  });

  test('keyboard alone: from page to page, into a list, into a decision, whose first answer is no', async () => {
    const { keyboard } = owner.page;
    await owner.go('overview');
    await keyboard.press('?');
    const help = owner.page.getByRole('dialog');
    await help.waitFor();
    await seen('help', owner);
    await owner.id('show-tour').click();
    await help.waitFor({ state: 'detached' });
    await owner.id('tour').waitFor();
    await seen('tour', owner);
    for (const [letter, page] of [
      ['p', 'pairings'],
      ['e', 'people'],
      ['d', 'devices'],
      ['c', 'channels'],
      ['s', 'sessions'],
      ['f', 'factors'],
      ['a', 'audit'],
      ['t', 'settings'],
      ['o', 'overview'],
    ] as const) {
      await keyboard.press('g');
      await keyboard.press(letter);
      await expect.poll(() => new URL(owner.page.url()).hash, PATIENCE).toBe(`#/${page}`);
    }
    await keyboard.press('g');
    await keyboard.press('p');
    await owner.settled();
    const first = owner.page.locator('main ul.list > li[tabindex="0"]').first();
    await first.focus();
    await keyboard.press('ArrowDown');
    await keyboard.press('ArrowUp');
    await keyboard.press('Enter');
    await owner.id('decide-pairing').waitFor({ state: 'attached' });
    await expect.poll(() => owner.page.evaluate(focused), PATIENCE).toBe('deny-pairing');
    await keyboard.press('ArrowRight');
    await expect.poll(() => owner.page.evaluate(focused)).not.toBe('deny-pairing');
    await keyboard.press('Escape');
    await owner.id('decide-pairing').waitFor({ state: 'detached' });
    ui.clean();
  });
});
