// H08, C-01, C-02: one person by two ids. What was given to a number holds for the id that its platform proved beside it;
// nothing is ever joined by what looks alike, and a proof that does not fit the first one takes rights away.
import { describe, expect, test } from 'vitest';
import { loopbackNative } from '../../channels/loopback/channel.ts';
import { HOST, openWorld, type World } from '../../testing/world.ts';

const ANA = { alias: loopbackNative('15550001') };

async function stateOf(world: World, name: string) {
  const { peer, principal } = await world.store.people.standing(world.peer(name));
  return [principal?.role ?? 'stranger', peer?.ceiling ?? null, peer?.blocked ?? false];
}

describe('the first proof of both ids joins them', () => {
  test('a listed number lets its holder in, who comes by an id nobody listed', async () => {
    await using world = await openWorld({ policy: { dmPolicy: 'allowlist', allowFrom: ['15550001'] } });
    expect(await world.says('us.ana', 'hello', ANA)).toMatchObject({ as: 'desk', because: 'enrol' });
    expect(world.agent.asked.map(({ text }) => text)).toEqual(['hello']);
    expect(world.heardBy('us.ana')).toEqual(['you said: hello']);
  });

  test('H08: an id without the number stays out, also when it holds the same digits', async () => {
    await using world = await openWorld({ policy: { dmPolicy: 'allowlist', allowFrom: ['15550001'] } });
    for (const native of ['us.ana', '15550001.lid', '1555000', '155500011'])
      expect(await world.says(native, 'hello')).toMatchObject({ as: 'nobody', reason: 'not_allowed' });
    expect(world.agent.asked).toEqual([]);
  });

  test('number first, id later: an owner stays one, and the other owners are told', async () => {
    await using world = await openWorld();
    await world.knows('olga', 'owner');
    await world.knows('15550001', 'owner');
    expect(await world.says('us.ana', '/whoami', ANA)).toMatchObject({ as: 'desk', because: 'control' });
    expect(await stateOf(world, 'us.ana')).toEqual(['owner', 'owner', false]);
    expect(world.heardBy('olga').at(-1)).toMatch(/15550001 now writes as loopback:us\.ana/);
    // And by the number alone, as before.
    expect(await world.says('15550001', '/whoami')).toMatchObject({ as: 'desk', because: 'control' });
  });

  test('id first, number later: what was approved stays, and the number alone opens nothing', async () => {
    await using world = await openWorld();
    await world.says('us.ana', 'hello');
    await world.approves(world.codeOf('us.ana'));
    expect(await world.says('us.ana', 'hi', ANA)).toMatchObject({ as: 'agent' });
    expect(await world.says('15550001', 'hi')).toMatchObject({ as: 'desk', because: 'pairing' });
  });

  test('a number that is blocked stays blocked by any id', async () => {
    await using world = await openWorld();
    await world.store.people.setBlocked(world.peer('15550001'), true, world.clock.now());
    expect(await world.says('us.ana', 'hello', ANA)).toMatchObject({ as: 'nobody', reason: 'blocked' });
    expect(await world.says('us.ana', 'hello')).toMatchObject({ as: 'nobody', reason: 'blocked' });
  });

  test('what was given to the number ends with it, for the id as well', async () => {
    for (const end of ['revoke', 'block', 'unlink', 'time'] as const) {
      await using world = await openWorld();
      await world.knows('olga', 'owner');
      await world.says('15550001', 'hello');
      const { findPairing, pairings, links } = world.services;
      const { pairing } = await findPairing({ what: world.codeOf('15550001') });
      const forMs = end === 'time' ? 3_600_000 : null;
      await pairings.approve(pairing.id, HOST, { forMs, name: null });
      expect(await world.says('us.ana', 'hello', ANA)).toMatchObject({ as: 'agent' });
      const number = world.peer('15550001');
      if (end === 'revoke') await pairings.revoke(number, HOST);
      if (end === 'block') await world.store.people.setBlocked(number, true, world.clock.now());
      if (end === 'unlink') await links.unlink(number, HOST);
      if (end === 'time') world.clock.advance('2h');
      // Also without the number beside it.
      const said = await world.says('us.ana', 'hello');
      expect(said.as, end).not.toBe('agent');
      expect((await world.says('us.ana', 'hello', ANA)).as, end).not.toBe('agent');
    }
  });

  test('R62: and at once: an owner whose number was taken away is told nothing more at the id', async () => {
    await using world = await openWorld();
    await world.knows('olga', 'owner');
    await world.knows('15550001', 'owner');
    await world.says('us.ana', '/whoami', ANA);
    await world.says('eve', 'hello');
    expect(world.heardBy('us.ana').at(-1)).toContain('New pairing request');
    await world.services.links.unlink(world.peer('15550001'), HOST);
    await world.services.aliases.idle();
    await world.settle();
    const told = world.heardBy('us.ana').length;
    await world.says('mallory', 'hello');
    expect(world.heardBy('olga').at(-1)).toContain('mallory');
    expect(world.heardBy('us.ana')).toHaveLength(told);
  });

  test('an approval of the id itself outlives the number', async () => {
    await using world = await openWorld();
    await world.knows('15550001');
    await world.says('us.ana', 'hello', ANA);
    await world.services.links.unlink(world.peer('15550001'), HOST);
    await world.says('us.ana', 'hello', ANA);
    await world.approves(world.codeOf('us.ana'));
    expect(await world.says('us.ana', 'hello', ANA)).toMatchObject({ as: 'agent' });
    expect(await world.says('us.ana', 'hello')).toMatchObject({ as: 'agent' });
  });

  test('strangers leave no trace, whatever ids they bring', async () => {
    await using world = await openWorld();
    for (let n = 0; n < 5; n++)
      await world.says(`us.s${n}`, 'hello', { alias: loopbackNative(`1555900${n}`) });
    expect(await world.store.aliases.list()).toEqual([]);
  });

  test('it holds over a restart, and is forgotten with the person', async () => {
    await using world = await openWorld();
    const ana = await world.knows('us.ana');
    await world.says('us.ana', 'hello', ANA);
    expect(world.services.aliases.aliasOf(world.peer('us.ana'))).toBe('15550001');
    expect(await world.store.aliases.list()).toHaveLength(1);
    await world.services.directory.forget(ana.id, HOST);
    expect(await world.store.aliases.list()).toEqual([]);
  });
});

