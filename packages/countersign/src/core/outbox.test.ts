// Delivery: in order, at least once, before its deadline, with its fate recorded.
import { Problem } from '@countersign/protocol/problem';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openWorld } from '../testing/world.ts';
import { split } from './outbox.ts';

test('a channel that fails for a while loses nothing and sends nothing twice', async () => {
  await using world = await openWorld();
  await world.knows('ana');
  world.channel().failing = new Problem('channel_unreachable');
  await world.says('ana', 'one');
  await world.says('ana', 'two');
  expect(world.heardBy('ana')).toEqual([]);
  world.channel().failing = null;
  for (let n = 0; n < 5; n++) {
    world.clock.advance('1m');
    await world.settle();
  }
  expect(world.heardBy('ana')).toEqual(['you said: one', 'you said: two']);
});

test('what cannot be said before its deadline ends as failed, and the audit says so', async () => {
  await using world = await openWorld();
  world.channel().failing = new Problem('channel_unreachable');
  await world.says('ana', 'hello');
  world.clock.advance('30m');
  world.channel().failing = null;
  await world.settle();
  await world.services.dispatcher.expire();
  expect(world.heardBy('ana')).toEqual([]);
  const [row] = await world.store.outbox.recent({ limit: 1 });
  expect(row).toMatchObject({ kind: 'pairing-code', fate: 'failed', reason: 'deadline' });
  expect((await world.events()).map(({ body }) => body.type)).toContain('delivery.failed');
});

test('nothing overtakes a message that waits for its next try', async () => {
  await using world = await openWorld();
  await world.knows('ana');
  world.channel().failing = new Problem('channel_unreachable');
  await world.says('ana', 'one');
  world.channel().failing = null;
  await world.says('ana', 'two');
  expect(world.heardBy('ana')).toEqual([]);
  world.clock.advance('2s');
  await world.settle();
  await world.settle();
  expect(world.heardBy('ana')).toEqual(['you said: one', 'you said: two']);
});

test('a peer that can never be written to is unroutable at once', async () => {
  await using world = await openWorld();
  world.channel().failing = new Problem('channel_cannot_initiate');
  await world.says('ana', 'hello');
  const [row] = await world.store.outbox.recent({ limit: 1 });
  expect(row).toMatchObject({ fate: 'unroutable', reason: 'channel_cannot_initiate' });
});

test('a long text is split, never cut: the parts are the text', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      fc.integer({ min: 4, max: 40 }),
      (text, max) => {
        const parts = split(text, max);
        expect(parts.join('')).toBe(text);
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(max);
          expect(part.isWellFormed()).toBe(true);
        }
      },
    ),
  );
});
