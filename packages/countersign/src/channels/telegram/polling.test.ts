// Long polling against a server that fails in every way there is: nothing is lost, nothing is confirmed too early, and
// nobody is asked more often than they bear.

import { Problem } from '@countersign/protocol/problem';
import { expect, test } from 'vitest';
import { ANA, BOB, TelegramLine } from '../../testing/telegram-line.ts';
import type { StubFailure } from '../../testing/telegram-stub.ts';

const offsets = ({ stub }: TelegramLine) =>
  stub.calls.filter(({ method }) => method === 'getUpdates').map(({ payload }) => payload['offset'] ?? null);

test('a start says who we are, takes the webhook away, and asks for what it reads and no more', async () => {
  await using line = await TelegramLine.started();
  expect(line.stub.calls.map(({ method }) => method)).toEqual([
    'getMe',
    'deleteWebhook',
    'getUpdates',
    'getUpdates',
  ]);
  expect(line.stub.calls[1]?.payload).toEqual({ drop_pending_updates: false });
  expect(line.stub.calls.slice(2).map(({ payload }) => payload)).toMatchObject([
    {
      timeout: 0,
      allowed_updates: ['message', 'edited_message', 'callback_query', 'message_reaction', 'my_chat_member'],
    },
    { timeout: 25 },
  ]);
  expect(line.channel.status()).toMatchObject({ state: 'connected', detail: '@house_bot, by long polling' });
});

test('an update is confirmed when its message is durable, and not before', async () => {
  await using line = await TelegramLine.started();
  let store: () => void = () => undefined;
  line.keep = () => new Promise((resolve) => (store = resolve));
  const said = line.stub.say(ANA, 'hello');
  await line.until(() => line.received.length === 1);
  for (let n = 0; n < 50; n++) await line.passes();
  expect(offsets(line)).toEqual([null, null]);
  expect(line.stub.waiting).toBe(1);
  store();
  expect(await said).toBe(200);
  expect(offsets(line).at(-1)).toBe(700_000_002);
});

test('a batch goes to the inbox together; what failed comes again with what followed it, and nothing is lost', async () => {
  await using line = await TelegramLine.open();
  const kept: string[] = [];
  let broken = 1;
  line.keep = async ({ text }) => {
    if (text === 'two' && broken-- > 0) throw new Problem('store_unavailable');
    kept.push(text);
  };
  const said = ['one', 'two', 'three'].map((text) => line.stub.say(ANA, text));
  await line.start();
  expect(await Promise.all(said)).toEqual([200, 200, 200]);
  expect(line.texts).toEqual(['one', 'two', 'three', 'two', 'three']);
  expect(kept).toEqual(['one', 'three', 'two', 'three']);
  // What comes twice has one id, by which the inbox knows it.
  expect(new Set(line.received.map(({ messageId }) => messageId)).size).toBe(3);
  expect(line.pauses).toEqual([1_000]);
  expect(offsets(line).slice(0, 3)).toEqual([null, 700_000_002, 700_000_004]);
});

test('a store that stays full keeps every message at Telegram, and is asked slower and slower', async () => {
  await using line = await TelegramLine.started();
  let full = 9;
  line.keep = async () => {
    if (full-- > 0) throw new Problem('store_full');
  };
  const said = line.stub.say(ANA, 'hello');
  await line.until(() => line.received.length === 3);
  expect(line.channel.status()).toMatchObject({
    state: 'retrying',
    detail: expect.stringContaining('store_full'),
  });
  expect(await said).toBe(200);
  expect(line.pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((s) => s * 1_000));
  expect(line.received.every(({ arrived }) => arrived === 'live')).toBe(true);
});

test('a message that can never be stored is given up and logged, and does not jam the others', async () => {
  await using line = await TelegramLine.started();
  line.keep = async ({ text }) => {
    if (text === 'poison') throw new Problem('internal');
  };
  const said = [line.stub.say(ANA, 'poison'), line.stub.say(BOB, 'hello')];
  expect(await Promise.all(said)).toEqual([200, 200]);
  expect(line.texts.filter((text) => text === 'poison')).toHaveLength(5);
  expect(line.log.lines).toEqual([
    {
      level: 'error',
      event: 'channel.update_lost',
      fields: { channel: 'telegram', account: 'default', update: 700_000_001, reason: 'internal' },
    },
  ]);
});

