// H63: bodies that are sent by many at once, too large, or never to their end hold no more memory than is set aside for
// them, and what is refused is not counted on.
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { RawBodies } from './raw-body.ts';

/** One and the same memory, however many send it. */
const LARGE = Buffer.alloc(31 * 1024 * 1024, 'a');
const AT_ONCE = 8;

function sending(chunks: readonly Buffer[], end: 'whole' | 'cut' = 'whole'): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  for (const chunk of chunks) request.push(chunk);
  if (end === 'whole') request.push(null);
  else setImmediate(() => request.destroy());
  return request;
}

const code = (expected: string) => expect.objectContaining({ code: expected });

test('eight large bodies are held at once, a ninth is told to come again, and then there is room for it', async () => {
  const bodies = new RawBodies();
  const held = await Promise.all(Array.from({ length: AT_ONCE }, () => bodies.read(sending([LARGE]))));
  await expect(bodies.read(sending([LARGE]))).rejects.toEqual(code('rate_limited'));
  held[0]?.release();
  // Released twice makes no more room than once.
  held[0]?.release();
  const ninth = await bodies.read(sending([LARGE]));
  expect(ninth.bytes.length).toBe(LARGE.length);
  await expect(bodies.read(sending([LARGE]))).rejects.toEqual(code('rate_limited'));
});

test('what is too large, or never ends, is not counted on', async () => {
  const bodies = new RawBodies();
  for (let round = 0; round < AT_ONCE + 1; round += 1) {
    await expect(bodies.read(sending([LARGE, LARGE]))).rejects.toEqual(code('request_too_large'));
    await expect(bodies.read(sending([LARGE], 'cut'))).rejects.toEqual(code('request_malformed'));
  }
  expect((await bodies.read(sending([Buffer.from('{'), Buffer.from('}')]))).bytes.toString()).toBe('{}');
  await bodies.read(sending([LARGE]));
});

test('a limit of its own counts for a body that announces no length', async () => {
  const small = [Buffer.alloc(60), Buffer.alloc(60)];
  await expect(new RawBodies().read(sending(small), 100)).rejects.toEqual(code('request_too_large'));
  expect((await new RawBodies().read(sending(small), 120)).bytes.length).toBe(120);
});
