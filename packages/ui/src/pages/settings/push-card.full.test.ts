// The card of notifications in a real Chromium: turned on, tried, turned off, told why it cannot be, and others ended. The
// browser's vendor is played by a stand-in: there is none behind a test.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PushRow } from '@countersign/protocol/push';
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
} from '../../../../../test/page-visit.ts';
import { type Answer, type Call, FakeHouse } from '../../testing/fake-house.ts';

const SHOTS = process.env['COUNTERSIGN_SHOTS'];
const CREATED = '2026-01-01T00:00:00.000Z';
const PUBLIC_KEY = `B${'A'.repeat(86)}`;
const KEYS = { p256dh: `B${'C'.repeat(86)}`, auth: 'D'.repeat(22) };

let dist = '';
beforeAll(async () => {
  vi.stubEnv('NODE_ENV', 'production');
  dist = await buildPages();
}, 300_000);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(dist, { recursive: true, force: true });
});

/** A push service and a person who says yes, as far as the page sees them. */
const VENDOR = `
  let permission = 'PERMISSION';
  let subscription = null;
  const made = {
    options: { applicationServerKey: null },
    toJSON: () => ({ endpoint: 'https://push.example/x', expirationTime: null, keys: ${JSON.stringify(KEYS)} }),
    unsubscribe: async () => { subscription = null; return true; },
  };
  const pushManager = {
    getSubscription: async () => subscription,
    subscribe: async ({ applicationServerKey, userVisibleOnly }) => {
      if (applicationServerKey !== ${JSON.stringify(PUBLIC_KEY)} || !userVisibleOnly) throw new Error('not like that');
      subscription = made;
      return made;
    },
  };
  Object.defineProperty(Notification, 'permission', { get: () => permission });
  Notification.requestPermission = async () => (permission = permission === 'default' ? 'granted' : permission);
  navigator.serviceWorker.getRegistration = async () => ({ active: {}, pushManager });
  navigator.serviceWorker.register = async () => ({ pushManager });
`;

class Telling {
  rows: PushRow[] = [];
  fate: object = { fate: 'delivered' };
  readonly calls: Call[] = [];
  readonly #house = new FakeHouse();

  constructor() {
    this.#house.isIn = true;
  }

  attach(visit: Visit): void {
    visit.claim = { GET: { status: 200, body: { owned: true, gateway: 'ins_test', nonce: 'n', ts: 1 } } };
    visit.api = (call) =>
      call.path.startsWith('/api/v1/push') ? this.#answer(call) : this.#house.answer(call);
    visit.onConnect = (frame) => this.#house.connect(frame);
  }

  #answer(call: Call): Answer {
    this.calls.push(call);
    const [id, verb] = call.path.split('/').slice(4);
    if (call.method === 'GET') return { status: 200, body: { publicKey: PUBLIC_KEY, items: this.rows } };
    if (verb === 'test') return { status: 200, body: this.fate };
    if (verb === 'revoke') {
      this.rows = this.rows.filter((row) => row.id !== id);
      return { status: 200, body: { ended: true } };
    }
    const row = {
      id: 'push_own',
      device: 'dev_own',
      name: 'Chrome on Linux',
      mine: true,
      createdAt: CREATED,
    };
    this.rows = [...this.rows, row];
    return { status: 201, body: row };
  }
}

const settings = (
  look: Look,
  permission: string,
  work: (visit: Visit, telling: Telling) => Promise<void>,
  before: Partial<Telling> = {},
): Promise<void> =>
  visiting(dist, look, async (visit) => {
    const telling = Object.assign(new Telling(), before);
    telling.attach(visit);
    await visit.page.addInitScript('Object.defineProperty(navigator, "locks", { value: undefined })');
    // What fades in has no contrast yet.
    await visit.page.emulateMedia({ reducedMotion: 'reduce' });
    await visit.page.addInitScript(VENDOR.replace('PERMISSION', permission));
    await visit.page.goto(`${HOME}/#/settings?view=browser`);
    await visit.page.getByTestId('push').waitFor();
    await work(visit, telling);
  });

async function looks(visit: Visit, look: Look, what: string): Promise<void> {
  await sound(visit, what);
  if (SHOTS === undefined) return;
  await visit.page.screenshot({ path: join(SHOTS, `${what}.${look.scheme}.png`), fullPage: true });
}

const OTHER: PushRow = {
  id: 'push_other',
  device: 'dev_other',
  name: 'Olga’s “phone” \u202Egnp.exe',
  mine: false,
  createdAt: CREATED,
  lastOkAt: CREATED,
  failing: 'refused_403',
};

describe.skipIf(CHROMIUM === undefined).each(LOOKS)('in $scheme at $width', { timeout: 400_000 }, (look) => {
  test('a browser is turned on, tried, and turned off', () =>
    settings(look, 'default', async (visit, telling) => {
      const { page } = visit;
      const state = page.getByTestId('push-state');
      await state.getByText('Not told').waitFor();
      await looks(visit, look, 'push-off');
      await page.getByTestId('push-on').click();
      await state.getByText('Told when something needs you').waitFor();
      expect(telling.calls.find(({ method }) => method === 'POST')?.body).toEqual({
        endpoint: 'https://push.example/x',
        keys: KEYS,
        language: 'en',
      });
      await page.getByTestId('push-test').click();
      await page.getByText('It should be here in a moment').waitFor();
      telling.fate = { fate: 'refused', why: 'refused_403' };
      telling.rows = telling.rows.map((row) => ({ ...row, failing: 'refused_403' }));
      await page.getByTestId('push-test').click();
      await page.getByTestId('push-failing').getByText('gateway.publicUrl').waitFor();
      await looks(visit, look, 'push-on');
      await page.getByTestId('push-off').click();
      await state.getByText('Not told').waitFor();
      expect(telling.rows).toEqual([]);
    }));

  test('what the browser lost is off, whatever the gateway still has', () =>
    settings(
      look,
      'granted',
      async ({ page }) => page.getByTestId('push-state').getByText('Not told').waitFor(),
      { rows: [{ ...OTHER, id: 'push_own', mine: true }] },
    ));

  test('a person who said no is told where to change it', () =>
    settings(look, 'denied', async (visit) => {
      await visit.page.getByTestId('push-denied').getByText('beside the address').waitFor();
      await looks(visit, look, 'push-denied');
    }));

  test('another browser is named as a claim, and ended once that was confirmed', () =>
    settings(
      look,
      'granted',
      async (visit, telling) => {
        const { page } = visit;
        const row = page.getByTestId('push-row');
        await row.waitFor();
        expect(await row.textContent()).not.toContain('\u202E');
        await looks(visit, look, 'push-others');
        await row.getByRole('button').click();
        const dialog = page.getByRole('dialog');
        await dialog.waitFor();
        await looks(visit, look, 'push-end');
        // The focus stands on keeping it.
        await page.keyboard.press('Enter');
        await dialog.waitFor({ state: 'hidden' });
        expect(telling.rows).toHaveLength(1);
        await row.getByRole('button').click();
        await dialog.getByRole('button', { name: 'Stop telling' }).click();
        await page.getByText('No other browser is told').waitFor();
        expect(telling.rows).toEqual([]);
      },
      { rows: [OTHER] },
    ));
});