test('a lost answer loses nothing: the same message comes again under the same id', async () => {
  await using line = await TelegramLine.open();
  line.stub.failNext(/getUpdates/, 'lose');
  const said = line.stub.say(ANA, 'hello');
  await line.start();
  expect(await said).toBe(200);
  // Its confirmation is lost next.
  line.stub.failNext(/getUpdates/, 'lose');
  expect(await line.stub.say(ANA, 'again')).toBe(200);
  expect(new Set(line.received.map(({ messageId }) => messageId)).size).toBe(2);
});

test('updates out of order are confirmed in order, and repeated ones are the same message', async () => {
  await using line = await TelegramLine.open();
  line.stub.reversed = true;
  const said = ['one', 'two', 'three'].map((text) => line.stub.say(ANA, text));
  await line.start();
  await Promise.all(said);
  expect(line.texts).toEqual(['one', 'two', 'three']);
  const [first] = line.received;
  await line.stub.say(ANA, 'one', { message_id: Number(first?.messageId) });
  expect(line.received.at(-1)?.messageId).toBe(first?.messageId);
});

const WAYS: readonly [string, StubFailure, string, RegExp][] = [
  ['5xx', { code: 502, description: 'Bad Gateway' }, 'retrying', /answered 502/],
  ['no answer', 'drop', 'retrying', /cannot be reached/],
  [
    'another poller',
    { code: 409, description: 'Conflict: terminated by other getUpdates request' },
    'failed',
    /another program/,
  ],
  ['a token taken back', { code: 401, description: 'Unauthorized' }, 'failed', /BotFather/],
];

test.each(WAYS)('%s: said so, and taken up again', async (_, how, state, detail) => {
  await using line = await TelegramLine.started();
  let pass: () => void = () => undefined;
  line.passes = () => new Promise<void>((resolve) => (pass = resolve));
  line.stub.failNext(/getUpdates/, how);
  // Ends the poll that is open; the next one fails.
  void line.stub.say(ANA, 'hello');
  await line.until(() => line.pauses.length === 1);
  expect(line.channel.status()).toMatchObject({ state, detail: expect.stringMatching(detail) });
  pass();
  await line.until(() => line.channel.status().state === 'connected');
  expect(await line.stub.say(BOB, 'hello')).toBe(200);
});

test('P-14: pauses grow to a minute and begin anew after a success', async () => {
  await using line = await TelegramLine.open();
  line.stub.failNext(/getUpdates/, { code: 500 }, 8);
  await line.start();
  await line.until(() => line.channel.status().state === 'connected' && line.pauses.length === 8);
  expect(line.pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((s) => s * 1_000));
});

test('429: Telegram is asked again when it said, and a token that is gone not before a minute', async () => {
  await using line = await TelegramLine.open();
  line.stub.failNext(/getUpdates/, { code: 429, parameters: { retry_after: 17 } });
  line.stub.failNext(/getUpdates/, { code: 401 });
  await line.start();
  await line.until(() => line.pauses.length === 2);
  expect(line.pauses).toEqual([17_000, 60_000]);
});

test('P-05: what was said and pressed while the line was down had waited; what comes after is live', async () => {
  await using line = await TelegramLine.started();
  line.stub.disconnect();
  await line.until(() => line.channel.status().state === 'retrying');
  const said = [line.stub.say(ANA, 'are you there?'), line.stub.pressValue('n0nce', BOB)];
  line.clock.advance('30s');
  line.stub.reconnect();
  await Promise.all(said);
  expect(line.received.map(({ kind, arrived }) => [kind, arrived])).toEqual([
    ['text', 'backlog'],
    ['button', 'backlog'],
  ]);
  await line.stub.say(ANA, 'ah');
  await line.stub.pressValue('n0nce', BOB);
  expect(line.received.slice(2).map(({ arrived }) => arrived)).toEqual(['live', 'live']);
});

test('abort ends the open poll at once, and nothing is asked after it', async () => {
  await using line = await TelegramLine.started();
  line.stop.abort();
  expect(line.channel.status().state).toBe('off');
  const calls = line.stub.calls.length;
  void line.stub.say(ANA, 'too late');
  for (let n = 0; n < 100; n++) await line.passes();
  expect(line.stub.calls).toHaveLength(calls);
  expect(line.received).toEqual([]);
});
