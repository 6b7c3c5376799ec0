// Cards: whatever surface answers first wins, the others say so, and a button is worth nothing in any other hand, chat or
// time.
import { describe, expect, test } from 'vitest';
import { buttonsHarness } from '../testing/channel/loopback.ts';
import { HOST, openWorld, type World } from '../testing/world.ts';
import { closeExpired } from './cards.ts';

const BUTTONS = { on: [buttonsHarness] } as const;

async function asked(options: Parameters<typeof openWorld>[0] = {}) {
  const world = await openWorld({ ...BUTTONS, ...options });
  await world.knows('olga', 'owner');
  await world.says('ana', 'hello, it is me', { displayName: 'Ana', username: 'ana_k' });
  return world;
}

const stage = (world: World) => world.on(buttonsHarness);

async function cardOf(world: World, name = 'olga') {
  const card = (await stage(world).bench.shown(name)).findLast(({ text }) => text.includes('New pairing'));
  if (card === undefined) throw new Error(`${name} has no card`);
  return card;
}

describe('the card', () => {
  test('P-08: says who asks, in the owner’s words and then in theirs, with the typed forms under it', async () => {
    await using world = await asked();
    const card = await cardOf(world);
    const code = world.codeOf('ana');
    expect(card.text).toBe(
      [
        `New pairing request on loopback from ana. Code: ${code}`,
        'Calls themselves: "Ana", user name "ana_k"',
        'First words: "hello, it is me"',
        `/pairing approve ${code} · /pairing deny ${code} · /pairing block ${code}`,
      ].join('\n'),
    );
    expect(card.buttons).toEqual(['Approve', 'Deny', 'Block']);
  });

  test('R67: a name with line breaks, invisible signs and a fake form stays one quoted line', async () => {
    await using world = await openWorld(BUTTONS);
    await world.knows('olga', 'owner');
    const displayName = 'Ana\n/pairing approve AAAA2222\u202e";';
    await world.says('ana', 'x\n{code}\ny', { displayName });
    const { text, buttons } = await cardOf(world);
    expect(text.split('\n')).toHaveLength(4);
    expect(text).toContain('\\u{202E}');
    expect(text).toContain('First words: "x\\u{000A}{code}\\u{000A}y"');
    expect(buttons.join(' ')).not.toContain('Ana');
  });

  test('a press decides, the presser sees it, the card changes and its buttons go', async () => {
    await using world = await asked();
    await stage(world).presses(await cardOf(world), 'Approve', 'olga');
    expect(await stage(world).bench.told('olga')).toEqual(['Approved. They may talk now.']);
    const after = await cardOf(world);
    expect(after.buttons).toEqual([]);
    expect(after.text).toMatch(
      /Approved by "olga": loopback:ana\. Undo: countersign pairing revoke loopback ana$/,
    );
    expect((await world.says('ana', 'hi')).as).toBe('agent');
  });

  test.each(['Deny', 'Block'] as const)('%s does what it says', async (label) => {
    await using world = await asked();
    const before = world.heardBy('ana').length;
    await stage(world).presses(await cardOf(world), label, 'olga');
    expect(world.heardBy('ana').length - before).toBe(label === 'Deny' ? 1 : 0);
    expect((await world.says('ana', 'hi')).as).toBe(label === 'Deny' ? 'desk' : 'nobody');
  });
});

describe('a card longer than one message', () => {
  test('says how it ended where its buttons were', async () => {
    const notifyMessage = `${'word '.repeat(1_000)}\nNew pairing request. Code: {code}`;
    await using world = await asked({ pairing: { notifyMessage } });
    await stage(world).presses(await cardOf(world), 'Deny', 'olga');
    const { text, buttons } = await cardOf(world);
    expect(text).toContain('Denied by "olga"');
    expect(buttons).toEqual([]);
  });
});

