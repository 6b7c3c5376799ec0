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

/** Second after second, as the gateway's sweeper does. */
async function pass(world: Awaited<ReturnType<typeof openWorld>>, seconds: number): Promise<void> {
  for (let n = 0; n < seconds; n++) {
    world.clock.advance('1s');
    await world.services.turns.sweep();
    await world.settle();
  }
}

test('a message that the agent fails on every time slows down nobody else', async () => {
  await using world = await openWorld();
  for (const name of ['ana', 'bob', 'eve']) await world.knows(name);
  world.agent.answer = async ({ text }) => {
    if (text === 'poison') throw new Problem('agent_unreachable');
    return `re ${text}`;
  };
  await world.says('eve', 'poison');
  for (let n = 0; n < 60; n++) {
    await world.says('ana', `a${n}`);
    await world.says('bob', `b${n}`);
    await pass(world, 1);
    expect(world.heardBy('ana').at(-1)).toBe(`re a${n}`);
    expect(world.heardBy('bob').at(-1)).toBe(`re b${n}`);
  }
  // At 0 s, again with the first answer to somebody else, and then after 2, 4, 8, 16 and 32 s.
  expect(world.agent.asked.filter(({ text }) => text === 'poison')).toHaveLength(6);
  expect(world.heardBy('eve')).toHaveLength(1);
});

test('an agent that is away is asked by one at a time with growing pauses, and everybody is told', async () => {
  await using world = await openWorld();
  const names = Array.from({ length: 20 }, (_, n) => `p${n}`);
  for (const name of names) await world.knows(name);
  let under = 0;
  let most = 0;
  world.agent.answer = async () => {
    under += 1;
    most = Math.max(most, under);
    await Promise.resolve();
    under -= 1;
    throw new Problem('agent_unreachable');
  };
  for (const name of names) await world.says(name, 'hello');
  // Three found out; the others were told without being asked for.
  expect(world.agent.asked).toHaveLength(3);
  for (const name of names) expect(world.heardBy(name)).toHaveLength(1);
  most = 0;
  await pass(world, 600);
  // 1 + 2 + 4 + 8 + 16 s, then every 30 s: not twenty people every second.
  expect(world.agent.asked.length).toBeGreaterThanOrEqual(20);
  expect(world.agent.asked.length).toBeLessThanOrEqual(3 + 5 + 20);
  expect(most).toBe(1);
  for (const name of names) expect(world.heardBy(name)).toHaveLength(1);
  // No one session is every probe.
  const last = world.agent.asked.slice(-10).map(({ sessionKey }) => sessionKey);
  expect(new Set(last).size).toBe(10);
});

test('when the agent is back, the first answer takes everybody up at once', async () => {
  await using world = await openWorld();
  const names = Array.from({ length: 20 }, (_, n) => `p${n}`);
  for (const name of names) await world.knows(name);
  const answers = world.agent.answer;
  world.agent.answer = away;
  for (const name of names) await world.says(name, 'hello');
  await pass(world, 300);
  world.agent.answer = answers;
  let waited = 0;
  const heard = () => names.filter((name) => world.heardBy(name).at(-1) === 'you said: hello').length;
  while (heard() === 0 && waited < 60) {
    await pass(world, 1);
    waited += 1;
  }
  expect(waited).toBeLessThanOrEqual(30);
  expect(heard()).toBe(20);
});
