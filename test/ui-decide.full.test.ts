// One decision, three hands at once: the page, the command line and the card in the owner's chat. One of them wins, the
// others say who did; and every open page knows of a decision within a second. And what a page does while it cannot hear the gateway:
// it says so, loses nothing, and goes on where it was.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StubMessage } from '../packages/countersign/src/testing/telegram-chats.ts';
import type { TelegramStub } from '../packages/countersign/src/testing/telegram-stub.ts';
import { goneAt, goOnline, setHash } from './in-page.js';
import { CAN_RUN, OLGA, UiHouse, type UiPage, WIDE_LIGHT, Wire } from './ui-visit.ts';

const SOON_MS = 1_000;
const PATIENCE = { timeout: 30_000, interval: 50 };
const PAIRING_CODE = /^Your pairing code: ([A-Z2-9]{8})$/m;

interface Stranger {
  readonly id: string;
  readonly native: string;
  readonly code: string;
}

describe.skipIf(!CAN_RUN)('deciding on the page', { timeout: 400_000 }, () => {
  let ui: UiHouse;
  /** Where it is decided, and a second browser that only looks on. */
  let page: UiPage;
  let other: UiPage;
  let wire: Wire;
  /** A browser nobody knows. */
  let asking: UiPage;

  beforeAll(async () => {
    ui = await UiHouse.open();
    // First, for the owner's chat is told of so many devices in a while and no more.
    asking = await ui.newcomer();
    await asking.page.goto(ui.url);
    await asking.requestId();
    page = await ui.enter();
    // Tall: a list has its last row in the document then.
    other = await ui.newcomer({ ...WIDE_LIGHT, height: 3_000 });
    wire = await Wire.over(other);
    await ui.letIn(other);
  }, 300_000);
  afterAll(() => ui?.[Symbol.asyncDispose]());

  async function arrives(native: number): Promise<Stranger> {
    const { support } = ui.bots;
    await support.say({ id: native, is_bot: false, first_name: `Rita ${native}` }, 'let me in, please');
    const told = () => support.shown(native).flatMap(({ text }) => PAIRING_CODE.exec(text)?.[1] ?? [])[0];
    await support.until(() => told() !== undefined);
    const found = await ui.host().pairings.find({ what: told() ?? '', channel: 'telegram' });
    return { id: found.pairing.id, native: String(native), code: told() ?? '' };
  }

  /** The owner's card about it, in whichever chat of hers it hangs. */
  async function cardAbout(
    text: string,
  ): Promise<{ readonly bot: TelegramStub; readonly card: StubMessage }> {
    const found = () =>
      [ui.bots.default, ui.bots.support].flatMap((bot) => {
        const card = bot.shown(OLGA.id).findLast((one) => one.text.includes(text) && one.buttons.length > 0);
        return card === undefined ? [] : [{ bot, card }];
      })[0];
    await expect.poll(() => found() !== undefined, PATIENCE).toBe(true);
    const one = found();
    if (one === undefined) throw new Error(`no card about ${text}`);
    return one;
  }

  /** At once, as a hand that has it under its finger; whoever was faster may have taken the answer away. */
  const pressed = (answer: string) =>
    page
      .id(answer)
      .dispatchEvent('click', undefined, { timeout: 2_000 })
      .catch(() => undefined);

  /** The row as the page shows it among those that wait. */
  const waiting = (on: UiPage, text: string) => on.id('pairing-row').filter({ hasText: text });

  test('a stranger: one of page, command line and card wins, and every page shows it', async () => {
    for (const [native, press] of [
      [557_001, 'approve-pairing'],
      [557_002, 'deny-pairing'],
      [557_003, 'approve-pairing'],
    ] as const) {
      const { id, code } = await arrives(native);
      const { bot, card } = await cardAbout(String(native));
      await other.go('pairings');
      await expect.poll(() => waiting(other, String(native)).count(), PATIENCE).toBe(1);
      await page.go(`pairings?open=${id}`);
      await page.id(press).waitFor();

      const gone = other.page.evaluate(goneAt, String(native));
      await Promise.all([
        pressed(press),
        ui.gateway.cli('pairing', 'approve', 'telegram', code, '--account', 'support'),
        bot.press(card, 'Approve', OLGA),
      ]);
      await gone;
      expect(await decisionsOn(id)).toHaveLength(1);
      // Its card says how it ended and can be pressed no more.
      await expect.poll(() => card.buttons.length, PATIENCE).toBe(0);
      // Whoever decided here and lost is told so; nobody is left before an open question.
      await page.go('pairings');
      await expect.poll(() => waiting(page, String(native)).count(), PATIENCE).toBe(0);
    }
    ui.clean();
  });

  test('a decision is on every open page within a second', async () => {
    await other.go('pairings');
    const late: number[] = [];
    for (const native of [557_004, 557_005, 557_006, 557_007, 557_008]) {
      const { id } = await arrives(native);
      await expect.poll(() => waiting(other, String(native)).count(), PATIENCE).toBe(1);
      const gone = other.page.evaluate(goneAt, String(native));
      // By nobody who has to be started first: that would be measured with it.
      await ui.host().pairings.deny(id);
      const { decidedAt = '' } = await ui.host().pairings.get(id);
      late.push((await gone) - Date.parse(decidedAt));
    }
    console.log(`another browser shows a decision after ${late.join(', ')} ms`);
    expect(late.toSorted((a, b) => a - b)[2]).toBeLessThan(SOON_MS);
    ui.clean();
  });

  test('a device: the same, with a no on the page against a yes in the chat and one at the host', async () => {
    const id = await asking.requestId();
    const { bot, card } = await cardAbout(id);
    await other.go('devices');
    const row = other.id('pending-devices').getByText(id);
    await expect.poll(() => row.count(), PATIENCE).toBeGreaterThan(0);
    await page.go(`devices?open=${id}`);
    await page.id('reject-device').waitFor();
    const state = async () => (await ui.host().devices.get(id, { as: 'request' })).state;
    const approve = ['devices', 'approve', id, '--recovery', ui.recovery()] as const;
    await Promise.all([
      pressed('reject-device'),
      ui.gateway.cli(...approve),
      bot.press(card, 'Approve', OLGA),
    ]);
    await expect.poll(() => row.count(), PATIENCE).toBe(0);
    expect(await decisionsOn(id)).toHaveLength(1);
    const isIn = (await state()) === 'approved';
    // What was asked for is in, or still outside; never half.
    const inside = asking.page.getByRole('navigation');
    if (isIn) await inside.first().waitFor({ state: 'attached', timeout: 30_000 });
    else expect(await inside.count()).toBe(0);
    await asking.close();
    ui.clean();
  });

  test('an agent’s request: the page and the card at once; one winner, and the agent hears what it was', async () => {
    // Then a write is asked about, and needs no proof: both hands can say either.
    await ui.host(`recovery ${ui.recovery()}`).policy.set('defaults.free', 'read');
    for (const [n, answer] of ['approve', 'deny', 'approve'].entries()) {
      const words = ['mkdir', `made-${n}`];
      const ended = ui.gateway.cli('exec', '--ask-only', '--json', '--', ...words);
      const { bot, card } = await cardAbout(words.join(' '));
      const waits = async () => (await ui.host().approvals.list()).items[0];
      await expect.poll(async () => (await waits())?.state, PATIENCE).toBe('pending');
      const request = await waits();
      expect(card.text).toContain(request?.short);
      await page.go(`approvals?open=${request?.id}`);
      await page.id(answer).waitFor();
      // R50: nobody has read a card that came this very moment.
      await expect
        .poll(() => Date.now() - Date.parse(request?.createdAt ?? ''), PATIENCE)
        .toBeGreaterThan(1_500);
      await Promise.all([pressed(answer), bot.press(card, answer === 'approve' ? 'Deny' : 'Approve', OLGA)]);
      const { code, stdout, stderr } = await ended;
      const now = await ui.host().approvals.get(request?.id ?? '');
      expect(now.decisions).toHaveLength(1);
      expect(now.state).toBe(now.decision?.decision === 'approve' ? 'approved' : 'denied');
      expect(code, stdout + stderr).toBe(now.state === 'approved' ? 0 : 14);
      await expect.poll(() => card.buttons.length, PATIENCE).toBe(0);
    }
    expect((await ui.host().approvals.list()).items).toEqual([]);
    ui.clean();
  });

  test('cut off, a page says so and keeps what it shows; back again, it hears what it missed by number', async () => {
    await other.go('pairings');
    await page.go('pairings');
    // Only rows near the window are in the document, and whoever asks last stands last.
    await page.look({ ...WIDE_LIGHT, height: 3_000 });
    const { id, native } = await arrives(557_010);
    await expect.poll(() => waiting(other, native).count(), PATIENCE).toBe(1);
    await expect.poll(() => waiting(page, native).count(), PATIENCE).toBe(1);
    await wire.cut();
    const heard = wire.heard.findLast(({ type }) => type === 'event')?.['seq'];
    await expect.poll(() => other.id('offline').textContent(), PATIENCE).not.toBe('');
    expect(await waiting(other, native).count()).toBe(1);
    await ui.host().pairings.deny(id);
    // Told to a page that is there: from here on it has a number, and whoever was away has missed it.
    await expect.poll(() => waiting(page, native).count(), PATIENCE).toBe(0);
    const [said, since] = [wire.said.length, wire.heard.length];
    wire.mend();
    await other.page.evaluate(goOnline);
    await expect.poll(() => other.id('offline').textContent(), PATIENCE).toBe('');
    await expect.poll(() => waiting(other, native).count(), PATIENCE).toBe(0);
    expect(wire.said.slice(said).find(({ type }) => type === 'resume')).toMatchObject({ after: heard });
    const events = wire.heard.slice(since).filter(({ type }) => type === 'event');
    expect(events.some(({ event }) => event === 'reset')).toBe(false);
    const missed = events.find(({ why }) => Array.isArray(why) && why.includes('pairing.denied'));
    expect(Number(missed?.['seq'])).toBeGreaterThan(Number(heard));
    ui.clean();
  });

  test('the gateway dies and comes back: the page waits for it, and reads everything anew', async () => {
    const { id, native } = await arrives(557_011);
    await other.go('pairings');
    await expect.poll(() => waiting(other, native).count(), PATIENCE).toBe(1);
    const said = wire.said.length;
    await ui.gateway.stop('SIGKILL');
    await expect.poll(() => other.id('offline').textContent(), PATIENCE).not.toBe('');
    // A page whose code was never fetched says that it is not there, and takes nothing else with it.
    await other.page.evaluate(setHash, '#/settings');
    await other.page.getByText('That could not be loaded').waitFor({ timeout: 30_000 });
    await other.page.evaluate(setHash, '#/pairings');
    await expect.poll(() => waiting(other, native).count(), PATIENCE).toBe(1);
    // The browser notes what it could not fetch, and React that a page failed.
    ui.faults.splice(0);
    // Decided while nobody ran.
    const denied = await ui.gateway.cli('pairing', 'deny', id);
    expect(denied, denied.stderr).toMatchObject({ code: 0 });
    await ui.gateway.start();
    await other.page.evaluate(goOnline);
    await expect.poll(() => other.id('offline').textContent(), PATIENCE).toBe('');
    await expect.poll(() => waiting(other, native).count(), PATIENCE).toBe(0);
    // Numbers of another process mean nothing, and nothing was asked by them.
    expect(wire.said.slice(said).some(({ type }) => type === 'resume')).toBe(false);
    ui.clean();
  });

  async function decisionsOn(id: string): Promise<readonly string[]> {
    const { items } = await ui.host().audit.list({ limit: 100 });
    const decided = /^(pairing\.(approved|denied|blocked)|device\.(approved|rejected))$/;
    return items
      .filter(({ type, subject }) => decided.test(type) && Object.values(subject).includes(id))
      .map(({ type }) => type);
  }
});