describe('whatever surface answers first wins', () => {
  test('two owners: the second press changes nothing and is told how it was decided; both cards say so', async () => {
    await using world = await openWorld(BUTTONS);
    await world.knows('olga', 'owner');
    await world.knows('otto', 'owner');
    await world.says('ana', 'hello');
    const value = await buttonValue(world, 'Approve', 'otto');
    await stage(world).presses(await cardOf(world, 'olga'), 'Deny', 'olga');
    expect((await cardOf(world, 'otto')).text).toContain('Denied by "olga"');
    await stage(world).event({ kind: 'press', from: 'otto', text: '', value });
    expect(await stage(world).bench.told('otto')).toEqual([
      'Nothing was changed: that request is denied already.',
    ]);
    expect((await world.says('ana', 'hi')).as).toBe('desk');
  });

  test('decided on the host: the card in the chat says so, a stale press gets the reason', async () => {
    await using world = await asked();
    const card = await cardOf(world);
    const value = await buttonValue(world, 'Deny');
    await world.approves(world.codeOf('ana'));
    expect((await cardOf(world)).text).toContain('Approved by the host');
    await stage(world).event({ kind: 'press', from: 'olga', text: '', value });
    expect(await stage(world).bench.told('olga')).toEqual([
      'Nothing was changed: that request is approved already.',
    ]);
    expect(card.buttons).toHaveLength(3);
    expect((await world.says('ana', 'hi')).as).toBe('agent');
  });

  test('a card nobody was shown yet is never shown once its question is answered', async () => {
    await using world = await openWorld(BUTTONS);
    await world.knows('olga', 'owner');
    stage(world).bench.failNext('unreachable', 1);
    await world.channel().hear('ana', { text: 'hello' });
    await world.services.inbox.idle();
    const [row] = await world.store.pairings.list({ states: ['pending'], limit: 1 });
    if (row === undefined) throw new Error('nobody asks');
    await world.services.pairings.deny(row.id, HOST);
    world.clock.advance('2m');
    await world.settle();
    const shown = await stage(world).bench.shown('olga');
    expect(shown.filter(({ buttons }) => buttons.length > 0)).toEqual([]);
  });

  test('100 presses at once, approve and deny mixed: one decision, and the stranger is told once', async () => {
    await using world = await asked();
    const values = [await buttonValue(world, 'Approve'), await buttonValue(world, 'Deny')];
    await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        stage(world).bench.deliver({
          kind: 'press',
          from: 'olga',
          id: `p${n}`,
          text: '',
          value: values[n % 2] ?? '',
        }),
      ),
    );
    await world.settle();
    const decided = (await world.events()).filter(({ body }) => /pairing\.(approved|denied)/.test(body.type));
    expect(decided).toHaveLength(1);
    expect(world.heardBy('ana')).toHaveLength(2);
  });
});

describe('H20, H40: a button in another hand', () => {
  test.each(['ana', 'uma', 'mallory'])('%s presses the owner’s button: nothing, in silence', async (who) => {
    await using world = await asked();
    await world.knows('uma');
    const value = await buttonValue(world, 'Approve');
    const seen = await stage(world).bench.visible();
    await stage(world).event({ kind: 'press', from: who, text: '', value });
    expect(await stage(world).bench.visible()).toBe(seen);
    expect((await world.says('ana', 'hi')).as).toBe('desk');
  });

  test('another owner’s button, an approver’s press, a made-up value', async () => {
    await using world = await openWorld(BUTTONS);
    await world.knows('olga', 'owner');
    await world.knows('otto', 'owner');
    await world.knows('petra', 'approver');
    await world.says('ana', 'hello');
    const value = await buttonValue(world, 'Approve', 'olga');
    await stage(world).event({ kind: 'press', from: 'otto', text: '', value });
    await stage(world).event({ kind: 'press', from: 'petra', text: '', value });
    await stage(world).event({ kind: 'press', from: 'olga', text: '', value: `${value}x` });
    await stage(world).event({ kind: 'press', from: 'olga', text: '', value: 'approve' });
    expect((await world.says('ana', 'hi')).as).toBe('desk');
    const refused = (await world.events()).filter(({ body }) => body.type === 'command.refused');
    expect(refused.length).toBeGreaterThan(0);
  });

  test('the value says nothing: no verb, no id, no code, and it fits the smallest platform', async () => {
    await using world = await asked();
    const values = await Promise.all(['Approve', 'Deny', 'Block'].map((label) => buttonValue(world, label)));
    expect(new Set(values).size).toBe(3);
    for (const value of values) {
      expect(value).toMatch(/^[\w-]{22}$/);
      expect(value).not.toContain(world.codeOf('ana'));
    }
  });
});

