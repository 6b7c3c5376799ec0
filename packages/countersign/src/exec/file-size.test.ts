// A hole of many gigabytes takes no room, and would be read for an hour: by the machine of whoever is only asked about it. Many
// of them that fit one by one would be, too, and go on when nobody waits for them any more.
import { mkdtempSync, readdirSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Place } from '../testing/granted-run.ts';
import { derive } from './derive.ts';
import { hashed, withFile } from './file.ts';
import { Reading } from './reading.ts';

test('a file that is larger than any program is refused, and not read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cs-huge-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const huge = join(folder, 'huge');
  writeFileSync(huge, '');
  truncateSync(huge, 400 * 2 ** 30);
  await expect(withFile(huge, hashed)).rejects.toMatchObject({
    ...{ code: 'usage', message: expect.stringContaining('too large') },
  });
  truncateSync(huge, 16);
  expect(await withFile(huge, hashed)).toMatchObject({ path: huge });
}, 20_000);

const GIB = 2 ** 30;

function placed(): Place {
  const place = new Place();
  onTestFinished(() => place[Symbol.dispose]());
  place.script('sed');
  return place;
}

test('files that are too large together are refused, and the last of them is not read', async () => {
  const place = placed();
  place.file('small', 'p');
  truncateSync(place.file('large', ''), 4 * GIB);
  const plan = place.plan({ argv: ['sed', '-f', 'small', '-f', 'large'] });
  await expect(derive(plan)).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('too large'),
  });
});

test('what is written into while it is read has an end, and so has the time', async () => {
  const place = placed();
  const path = place.file('prog', 'x'.repeat(100));
  const read = (limits: ConstructorParameters<typeof Reading>[0]) =>
    withFile(path, (file) => hashed({ ...file, seen: { ...file.seen, size: 1n } }, new Reading(limits)));
  await expect(read({ mostBytes: 99 })).rejects.toThrow('too large');
  await expect(read({ timeUp: AbortSignal.abort() })).rejects.toThrow('too long');
});

test.runIf(process.platform === 'linux')(
  'nobody waits for it any more: it is read no further, and nothing is left open',
  async () => {
    const place = placed();
    truncateSync(place.file('large', ''), 3 * GIB);
    const stop = new AbortController();
    const reason = new Error('taken back');
    const derived = derive(place.plan({ argv: ['sed', '-f', 'large'] }), undefined, stop.signal);
    const opened = () => openOf(place.at('large'));
    await Promise.all([
      expect(derived).rejects.toBe(reason),
      expect
        .poll(opened, { interval: 1 })
        .toBe(1)
        .then(() => stop.abort(reason)),
    ]);
    expect(opened()).toBe(0);
    await expect(derive(place.plan({ argv: ['true'] }), undefined, stop.signal)).rejects.toBe(reason);
  },
);

/** How often this process holds it open. */
function openOf(path: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false;
    }
  }).length;
}
