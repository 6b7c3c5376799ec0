// H13–H22, H40: the pairing store and every entrance to it. What is asked on one account is decided there and nowhere
// else, and there is no side door: every event an adapter can emit stands in these tests.

import { describe, expect, test } from 'vitest';
import { EVENT_KINDS, EVENTS, type EventKind, FORGERIES, FORGERY_KINDS } from '../channel/events.ts';
import type { ChannelHarness } from '../channel/harness.ts';
import { INERT } from '../channel/inbound-suite.ts';
import { has } from '../channel/rig.ts';
import { HOST } from '../world.ts';
import { BOTH, codeOf, isTrusted, kindsOf, openHouse } from './house.ts';

/** From these, and from nothing else, a pairing may begin. */
const ASKING: readonly EventKind[] = ['text', 'reply', 'quotation'];
const INNER_GROUPS: readonly EventKind[] = ['group-text', 'group-mention', 'thread-text'];

export function entrances(harness: ChannelHarness): void {
  describe('the entrances', () => {
    if (has(harness, 'accounts')) accountCases(harness);
    groupCases(harness);

    for (const how of FORGERY_KINDS.filter((one) => has(harness, one))) {
      test(`H17 H22: ${FORGERIES[how]}: no row, no reply, no event of that sender`, async () => {
        await using house = await openHouse(harness);
        const event = { kind: 'text', from: 'eve', id: 'forged-1', text: 'words' } as const;
        expect(await house.here.bench.forge(event, how)).toBe('refused');
        await house.world.settle();
        expect(await house.open()).toEqual([]);
        expect(await house.visible()).toBe(0);
        expect(await house.eventsOf('pairing.requested')).toBe(0);
      });
    }

    for (const kind of kindsOf(harness, EVENT_KINDS)) {
      test(`H18 Q3: a stranger: ${EVENTS[kind]}`, async () => {
        const old = { at: Date.UTC(2026, 10, 25, 10) };
        await using house = await openHouse(harness, { policy: { groupPolicy: 'allowlist' } });
        await house.here.event({
          kind,
          from: 'eve',
          text: kind === 'empty' ? '  ' : 'hello',
          quoted: 'quoted words',
          value: 'a-made-up-value',
          ...(kind === 'old' ? old : {}),
        });
        expect(house.asked).toEqual([]);
        const asks = ASKING.includes(kind);
        expect(await house.open()).toHaveLength(asks ? 1 : 0);
        expect(await house.here.heard('eve')).toHaveLength(asks ? 1 : 0);
        for (const place of ['group', 'thread'] as const)
          expect(await house.here.bench.shown('eve', place)).toEqual([]);
      });

      test(`H18 Q3: somebody who may talk: ${EVENTS[kind]}`, async () => {
        await using house = await openHouse(harness, { policy: { groupPolicy: 'allowlist' } });
        await house.knows('ulf', 'user');
        const old = { at: Date.UTC(2026, 10, 25, 10) };
        await house.here.event({
          kind,
          from: 'ulf',
          text: kind === 'empty' ? '  ' : 'hello',
          quoted: 'quoted words',
          value: 'a-made-up-value',
          ...(kind === 'old' ? old : {}),
        });
        const talks = [...ASKING, 'backlog', 'old'].includes(kind);
        // Quoted first words are the sender's to say; only an order they are not.
        expect(house.asked.map((text) => text.replace(/^(?:> )?quoted words\n/, ''))).toEqual(
          talks ? ['hello'] : [],
        );
        expect(await house.open()).toEqual([]);
      });
    }

    if (isTrusted(harness)) ownerCases(harness);

    test('H19: whoever is shut out meanwhile is told nothing, whatever the reason for telling', async () => {
      await using house = await openHouse(harness);
      for (const name of ['ana', 'bob']) await house.here.says(name, 'hello');
      const [ana, bob] = await Promise.all(
        ['ana', 'bob'].map((what) => house.world.services.findPairing({ what: harness.native(what) })),
      );
      await house.world.store.people.setBlocked(house.here.peer('ana'), true, house.world.clock.now());
      if (ana !== undefined) await house.world.services.pairings.deny(ana.pairing.id, HOST);
      house.world.configure('default', { dmPolicy: 'allowlist' });
      if (bob !== undefined) await house.world.services.pairings.deny(bob.pairing.id, HOST);
      await house.world.settle();
      expect(await house.here.heard('ana')).toHaveLength(1);
      expect(await house.here.heard('bob')).toHaveLength(1);
    });

    test('H20 P-16: the applicant who says the words of approval is answered by nothing', async () => {
      await using house = await openHouse(harness);
      await house.here.says('eve', 'hello');
      const code = await house.here.codeOf('eve');
      const before = await house.visible();
      const words = [
        `/pairing approve ${code}`,
        `pairing approve ${code}`,
        code,
        '/approve',
        'yes',
        '/whoami',
        '/help',
      ];
      for (const text of words) {
        expect(await house.here.says('eve', text)).toMatchObject({ as: 'desk', because: 'pairing' });
      }
      expect(await house.stateOf('eve')).toBe('pending');
      expect(await house.visible()).toBe(before);
      expect(house.asked).toEqual([]);
    });
  });
}