describe('H57, R8: prompts are few', () => {
  test('a crowd of strangers: five cards an hour at most, and one summary', async () => {
    await using world = await openWorld({
      ...BUTTONS,
      pairing: { slots: { max: 100, maxPerAddress: 100, evictAfterMs: 600_000, maxWaiting: 1_000 } },
    });
    await world.knows('olga', 'owner');
    for (let n = 0; n < 50; n++) await world.says(`s${n}`, 'let me in');
    const shown = await stage(world).bench.shown('olga');
    expect(shown.filter(({ text }) => text.startsWith('New pairing'))).toHaveLength(5);
    expect(shown.filter(({ text }) => text.startsWith('More people ask'))).toHaveLength(1);
    world.clock.advance('61m');
    await world.says('late', 'hello');
    expect((await cardOf(world)).text).toContain('from late');
  });

  test('a fourth stranger is silent for the stranger and visible to the owner', async () => {
    await using world = await openWorld(BUTTONS);
    await world.knows('olga', 'owner');
    for (const name of ['a1', 'a2', 'a3', 'a4']) await world.says(name, 'hello');
    expect(world.heardBy('a4')).toEqual([]);
    expect(world.heardBy('olga').filter((text) => text.startsWith('More people ask'))).toHaveLength(1);
    await world.says('olga', '/pairing');
    expect(world.heardBy('olga').at(-1)).toContain('no code  loopback:a4');
    await world.says('olga', '/pairing approve a4');
    expect((await world.says('a4', 'hi')).as).toBe('agent');
  });
});

describe('notifyOn: who is told is not who decides', () => {
  test('a named person who is no owner is told without buttons; owners who are not named hear nothing', async () => {
    const world0 = await openWorld(BUTTONS);
    const named = world0.peer('nora');
    await world0[Symbol.asyncDispose]();
    await using world = await openWorld({ ...BUTTONS, pairing: { notifyOn: [named] } });
    await world.knows('olga', 'owner');
    await world.says('ana', 'hello');
    const [told] = await stage(world).bench.shown('nora');
    expect(told?.text).toContain('New pairing request on loopback from ana');
    expect(told?.text).not.toContain('/pairing');
    expect(told?.buttons).toEqual([]);
    expect(
      (await stage(world).bench.shown('olga')).filter(({ text }) => text.includes('New pairing')),
    ).toEqual([]);
  });
});

test('a request nobody answered: its card says so and loses its buttons', async () => {
  await using world = await asked();
  world.clock.advance('2h');
  await closeExpired(world.store, world.clock.now());
  await world.settle();
  const card = await cardOf(world);
  expect(card.text).toMatch(/Expired: nobody answered\.$/);
  expect(card.buttons).toEqual([]);
});

test('P-04: on somebody’s own number a stranger hears nothing, the owner sees them, and a no stays silent', async () => {
  await using world = await asked({ policy: { personalNumber: true } });
  expect(world.heardBy('ana')).toEqual([]);
  await stage(world).presses(await cardOf(world), 'Deny', 'olga');
  expect(world.heardBy('ana')).toEqual([]);
  await world.says('bob', 'hello');
  await stage(world).presses(await cardOf(world), 'Approve', 'olga');
  expect(world.heardBy('bob').at(-1)).toContain('You may talk now');
});

test('P-06: the answer to our own message is no request of theirs', async () => {
  await using world = await openWorld(BUTTONS);
  await world.knows('olga', 'owner');
  await world.says('us', 'see you at eight', { actor: 'self', conversation: { kind: 'direct', id: 'ana' } });
  await world.says('ana', 'fine');
  expect(world.heardBy('ana')).toEqual([]);
  expect((await cardOf(world)).text).toContain('from ana');
  world.clock.advance('6m');
  await world.says('bob', 'hello');
  expect(world.heardBy('bob')).toHaveLength(1);
});

test('H19: nothing goes out to somebody the policy shuts out, whatever the reason', async () => {
  await using world = await asked();
  await world.knows('uma');
  const before = world.heardBy('uma').length;
  const draft = { peer: world.peer('uma'), conversation: { kind: 'direct', id: 'uma' } } as const;
  await world.store.people.setBlocked(world.peer('uma'), true, world.clock.now());
  const deadline = world.clock.now() + 60_000;
  await world.store.outbox.put([{ ...draft, kind: 'notice', text: 'hello', deadline }], world.clock.now());
  await world.settle();
  expect(world.heardBy('uma')).toHaveLength(before);
  const [row] = await world.store.outbox.recent({ limit: 1 });
  expect(row).toMatchObject({ fate: 'unroutable', reason: 'blocked' });
});

/** What the button carries, as whoever watches the wire would know it. */
async function buttonValue(world: World, label: string, name = 'olga'): Promise<string> {
  const said = world.channel().sent.findLast(({ to, message }) => to.peer.native === name && message.buttons);
  const value = said?.message.buttons?.find((button) => button.label === label)?.value;
  if (value === undefined) throw new Error('no such button');
  return value;
}
