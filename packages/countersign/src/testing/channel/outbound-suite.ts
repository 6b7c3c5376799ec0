// What a channel does with our own words: whole, in order, with the buttons they were given; and how it fails.

import assert from 'node:assert/strict';
import { Problem } from '@countersign/protocol/problem';
import { split } from '../../core/outbox.ts';
import { FAILURE_CODES, VENDOR_FAILURE_KINDS } from './failures.ts';
import type { ChannelHarness, Shown } from './harness.ts';
import { has, openRig, type Rig } from './rig.ts';
import type { Runner } from './runner.ts';

/** What markup, templates and shells would make something else of. */
const LITERAL = 'a < b && c > d "e" *f* _g_ [h](i) `j` ~k~ |l| {m} \\n #o @p /q 👩‍👩‍👧 \u202Ez';

/** Sixty-four bytes: the most a button may carry. */
const VALUE = `${'v'.repeat(62)}-1`;
const BUTTONS = [
  { label: 'Approve', value: VALUE },
  { label: 'Deny', value: 'nonce-2' },
  { label: 'Block', value: 'nonce-3' },
];

export function outboundSuite(harness: ChannelHarness, { describe, test }: Runner): void {
  const { traits } = harness;

  describe('what we say', () => {
    test('is shown to that person as it was said, and to nobody else', async () => {
      await using rig = await met(harness);
      const delivery = await rig.bench.channel.send(rig.to('ana'), rig.outbound(LITERAL));
      assert.deepEqual(await texts(rig, 'ana'), [LITERAL]);
      assert.deepEqual(await texts(rig, 'bob'), []);
      assert.equal(delivery.fate, traits.receipts === 'delivered' ? 'delivered' : 'sent');
      if (traits.edits || traits.deletes) assert.equal(typeof delivery.ref, 'string');
    });

    test('arrives whole and in order when it is longer than one message', async () => {
      await using rig = await met(harness);
      const text = longer(traits.maxText * 2.4);
      const parts = split(text, traits.maxText);
      assert.ok(parts.length >= 3);
      for (const part of parts) await rig.bench.channel.send(rig.to('ana'), rig.outbound(part));
      const shown = await texts(rig, 'ana');
      assert.equal(shown.length, parts.length);
      // Platforms trim the ends of a message; nothing else may go.
      assert.equal(shown.join('').replace(/\s/g, ''), text.replace(/\s/g, ''));
    });

    test('may be as long as the trait says, to the last character', async () => {
      await using rig = await met(harness);
      const text = 'x'.repeat(traits.maxText);
      await rig.bench.channel.send(rig.to('ana'), rig.outbound(text));
      assert.deepEqual(await texts(rig, 'ana'), [text]);
    });
  });

  describe('what the traits do not declare is not there', () => {
    test('and what they declare is', () => {
      const names = { buttons: 'answer', edits: 'edit', deletes: 'remove', streams: 'stream' } as const;
      return withRig(harness, async ({ bench }) => {
        for (const [trait, method] of Object.entries(names)) {
          const declared =
            trait in traits && Object.entries(traits).some(([key, on]) => key === trait && on === true);
          assert.equal(
            method in bench.channel && bench.channel[method] !== undefined,
            declared,
            `${trait}: ${method}`,
          );
        }
        assert.deepEqual(bench.channel.traits, traits);
      });
    });
  });

  if (traits.buttons) buttonSuite(harness, { describe, test });
  if (traits.edits || traits.deletes) changeSuite(harness, { describe, test });
  if (has(harness, 'failures')) failureSuite(harness, { describe, test });
}

function buttonSuite(harness: ChannelHarness, { describe, test }: Runner): void {
  describe('buttons', () => {
    test('stand under their words, in one message, in their order', async () => {
      await using rig = await met(harness);
      const { card } = await showCard(rig, 'who asks: ana');
      assert.equal(card.text, 'who asks: ana');
      assert.deepEqual(card.buttons, ['Approve', 'Deny', 'Block']);
    });

    test('bring back exactly what they carried, from whoever pressed', async () => {
      await using rig = await met(harness);
      const { card } = await showCard(rig, 'who asks: ana');
      const before = rig.received.length;
      await rig.bench.press(card, 'Approve', 'olga');
      const [press] = rig.received.slice(before);
      assert.equal(press?.kind, 'button');
      assert.equal(press?.press?.value, VALUE);
      assert.equal(press?.arrived, 'live');
      assert.deepEqual(press?.peer, rig.bench.peer('olga'));
    });

    test('H40: pressed by somebody else they say who that was', async () => {
      await using rig = await met(harness);
      const { card } = await showCard(rig, 'who asks: ana');
      const before = rig.received.length;
      await rig.bench.press(card, 'Approve', 'eve');
      for (const { peer } of rig.received.slice(before)) assert.deepEqual(peer, rig.bench.peer('eve'));
    });

    test('H40: a made-up value is handed over as it is: core knows what it made', async () => {
      await using rig = await met(harness);
      for (const inbound of await rig.hands(rig.event('press', { from: 'eve', value: 'approve:42' }))) {
        assert.equal(inbound.press?.value, 'approve:42');
        assert.deepEqual(inbound.peer, rig.bench.peer('eve'));
      }
    });

    if (has(harness, 'group-press'))
      test('H40: pressed in a group they say that it was in a group', async () => {
        await using rig = await met(harness);
        for (const inbound of await rig.hands(rig.event('group-press', { from: 'eve' }))) {
          assert.equal(inbound.conversation.kind, 'group');
          assert.deepEqual(inbound.peer, rig.bench.peer('eve'));
        }
      });

    test('are answered to the presser, and an answer nobody can see any more is no error', async () => {
      await using rig = await met(harness);
      const { card } = await showCard(rig, 'who asks: ana');
      await rig.bench.press(card, 'Deny', 'olga');
      const handle = rig.received.at(-1)?.press?.handle ?? '';
      await rig.bench.channel.answer?.(handle, 'Denied.');
      assert.deepEqual(await rig.bench.told('olga'), ['Denied.']);
      await rig.bench.channel.answer?.('a-handle-of-last-year', 'Denied.');
    });
  });
}

