// Linking over the routes as a client calls them: a web chat stranger becomes somebody's second chat, by codes or by the
// host's own word.
import { createClient } from '@countersign/protocol/client';
import type { ServerFrame } from '@countersign/protocol/frames';
import { base32 } from '@countersign/protocol/ids';
import { expect, test } from 'vitest';
import { WEBCHAT_PEER } from '../channels/webchat/wire.ts';
import { parseNative } from '../core/identity/peer.ts';
import { openHouse, type TestHouse } from '../testing/house.ts';

function clientOf(house: TestHouse) {
  return createClient((path, { method, body }) =>
    house.call('host', method, path, body === undefined ? undefined : JSON.parse(body)),
  );
}

async function openRunning(): Promise<TestHouse> {
  const house = await openHouse({ running: true });
  await house.composed.channels.follow();
  return house;
}

async function page(house: TestHouse, seed: number) {
  const native = parseNative(base32(Buffer.alloc(32, seed)), WEBCHAT_PEER);
  const chat = house.composed.webchat();
  if (native === null || chat === null) throw new Error('web chat is off');
  const frames: ServerFrame[] = [];
  const peer = { channel: 'webchat', account: 'default', native };
  const one = {
    peer,
    name: 'Ana',
    address: '127.0.0.1',
    send: (frame: ServerFrame) => void frames.push(frame),
  };
  await chat.attach(one);
  let said = 0;
  return {
    native,
    async says(text: string) {
      said += 1;
      await chat.say(one, { id: `message-${seed}-${said}`, text });
      const { inbox, turns, dispatcher } = house.composed.core;
      await inbox.idle();
      await turns.idle();
      await dispatcher.dispatch();
    },
    async code() {
      await house.composed.core.dispatcher.dispatch();
      await house.composed.core.dispatcher.dispatch();
      const texts = frames.flatMap((frame) => (frame.type === 'chat.message' ? [frame.text] : []));
      const found = texts.flatMap(
        (text) => /about to be linked[\s\S]*: ([A-Z2-9]{8})$/m.exec(text)?.[1] ?? [],
      );
      return found.at(-1) ?? '';
    },
  };
}

async function anaWithTwoPages(house: TestHouse) {
  const client = clientOf(house);
  const [laptop, phone] = [await page(house, 1), await page(house, 2)];
  await laptop.says('hello');
  const [row] = (await client.pairings.list()).items;
  await client.pairings.approve(row?.id ?? '', { name: 'Ana' });
  await laptop.says('hello again');
  await phone.says('me, from my phone');
  return { client, laptop, phone };
}

test('offered, both codes typed back, linked; the person is shown with both chats', async () => {
  await using house = await openRunning();
  const { client, laptop, phone } = await anaWithTwoPages(house);
  const beginning = `webchat:${phone.native.slice(0, 8)}`;
  const offer = await client.people.link('Ana', { peer: beginning });
  expect(offer).toMatchObject({
    state: 'offered',
    peer: { channel: 'webchat', identifier: phone.native },
    sentTo: [{ identifier: laptop.native }, { identifier: phone.native }],
  });
  const wrong = client.people.link('Ana', { peer: beginning, codes: ['AAAAAAAA', 'BBBBBBBB'] });
  await expect(wrong).rejects.toMatchObject({ code: 'challenge_failed', exit: 11 });
  const codes = [await laptop.code(), await phone.code()] as const;
  const linked = await client.people.link('Ana', { peer: beginning, codes });
  expect(linked).toMatchObject({ state: 'linked', ceiling: 'user', actsAs: 'user' });
  const shown = await client.people.show('Ana');
  expect(shown.peers).toHaveLength(2);
  const spoke = shown.peers.find(({ identifier }) => identifier === laptop.native);
  expect(spoke).toMatchObject({ assurance: 'low', ceiling: 'user', lastSeenAt: expect.stringMatching(/Z$/) });
  const other = shown.peers.find(({ identifier }) => identifier === phone.native);
  expect(other).not.toHaveProperty('lastSeenAt');
  expect((await client.pairings.list()).items).toEqual([]);
  expect((await client.people.list()).items).toMatchObject([{ name: 'Ana', peers: [{}, {}] }]);
  const unlinked = await client.people.unlink(beginning);
  expect(unlinked).toMatchObject({ unlinked: { identifier: phone.native }, lastOwnerChat: false });
});

test('--as owner by the code of a stranger who waits: linked at once, and what it acts as is said', async () => {
  await using house = await openRunning();
  const client = clientOf(house);
  await client.people.add({ name: 'Olga', role: 'owner' });
  await client.people.add({ name: 'Ulf' });
  const [one, two] = [await page(house, 1), await page(house, 2)];
  await one.says('hello');
  const [first] = (await client.pairings.list()).items;
  expect(await client.people.link('Olga', { peer: first?.code ?? '', as: 'owner' })).toMatchObject({
    state: 'linked',
    peer: { identifier: one.native },
    actsAs: 'owner',
  });
  await two.says('hello');
  expect(await client.people.link('Ulf', { peer: `webchat:${two.native}`, as: 'owner' })).toMatchObject({
    ceiling: 'owner',
    actsAs: 'user',
  });
  await expect(client.people.link('Olga', { peer: `webchat:${two.native}` })).rejects.toMatchObject({
    code: 'state_conflict',
    hint: `countersign people unlink webchat:${two.native} first, if they are one and the same`,
  });
  const lowered = await client.people.link('Olga', { peer: `webchat:${one.native}`, as: 'user' });
  expect(lowered).toMatchObject({ state: 'changed', ceiling: 'user' });
});

test('only the host links: nobody on the network, no agent', async () => {
  await using house = await openRunning();
  const { laptop } = await anaWithTwoPages(house);
  for (const door of ['tcp', 'agent'] as const) {
    for (const path of ['/api/v1/people/Ana/link', '/api/v1/people/unlink', '/api/v1/people/Ana/unlink']) {
      const answer = await house.call(door, 'POST', path, { peer: `webchat:${laptop.native}` });
      expect(answer.status).toBe(401);
    }
  }
});

test('an unlinking that names the person takes nobody else’s chat', async () => {
  await using house = await openRunning();
  const { client, laptop } = await anaWithTwoPages(house);
  await client.people.add({ name: 'Bob' });
  const body = { peer: `webchat:${laptop.native}` };
  const wrong = await house.call('host', 'POST', '/api/v1/people/Bob/unlink', body);
  expect(wrong.status).toBe(404);
  expect((await house.call('host', 'POST', '/api/v1/people/Ana/unlink', body)).status).toBe(200);
});
