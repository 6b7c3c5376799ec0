// C-06: a login that its platform has ended is said to the owners where they still hear us, and nowhere else.
import { expect, onTestFinished, test } from 'vitest';
import { parseNative } from '../core/identity/peer.ts';
import { openHouse } from '../testing/house.ts';
import { LoginsEnded } from './logins-ended.ts';

const HOST = { kind: 'host' } as const;

function peer(channel: string, text: string) {
  const native = parseNative(text, /^.+$/);
  if (native === null) throw new Error('nobody');
  return { channel, account: 'default', native };
}

test('the owner is told in the other chat, once; and it is in the audit', async () => {
  const house = await openHouse();
  onTestFinished(() => house[Symbol.asyncDispose]());
  const { store, core, services } = house.composed;
  await core.directory.add({ name: 'olga', role: 'owner', peer: peer('whatsapp', '+15550001111') }, HOST);
  await core.directory.add({ name: 'otto', role: 'owner', peer: peer('telegram', '555001') }, HOST);
  const before = (await store.outbox.recent({ limit: 50 })).length;
  const ended = new LoginsEnded({ store, clock: services.clock, bus: core.bus });
  await ended.tell('whatsapp', 'default', 'WhatsApp ended this login');
  const rows = await store.outbox.recent({ limit: 50 });
  expect(rows.length - before).toBe(1);
  expect(
    rows.filter(({ channel, kind }) => channel === 'telegram' && kind === 'owner-notice').length,
  ).toBeGreaterThan(0);
  const events = await store.audit.list({ limit: 50 });
  expect(events.map(({ body }) => body.type)).toContain('channel.login_ended');
});
