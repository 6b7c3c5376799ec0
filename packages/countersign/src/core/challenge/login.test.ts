// Sign-in by chat code, as the waiting browser, the owner's chat and a stranger meet it, on the real store.
import { describe, expect, test } from 'vitest';
import { buttonsHarness } from '../../testing/channel/loopback.ts';
import { answer, ask, browser, codeIn, failed, house, stage } from '../../testing/login-stage.ts';
import { openWorld, type World } from '../../testing/world.ts';

describe('a new browser', () => {
  test('is paired by the code its owner was sent, once, and holds little until a factor is proven', async () => {
    const { world, olga } = await house();
    await using _ = world;
    const one = browser();
    const asked = await ask(world, one);
    expect(asked.expiresAt - world.clock.now()).toBe(60_000);
    const code = await codeIn(world);
    expect(code).toMatch(/^\d{6}$/);
    const device = await answer(world, asked, one, code);
    expect(await world.store.devices.get(device)).toMatchObject({
      principal: olga.id,
      via: 'login',
      proven: false,
      state: 'paired',
      thumbprint: one.thumbprint,
    });
    expect(await failed(answer(world, asked, one, code))).toBe('challenge_failed');
  });

  test('R12: the message says who asks and the words first; no digit of the code is in its first sixty characters', async () => {
    const { world } = await house();
    await using _ = world;
    const asked = await ask(world, browser());
    const { text, buttons } = await stage(world).lastShown('olga');
    expect(text).toContain('"Firefox on Linux" at 203.0.113.7');
    expect(text).toContain(asked.phrase);
    const code = (await codeIn(world)) ?? '';
    expect(text.indexOf(code)).toBeGreaterThan(60);
    expect(buttons).toEqual(['Not me']);
  });

  test('R12: a browser that calls itself the place where the digits go does not move them to the front', async () => {
    const { world } = await house();
    await using _ = world;
    await ask(world, browser({ agent: '{co{code}de}' }));
    const { text } = await stage(world).lastShown('olga');
    const code = (await codeIn(world)) ?? '';
    expect(code).toMatch(/^\d{6}$/);
    expect(text.indexOf(code)).toBeGreaterThan(60);
    expect(text).not.toContain('{code}');
  });

  test('R67: what a browser calls itself is quoted: it cannot speak in our voice', async () => {
    const { world } = await house();
    await using _ = world;
    await ask(world, browser({ agent: 'your own laptop. Type the code at evil.example' }));
    const { text } = await stage(world).lastShown('olga');
    expect(text).toContain('from "your own laptop. Type the code at evil.example" at 203.0.113.7');
  });

  test('after use the message in the chat holds the code no more', async () => {
    const { world } = await house();
    await using _ = world;
    const one = browser();
    const asked = await ask(world, one);
    const code = (await codeIn(world)) ?? '';
    await answer(world, asked, one, code);
    await world.settle();
    const said = (await stage(world).bench.shown('olga')).find(({ text }) => text.includes(asked.phrase));
    expect(said?.text).not.toContain(code);
    expect(said?.text).toContain('Used: signed in');
    expect(said?.buttons).toEqual([]);
  });

  test('R2: a code is late after its minute, typed with spaces it is the same code', async () => {
    const { world } = await house();
    await using _ = world;
    const one = browser();
    const asked = await ask(world, one);
    const code = (await codeIn(world)) ?? '';
    world.clock.advance('60s');
    expect(await failed(answer(world, asked, one, code))).toBe('challenge_failed');
    world.clock.advance('30m');
    const again = await ask(world, one);
    const fresh = (await codeIn(world)) ?? '';
    await answer(world, again, one, `${fresh.slice(0, 3)} ${fresh.slice(3)}`);
  });
});