describe('a proof that does not fit takes rights away and moves none', () => {
  test('a number that passed to somebody else: the newcomer is a stranger, the holder is asked about', async () => {
    await using world = await openWorld();
    await world.knows('olga', 'owner');
    await world.knows('us.ana');
    await world.says('us.ana', 'hello', ANA);
    const taken = await world.says('us.eve', 'hello', ANA);
    expect(taken).toMatchObject({ as: 'desk', because: 'pairing' });
    expect(await stateOf(world, 'us.eve')).toEqual(['stranger', null, false]);
    expect(await stateOf(world, 'us.ana')).toEqual(['stranger', null, false]);
    const told = /us\.ana, which was "us\.ana"'s, is a stranger again: its number now belongs to somebody/;
    expect(world.heardBy('olga').join('\n')).toMatch(told);
    expect(await world.says('us.ana', 'hello', ANA)).toMatchObject({ as: 'desk', because: 'pairing' });
  });

  test('a listed number that passed on lets nobody in any more by an id', async () => {
    await using world = await openWorld({ policy: { dmPolicy: 'allowlist', allowFrom: ['15550001'] } });
    await world.says('us.ana', 'hello', ANA);
    expect((await world.says('us.eve', 'hello', ANA))?.as).toBe('nobody');
    expect((await world.says('us.eve', 'hello', ANA))?.as).toBe('nobody');
  });

  test('an id that comes with another number than before is a stranger’s until an owner says otherwise', async () => {
    await using world = await openWorld();
    await world.knows('olga', 'owner');
    await world.knows('us.ana');
    await world.says('us.ana', 'hello', ANA);
    const other = { alias: loopbackNative('15550002') };
    expect(await world.says('us.ana', 'hello', other)).toMatchObject({ as: 'desk', because: 'pairing' });
    await world.approves(world.codeOf('us.ana'));
    expect(await world.says('us.ana', 'hello', other)).toMatchObject({ as: 'agent' });
  });

  test('a person who moved to another id: the old one ends, the new one is a stranger', async () => {
    await using world = await openWorld();
    await world.knows('olga', 'owner');
    await world.knows('us.ana', 'approver');
    const moved = {
      channel: 'loopback',
      account: 'default',
      from: loopbackNative('us.ana'),
      to: null,
      at: null,
    };
    await world.services.inbox.moved(moved);
    await world.services.inbox.moved(moved);
    await world.settle();
    expect(world.heardBy('olga').filter((text) => text.includes('is a stranger again'))).toHaveLength(1);
    expect(await world.says('us.ana', 'hello')).toMatchObject({ as: 'desk', because: 'pairing' });
    expect(await world.says('us.new', 'hello')).toMatchObject({ as: 'desk', because: 'pairing' });
    expect((await world.events()).filter(({ body }) => body.type === 'person.id_disputed')).toHaveLength(1);
  });

  test('a move of somebody nobody knows is nothing', async () => {
    await using world = await openWorld();
    const moved = {
      channel: 'loopback',
      account: 'default',
      from: loopbackNative('us.eve'),
      to: null,
      at: null,
    };
    await world.services.inbox.moved(moved);
    expect(await stateOf(world, 'us.eve')).toEqual(['stranger', null, false]);
  });
});
