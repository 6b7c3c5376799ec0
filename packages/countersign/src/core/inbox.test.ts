// The one road of a message: durable before acknowledged, once per id, and nothing a sender writes changes who they are.
import { Problem } from '@countersign/protocol/problem';
import { expect, test } from 'vitest';
import { openWorld } from '../testing/world.ts';

test('a message repeated by the platform reaches the agent once', async () => {
  await using world = await openWorld();
  await world.knows('ana');
  const repeats = Array.from({ length: 20 }, () =>
    world.channel().hear('ana', { text: 'hi', messageId: 'm-1' }),
  );
  const accepted = await Promise.all(repeats);
  await world.settle();
  expect(accepted.filter(({ as }) => as === 'agent')).toHaveLength(1);
  expect(accepted.filter(({ as }) => as === 'repeated')).toHaveLength(19);
  expect(world.agent.asked).toHaveLength(1);
});

test('H12: the same id from two people, or in two rooms, is two messages', async () => {
  await using world = await openWorld();
  await world.knows('ana');
  await world.knows('bob');
  expect((await world.says('ana', 'hi', { messageId: 'm-1' })).as).toBe('agent');
  expect((await world.says('bob', 'hi', { messageId: 'm-1' })).as).toBe('agent');
});

test('P-04 P-05 P-06: history, receipts, reactions, edits, bots and our own messages cause nothing at all', async () => {
  await using world = await openWorld();
  const flaws = [
    { arrived: 'history' },
    { kind: 'receipt' },
    { kind: 'reaction' },
    { kind: 'edit' },
    { kind: 'other' },
    { actor: 'bot' },
    { actor: 'self' },
    { actor: 'anonymous' },
    { actor: 'system' },
    { forwarded: true },
    { text: '   ' },
  ] as const;
  for (const flaw of flaws) expect((await world.says('ana', 'hello', flaw)).as).toBe('nobody');
  expect(world.channel().sent).toEqual([]);
  expect(await world.store.pairings.list({ states: ['pending', 'waiting'], limit: 10 })).toEqual([]);
});

test('P-05: a backlog of five hundred messages sends nothing', async () => {
  await using world = await openWorld();
  const backlog = Array.from({ length: 500 }, (_, n) =>
    world.channel().hear(`p-${n}`, { text: 'hi', arrived: 'history' }),
  );
  await Promise.all(backlog);
  await world.settle();
  expect(world.channel().sent).toEqual([]);
});

test('P-07: under allowlist a stranger gets no reply and no row', async () => {
  await using world = await openWorld({ policy: { dmPolicy: 'allowlist', allowFrom: ['bob'] } });
  expect(await world.says('ana', 'hello')).toMatchObject({ as: 'nobody', reason: 'not_allowed' });
  expect(world.channel().sent).toEqual([]);
  expect(await world.store.pairings.list({ states: ['pending', 'waiting'], limit: 10 })).toEqual([]);
  await world.says('bob', 'hello');
  expect(world.heardBy('bob')).toEqual(['you said: hello']);
});

test('what the configuration gives, the configuration takes away: an open door leaves no lasting grant', async () => {
  await using world = await openWorld({ policy: { dmPolicy: 'open', allowFrom: ['*'] } });
  await world.says('ana', 'hello');
  expect(world.heardBy('ana')).toEqual(['you said: hello']);
  const { peer } = await world.store.people.standing(world.peer('ana'));
  expect(peer).toMatchObject({ direct: false, ceiling: 'user' });
});

test('H15: a sender let in by a group is a stranger in a direct chat', async () => {
  await using world = await openWorld({ policy: { groupPolicy: 'open' } });
  const group = { conversation: { kind: 'group', id: 'room-1' } } as const;
  expect((await world.says('ana', 'hi', group)).as).toBe('desk');
  expect(world.agent.asked).toHaveLength(1);
  expect((await world.says('ana', 'hi')).as).toBe('desk');
  expect(world.heardBy('ana').at(-1)).toContain('code');
});

test('R65: a thousand knocks are two events, with the count', async () => {
  await using world = await openWorld({ policy: { dmPolicy: 'allowlist' } });
  await Promise.all(Array.from({ length: 1_000 }, () => world.channel().hear('ana', { text: 'hi' })));
  await world.settle();
  world.clock.advance('61s');
  await world.services.denials.flush(world.clock.now());
  const events = await world.events();
  expect(events.map(({ body }) => body.type)).toEqual(['message.dropped', 'denials.counted']);
  expect(events[1]?.body.subject['more']).toBe(999);
});

test('R42: a store that fails refuses the message: nothing is acknowledged, nothing is answered', async () => {
  const world = await openWorld();
  await world.knows('ana');
  await world.settle();
  await world.store.close();
  const refused = await world
    .channel()
    .hear('ana', { text: 'hi' })
    .catch((cause: unknown) => cause);
  expect(refused).toBeInstanceOf(Error);
  expect(Problem.codeOf(refused)).toBe('store_unavailable');
  expect(world.agent.asked).toEqual([]);
});