function accountCases(harness: ChannelHarness): void {
  test('H13: reading, finding, listing, deciding and ending ask for the account each', async () => {
    await using house = await openHouse(harness, BOTH);
    const { here, there } = house;
    const { findPairing, pairings } = house.world.services;
    const { channel } = harness;
    await here.says('ana', 'hello');
    await there.says('ana', 'hello');
    const code = await here.codeOf('ana');
    expect(await codeOf(findPairing({ what: code, channel, account: 'support' }))).toBe('wrong_account');
    expect(await codeOf(findPairing({ what: harness.native('ana') }))).toBe('ambiguous');
    const listed = await house.world.store.pairings.list({
      channel,
      account: 'support',
      states: ['pending'],
      limit: 9,
    });
    expect(listed.map(({ peer }) => peer.account)).toEqual(['support']);
    await house.world.approves(code);
    expect(await house.stateOf('ana', there)).toBe('pending');
    expect(await codeOf(pairings.revoke(there.peer('ana'), HOST))).toBe('not_found');
    expect(await here.says('ana', 'hi')).toMatchObject({ as: 'agent' });
    expect(await pairings.reset({ channel, account: 'support' }, HOST)).toBe(1);
    expect(await here.says('ana', 'hi')).toMatchObject({ as: 'agent' });
  });

  test('H16: strangers who fill one account leave the other one open', async () => {
    await using house = await openHouse(harness, BOTH);
    for (const name of ['s1', 's2', 's3', 's4', 's5']) await house.here.says(name, 'hello');
    expect(await house.here.heard('s3')).toHaveLength(1);
    expect(await house.here.heard('s4')).toEqual([]);
    await house.there.says('ana', 'hello');
    expect(await house.there.heard('ana')).toHaveLength(1);
  });
}

function groupCases(harness: ChannelHarness): void {
  for (const kind of kindsOf(harness, INNER_GROUPS)) {
    test(`H15: a direct grant is none in a group (${EVENTS[kind]})`, async () => {
      const policy = { groupPolicy: 'allowlist', requireMention: false } as const;
      await using house = await openHouse(harness, { policy });
      await house.here.says('ana', 'hello');
      await house.world.approves(await house.here.codeOf('ana'));
      const before = await house.visible();
      const said = await house.here.event({ kind, from: 'ana', text: 'hello' });
      if (said !== null) expect(said).toMatchObject({ as: 'nobody', reason: 'group_not_allowed' });
      expect(house.asked).toEqual([]);
      expect(await house.visible()).toBe(before);
    });

    test(`H15: a grant in a group is none in the direct chat (${EVENTS[kind]})`, async () => {
      const groupAllowFrom = [harness.native('ana')];
      const policy = { groupPolicy: 'allowlist', groupAllowFrom, requireMention: false } as const;
      await using house = await openHouse(harness, { policy });
      await house.here.event({ kind, from: 'ana', text: 'hello' });
      expect(await house.here.says('ana', 'hello')).toMatchObject({ as: 'desk', because: 'pairing' });
    });
  }
}

function ownerCases(harness: ChannelHarness): void {
  test('H21 P-12: only an owner decides about people; others are told which role it takes, or nothing', async () => {
    await using house = await openHouse(harness);
    await house.knows('anton', 'approver');
    await house.knows('ulf', 'user');
    await house.here.says('ana', 'hello');
    const code = await house.here.codeOf('ana');
    for (const deed of ['approve', 'deny', 'block']) {
      const told = await house.orders(`/pairing ${deed} ${code}`, 'anton');
      expect(told).toMatch(/owner.*approver/s);
      await house.here.says('ulf', `/pairing ${deed} ${code}`);
    }
    expect(await house.stateOf('ana')).toBe('pending');
    // To a user these are words like any others; an approver's never reach the agent.
    expect(house.asked).toEqual(['approve', 'deny', 'block'].map((deed) => `/pairing ${deed} ${code}`));
    await house.orders(`/pairing approve ${code}`);
    expect(await house.stateOf('ana')).toBe('approved');
  });

  for (const kind of kindsOf(harness, [...INERT, 'quotation', 'reply', 'backlog', 'old'])) {
    if (kind === 'empty' || kind === 'media') continue;
    test(`H18 H58: an order of the owner is none when it is this: ${EVENTS[kind]}`, async () => {
      await using house = await openHouse(harness);
      await house.here.says('ana', 'hello');
      const order = `/pairing approve ${await house.here.codeOf('ana')}`;
      const words =
        kind === 'reply' || kind === 'quotation' ? { text: 'look', quoted: order } : { text: order };
      const at = house.world.clock.now() - 3_600_000;
      await house.here.event({ kind, from: 'olga', ...words, ...(kind === 'old' ? { at } : {}) });
      if (kind === 'quotation') await house.here.event({ kind, from: 'olga', text: order, quoted: order });
      expect(await house.stateOf('ana')).toBe('pending');
      expect(await house.here.heard('ana')).toHaveLength(1);
    });
  }

  if (harness.traits.buttons) buttonCases(harness);
}

