import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { kindOf, readAll } from './stdin.ts';

async function* source(...parts: (string | Uint8Array)[]) {
  yield* parts;
}

test('what a command would read is read whole, and known by its content', async () => {
  const { stdin, bytes } = await readAll(source('a', Buffer.from('b\0')));
  expect(stdin).toEqual({
    kind: 'bytes',
    sha256: '969caaeb3626c0d5695eefa6aea53305b312b33d505272adc6cb24450650c243',
    size: 3,
  });
  expect(bytes?.toString('latin1')).toBe('ab\0');
});

test('an end straight away is nothing to read', async () => {
  expect(await readAll(source())).toEqual({ stdin: { kind: 'none' }, bytes: null });
});

test('more than fits is refused before it is all read', async () => {
  let given = 0;
  async function* endless() {
    for (;;) {
      given += 1;
      yield Buffer.alloc(1_048_576);
    }
  }
  await expect(readAll(endless())).rejects.toThrow('16 MiB');
  expect(given).toBe(17);
});

test('a file holds bytes, a terminal a person, and everything else nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cs-stdin-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [file, nothing] = [openSync(join(folder, 'a'), 'w+'), openSync('/dev/null', 'r')];
  expect([kindOf(file, false), kindOf(nothing, false), kindOf(nothing, true)]).toEqual([
    'bytes',
    'none',
    'terminal',
  ]);
  closeSync(file);
  closeSync(nothing);
  expect(kindOf(9_999, false)).toBe('none');
});
