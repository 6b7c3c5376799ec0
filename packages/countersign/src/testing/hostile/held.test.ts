// C-01 C-03 H08: who writes by an id that hides their number is held and shown where only numbers are listed: not let in, not
// answered, not dropped in silence. An owner who knows who it is lets that id in, and nobody else.

import assert from 'node:assert/strict';
import { expect, test } from 'vitest';
import { parseNative } from '../../core/identity/peer.ts';
import type { Inbound } from '../../core/message.ts';
import { whatsappHarness } from '../channel/whatsapp-harness.ts';
import { inboundFrom } from '../inbound.ts';
import { HOST } from '../world.ts';
import { openHouse } from './house.ts';

function hidden(lid: string, messageId: string, at: number): Inbound {
  const native = parseNative(lid, whatsappHarness.traits.peerIds);
  assert.ok(native);
  return inboundFrom(
    { channel: 'whatsapp', account: 'default', native },
    { alias: null, unresolved: true, messageId, text: 'it is me', sentAt: at, displayName: 'Ana' },
  );
}

test('held, shown, and let in by that id alone', async () => {
  await using house = await openHouse(whatsappHarness, {
    policy: { dmPolicy: 'allowlist', allowFrom: ['+15550001111'] },
  });
  const { world } = house;
  // The digits of the listed number are no reason (H08).
  for (const lid of ['15550001111@lid', '200000000000777@lid']) {
    await world.services.inbox.receive(hidden(lid, `A-${lid}`, world.clock.now()));
    await world.settle();
  }
  expect(house.asked).toEqual([]);
  const shown = (await house.open()).map(({ peer }) => peer.native);
  expect(shown.toSorted()).toEqual(['15550001111@lid', '200000000000777@lid']);
  expect((await house.told()).join('\n')).toContain('200000000000777@lid');
  // They themselves are told nothing: strangers do not pair here.
  expect(await house.eventsOf('pairing.requested')).toBe(2);
  const { pairing } = await world.services.findPairing({ what: '200000000000777@lid' });
  await world.services.pairings.approve(pairing.id, HOST, { forMs: null, name: null });
  await world.settle();
  await world.services.inbox.receive(hidden('200000000000777@lid', 'B', world.clock.now()));
  await world.services.inbox.receive(hidden('15550001111@lid', 'C', world.clock.now()));
  await world.settle();
  expect(house.asked).toEqual(['it is me']);
});
