// "Not me": whoever signs in with an owner's code is out at one word of theirs, also when the word and the code come at once.
import { describe, expect, test } from 'vitest';
import { answer, ask, browser, codeIn, failed, house, stage } from '../../testing/login-stage.ts';

describe('"Not me"', () => {
  test('on the button: the request ends, the browser is deaf for a day, its address for an hour', async () => {
    const { world } = await house();
    await using _ = world;
    const thief = browser();
    const asked = await ask(world, thief);
    const code = await codeIn(world);
    await stage(world).presses(await stage(world).lastShown('olga'), 'Not me', 'olga');
    expect(await failed(answer(world, asked, thief, code))).toBe('challenge_failed');
    const sent = world.channel().sent.length;
    await ask(world, thief);
    await ask(world, browser());
    expect(world.channel().sent.length).toBe(sent);
    world.clock.advance('2h');
    await ask(world, thief);
    expect(world.channel().sent.length).toBe(sent);
    await ask(world, browser());
    expect(world.channel().sent.length).toBe(sent + 1);
  });

  test('after the sign-in: the browser it paired is out, typed with the beginning of the id', async () => {
    const { world } = await house();
    await using _ = world;
    const thief = browser();
    const asked = await ask(world, thief);
    const device = await answer(world, asked, thief, await codeIn(world));
    await world.settle();
    const id = /\/notme (\w+)/.exec(
      world.heardBy('olga').findLast((text) => text.startsWith('New sign-in')) ?? '',
    )?.[1];
    await world.says('olga', `/notme ${id}`);
    expect(await world.store.devices.get(device)).toMatchObject({ state: 'revoked', endedWhy: 'not_me' });
    await world.says('olga', `/notme ${id}`);
    expect(world.heardBy('olga').at(-1)).toContain('ended already');
  });

  test('at the very moment of the right code: whichever was first, no browser is left', async () => {
    const { world, olga, login } = await house({ login: { maxPerHour: 30, maxOpen: 30 } });
    await using _ = world;
    const by = { kind: 'principal', id: olga.id, surface: 'chat:loopback' } as const;
    for (let n = 0; n < 30; n++) {
      const thief = browser({ address: `198.51.${n}.9` });
      const asked = await ask(world, thief);
      const code = await codeIn(world);
      const signsIn = failed(answer(world, asked, thief, code));
      for (let turn = 0; turn < n; turn++) await Promise.resolve();
      await Promise.all([signsIn, failed(login.disown(asked.requestId, olga.id, by))]);
      expect(await world.store.devices.list({ states: ['paired'], limit: 10 })).toEqual([]);
      world.clock.advance('10m');
    }
  });

  test('ends what the same browser signed in as since, too', async () => {
    const { world, olga, login } = await house();
    await using _ = world;
    const thief = browser();
    const first = await ask(world, thief);
    await answer(world, first, thief, await codeIn(world));
    const second = await ask(world, thief);
    const device = await answer(world, second, thief, await codeIn(world));
    const by = { kind: 'principal', id: olga.id, surface: 'chat:loopback' } as const;
    await login.disown(first.requestId, olga.id, by);
    expect(await world.store.devices.get(device)).toMatchObject({ state: 'revoked', endedWhy: 'not_me' });
  });

  test('H71: a thief who is in already is out by the "not me" to what the same browser asks next', async () => {
    const { world } = await house();
    await using _ = world;
    const thief = browser();
    const first = await ask(world, thief);
    const device = await answer(world, first, thief, await codeIn(world));
    await ask(world, thief);
    await stage(world).presses(await stage(world).lastShown('olga'), 'Not me', 'olga');
    expect(await world.store.devices.get(device)).toMatchObject({ state: 'revoked', endedWhy: 'not_me' });
    await world.settle();
    expect(world.heardBy('olga').some((text) => text.includes('Its browser was signed out'))).toBe(true);
  });

  test('the browser is not listened to on the socket either: its key rings no phone', async () => {
    const { world } = await house();
    await using _ = world;
    const thief = browser();
    await ask(world, thief);
    await stage(world).presses(await stage(world).lastShown('olga'), 'Not me', 'olga');
    const { key, thumbprint: print, address } = thief;
    const asks = { key, thumbprint: print, address, role: 'operator', scopes: ['read'], name: null } as const;
    const outcome = await world.services.devices.connect({ ...asks, token: null });
    expect(outcome).toMatchObject({ as: 'refused', code: 'rate_limited' });
  });

  test('other owners hear of a sign-in with an end that is theirs to make', async () => {
    const { world } = await house();
    await using _ = world;
    await world.knows('otto', 'owner');
    const one = browser();
    const asked = await ask(world, one);
    const device = await answer(world, asked, one, await codeIn(world));
    await world.settle();
    const told = (who: string) => world.heardBy(who).findLast((text) => text.startsWith('New sign-in')) ?? '';
    expect(told('olga')).toContain('/notme');
    expect(told('otto')).not.toContain('/notme');
    expect(told('otto')).toContain(`countersign devices revoke ${device}`);
  });

  test('another owner’s, a user’s and a stranger’s "not me" end nothing', async () => {
    const { world } = await house();
    await using _ = world;
    await world.knows('otto', 'owner');
    await world.knows('uma');
    const one = browser();
    const asked = await ask(world, one);
    const code = await codeIn(world);
    for (const who of ['otto', 'uma', 'mallory']) await world.says(who, `/notme ${asked.requestId}`);
    await answer(world, asked, one, code);
  });
});

test('a disowned browser has no other way in: its device request is over, and a new one is not heard', async () => {
  const { world, olga } = await house();
  await using _ = world;
  const thief = browser();
  const { devices, login } = world.services;
  const knock = () =>
    devices.connect({
      key: thief.key,
      thumbprint: thief.thumbprint,
      role: 'operator',
      scopes: ['read'],
      token: null,
      name: 'Chrome on Linux',
      address: '203.0.113.7',
    });
  const first = await knock();
  if (first.as !== 'pairing_required') throw new Error('not asked');
  await world.settle();
  const asked = await ask(world, thief);
  const by = { kind: 'principal', id: olga.id, surface: 'chat' } as const;
  await login.disown(asked.requestId, olga.id, by);
  const approval = devices.approve(first.requestId, by, { for: null, approverScopes: ['read'] });
  expect(await failed(approval)).toBe('already_decided');
  expect(await knock()).toMatchObject({ as: 'refused', code: 'rate_limited' });
  await world.settle();
  const cards = await stage(world).bench.shown('olga');
  expect(cards.filter(({ buttons }) => buttons.includes('Approve'))).toEqual([]);
});