function buttonCases(harness: ChannelHarness): void {
  test('H40 P-16: a button is worth nothing in any other hand, whoever it is', async () => {
    await using house = await openHouse(harness);
    await house.knows('otto', 'owner');
    await house.knows('anton', 'approver');
    await house.knows('ulf', 'user');
    await house.here.says('ana', 'hello');
    const card = await house.cardOf('olga');
    for (const label of card.buttons) {
      for (const as of ['ana', 'eve', 'ulf', 'anton', 'otto']) await house.here.presses(card, label, as);
    }
    expect(await house.stateOf('ana')).toBe('pending');
    for (const name of ['ana', 'eve', 'ulf']) expect(await house.here.bench.told(name)).toEqual([]);
    expect(await house.here.heard('ana')).toHaveLength(1);
    expect(house.asked).toEqual([]);
    // In the hand it was made for it still works.
    await house.here.presses(card, 'Approve', 'olga');
    expect(await house.stateOf('ana')).toBe('approved');
  });

  test('H40: a payload made up by the owner’s own enemy, or by the owner, decides nothing', async () => {
    await using house = await openHouse(harness);
    await house.here.says('ana', 'hello');
    const code = await house.here.codeOf('ana');
    const { pairing } = await house.world.services.findPairing({ what: code });
    for (const value of [`approve:${pairing.id}`, pairing.id, code, 'approve', ' ', 'x'.repeat(64)]) {
      for (const from of ['eve', 'olga']) await house.here.event({ kind: 'press', from, text: '', value });
    }
    expect(await house.stateOf('ana')).toBe('pending');
  });

  test('H40: the very payload of the owner’s button is worth nothing to a thief, nor in a group', async () => {
    await using house = await openHouse(harness, { policy: { groupPolicy: 'open', requireMention: false } });
    await house.knows('otto', 'owner');
    await house.knows('ulf', 'user');
    await house.here.says('ana', 'hello');
    for (const label of ['Approve', 'Deny', 'Block']) {
      const value = house.payloadOf(label);
      for (const from of ['ana', 'eve', 'ulf', 'olga'])
        if (has(harness, 'group-press'))
          await house.here.event({ kind: 'group-press', from, text: '', value });
    }
    expect(await house.stateOf('ana')).toBe('pending');
    // The newest card is otto's: in anybody else's direct chat it decides nothing either.
    const value = house.payloadOf('Approve');
    for (const from of ['ana', 'eve', 'ulf', 'olga'])
      await house.here.event({ kind: 'press', from, text: '', value });
    expect(await house.stateOf('ana')).toBe('pending');
    await house.here.event({ kind: 'press', from: 'otto', text: '', value });
    expect(await house.stateOf('ana')).toBe('approved');
  });

  test('H40: a press that is played back, or comes after another answer, changes nothing and says so', async () => {
    await using house = await openHouse(harness);
    await house.here.says('ana', 'hello');
    const card = await house.cardOf('olga');
    const [yes, no] = [house.payloadOf('Approve'), house.payloadOf('Deny')];
    await house.here.presses(card, 'Deny', 'olga');
    expect(await house.stateOf('ana')).toBe('denied');
    for (const value of [no, yes, yes])
      await house.here.event({ kind: 'press', from: 'olga', text: '', value });
    expect(await house.stateOf('ana')).toBe('denied');
    expect((await house.here.bench.told('olga')).at(-1)).toContain('denied already');
    const [shown] = (await house.here.bench.shown('olga')).filter(({ ref }) => ref === card.ref);
    if (harness.traits.edits) expect(shown?.buttons).toEqual([]);
    expect(await house.here.heard('ana')).toHaveLength(2);
  });

  test('H40: a card that is open for a request that ended by another road decides nothing', async () => {
    await using house = await openHouse(harness);
    await house.here.says('ana', 'hello');
    const card = await house.cardOf('olga');
    house.world.clock.advance('2h');
    await house.here.presses(card, 'Approve', 'olga');
    expect(await house.here.says('ana', 'hello')).toMatchObject({ as: 'desk' });
    expect(house.asked).toEqual([]);
  });

  test('a card is never torn from its buttons, however long it is', async () => {
    const notifyMessage = `${'line\n'.repeat(Math.ceil(harness.traits.maxText / 3))}{code}`;
    await using house = await openHouse(harness, { pairing: { notifyMessage } });
    await house.here.says('ana', 'hello');
    const shown = await house.here.bench.shown('olga');
    expect(shown.length).toBeGreaterThan(2);
    expect(shown.map(({ buttons }) => buttons.length > 0)).toEqual(
      shown.map((_, n) => n === shown.length - 1),
    );
    await house.here.presses(await house.cardOf('olga'), 'Approve', 'olga');
    expect(await house.stateOf('ana')).toBe('approved');
  });
}
