// P-01–P-16, H57: manners at the door. A stranger is answered once, a contact of the owner never by surprise, and an owner
// is told, not besieged.

import { describe, expect, test } from 'vitest';
import { EVENTS, type EventKind } from '../channel/events.ts';
import type { ChannelHarness } from '../channel/harness.ts';
import { INERT } from '../channel/inbound-suite.ts';
import { has } from '../channel/rig.ts';
import { HOST } from '../world.ts';
import { BOTH, codeOf, isTrusted, kindsOf, openHouse } from './house.ts';

const SILENT: readonly EventKind[] = [...INERT, 'backlog', 'old'];

export function etiquette(harness: ChannelHarness): void {
  describe('manners at the door', () => {
    test('P-03: for somebody approved a word with a slash is a word like any other', async () => {
      await using house = await openHouse(harness);
      await house.here.says('ana', 'hello');
      await house.world.approves(await house.here.codeOf('ana'));
      for (const text of ['/new', '/pairing', '/whoami', 'hi']) {
        expect(await house.here.says('ana', text)).toMatchObject({ as: 'agent' });
      }
      expect(house.asked).toEqual(['/new', '/pairing', '/whoami', 'hi']);
    });

    test('P-04: on a personal number a stranger is written down and never answered', async () => {
      await using house = await openHouse(harness, { policy: { personalNumber: true } });
      await house.here.says('ana', 'hi mom');
      expect(await house.open()).toHaveLength(1);
      expect(await house.here.heard('ana')).toEqual([]);
      const { pairing } = await house.world.services.findPairing({ what: harness.native('ana') });
      await house.world.services.pairings.deny(pairing.id, HOST);
      await house.world.settle();
      expect(await house.here.heard('ana')).toEqual([]);
    });

    for (const kind of kindsOf(harness, SILENT)) {
      test(`P-05 P-06: nothing is ever sent because of this: ${EVENTS[kind]}`, async () => {
        await using house = await openHouse(harness);
        const at = house.world.clock.now() - 3_600_000;
        for (const from of ['ana', 'bob']) {
          const text = kind === 'empty' ? '  ' : 'hello';
          await house.here.event({ kind, from, text, ...(kind === 'old' ? { at } : {}) });
        }
        expect(await house.visible()).toBe(0);
        expect(await house.open()).toEqual([]);
        expect(await house.told()).toEqual([]);
      });
    }

    for (const kind of kindsOf(harness, ['backlog', 'history'])) {
      test(`P-05: five hundred of these send nothing: ${EVENTS[kind]}`, async () => {
        await using house = await openHouse(harness);
        const events = Array.from({ length: 500 }, (_, n) => ({
          ...{ kind, from: `person${n % 50}`, id: `many-${n}`, text: 'hello' },
        }));
        await Promise.all(events.map((event) => house.here.bench.deliver(event)));
        await house.world.settle();
        expect(await house.visible()).toBe(0);
        expect(await house.open()).toEqual([]);
      });
    }

    if (has(harness, 'own'))
      test('P-06: whoever was written to by the owner a moment ago is not asked for a code', async () => {
        await using house = await openHouse(harness);
        await house.here.event({ kind: 'own', from: 'ana', text: 'call me' });
        // A bot has nobody behind it who could have written: its own words are said nowhere.
        if (house.here.taken.at(-1)?.inbound.conversation.kind !== 'direct') return;
        await house.here.says('ana', 'will do');
        expect(await house.here.heard('ana')).toEqual([]);
        expect(await house.open()).toHaveLength(1);
      });

    test('P-07: under allowlist a stranger gets no reply and no row, and is counted once', async () => {
      await using house = await openHouse(harness, { policy: { dmPolicy: 'allowlist' } });
      for (let n = 0; n < 5; n++) await house.here.says('eve', 'hello');
      expect(await house.visible()).toBe(0);
      expect(await house.open()).toEqual([]);
      expect(await house.eventsOf('message.dropped')).toBeGreaterThan(0);
      expect(await house.eventsOf('pairing.requested')).toBe(0);
    });

    test('P-08: the owner is told who asks: the id, the name, the channel, the first words, the code', async () => {
      await using house = await openHouse(harness);
      await house.here.says('ana', 'it is me, ana', { displayName: 'Ana K' });
      const told = (await house.told()).join('\n');
      const named = has(harness, 'names') ? ['Ana K'] : [];
      for (const part of [harness.native('ana'), ...named, harness.channel, 'it is me, ana'])
        expect(told).toContain(part);
      expect(told).toContain(await house.here.codeOf('ana'));
      if (house.desk.harness.traits.buttons)
        expect((await house.cardOf('olga')).buttons).toEqual(['Approve', 'Deny', 'Block']);
    });

    test('P-09: who was approved is listed, with the channel, the account and the id', async () => {
      await using house = await openHouse(harness);
      await house.here.says('ana', 'hello');
      await house.world.approves(await house.here.codeOf('ana'));
      const [row, ...more] = await house.world.store.pairings.list({ states: ['approved'], limit: 9 });
      expect(row?.peer).toEqual(house.here.peer('ana'));
      expect(more).toEqual([]);
    });

    test('P-10 P-11: a code is read however it is written, and a useless one gets its reason', async () => {
      await using house = await openHouse(harness, { pairing: { codeFormat: 'XXX-XXX-XXX' } });
      await house.here.says('ana', 'hello');
      const code = await house.here.codeOf('ana');
      expect(await house.orders(`/pairing approve <${code.toLowerCase().replaceAll('-', ' ')}>`)).toContain(
        'Approved',
      );
      expect(await house.orders(`/pairing approve ${code}`)).toContain('already');
      await house.here.says('bob', 'hello');
      const late = await house.here.codeOf('bob');
      house.world.clock.advance('61m');
      expect(await house.orders(`/pairing approve ${late}`)).toContain('expired');
      expect(await house.orders('/pairing approve ZZZ-999-ZZZ')).toContain('No request has that code');
    });

    if (has(harness, 'accounts'))
      test('P-10: a code of another account or channel is told apart from one that never was', async () => {
        await using house = await openHouse(harness, BOTH);
        await house.there.says('ana', 'hello');
        const what = await house.there.codeOf('ana');
        const { findPairing } = house.world.services;
        expect(await codeOf(findPairing({ what, account: 'default' }))).toBe('wrong_account');
        expect(await codeOf(findPairing({ what, channel: 'nowhere' }))).toBe('unknown_channel');
        expect(await codeOf(findPairing({ what, channel: harness.channel, account: 'support' }))).toBe(
          'nothing',
        );
      });

    test('P-12: an approval makes a user and nothing more', async () => {
      await using house = await openHouse(harness, { owned: false });
      await house.here.says('ana', 'hello');
      await house.world.approves(await house.here.codeOf('ana'));
      const { peer, principal } = await house.world.store.people.standing(house.here.peer('ana'));
      expect([principal?.role, peer?.ceiling]).toEqual(['user', 'user']);
      expect(await house.world.store.people.owners()).toEqual([]);
    });

    test('one answer to one request, however often they write; and silence after a no', async () => {
      await using house = await openHouse(harness);
      for (let n = 0; n < 10; n++) await house.here.says('ana', `hello ${n}`);
      expect(await house.here.heard('ana')).toHaveLength(1);
      const { pairing } = await house.world.services.findPairing({ what: harness.native('ana') });
      await house.world.services.pairings.deny(pairing.id, HOST);
      await house.world.settle();
      const prompts = (await house.told()).length;
      for (let n = 0; n < 10; n++) await house.here.says('ana', 'please');
      // H57: a no is not asked again right away.
      expect(await house.here.heard('ana')).toHaveLength(2);
      expect(await house.told()).toHaveLength(prompts);
    });

    test('H57: fifty strangers in a minute are a few prompts and one line about the rest', async () => {
      const slots = { max: 100, maxPerAddress: 100, evictAfterMs: 600_000, maxWaiting: 1_000 };
      await using house = await openHouse(harness, { pairing: { slots } });
      await house.knows('ulf', 'user');
      for (let n = 0; n < 50; n++) {
        await house.here.says(`s${n}`, 'let me in');
        house.world.clock.advance('1s');
      }
      const told = await house.told();
      expect(told).toHaveLength(6);
      expect(told.filter((text) => text.includes('pairing list'))).toHaveLength(1);
      expect(await house.open()).toHaveLength(50);
      expect(await house.here.says('ulf', 'all quiet?')).toMatchObject({ as: 'agent' });
      expect((await house.here.heard('ulf')).at(-1)).toBe('you said: all quiet?');
    });

    test('H16: a full house is silence for a fourth stranger, and visible to the owner', async () => {
      await using house = await openHouse(harness);
      for (const name of ['s1', 's2', 's3', 's4']) await house.here.says(name, 'hello');
      expect(await house.here.heard('s4')).toEqual([]);
      expect(await house.stateOf('s4')).toBe('waiting');
      house.world.clock.advance('10m');
      await house.here.says('s5', 'hello');
      expect(await house.here.heard('s5')).toHaveLength(1);
      expect(await house.stateOf('s1')).toBe('waiting');
    });

    if (!isTrusted(harness)) lowAssuranceCases(harness);
  });
}

/** Nobody but the channel itself says who writes there, so it may refuse people and let nobody in (surfaces.md §8). */
function lowAssuranceCases(harness: ChannelHarness): void {
  test('H21: an owner on a channel of low assurance may say no, and is told where to say yes', async () => {
    await using house = await openHouse(harness);
    await house.knows('oskar', 'owner');
    await house.here.says('ana', 'hello');
    const code = await house.here.codeOf('ana');
    await house.here.says('oskar', `/pairing approve ${code}`);
    expect((await house.here.heard('oskar')).at(-1)).toContain('countersign pairing approve');
    expect(await house.stateOf('ana')).toBe('pending');
    await house.here.says('oskar', `/pairing deny ${code}`);
    expect(await house.stateOf('ana')).toBe('denied');
    expect(house.asked).toEqual([]);
  });
}
