// What needs an owner now, as the page and the command read it: rows of other lists, oldest first, capped, with the last
// day in numbers that a restart does not forget; and the end of a session over HTTP.

import { createClient } from '@countersign/protocol/client';
import { overviewSchema } from '@countersign/protocol/overview';
import { expect, test } from 'vitest';
import { parseNative } from '../core/identity/peer.ts';
import type { Inbound } from '../core/message.ts';
import { jsonOf, openHouse, type TestHouse } from '../testing/house.ts';
import { inboundFrom } from '../testing/inbound.ts';

function clientOf(house: TestHouse) {
  return createClient((path, { method, body }) =>
    house.call('host', method, path, body === undefined ? undefined : JSON.parse(body)),
  );
}

async function read(house: TestHouse) {
  return overviewSchema.parse(await jsonOf<unknown>(house.call('host', 'GET', '/api/v1/overview')));
}

/** Strangers who ask, one after the other. */
async function ask(house: TestHouse, count: number): Promise<void> {
  const { store } = house.composed;
  const slots = { max: 1_000, maxPerAddress: 1_000, evictAfterMs: 1, maxWaiting: 1_000 };
  const now = Date.now();
  for (let n = 0; n < count; n++) {
    const id = `pair_${String(n)
      .padStart(24, 'a')
      .replaceAll(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? 'z')}`;
    await store.pairings.open(
      {
        id: id as `pair_${string}`,
        peer: { channel: 'webchat', account: 'default', native: native(`p${n}`) },
        codeHash: `hash ${n}`,
        code: `CODE${n}`,
        displayName: 'Ana',
        username: null,
        beside: null,
        firstWords: 'hello',
        addressKey: null,
        createdAt: now - 60_000 + n,
        expiresAt: now + 3_600_000,
      },
      slots,
    );
  }
}

function native(name: string) {
  const parsed = parseNative(name, /^\S+$/);
  if (parsed === null) throw new Error(name);
  return parsed;
}

test('a house in which nothing waits needs nobody, and says how it is', async () => {
  await using house = await openHouse({ running: true, config: { agent: { kind: 'echo' } } });
  await house.composed.channels.follow();
  const { needs, more, health } = await read(house);
  expect(needs).toEqual([]);
  expect(more).toBe(0);
  expect(health.channels).toMatchObject([{ channel: 'webchat', state: 'connected' }]);
});

test('what waits is told oldest first and no more than fifty of it one by one', async () => {
  await using house = await openHouse({ running: true });
  await ask(house, 53);
  const { needs, more } = await read(house);
  const pairings = needs.flatMap((need) => (need.kind === 'pairing' ? [need] : []));
  expect(needs).toHaveLength(50);
  expect(more).toBeGreaterThanOrEqual(3);
  const since = pairings.map((need) => Date.parse(need.since));
  expect(since).toEqual(since.toSorted((a, b) => a - b));
});

test('of a crowd at the door the first who came are told, and how many stand behind them', async () => {
  await using house = await openHouse({ running: true });
  await ask(house, 230);
  const { needs, more } = await read(house);
  const [first] = needs;
  expect(first?.kind === 'pairing' ? first.pairing.identifier : null).toBe('p0');
  const others = needs.filter(({ kind }) => kind !== 'pairing').length;
  expect(needs.length - others + more).toBeGreaterThanOrEqual(230);
});

test('what the doctor sees at a glance is a need, with what to do', async () => {
  await using house = await openHouse({ config: { session: { dmScope: 'main' } } });
  expect((await read(house)).needs).toContainEqual({
    kind: 'check',
    check: expect.objectContaining({ name: 'sessions', level: 'warning', hint: expect.any(String) }),
  });
});

test('the day is counted from what was written down: refused calls as well, each of them, and who made them sees nothing', async () => {
  await using house = await openHouse({ running: true });
  const client = clientOf(house);
  for (let n = 0; n < 5; n++) expect((await house.call('tcp', 'GET', '/api/v1/overview')).status).toBe(401);
  expect((await client.overview()).day.counts).toMatchObject({ refused: 1, admitted: 0 });
  // The rest of its minute is written down as a number.
  await house.composed.core.denials.flush(Date.now(), true);
  expect((await client.overview()).day.counts).toMatchObject({ refused: 5 });
});

test('a session is ended over HTTP by id or its beginning, once, and its person speaks on in a new one', async () => {
  await using house = await openHouse({ running: true, config: { agent: { kind: 'echo' } } });
  const client = clientOf(house);
  const { store } = house.composed;
  const ana = await client.people.add({ name: 'Ana' });
  const peer = { channel: 'webchat', account: 'default', native: native('ana') };
  const says = async (text: string) => {
    const inbound: Inbound = inboundFrom(peer, {
      assurance: 'low',
      conversation: { kind: 'direct', id: 'ana' },
      messageId: text,
      text,
    });
    const key = 'agent:main:webchat:default:direct:ana';
    await store.messages.accept(
      [inbound],
      () => ({ to: 'agent', principal: ana.id as `prn_${string}`, sessionKey: key, exclusive: true }),
      Date.now(),
    );
  };
  await says('one');
  const [session] = (await client.sessions.list({ person: 'Ana' })).items;
  expect(session?.endedAt).toBeUndefined();
  const ref = session?.id ?? '';
  expect((await client.sessions.revoke(ref.slice(0, 12))).endedAt).toBeDefined();
  await expect(client.sessions.revoke(ref)).rejects.toMatchObject({ code: 'state_conflict' });
  await expect(client.sessions.get('ses_aaaaaaaaaaaaaaaaaaaaaaaa')).rejects.toMatchObject({
    code: 'not_found',
  });
  await says('two');
  expect((await client.sessions.list({ show: 'all' })).items).toHaveLength(2);
  const live = (await client.sessions.list({ show: 'live' })).items;
  expect(live).toHaveLength(1);
  expect(live[0]?.id).not.toBe(ref);
  const told = (await client.audit.list({ about: [ref], types: 'session.' })).items;
  expect(told).toMatchObject([{ type: 'session.revoked', actor: 'host', subject: { unanswered: 1 } }]);
});