describe('what opens nothing', () => {
  test('H70: the code typed into another browser, and into an older request of the same one', async () => {
    const { world } = await house();
    await using _ = world;
    const [one, other] = [browser(), browser({ address: '198.51.100.9' })];
    const first = await ask(world, one);
    const code = await codeIn(world);
    expect(await failed(answer(world, first, other, code))).toBe('challenge_failed');
    const second = await ask(world, one);
    const older = (await stage(world).bench.shown('olga')).find(({ text }) => text.includes(first.phrase));
    expect(older?.text).toContain('Replaced by a newer request');
    expect(older?.text).not.toContain(code);
    expect(await failed(answer(world, first, one, code))).toBe('challenge_failed');
    await answer(world, second, one, await codeIn(world));
  });

  test('R6: a newer request voids the older of the same key, and of no other', async () => {
    const { world } = await house();
    await using _ = world;
    const [one, other] = [browser(), browser({ address: '198.51.100.9' })];
    const mine = await ask(world, one);
    const code = await codeIn(world);
    await ask(world, other);
    await answer(world, mine, one, code);
  });

  test('R4: five wrong codes end the request; the sixth, even right, is too late; the owner is told once', async () => {
    const { world } = await house();
    await using _ = world;
    const one = browser();
    const asked = await ask(world, one);
    const code = (await codeIn(world)) ?? '';
    const wrong = code === '000000' ? '000001' : '000000';
    for (let n = 0; n < 5; n++)
      expect(await failed(answer(world, asked, one, wrong))).toBe('challenge_failed');
    expect(await failed(answer(world, asked, one, code))).toBe('challenge_failed');
    await world.settle();
    const told = (await stage(world).bench.shown('olga')).filter(({ text }) =>
      text.includes('5 wrong codes'),
    );
    expect(told).toHaveLength(1);
  });

  test('R3: a thousand right answers at once pair one browser', async () => {
    const { world } = await house();
    await using _ = world;
    const one = browser();
    const asked = await ask(world, one);
    const code = await codeIn(world);
    const all = await Promise.all(
      Array.from({ length: 1_000 }, () => failed(answer(world, asked, one, code))),
    );
    expect(all.filter((each) => each === 'done')).toHaveLength(1);
    expect(await world.store.devices.list({ states: ['paired'], limit: 10 })).toHaveLength(1);
  });

  test('10,000 guesses: five are counted, then nobody is heard', async () => {
    const { world } = await house();
    await using _ = world;
    const one = browser();
    const asked = await ask(world, one);
    const code = (await codeIn(world)) ?? '';
    let opened = 0;
    for (let n = 0; n < 10_000; n++) {
      const guess = String(n).padStart(6, '0');
      if (guess === code) continue;
      if ((await failed(answer(world, asked, one, guess))) === 'done') opened += 1;
    }
    expect(opened).toBe(0);
    expect(await world.store.challenges.get(asked.requestId)).toMatchObject({
      state: 'exhausted',
      attempts: 5,
    });
  });

  test('H71: guesses with another key use up nobody’s tries', async () => {
    const { world } = await house();
    await using _ = world;
    const one = browser();
    const asked = await ask(world, one);
    const code = await codeIn(world);
    const thief = browser();
    for (let n = 0; n < 50; n++) await failed(answer(world, asked, thief, '123456'));
    await answer(world, asked, one, code);
  });

  test('a code that was sent before sign-in by chat code was turned off', async () => {
    const login = { on: true };
    const { world } = await house({ login });
    await using _ = world;
    const one = browser();
    const asked = await ask(world, one);
    const code = await codeIn(world);
    login.on = false;
    expect(await failed(answer(world, asked, one, code))).toBe('challenge_failed');
    expect(await world.store.devices.list({ states: ['paired'], limit: 10 })).toEqual([]);
  });

  test('an owner who was lowered or blocked meanwhile signs nobody in', async () => {
    const { world, olga } = await house();
    await using _ = world;
    await world.knows('otto', 'owner');
    const one = browser();
    const asked = await ask(world, one);
    const code = await codeIn(world);
    await world.store.people.setState(olga.id, ['active'], 'blocked');
    expect(await failed(answer(world, asked, one, code))).toBe('challenge_failed');
  });
});

describe('R13: nobody outside can tell', () => {
  test('whether a code was sent: no owner chat, a cap, a deaf key all get the same shape', async () => {
    const world = await openWorld({ on: [buttonsHarness] });
    await using _ = world;
    const asked = await ask(world, browser());
    expect(Object.keys(asked).toSorted()).toEqual(['expiresAt', 'phrase', 'requestId']);
    expect(asked.requestId).toMatch(/^chal_/);
    expect(asked.phrase).toMatch(/^[a-z]+ [a-z]+$/);
    expect(await failed(answer(world, asked, browser(), '123456'))).toBe('challenge_failed');
    expect(await world.services.login.available()).toBe(false);
  });

  test('turned off it says so to everybody alike', async () => {
    const { world, login } = await house({ login: { on: false } });
    await using _ = world;
    expect(await login.available()).toBe(false);
    expect(await failed(login.challenge(browser()))).toBe('policy_denied');
  });
});

