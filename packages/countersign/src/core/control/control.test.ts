// The control lane, end to end on the loopback channel: orders of owners, silence towards everybody else.
import { describe, expect, test } from 'vitest';
import { HOST, openWorld, type World } from '../../testing/world.ts';

async function owned(options: Parameters<typeof openWorld>[0] = {}): Promise<World> {
  const world = await openWorld(options);
  await world.knows('olga', 'owner');
  return world;
}

const last = (world: World, name: string) => world.heardBy(name).at(-1) ?? '';

describe('an owner decides from their own chat', () => {
  test('by code: the stranger may talk, and the owner is told so with the undo', async () => {
    await using world = await owned();
    await world.says('ana', 'hello');
    await world.says('olga', `/pairing approve ${world.codeOf('ana')}`);
    expect(last(world, 'olga')).toMatch(
      /^Approved: loopback:ana.*may talk now\.\nUndo: countersign pairing revoke loopback ana/,
    );
    expect((await world.says('ana', 'hi')).as).toBe('agent');
  });

  test('by identifier, in any case and with spaces, and for a time', async () => {
    await using world = await owned({ pairing: { codeFormat: 'XXX-XXX-XXX' } });
    await world.says('ana', 'hello');
    const spoken = world.codeOf('ana').toLowerCase().replaceAll('-', ' ');
    await world.says('olga', `/pairing approve ${spoken} --for 2d`);
    expect(last(world, 'olga')).toContain('for 2d');
    world.clock.advance('3d');
    expect((await world.says('ana', 'still there?')).as).toBe('desk');
  });

  test('deny tells the stranger once, block says nothing at all', async () => {
    await using world = await owned();
    await world.says('ana', 'hello');
    await world.says('olga', `/pairing deny ${world.codeOf('ana')}`);
    expect(last(world, 'ana')).toContain('declined');
    await world.says('bob', 'hello');
    const before = world.heardBy('bob').length;
    await world.says('olga', '/pairing block bob');
    expect(world.heardBy('bob')).toHaveLength(before);
    expect(await world.says('bob', 'hello?')).toMatchObject({ as: 'nobody', reason: 'blocked' });
  });

  test('/pairing lists who waits, /whoami says in which role, /help what there is', async () => {
    await using world = await owned();
    await world.says('olga', '/pairing');
    expect(last(world, 'olga')).toBe('Nobody is waiting.');
    await world.says('ana', 'hello there', { displayName: 'Ana "K"', username: 'ana_k' });
    await world.says('olga', '/pairing');
    expect(last(world, 'olga')).toContain(
      `${world.codeOf('ana')}  loopback:ana "Ana \\"K\\"" @ana_k, just now: "hello there"`,
    );
    await world.says('olga', '/whoami');
    expect(last(world, 'olga')).toBe(
      'You are "olga", and act here as owner.\nThis chat: loopback:olga, assurance medium.',
    );
    await world.says('olga', '/help');
    expect(last(world, 'olga')).toContain('/pairing approve <code>');
  });

  test('P-10: a code that is used, late or unknown gets its reason', async () => {
    await using world = await owned();
    await world.says('ana', 'hello');
    const code = world.codeOf('ana');
    await world.says('olga', `/pairing approve ${code}`);
    await world.says('olga', `/pairing approve ${code}`);
    expect(last(world, 'olga')).toMatch(/approved already \(just now\)/);
    await world.says('bob', 'hello');
    const late = world.codeOf('bob');
    world.clock.advance('2h');
    await world.says('olga', `/pairing approve ${late}`);
    expect(last(world, 'olga')).toMatch(/expired/);
    await world.says('olga', '/pairing approve ZZZZ9999');
    expect(last(world, 'olga')).toMatch(/No request has that code/);
  });

  test('H01: a user name is looked up and shown, never decided on', async () => {
    await using world = await owned();
    await world.says('ana', 'hello', { username: 'ana_k' });
    await world.says('olga', '/pairing approve @ana_k');
    expect(last(world, 'olga')).toContain('/pairing approve ana');
    expect((await world.says('ana', 'hi')).as).toBe('desk');
  });

  test('a slip is answered with the right form, and the agent never sees it', async () => {
    await using world = await owned();
    await world.says('olga', '/paring approve ABCD2345');
    expect(last(world, 'olga')).toContain('Did you mean: /pairing');
    await world.says('olga', '/elevate now');
    expect(last(world, 'olga')).toContain('Did you mean: /elevate');
    expect(world.agent.asked).toEqual([]);
  });
});

describe('E-05: orders never wait behind the agent', () => {
  test('an order given while the same person’s question is being answered is carried out at once', async () => {
    await using world = await owned();
    const asked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<string>();
    world.agent.answer = () => {
      asked.resolve();
      return answered.promise;
    };
    await world.channel().hear('olga', { text: 'think hard' });
    await asked.promise;
    await world.channel().hear('ana', { text: 'hello' });
    await world.services.inbox.idle();
    await world.services.dispatcher.dispatch();
    await world.channel().hear('olga', { text: `/pairing approve ${world.codeOf('ana')}` });
    await world.services.inbox.idle();
    await world.services.dispatcher.dispatch();
    expect(last(world, 'olga')).toContain('Approved');
    answered.resolve('done');
  });
});

