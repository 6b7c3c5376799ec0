import { appendFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeHome } from './fixtures/stand-in.ts';
import { readLog } from './log-reader.ts';

const line = (n: number, minute = 0) =>
  `${JSON.stringify({ level: 'info', time: `2026-11-20T12:${String(minute).padStart(2, '0')}:00.000Z`, event: `e${n}` })}\n`;
const eventOf = (text: string) => /"event":"(\w+)"/.exec(text)?.[1];

async function all(path: string, since?: number): Promise<(string | undefined)[]> {
  const events: (string | undefined)[] = [];
  for await (const text of readLog(path, { follow: false, since })) events.push(eventOf(text));
  return events;
}

test('without --since the last 200 lines are read, in order', async () => {
  const path = join(makeHome(), 'gateway.log');
  writeFileSync(path, Array.from({ length: 300 }, (_, n) => line(n)).join(''));
  const events = await all(path);
  expect(events).toHaveLength(200);
  expect([events[0], events.at(-1)]).toEqual(['e100', 'e299']);
});

test('--since reaches back into the rotated file', async () => {
  const path = join(makeHome(), 'gateway.log');
  writeFileSync(`${path}.1`, line(1, 0) + line(2, 20));
  writeFileSync(path, line(3, 30));
  expect(await all(path, Date.parse('2026-11-20T12:10:00Z'))).toEqual(['e2', 'e3']);
});

test('following sees every line once: half-written ones, over a rotation, and after a cut', async () => {
  const path = join(makeHome(), 'gateway.log');
  writeFileSync(path, line(1));
  const stop = new AbortController();
  const events: (string | undefined)[] = [];
  const steps: Record<string, () => void> = {
    e1: () => {
      appendFileSync(path, line(2).slice(0, 20));
      setImmediate(() => appendFileSync(path, line(2).slice(20)));
    },
    e2: () => {
      appendFileSync(path, line(3));
      renameSync(path, `${path}.1`);
      writeFileSync(path, line(4));
    },
    e4: () => {
      truncateSync(path);
      // As long as the one before it: who did not look in between could not know that it is another one.
      setTimeout(() => appendFileSync(path, line(5)), 500);
    },
    e5: () => stop.abort(),
  };
  for await (const text of readLog(path, { follow: true, everyMs: 5, signal: stop.signal })) {
    const event = eventOf(text) ?? '';
    events.push(event);
    steps[event]?.();
  }
  expect(events).toEqual(['e1', 'e2', 'e3', 'e4', 'e5']);
});
