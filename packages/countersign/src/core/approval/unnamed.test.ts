// A request that names nobody (H52, R48). The attack: an approver has their agent ask and leaves the session out, so that nothing says
// it is asked for them, and says yes to it themselves.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ApprovalBench, PUSH } from '../../testing/approval-bench.ts';
import { LIVELY_MS } from './unnamed.ts';

let bench: ApprovalBench;
beforeEach(async () => {
  bench = await ApprovalBench.open();
});
afterEach(() => bench[Symbol.asyncDispose]());

test('R48: an approver who speaks with that agent may be the one it is asked for, and is not asked', async () => {
  const [ari, ben] = [await bench.person('Ari', 'approver'), await bench.person('Ben', 'approver')];
  const olga = await bench.person('Olga', 'owner');
  await bench.converses(ari, 'agent:main:direct:ari');
  await bench.converses(olga, 'agent:main:direct:olga');
  const asked = await bench.ask(PUSH);
  expect(asked.request.need?.people.toSorted()).toEqual([ben, olga].toSorted());
  await expect(bench.says(ari, 'approve', asked)).rejects.toMatchObject({ code: 'auth_forbidden' });
  expect((await bench.says(ben, 'approve', asked)).state).toBe('approved');
  // Of another agent they are nobody in particular, and a day later they are not either.
  expect((await bench.ask(PUSH, { agent: 'deploy' })).request.need?.people).toContain(ari);
  bench.clock.advance(LIVELY_MS + 1);
  expect((await bench.ask(PUSH)).request.need?.people).toContain(ari);
});

test('R48: nor do they say yes once they have begun to speak with it; a no is theirs as ever', async () => {
  const ari = await bench.person('Ari', 'approver');
  const asked = await bench.ask(PUSH);
  await bench.converses(ari, 'agent:main:direct:ari');
  await expect(bench.says(ari, 'approve', asked)).rejects.toMatchObject({
    code: 'auth_forbidden',
    message: expect.stringContaining('does not say for whom'),
  });
  expect((await bench.says(ari, 'deny', asked)).state).toBe('denied');
});

test('where nobody else is left it is refused, and the session would help', async () => {
  const ari = await bench.person('Ari', 'approver');
  const rita = await bench.person('Rita', 'user');
  await bench.converses(ari, 'agent:main:direct:ari');
  const alone = await bench.ask(PUSH);
  expect([alone.state, alone.request.because]).toEqual(['denied', 'only_the_requester']);
  const named = await bench.ask(PUSH, { session: bench.session(rita) });
  expect(named.request.need?.people).toEqual([ari]);
});

test('R48: the factor of whoever was left out is not asked of others: a yes of theirs counts', async () => {
  const [ari, ben] = [await bench.person('Ari', 'approver'), await bench.person('Ben', 'approver')];
  await bench.enrols(ari);
  await bench.converses(ari, 'agent:main:direct:ari');
  const asked = await bench.ask(PUSH);
  expect(asked.request.need).toMatchObject({ people: [ben], factors: [] });
  bench.bus.publish('principalChanged', ben);
  await bench.approvals.settled();
  expect((await bench.says(ben, 'approve', asked)).state).toBe('approved');
});

test('R48: letters of another size, and signs beyond the common ones, are the same agent', async () => {
  for (const [name, agent, written] of [
    ['Ari', 'main', 'Main'],
    ['Ben', 'Ops', 'ops'],
    ['Cem', 'bot🤖', 'bot🤖'],
  ] as const) {
    const person = await bench.person(name, 'approver');
    const other = await bench.person(`${name} too`, 'approver');
    await bench.converses(person, `agent:${written}:direct:${name}`);
    const people = (await bench.ask(PUSH, { agent })).request.need?.people;
    expect([people?.includes(person), people?.includes(other)]).toEqual([false, true]);
  }
});
