// E-03, E-04, H18, H40, H58 on every channel: an owner's own word, typed or pressed in their direct chat, decides there; and
// nothing else that the channel can carry does, whatever it says. A new channel is tried by being on the list.
import { describe, expect, test } from 'vitest';
import { command, LOOK, PUSH } from '../approval-house.ts';
import { HARNESSES } from '../channel/all.ts';
import { EVENT_KINDS, type EventKind } from '../channel/events.ts';
import type { ChannelHarness } from '../channel/harness.ts';
import { has } from '../channel/rig.ts';
import { HOST } from '../world.ts';
import { isTrusted, kindsOf, openHouse } from './house.ts';

/** The owner's own words, said now: of these one would decide. */
const OWN: readonly EventKind[] = ['text', 'reply'];

describe.each(HARNESSES.map((harness) => [harness.name, harness] as const))('%s', (_, harness) => {
  test('the whole action is shown in the owner’s chat, and their typed word decides', async () => {
    await using scene = await openScene(harness);
    const asked = await scene.asks();
    const heard = (await scene.here.heard('olga')).join('\n');
    expect(heard).toContain('| git push origin main');
    expect(heard).toContain(asked.request.short);
    await scene.here.says('olga', `/approve ${asked.request.short}`);
    expect(await scene.state(asked)).toBe(isTrusted(harness) ? 'approved' : 'pending');
    if (!isTrusted(harness))
      expect((await scene.here.heard('olga')).at(-1)).toContain('countersign approvals approve');
    const second = await scene.asks('two');
    await scene.here.says('olga', `/deny ${second.request.short} no`);
    expect(await scene.state(second)).toBe('denied');
  });

  test('H58: nothing else that this channel can carry decides, whatever it says', async () => {
    await using scene = await openScene(harness);
    const asked = await scene.asks();
    const at = scene.world.clock.now() - 7_200_000;
    for (const deed of ['approve', 'deny'] as const) {
      const text = `/${deed} ${asked.request.short}`;
      for (const kind of kindsOf(harness, EVENT_KINDS).filter((one) => !OWN.includes(one)))
        await scene.here.event({
          kind,
          from: 'olga',
          text: kind === 'empty' ? '  ' : text,
          quoted: text,
          value: text,
          ...(kind === 'old' ? { at } : {}),
        });
      // The words of the message that is answered are not the sender's.
      if (has(harness, 'reply'))
        await scene.here.event({ kind: 'reply', from: 'olga', text: 'what is this?', quoted: text });
      for (const name of ['eve', 'uma']) await scene.here.says(name, text);
    }
    expect(await scene.state(asked)).toBe('pending');
    for (const place of ['group', 'thread'] as const) {
      const shown = await scene.here.bench.shown('olga', place);
      expect(shown.filter(({ text }) => text.includes(asked.request.short))).toEqual([]);
    }
  });

  if (harness.traits.buttons)
    test('H40: a button presses for whom it was made, and the end stands where it hung', async () => {
      await using scene = await openScene(harness);
      await scene.world.services.policies.set('defaults.ask', 'always', HOST);
      const asked = await scene.asks(LOOK);
      const card = (await scene.here.bench.shown('olga')).findLast(({ buttons }) => buttons.length > 0);
      if (card === undefined) throw new Error('no card');
      expect(card.buttons).toEqual(['Deny', 'Approve']);
      for (const name of ['eve', 'uma']) await scene.here.presses(card, 'Approve', name);
      expect(await scene.state(asked)).toBe('pending');
      await scene.here.presses(card, 'Approve', 'olga');
      expect(await scene.state(asked)).toBe('approved');
      const heard = [...(await scene.here.heard('olga')), ...(await scene.here.bench.told('olga'))];
      expect(heard.join('\n')).toMatch(/Approved/);
    });
});

async function openScene(harness: ChannelHarness) {
  const world = await openHouse(harness, {
    owned: false,
    policy: { groupPolicy: 'allowlist', groupAllowFrom: [harness.native('olga')], requireMention: false },
  });
  const { here } = world;
  const { approvals } = world.world.services;
  await world.knows('olga', 'owner', here);
  await world.knows('uma', 'user', here);
  // Some platforms let us write to those only who wrote before.
  await here.says('olga', 'hello');
  return {
    world: world.world,
    here,
    async asks(what: string | typeof LOOK = PUSH) {
      const action = typeof what === 'string' ? command('git', 'push', what) : what;
      const asked = await approvals.ask({
        action,
        agent: 'main',
        token: 'tok_a',
        session: null,
        idempotencyKey: null,
      });
      await world.world.settle();
      world.world.clock.advance('1s');
      return asked;
    },
    state: async ({ request }: Awaited<ReturnType<typeof approvals.ask>>) =>
      (await approvals.get(request.id)).state,
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}
