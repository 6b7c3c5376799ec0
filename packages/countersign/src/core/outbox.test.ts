// Delivery: in order, at least once, before its deadline, with its fate recorded.
import { Problem } from '@countersign/protocol/problem';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loopbackNative } from '../channels/loopback/channel.ts';
import { HOST, openWorld, type World } from '../testing/world.ts';
import { split } from './outbox.ts';
import { ownerNotices } from './owner-notices.ts';

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

test('a server that hangs keeps nobody waiting but its own account', async () => {
  await using world = await openWorld({ accounts: ['default', 'support'] });
  const hangs = Promise.withResolvers<never>();
  world.channel('support').send = () => hangs.promise;
  await world.channel('support').hear('bo', { text: 'hello' });
  await world.channel().hear('ana', { text: 'hello' });
  await world.services.inbox.idle();
  void world.services.dispatcher.dispatch();
  await expect.poll(() => world.heardBy('ana')).toHaveLength(1);
  await world.channel().hear('cleo', { text: 'hello' });
  await world.services.inbox.idle();
  void world.services.dispatcher.dispatch();
  await expect.poll(() => world.heardBy('cleo')).toHaveLength(1);
  hangs.reject(new Problem('channel_unreachable'));
});

test.each([
  ['cannot be reached', new Problem('channel_unreachable')],
  ['asks for a pause', new Problem('rate_limited', { members: { retryAfter: 1 } })],
])('a server that %s is not tried for every message of a round', async (_, trouble) => {
  await using world = await openWorld();
  for (let n = 0; n < 20; n++) await world.knows(`guest-${n}`);
  let tries = 0;
  const send = world.channel().send.bind(world.channel());
  world.channel().send = () => {
    tries += 1;
    return Promise.reject(trouble);
  };
  const draft = (n: number) => ({
    peer: world.peer(`guest-${n}`),
    conversation: { kind: 'direct', id: `guest-${n}` } as const,
    kind: 'answer' as const,
    text: 'hi',
    deadline: world.clock.now() + 3_600_000,
  });
  await world.store.outbox.put(
    Array.from({ length: 20 }, (_, n) => draft(n)),
    world.clock.now(),
  );
  await world.services.dispatcher.dispatch();
  expect(tries).toBe(3);
  world.channel().send = send;
  world.clock.advance('2s');
  await world.settle();
  for (let n = 0; n < 20; n++) expect(world.heardBy(`guest-${n}`)).toEqual(['hi']);
});

test('one message that a server answers with trouble of its own holds up nobody else', async () => {
  await using world = await openWorld();
  const send = world.channel().send.bind(world.channel());
  world.channel().send = (to, message) =>
    to.peer.native === 'bad' ? Promise.reject(new Problem('channel_unreachable')) : send(to, message);
  await world.says('bad', 'hello');
  await world.says('ana', 'hello');
  expect(world.heardBy('ana')).toHaveLength(1);
});

describe('H19: whatever waited goes to nobody who is shut out by now', () => {
  const away = (world: World) => {
    world.channel().failing = new Problem('channel_unreachable');
  };
  const back = async (world: World) => {
    world.channel().failing = null;
    world.clock.advance('2m');
    await world.settle();
  };

  test('the answer for a group that is not served any more', async () => {
    await using world = await openWorld({
      policy: { groupPolicy: 'allowlist', groupAllowFrom: ['ana'], requireMention: false },
    });
    const conversation = { kind: 'group', id: '#room' } as const;
    away(world);
    await world.says('ana', 'hello', { conversation });
    expect(world.agent.asked).toHaveLength(1);
    world.configure('default', { groupAllowFrom: [] });
    await back(world);
    expect(world.heardBy('ana')).toEqual([]);
  });

  test('the answer for somebody suspended meanwhile, listed in the file or not', async () => {
    await using world = await openWorld({ policy: { allowFrom: ['ana'] } });
    away(world);
    await world.says('ana', 'hello');
    expect(world.agent.asked).toHaveLength(1);
    await world.services.directory.setState('ana', 'suspend', HOST);
    await back(world);
    expect(world.heardBy('ana')).toEqual([]);
  });

  test('what is for owners only, when the chat is no owner’s any more; who is named in notifyOn is told on', async () => {
    const native = loopbackNative('nina');
    await using world = await openWorld({
      pairing: { notifyOn: [{ channel: 'loopback', account: 'default', native }] },
    });
    await world.knows('olga', 'owner');
    await world.knows('otto', 'owner');
    const { store, clock, services } = world;
    away(world);
    await world.says('ana', 'hello');
    const now = clock.now();
    await store.outbox.put(await ownerNotices(store, { text: 'a secret', once: 'x', now }), now);
    await services.directory.setRole('olga', 'user', HOST);
    await back(world);
    expect(world.heardBy('olga').join()).not.toContain('a secret');
    expect(world.heardBy('otto')).toContain('a secret');
    expect(world.heardBy('nina')).toEqual([expect.stringContaining('New pairing request')]);
  });
});