describe('caps come before anything is sent', () => {
  const codes = (world: World) =>
    world.channel().sent.filter(({ message }) => message.kind === 'login-code').length;

  test('per address, folded: three, and an IPv4 address written as IPv6 is the same', async () => {
    const { world } = await house({ login: { maxPerHour: 10, maxOpen: 10 } });
    await using _ = world;
    for (let n = 0; n < 6; n++) {
      await ask(world, browser({ address: n % 2 === 0 ? '203.0.113.7' : '::ffff:203.0.113.7' }));
    }
    expect(codes(world)).toBe(3);
  });

  test('H71: a stranger who spends every cap for an hour does not keep an owner with a ticket out', async () => {
    const { world } = await house();
    await using _ = world;
    for (let n = 0; n < 60; n++) {
      await ask(world, browser({ address: `198.51.${n}.9` }));
      world.clock.advance('1m');
    }
    const sent = codes(world);
    expect(sent).toBeLessThanOrEqual(10);
    const summaries = world.heardBy('olga').filter((text) => text.includes('keeps asking for sign-in codes'));
    expect(summaries.length).toBeGreaterThan(0);
    expect(summaries.length).toBeLessThanOrEqual(2);
    await world.says('olga', '/login');
    const ticket = /Ticket: (\S+)/.exec(world.heardBy('olga').at(-1) ?? '')?.[1] ?? '';
    const mine = browser({ address: '198.51.1.9', ticket: ticket.toLowerCase() });
    const asked = await ask(world, mine);
    expect(codes(world)).toBe(sent + 1);
    await answer(world, asked, mine, await codeIn(world));
    const again = browser({ ticket });
    const { requestId } = await ask(world, again);
    // Spent, it is an ordinary try, within the caps like any other.
    expect((await world.store.challenges.get(requestId))?.ticket ?? false).toBe(false);
  });

  test('H71: nor does a "Not me" to a stranger on the owner’s own network', async () => {
    const { world } = await house();
    await using _ = world;
    await ask(world, browser());
    await stage(world).presses(await stage(world).lastShown('olga'), 'Not me', 'olga');
    await world.says('olga', '/login');
    const ticket = /Ticket: (\S+)/.exec(world.heardBy('olga').at(-1) ?? '')?.[1] ?? '';
    const before = codes(world);
    const mine = browser({ ticket });
    const asked = await ask(world, mine);
    expect(codes(world)).toBe(before + 1);
    await answer(world, asked, mine, await codeIn(world));
  });

  test('three open requests a person, no more', async () => {
    const { world } = await house({ login: { maxPerHour: 10 } });
    await using _ = world;
    for (let n = 0; n < 8; n++) await ask(world, browser({ address: `198.51.${n}.9` }));
    expect(codes(world)).toBe(3);
  });
});

describe('the code is in memory only', () => {
  test('a restart before it was sent: the message is never sent, and the row holds no digit', async () => {
    const { world } = await house();
    await using _ = world;
    stage(world).bench.failNext('unreachable', 1);
    await ask(world, browser());
    // What a restart leaves of it: the stored message and nobody who knows the digits.
    world.clock.advance('61s');
    await world.settle();
    expect(await codeIn(world)).toBeNull();
    const rows = await world.store.outbox.recent({ limit: 5 });
    expect(rows.find(({ kind }) => kind === 'login-code')).toMatchObject({
      fate: expect.stringMatching(/failed|queued/),
    });
  });

  test('R11: never to a chat that proves little, a group, or a channel that is not named', async () => {
    const { world, login } = await house({ login: { deliverTo: ['telegram'] } });
    await using _ = world;
    expect(await login.available()).toBe(false);
  });
});

test('R65: no code, ticket or setup code stands in the log, the audit, or what is left in the outbox', async () => {
  const { world } = await house({ publicUrl: 'https://assistant.example' });
  await using _ = world;
  await world.says('olga', '/login');
  const ticket = /Ticket: (\S+)/.exec(world.heardBy('olga').at(-1) ?? '')?.[1] ?? '';
  const one = browser({ ticket });
  const asked = await ask(world, one);
  const code = (await codeIn(world)) ?? '';
  await failed(answer(world, asked, browser(), code));
  await answer(world, asked, one, code);
  await world.says('olga', '/pair');
  const setup = world.heardBy('olga').find((text) => /^[A-Za-z0-9+/]{60,}=*$/.test(text)) ?? '';
  const { token } = JSON.parse(Buffer.from(setup, 'base64').toString());
  await world.settle();
  const said = JSON.stringify([world.log.lines, await world.events()]);
  for (const secret of [code, ticket, ticket.replace('-', ''), setup, token]) {
    expect(secret).not.toBe('');
    expect(said).not.toContain(secret);
  }
});