function changeSuite(harness: ChannelHarness, { describe, test }: Runner): void {
  const { traits } = harness;
  describe('changing what we said', () => {
    if (traits.edits)
      test('an edit replaces the words and takes the buttons away', async () => {
        await using rig = await met(harness);
        const { ref } = await showCard(rig, 'who asks: ana');
        await rig.bench.channel.edit?.(rig.to('olga'), ref, rig.outbound('Approved by the host'));
        // Said again as it stands: a retry of ours is no error.
        await rig.bench.channel.edit?.(rig.to('olga'), ref, rig.outbound('Approved by the host'));
        const [card, ...more] = await rig.bench.shown('olga');
        assert.equal(more.length, 0);
        assert.deepEqual([card?.text, card?.buttons, card?.edited], ['Approved by the host', [], true]);
      });
    if (traits.deletes)
      test('a removed message is gone, and removing it again is no error', async () => {
        await using rig = await met(harness);
        const { ref } = await showCard(rig, 'who asks: ana');
        await rig.bench.channel.remove?.(rig.to('olga'), ref);
        await rig.bench.channel.remove?.(rig.to('olga'), ref);
        assert.deepEqual(
          (await rig.bench.shown('olga')).filter(({ removed }) => !removed),
          [],
        );
        if (traits.edits) await rig.bench.channel.edit?.(rig.to('olga'), ref, rig.outbound('too late'));
      });
  });
}

function failureSuite(harness: ChannelHarness, { describe, test }: Runner): void {
  describe('a vendor that fails is a problem with a name', () => {
    for (const how of VENDOR_FAILURE_KINDS) {
      test(`${how} is ${FAILURE_CODES[how]}, and the next try shows the message once`, async () => {
        await using rig = await met(harness);
        const message = rig.outbound('hello');
        rig.bench.failNext(how, 1);
        const cause = await rig.bench.channel.send(rig.to('ana'), message).then(
          () => null,
          (problem: unknown) => problem,
        );
        assert.ok(cause instanceof Problem, `${how} threw ${String(cause)}`);
        assert.equal(cause.code, FAILURE_CODES[how]);
        if (how === 'rate_limited') assert.equal(cause.members['retryAfter'], 3);
        assert.deepEqual(await texts(rig, 'ana'), []);
        await rig.bench.channel.send(rig.to('ana'), message);
        assert.deepEqual(await texts(rig, 'ana'), ['hello']);
      });
    }
  });
}

/** Everybody has written once, where that is what lets us write to them. */
async function met(harness: ChannelHarness): Promise<Rig> {
  const rig = await openRig(harness);
  for (const from of ['ana', 'bob', 'olga', 'eve']) await rig.one(rig.event('text', { from }));
  return rig;
}

async function withRig(harness: ChannelHarness, work: (rig: Rig) => Promise<void>): Promise<void> {
  await using rig = await openRig(harness);
  await work(rig);
}

async function showCard(rig: Rig, text: string): Promise<{ readonly card: Shown; readonly ref: string }> {
  const message = rig.outbound(text, { kind: 'card', buttons: BUTTONS });
  const { ref } = await rig.bench.channel.send(rig.to('olga'), message);
  const [card, ...more] = await rig.bench.shown('olga');
  assert.ok(card && ref !== undefined);
  assert.equal(more.length, 0, 'a card is one message');
  return { card, ref };
}

async function texts(rig: Rig, name: string): Promise<string[]> {
  const shown = await rig.bench.shown(name);
  return shown.filter(({ removed }) => !removed).map(({ text }) => text);
}

/** Lines, long words and pairs of surrogates, so that every way of splitting is taken. */
function longer(length: number): string {
  const line = `${LITERAL} ${'long'.repeat(50)} 👋🏽👋🏽\n`;
  return line.repeat(Math.ceil(length / line.length)).trim();
}
