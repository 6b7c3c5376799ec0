// Telegram inside a whole gateway: what had waited for us starts nothing, and another token is another login.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { jsonOf, openHouse } from '../testing/house.ts';
import { ANA, BOB } from '../testing/telegram-line.ts';
import { TelegramStub } from '../testing/telegram-stub.ts';

const CODE = /pairing code: ([A-Z2-9]{8})/;

function config(stub: TelegramStub, token = stub.token) {
  return { channels: { telegram: { botToken: token, apiRoot: stub.url, localApi: true } } };
}

async function pending(house: Awaited<ReturnType<typeof openHouse>>): Promise<string[]> {
  const { items } = await jsonOf<{ items: { identifier: string }[] }>(
    house.call('host', 'GET', '/api/v1/pairings'),
  );
  return items.map(({ identifier }) => identifier);
}

test('P-05: 500 messages of strangers that had waited send nothing; the next live one gets its code', async () => {
  await using stub = await TelegramStub.start({ now: () => Date.now() });
  const waited = Array.from({ length: 500 }, (_, n) =>
    stub.say({ ...ANA, id: 600_000 + n }, `hello ${n}`, { date: stub.date - 3_600 + n }),
  );
  await using house = await openHouse({ config: config(stub), running: true });
  await house.composed.channels.follow();
  expect(new Set(await Promise.all(waited))).toEqual(new Set([200]));
  await house.composed.core.inbox.idle();
  expect(stub.chats.visible).toBe(0);
  expect(await pending(house)).toEqual([]);

  // A connection that is lost and found again hands over what waited, and that starts nothing either.
  stub.disconnect();
  const [channel] = house.composed.channels.running().filter(({ id }) => id === 'telegram');
  while (channel?.status().state !== 'retrying') await setImmediate();
  const again = Array.from({ length: 20 }, (_, n) =>
    stub.say({ ...ANA, id: 610_000 + n }, 'hello?', { date: stub.date - 60 }),
  );
  stub.reconnect();
  await Promise.all(again);
  await house.composed.core.inbox.idle();
  expect(stub.chats.visible).toBe(0);

  await stub.say(BOB, 'hello');
  await stub.until(() => stub.shown(BOB.id).length === 1);
  expect(stub.shown(BOB.id)[0]?.text).toMatch(CODE);
  expect(await pending(house)).toEqual([String(BOB.id)]);
  house.composed.channels.stop();
});

test('a lost answer doubles nothing: one stranger, one request, one code', async () => {
  await using stub = await TelegramStub.start({ now: () => Date.now() });
  await using house = await openHouse({ config: config(stub), running: true });
  await house.composed.channels.follow();
  stub.failNext(/getUpdates/, 'lose');
  const said = [stub.say(ANA, 'hello'), stub.say(BOB, 'hello')];
  await Promise.all(said);
  // The same update once more, as a server that forgot would send it.
  await stub.deliver({
    message: {
      message_id: 1,
      date: stub.date,
      chat: { id: ANA.id, type: 'private' },
      from: ANA,
      text: 'hello',
    },
  });
  await stub.until(() => stub.shown(ANA.id).length + stub.shown(BOB.id).length === 2);
  await house.composed.core.inbox.idle();
  await house.composed.core.dispatcher.dispatch();
  expect([stub.shown(ANA.id).length, stub.shown(BOB.id).length]).toEqual([1, 1]);
  expect((await pending(house)).sort()).toEqual([String(ANA.id), String(BOB.id)]);
  house.composed.channels.stop();
});

test('another token in the file is another login: the old one ends before the new one begins', async () => {
  await using first = await TelegramStub.start();
  await using second = await TelegramStub.start({ token: '700000009:another', username: 'other_bot' });
  await using house = await openHouse({ config: config(first), running: true });
  const { channels, config: inForce } = house.composed;
  await channels.follow();
  const telegram = () => channels.running().filter(({ id }) => id === 'telegram');
  const [before] = telegram();

  // What does not touch the login restarts nobody.
  await channels.follow();
  expect(telegram()).toEqual([before]);

  writeFileSync(join(house.home, 'countersign.jsonc'), JSON.stringify(config(second)), { mode: 0o600 });
  await new Promise<void>((resolve) => inForce.follow(() => resolve()));
  await channels.follow();
  expect(before?.status().state).toBe('off');
  expect(telegram().map((one) => one.status().detail)).toEqual(['@other_bot, by long polling']);
  channels.stop();
});

test('a bot that Telegram does not know is retried and takes nobody with it', async () => {
  await using stub = await TelegramStub.start();
  await using house = await openHouse({ config: config(stub, '1:wrong'), running: true });
  await house.composed.channels.follow();
  const rows = house.composed.channels.list();
  expect(rows.find(({ channel }) => channel === 'telegram')).toMatchObject({ state: 'retrying' });
  expect(rows.find(({ channel }) => channel === 'webchat')).toMatchObject({ state: 'connected' });
  house.composed.channels.stop();
});
