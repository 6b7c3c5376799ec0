// What an answer says it took. A model writes its text, not its usage: what stands in the text counts for nothing.
import { expect, test } from 'vitest';
import { UsageReader } from './usage.ts';

function usageOf(...chunks: string[]) {
  const reader = new UsageReader();
  for (const chunk of chunks) reader.see(Buffer.from(chunk));
  return reader.read();
}

test('both interfaces, in one document and at the end of a stream, wherever the pieces part', () => {
  expect(usageOf('{"usage":{"prompt_tokens":3,"completion_tokens":5}}')).toEqual({ input: 3, output: 5 });
  expect(usageOf('data: {"usage":{"input_tok', 'ens": 7,"output_tokens":9}}\n\n')).toEqual({
    input: 7,
    output: 9,
  });
  expect(usageOf('x'.repeat(100_000), '{"input_tokens":1}')).toEqual({ input: 1, output: 0 });
  expect(usageOf('{"choices":[]}')).toBeNull();
});

test('the last one said counts; in a text, and past any sense, it is none', () => {
  expect(usageOf('{"prompt_tokens":1}\n', '{"prompt_tokens":2}')).toEqual({ input: 2, output: 0 });
  const text = JSON.stringify({ content: '"prompt_tokens":999,"completion_tokens":999' });
  expect(usageOf(text)).toBeNull();
  expect(usageOf('{"prompt_tokens":1000000001,"completion_tokens":4}')).toEqual({ input: 0, output: 4 });
  expect(usageOf('{"prompt_tokens":12345678901}')).toBeNull();
});
