// R62 for a single conversation: once an owner has ended it, nothing that was said on it reaches the agent, no answer to it
// comes back, and nothing else of the person has ended.
import { Problem } from '@countersign/protocol/problem';
import { expect, test } from 'vitest';
import { HOST, openWorld, type World } from '../../testing/world.ts';

const away = () => Promise.reject(new Problem('agent_unreachable'));

async function sessionOf(world: World) {
  const [session] = await world.store.sessions.list({ live: true, limit: 1 });
  if (session === undefined) throw new Error('nobody spoke');
  return session;
}

test('what waited is never asked, is told to its sender once, and the next message begins a new session', async () => {
  await using world = await openWorld();
  await world.knows('ana');
  const answers = world.agent.answer;
  world.agent.answer = away;
  await world.says('ana', 'first');
  await world.says('ana', 'second');
  const asked = world.agent.asked.length;
  const session = await sessionOf(world);
  expect(await world.services.revokeSession(session, HOST)).toMatchObject({ unanswered: 2 });
  world.agent.answer = answers;
  world.clock.advance('1m');
  await world.services.turns.sweep();
  await world.settle();
  expect(world.agent.asked).toHaveLength(asked);
  expect(world.heardBy('ana').filter((text) => text.includes('was ended'))).toHaveLength(1);

  await world.says('ana', 'third');
  expect(world.heardBy('ana').at(-1)).toBe('you said: third');
  expect(world.agent.asked.at(-1)?.history).toEqual([]);
  expect((await sessionOf(world)).id).not.toBe(session.id);
  const told = (await world.events()).filter(({ body }) => body.type === 'session.revoked');
  expect(told.map(({ body }) => body.subject)).toMatchObject([
    { session: session.id, principal: session.principal, unanswered: 2 },
  ]);
});

test('an answer under way is called off, and what the agent says all the same is dropped', async () => {
  await using world = await openWorld();
  await world.knows('ana');
  const asked = Promise.withResolvers<AbortSignal>();
  const answer = Promise.withResolvers<string>();
  world.agent.answer = (_, __, signal) => {
    asked.resolve(signal);
    return answer.promise;
  };
  await world.channel().hear('ana', { text: 'tell me everything' });
  const signal = await asked.promise;
  await world.services.revokeSession(await sessionOf(world), HOST);
  expect(signal.aborted).toBe(true);
  answer.resolve('everything');
  await world.settle();
  expect(world.heardBy('ana').join()).not.toContain('everything');
  expect(world.heardBy('ana').at(-1)).toContain('was ended');
  const types = (await world.events()).map(({ body }) => body.type);
  expect(types).not.toContain('turn.answered');
  expect(types).not.toContain('turn.failed');
});

test('it ends once: whoever comes second is told, and nothing is written down twice', async () => {
  await using world = await openWorld();
  await world.knows('ana');
  await world.says('ana', 'hello');
  const session = await sessionOf(world);
  const both = await Promise.allSettled([
    world.services.revokeSession(session, HOST),
    world.services.revokeSession(session, HOST),
  ]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  const told = (await world.events()).filter(({ body }) => body.type === 'session.revoked');
  expect(told).toHaveLength(1);
  await expect(world.services.revokeSession(session, HOST)).rejects.toMatchObject({ code: 'state_conflict' });
});

test('another person, and another conversation of the same person, hear nothing of it', async () => {
  await using world = await openWorld();
  await world.knows('ana');
  await world.knows('bob');
  await world.says('ana', 'mine');
  const anas = await sessionOf(world);
  await world.says('bob', 'his');
  await world.services.revokeSession(anas, HOST);
  await world.says('bob', 'again');
  expect(world.agent.asked.at(-1)?.history).toEqual([{ user: 'his', assistant: 'you said: his' }]);
  await world.says('ana', 'hello');
  expect(world.heardBy('ana').at(-1)).toBe('you said: hello');
});
