import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Config } from './config.ts';
import type { Mistake } from './mistakes.ts';
import { type ConfigWatcher, watchConfig } from './watch.ts';

type Seen = { readonly port: number } | { readonly mistakes: readonly Mistake[] };

let watcher: ConfigWatcher | null = null;
afterEach(() => watcher?.close());

function world(text: string | null) {
  const home = mkdtempSync(join(tmpdir(), 'cs-watch-'));
  const file = join(home, 'countersign.jsonc');
  if (text !== null) writeFileSync(file, text);
  const seen: Seen[] = [];
  const waiting: (() => void)[] = [];
  const tell = (what: Seen) => {
    seen.push(what);
    waiting.shift()?.();
  };
  watcher = watchConfig(
    { home, env: {} },
    {
      text: text ?? '',
      onChange: (config: Config) => tell({ port: config.gateway.port }),
      onMistakes: (mistakes) => tell({ mistakes }),
      later: (work) => {
        const timer = setTimeout(work, 20);
        return () => clearTimeout(timer);
      },
    },
  );
  const next = async (count: number) => {
    while (seen.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
    return seen[count - 1];
  };
  return { file, home, seen, next };
}

const withPort = (port: number) => `{ "gateway": { "port": ${port} } }`;

test('a valid change is handed over, an invalid one is told, and the next valid one is taken up', async () => {
  const { file, next } = world(withPort(1));
  writeFileSync(file, withPort(2));
  expect(await next(1)).toEqual({ port: 2 });
  writeFileSync(file, '{ "gateway": { "prot": 2 } }');
  expect(await next(2)).toMatchObject({ mistakes: [{ path: 'gateway.prot' }] });
  writeFileSync(file, withPort(3));
  expect(await next(3)).toEqual({ port: 3 });
});

test('a file that is replaced is followed, again and again', async () => {
  const { file, home, next } = world(withPort(1));
  for (const [index, port] of [2, 3, 4].entries()) {
    writeFileSync(join(home, 'draft'), withPort(port));
    renameSync(join(home, 'draft'), file);
    expect(await next(index + 1)).toEqual({ port });
  }
});

test('a file that somebody saves all the time is looked at while they do', async () => {
  const { file, seen } = world(withPort(1));
  let saved = 1;
  for (; saved < 2_000 && seen.length < 3; saved++) {
    writeFileSync(file, withPort(saved));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  expect(seen.length).toBe(3);
});

test('a file that comes into being is taken up', async () => {
  const { file, next } = world(null);
  writeFileSync(file, withPort(7));
  expect(await next(1)).toEqual({ port: 7 });
});

test('a file that goes away is told, and is no wish for the defaults', async () => {
  const { file, next } = world(withPort(1));
  rmSync(file);
  expect(await next(1)).toMatchObject({ mistakes: [{ message: 'the configuration is gone' }] });
  writeFileSync(file, withPort(2));
  expect(await next(2)).toEqual({ port: 2 });
});

test('a file that is emptied is told, and is no wish for the defaults', async () => {
  const { file, next } = world(withPort(1));
  writeFileSync(file, '');
  expect(await next(1)).toMatchObject({ mistakes: [{ message: 'the configuration is empty' }] });
  writeFileSync(file, '{}');
  expect(await next(2)).toEqual({ port: 8787 });
});

test('the same text again is no change', async () => {
  const { file, seen, next } = world(withPort(1));
  writeFileSync(file, withPort(1));
  writeFileSync(file, withPort(2));
  await next(1);
  watcher?.check();
  expect(seen).toEqual([{ port: 2 }]);
});