describe('to anybody else the same words are ordinary text without a trace', () => {
  test('P-16, H20: a user’s order goes to the agent, a stranger’s gets the code it would get anyway', async () => {
    await using world = await owned();
    await world.knows('uma');
    await world.says('ana', 'hello');
    const code = world.codeOf('ana');
    expect((await world.says('uma', `/pairing approve ${code}`)).as).toBe('agent');
    expect(last(world, 'uma')).toContain('you said');
    const heard = world.heardBy('ana').length;
    expect(await world.says('ana', `/pairing approve ${code}`)).toMatchObject({
      as: 'desk',
      because: 'pairing',
    });
    expect(world.heardBy('ana')).toHaveLength(heard);
    expect((await world.says('ana', 'am I in?')).as).toBe('desk');
  });

  test('an approver is told which role it takes, and nothing is decided', async () => {
    await using world = await owned();
    await world.knows('petra', 'approver');
    await world.says('ana', 'hello');
    await world.says('petra', `/pairing approve ${world.codeOf('ana')}`);
    expect(last(world, 'petra')).toContain('needs an owner');
    expect((await world.says('ana', 'am I in?')).as).toBe('desk');
    await world.says('petra', '/whoami');
    expect(last(world, 'petra')).toContain('approver');
  });

  test('H58: forwarded, quoted and edited words are no order', async () => {
    await using world = await owned();
    await world.says('ana', 'hello');
    const text = `/pairing approve ${world.codeOf('ana')}`;
    expect(await world.says('olga', text, { forwarded: true })).toMatchObject({ reason: 'forwarded' });
    expect((await world.says('olga', text, { quoted: true })).as).toBe('agent');
    expect(await world.says('olga', text, { kind: 'edit' })).toMatchObject({ reason: 'not_a_message' });
    expect((await world.says('ana', 'am I in?')).as).toBe('desk');
  });

  test('an order that waited while we were away, or is old, is not carried out, and says so', async () => {
    await using world = await owned();
    await world.says('ana', 'hello');
    const text = `/pairing approve ${world.codeOf('ana')}`;
    await world.says('olga', text, { arrived: 'backlog' });
    expect(last(world, 'olga')).toContain('not carried out');
    await world.says('olga', text, { sentAt: world.clock.now() - 3_600_000 });
    expect(last(world, 'olga')).toContain('not carried out');
    expect((await world.says('ana', 'am I in?')).as).toBe('desk');
    expect(world.agent.asked).toEqual([]);
  });

  test('a chat that proves little may refuse people and never let them in', async () => {
    await using world = await openWorld();
    const olga = { id: 'prn_olga', name: 'olga', role: 'owner', state: 'active', createdAt: 0 } as const;
    await world.store.people.add(olga);
    const link = {
      principal: olga.id,
      ceiling: 'owner',
      assurance: 'low',
      direct: true,
      accessUntil: null,
    } as const;
    await world.store.people.link(world.peer('olga'), { ...link, displayName: null, username: null, at: 0 });
    await world.says('ana', 'hello');
    expect(last(world, 'olga')).toContain('in a terminal: countersign pairing approve');
    const code = world.codeOf('ana');
    await world.says('olga', `/pairing approve ${code}`);
    expect(last(world, 'olga')).toContain('cannot let anybody in');
    await world.says('olga', '/elevate 15m');
    expect(last(world, 'olga')).toContain('it lets no agent work elevated');
    expect(last(world, 'olga')).toContain('in a terminal: countersign elevate');
    await world.says('olga', '/help');
    expect(last(world, 'olga')).not.toContain('/elevate');
    expect((await world.says('ana', 'am I in?')).as).toBe('desk');
    await world.says('olga', `/pairing deny ${code}`);
    expect(last(world, 'ana')).toContain('declined');
  });

  test('H15: an order in a group is answered in the direct chat, and nothing in the group', async () => {
    await using world = await owned({ policy: { groupPolicy: 'open' } });
    await world.says('olga', '/pairing', { conversation: { kind: 'group', id: 'g1' } });
    const answer = world.channel().sent.at(-1);
    expect(answer?.to.conversation).toEqual({ kind: 'direct', id: 'olga' });
  });

  test('who lost the role between the door and the desk decides nothing', async () => {
    await using world = await owned();
    await world.knows('otto', 'owner');
    await world.says('ana', 'hello');
    const code = world.codeOf('ana');
    const { control, directory } = world.services;
    const obey = control.obey.bind(control);
    control.obey = async (inbound, message) => {
      await directory.setRole('otto', 'user', HOST);
      return obey(inbound, message);
    };
    await world.says('otto', `/pairing approve ${code}`);
    expect((await world.says('ana', 'am I in?')).as).toBe('desk');
    expect(world.agent.asked).toEqual([]);
  });
});

test('a crash between the door and the answer: the order is carried out once at the next start', async () => {
  await using world = await owned();
  await world.says('ana', 'hello');
  const code = world.codeOf('ana');
  const { control } = world.services;
  const serve = control.obey.bind(control);
  control.obey = () => Promise.reject(new Error('the process died here'));
  await world.says('olga', `/pairing approve ${code}`);
  control.obey = serve;
  await world.services.desk.recover();
  await world.settle();
  expect(world.heardBy('olga').filter((text) => text.startsWith('Approved'))).toHaveLength(1);
  await world.services.desk.recover();
  await world.settle();
  expect(world.heardBy('olga').filter((text) => text.startsWith('Approved'))).toHaveLength(1);
});
