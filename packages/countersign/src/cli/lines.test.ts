import { expect, test } from 'vitest';
import { linesOf } from './lines.ts';

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function* stream(...parts: (string | Uint8Array)[]) {
  yield* parts;
}

test('R47: a line ends at a line feed and nowhere else', async () => {
  const text = 'ls\r rm -rf /\necho a\u{2028}b\u{85}c\n\nlast';
  expect(await all(linesOf(stream(text)))).toEqual(['ls\r rm -rf /', 'echo a\u{2028}b\u{85}c', '', 'last']);
  expect(await all(linesOf(stream('one\n')))).toEqual(['one']);
  expect(await all(linesOf(stream()))).toEqual([]);
});

test('wherever the stream is cut, the lines are the same', async () => {
  const bytes = Buffer.from('é ü\n\u{1F600}\n');
  for (let at = 0; at <= bytes.length; at += 1)
    expect(await all(linesOf(stream(bytes.subarray(0, at), bytes.subarray(at))))).toEqual([
      'é ü',
      '\u{1F600}',
    ]);
});
