// A house of 1,000 people and 10,000 events: a page holds what can be seen of it and no more, however far somebody reads.
// How fast that is, bench/ui.ts measures; here the document is counted.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { elements, listed } from './in-page.js';
import { CAN_RUN, UiHouse, type UiPage } from './ui-visit.ts';

const PEOPLE = 1_000;
const EVENTS = 10_000;
/** Of all kinds, frame and icons included. */
const MOST_ELEMENTS = 2_500;
const MOST_ROWS = 60;
const PATIENCE = { timeout: 150_000, interval: 50 };

describe.skipIf(!CAN_RUN)('a crowd', { timeout: 400_000 }, () => {
  let ui: UiHouse;
  let owner: UiPage;

  beforeAll(async () => {
    ui = await UiHouse.open({ people: PEOPLE, events: EVENTS });
    owner = await ui.enter();
  }, 400_000);
  afterAll(() => ui?.[Symbol.asyncDispose]());

  /** To the end of what is there, as often as more comes. */
  async function readsOn(enough: number): Promise<void> {
    await owner.page.locator('main ul.list > li[tabindex="0"]').first().focus();
    await expect
      .poll(async () => {
        await owner.page.keyboard.press('End');
        await owner.settled();
        return (await owner.page.evaluate(listed)).of;
      }, PATIENCE)
      .toBeGreaterThanOrEqual(enough);
  }

  async function isSmall(): Promise<void> {
    expect((await owner.page.evaluate(listed)).rows).toBeLessThanOrEqual(MOST_ROWS);
    expect(await owner.page.evaluate(elements)).toBeLessThanOrEqual(MOST_ELEMENTS);
  }

  test('everybody is in the list of people, and few of them in the document', async () => {
    await owner.go('people');
    await isSmall();
    await readsOn(PEOPLE);
    await isSmall();
    ui.clean();
  });

  test('the audit is read page by page, and stays small', async () => {
    await owner.go('audit');
    await isSmall();
    await readsOn(1_000);
    await isSmall();
    expect((await ui.host().audit.verify()).events).toBeGreaterThanOrEqual(EVENTS);
    ui.clean();
  });
});
