// An agent that is away, slow or broken, and people who leave meanwhile: the turns as a person in a chat meets them.
import { Problem } from '@countersign/protocol/problem';
import { expect, test } from 'vitest';
import { HOST, openWorld } from '../testing/world.ts';

const away = () => Promise.reject(new Problem('agent_unreachable'));

test('the agent is away: the person is told once, the message waits and is asked again under the same ids', async () => {
  await using world = await openWorld();
  await world.knows('ana');
  const answers = world.agent.answer;
  world.agent.answer = away;
  await world.says('ana', 'hello');
  expect(world.heardBy('ana').at(-1)).toContain('away');
  world.clock.advance('2s');
  await world.services.turns.sweep();
  await world.settle();
  world.agent.answer = answers;
  world.clock.advance('10s');
  await world.services.turns.sweep();
  await world.settle();
  expect(world.heardBy('ana').filter((text) => text.includes('away'))).toHaveLength(1);
  expect(world.heardBy('ana').at(-1)).toBe('you said: hello');
  const ids = world.agent.asked.map(({ requestId, turn }) => `${requestId} ${turn}`);
  expect(ids.length).toBeGreaterThanOrEqual(3);
  expect(new Set(ids).size).toBe(1);
});

test('what waits is bounded in number, and the person is told what was not kept', async () => {
  await using world = await openWorld({ waiting: { max: 3, maxAgeMs: 3_600_000 } });
  await world.knows('ana');
  world.agent.answer = away;
  for (let n = 0; n < 6; n++) await world.says('ana', `m${n}`);
  await world.services.turns.sweep();
  await world.settle();
  expect(world.heardBy('ana').filter((text) => text.includes('not kept'))).toHaveLength(3);
});

test('what waits is bounded in age, and the person is told', async () => {
  await using world = await openWorld({ waiting: { max: 20, maxAgeMs: 60_000 } });
  await world.knows('ana');
  world.agent.answer = away;
  await world.says('ana', 'hello');
  world.clock.advance('2m');
  await world.services.turns.sweep();
  await world.settle();
  expect(world.heardBy('ana').at(-1)).toContain('given up');
  expect((await world.events()).map(({ body }) => body.type)).toContain('message.expired');
});

test('garbage from the agent ends the turn with a word to the person, and the next message is asked', async () => {
  await using world = await openWorld();
  await world.knows('ana');
  const answers = world.agent.answer;
  world.agent.answer = () => Promise.reject(new Problem('agent_malformed'));
  await world.says('ana', 'first');
  expect(world.heardBy('ana').at(-1)).toContain('could not answer');
  world.agent.answer = answers;
  await world.says('ana', 'second');
  expect(world.heardBy('ana').at(-1)).toBe('you said: second');
  expect(world.agent.asked.map(({ text }) => text)).toEqual(['first', 'second']);
});

test('messages of one person are asked one after the other, with what was said before as history', async () => {
  await using world = await openWorld();
  await world.knows('ana');
  let open = 0;
  let most = 0;
  world.agent.answer = async ({ text }) => {
    open += 1;
    most = Math.max(most, open);
    await Promise.resolve();
    open -= 1;
    return `re ${text}`;
  };
  await Promise.all(['a1', 'a2', 'a3'].map((text) => world.channel().hear('ana', { text })));
  await world.settle();
  expect(most).toBe(1);
  expect(world.agent.asked.at(-1)?.history).toEqual([
    { user: 'a1', assistant: 're a1' },
    { user: 'a2', assistant: 're a2' },
  ]);
});

test('two people never see each other in a history, and have session keys of their own', async () => {
  await using world = await openWorld();
  await world.knows('ana');
  await world.knows('bob');
  await world.says('ana', 'my secret');
  await world.says('bob', 'what did she say?');
  const [first, second] = world.agent.asked;
  expect(second?.history).toEqual([]);
  expect(first?.sessionKey).toBe('agent:main:loopback:default:direct:ana');
  expect(second?.sessionKey).toBe('agent:main:loopback:default:direct:bob');
});

test.each(['revoke', 'block', 'suspend'] as const)(
  'R62: a message that waited is not answered after a %s',
  async (how) => {
    await using world = await openWorld();
    const person = await world.knows('ana');
    const answers = world.agent.answer;
    world.agent.answer = away;
    await world.says('ana', 'do it later');
    const asked = world.agent.asked.length;
    if (how === 'revoke') await world.services.pairings.revoke(world.peer('ana'), HOST);
    else await world.services.directory.setState(person.id, how, HOST);
    world.agent.answer = answers;
    world.clock.advance('1m');
    await world.services.turns.sweep();
    await world.settle();
    expect(world.agent.asked).toHaveLength(asked);
    expect(world.heardBy('ana').at(-1)).toContain('away');
  },
);

test('H67: a second person on a shared key is refused and told; the first goes on', async () => {
  await using world = await openWorld({ admission: { dmScope: 'main' } });
  await world.knows('ana');
  await world.knows('bob');
  await world.says('ana', 'hello');
  expect((await world.says('bob', 'hello')).as).toBe('shared');
  await world.says('bob', 'hello?');
  expect(world.heardBy('bob')).toHaveLength(1);
  expect(world.heardBy('bob')[0]).toContain('belongs to somebody else');
  await world.says('ana', 'still me');
  expect(world.agent.asked.map(({ text }) => text)).toEqual(['hello', 'still me']);
});

test('an answer under way when the gateway stops is finished; what waits stays for the next start', async () => {
  await using world = await openWorld();
  await world.knows('ana');
  const gate = Promise.withResolvers<string>();
  world.agent.answer = () => gate.promise;
  await world.channel().hear('ana', { text: 'slow' });
  await world.services.inbox.idle();
  const stopped = world.services.turns.stop(gate.promise.then(() => world.services.turns.idle()));
  gate.resolve('done at last');
  await stopped;
  await world.services.dispatcher.dispatch();
  expect(world.heardBy('ana')).toEqual(['done at last']);
});
