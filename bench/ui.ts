// How quickly the Control UI answers a hand, by the browser's own event timing: a house of 1,000 people and 10,000 events
// against one of 30 people. Presses and keys on the pages with the long lists; what the browser leaves out took under 16 ms.

import { interactions, noteInteractions } from '../test/in-page.js';
import { CAN_RUN, UiHouse, type UiPage } from '../test/ui-visit.ts';
import { quantile } from './figures.ts';
import type { Row } from './house.ts';

const ROUNDS = 5;
const LIMIT_MS = 100;
/** The shortest the browser tells of. */
const FLOOR_MS = 16;

if (CAN_RUN) {
  const few = await measured({});
  const many = await measured({ people: 1_000, events: 10_000 });
  console.log(JSON.stringify([row(few, many)]));
} else {
  console.error('  SKIPPED, nothing was measured in a browser: there is no Chromium');
  console.log(JSON.stringify([row(null, null)]));
}

interface Figures {
  readonly p98: number;
  readonly median: number;
  /** Of the page's own work, without waiting for a processor or for pixels. */
  readonly work98: number;
  readonly count: number;
}

function row(few: Figures | null, many: Figures | null): Row {
  const text = ({ p98, median, work98, count }: Figures) =>
    `p98 ${p98} ms (own work ${work98} ms), median ${median} ms of ${count}`;
  return {
    what: 'Control UI, a press or a key until the page shows it, 1,000 people and 10,000 events (event timing)',
    baseline: 'the same with 30 people',
    budget: `p98 ≤ ${LIMIT_MS} ms`,
    measured:
      few === null || many === null ? 'not measured: no Chromium' : `${text(many)}; baseline ${text(few)}`,
    met: many === null ? null : many.p98 <= LIMIT_MS,
  };
}

async function measured(size: { people?: number; events?: number }): Promise<Figures> {
  await using ui = await UiHouse.open(size);
  const owner = await ui.enter();
  await round(owner); // Warm-up: pages are loaded, lists are read.
  await owner.page.evaluate(noteInteractions);
  const before = (await owner.page.evaluate(interactions)).count;
  for (let n = 0; n < ROUNDS; n += 1) await round(owner);
  const { count, slow } = await owner.page.evaluate(interactions);
  const quick = Array.from({ length: Math.max(0, count - before - slow.length) }, () => FLOOR_MS);
  const shown = [...quick, ...slow.map((one) => one.shown)];
  const work = [...quick.map(() => 0), ...slow.map((one) => one.work)];
  return {
    p98: quantile(shown, 0.98),
    median: quantile(shown, 0.5),
    work98: quantile(work, 0.98),
    count: shown.length,
  };
}

/** What somebody does who looks for somebody. */
async function round(owner: UiPage): Promise<void> {
  const { keyboard } = owner.page;
  for (const page of ['people', 'audit', 'pairings']) {
    await owner.page.locator(`nav a[href="#/${page}"]`).click();
    await owner.settled();
    const search = owner.page.locator('main [data-search]');
    if ((await search.count()) > 0) {
      await search.first().click();
      await keyboard.type('ma');
      await owner.settled();
      await keyboard.press('Backspace');
      await keyboard.press('Backspace');
      await owner.settled();
    }
    const first = owner.page.locator('main ul.list > li[tabindex="0"]').first();
    await first.focus();
    for (let n = 0; n < 10; n += 1) await keyboard.press('ArrowDown');
    for (const key of ['End', 'Home', 'End']) {
      await keyboard.press(key);
      await owner.settled();
    }
    await keyboard.press('Enter');
    await owner.page.locator('[role="dialog"], main').last().waitFor();
    await keyboard.press('Escape');
  }
}
