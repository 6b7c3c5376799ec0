// What we say through Telegram, and what it says when it will not: one problem for each way, and the token in none.
import { inspect } from 'node:util';
import { Problem } from '@countersign/protocol/problem';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Address, Outbound } from '../../core/channel-port.ts';
import { type Native, storedNative } from '../../core/identity/peer.ts';
import { ANA, TelegramLine } from '../../testing/telegram-line.ts';
import type { StubFailure } from '../../testing/telegram-stub.ts';

const native: Native = storedNative('555001');
const peer = { channel: 'telegram', account: 'default', native };
const DIRECT: Address = { peer, conversation: { kind: 'direct', id: '555001' } };
const GROUP: Address = { peer, conversation: { kind: 'group', id: '-1001234567890' } };
const TOPIC: Address = { peer, conversation: { kind: 'thread', id: '-1001234567890/7' } };
const CARD: Outbound = {
  id: 'out_1',
  kind: 'card',
  text: 'who asks: <b>ana</b> *x* https://example.org',
  buttons: [
    { label: 'Approve', value: 'n0nce-1' },
    { label: 'Deny', value: 'n0nce-2' },
  ],
};

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const cause = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(cause instanceof Problem)) throw new Error(`no problem: ${String(cause)}`);
  return cause;
}

function last({ stub }: TelegramLine, method: string) {
  return stub.calls.findLast((call) => call.method === method)?.payload;
}

describe('the login', () => {
  afterEach(() => vi.doUnmock('grammy'));

  test('a token that Telegram does not know is told with what to do', async () => {
    await using line = await TelegramLine.open({ token: { reveal: () => '1:wrong-token-of-somebody' } });
    const problem = await problemOf(line.start());
    expect(problem).toMatchObject({ code: 'channel_refused', hint: expect.stringContaining('@BotFather') });
    expect(line.channel.status()).toMatchObject({ state: 'failed', detail: problem.message });
    expect(inspect(problem, { depth: 9 })).not.toContain('wrong-token');
    expect((await problemOf(line.channel.probe(line.stop.signal))).code).toBe('channel_refused');
  });

  test('a server that is not there can be tried again', async () => {
    await using line = await TelegramLine.open({ apiRoot: 'http://127.0.0.1:1' });
    const problem = await problemOf(line.start());
    expect(problem.code).toBe('channel_unreachable');
    expect(inspect(problem, { depth: 9 })).not.toContain(line.stub.token);
  });

  test('without the library the problem says how to get it', async () => {
    vi.doMock('grammy', () => {
      throw new Error('not found');
    });
    await using line = await TelegramLine.open();
    expect(await problemOf(line.start())).toMatchObject({
      code: 'channel_unreachable',
      hint: expect.stringContaining('npm install grammy@'),
    });
  });

  test('a live check says who we are', async () => {
    await using line = await TelegramLine.open();
    expect(await line.channel.probe(line.stop.signal)).toBe('@house_bot');
  });

  test('a redirect is not followed: it would take the token with it', async () => {
    await using line = await TelegramLine.open();
    await using other = await TelegramLine.open();
    line.stub.redirectTo = other.stub.url;
    expect((await problemOf(line.start())).code).toBe('channel_unreachable');
    expect(other.stub.calls).toEqual([]);
  });
});

describe('a message of ours', () => {
  test('is plain text without previews, its buttons in one row', async () => {
    await using line = await TelegramLine.started();
    const { fate, ref } = await line.channel.send(DIRECT, CARD);
    expect(fate).toBe('sent');
    expect(last(line, 'sendMessage')).toEqual({
      chat_id: 555_001,
      text: CARD.text,
      link_preview_options: { is_disabled: true },
      reply_markup: {
        inline_keyboard: [
          [
            { text: 'Approve', callback_data: 'n0nce-1' },
            { text: 'Deny', callback_data: 'n0nce-2' },
          ],
        ],
      },
    });
    expect(line.stub.shown(555_001)).toMatchObject([{ id: Number(ref), text: CARD.text }]);
    expect(line.channel.status().lastOutboundAt).toBe(line.clock.now());
  });

  test('in a group goes to the group, in a topic to the topic', async () => {
    await using line = await TelegramLine.started();
    await line.channel.send(GROUP, { id: 'out_2', kind: 'answer', text: 'hi' });
    expect(last(line, 'sendMessage')).toMatchObject({ chat_id: -1_001_234_567_890 });
    expect(last(line, 'sendMessage')).not.toHaveProperty('message_thread_id');
    await line.channel.send(TOPIC, { id: 'out_3', kind: 'answer', text: 'hi' });
    expect(last(line, 'sendMessage')).toMatchObject({ chat_id: -1_001_234_567_890, message_thread_id: 7 });
  });

  test('H06: to a conversation that is no chat it goes nowhere', async () => {
    await using line = await TelegramLine.started();
    for (const id of ['555001', '', '-1/2/3', '@news', '-1001x']) {
      const to: Address = { peer, conversation: { kind: 'group', id } };
      expect((await problemOf(line.channel.send(to, { id, kind: 'answer', text: 'hi' }))).code).toBe(
        'channel_refused',
      );
    }
    const nowhere: Address = { peer, conversation: { kind: 'unknown', id: '-100' } };
    expect((await problemOf(line.channel.send(nowhere, CARD))).code).toBe('channel_refused');
    expect(line.stub.chats.visible).toBe(0);
  });

  test('a group that has grown is followed to its new number', async () => {
    await using line = await TelegramLine.started();
    const parameters = { migrate_to_chat_id: -1_007_777_777_777 };
    line.stub.failNext(/sendMessage/, {
      code: 400,
      description: 'Bad Request: group chat was upgraded',
      parameters,
    });
    await line.channel.send(GROUP, { id: 'out_4', kind: 'answer', text: 'hi' });
    expect(line.stub.shown(-1_007_777_777_777)).toMatchObject([{ text: 'hi' }]);
  });

  test('sent twice under one id shows once', async () => {
    await using line = await TelegramLine.started();
    const first = await line.channel.send(DIRECT, CARD);
    expect(await line.channel.send(DIRECT, CARD)).toEqual(first);
    expect(line.stub.shown(555_001)).toHaveLength(1);
  });

  test('can be changed, which takes its buttons, and taken away; what is gone or the same is fine', async () => {
    await using line = await TelegramLine.started();
    const { ref = '' } = await line.channel.send(DIRECT, CARD);
    const after: Outbound = { id: 'out_5', kind: 'card-update', text: 'Approved by Olga' };
    await line.channel.edit(DIRECT, ref, after);
    await line.channel.edit(DIRECT, ref, after);
    expect(line.stub.shown(555_001)).toMatchObject([{ text: 'Approved by Olga', buttons: [], edited: true }]);
    await line.channel.remove(DIRECT, ref);
    await line.channel.remove(DIRECT, ref);
    await line.channel.edit(DIRECT, ref, after);
    expect(line.stub.shown(555_001)).toMatchObject([{ removed: true }]);
  });

  test('R64: what somebody wrote is taken away where Telegram lets us; where it does not, that is a refusal', async () => {
    await using line = await TelegramLine.started();
    await line.channel.removeTheirs(DIRECT, '4711');
    // A press, an edit: none of those is a message.
    await line.channel.removeTheirs(DIRECT, 'cb:1');
    expect(line.stub.calls.filter(({ method }) => method === 'deleteMessage')).toMatchObject([
      { payload: { chat_id: 555_001, message_id: 4711 } },
    ]);
    line.stub.failNext(/deleteMessage/, { code: 400, description: "Bad Request: message can't be deleted" });
    await expect(line.channel.removeTheirs(DIRECT, '4712')).rejects.toMatchObject({
      code: 'channel_refused',
    });
  });

  test('an answer to a press is cut to what Telegram shows, and never fails', async () => {
    await using line = await TelegramLine.started();
    await line.stub.pressValue('n0nce', ANA);
    const handle = line.received[0]?.press?.handle ?? '';
    await line.channel.answer(handle, '👋'.repeat(150));
    const [told] = line.stub.chats.told;
    expect(told?.text.length).toBeLessThanOrEqual(200);
    expect(told?.text.isWellFormed()).toBe(true);
    line.stub.failNext(/answerCallbackQuery/, { code: 500 });
    await line.channel.answer(handle, 'Approved.');
    await line.channel.answer('of-last-year', 'Approved.');
  });
});

const REFUSALS: readonly [string, StubFailure, string][] = [
  [
    'blocked by the person',
    { code: 403, description: 'Forbidden: bot was blocked by the user' },
    'channel_cannot_initiate',
  ],
  ['never started', { code: 400, description: 'Bad Request: chat not found' }, 'channel_cannot_initiate'],
  [
    'a message it will not take',
    { code: 400, description: 'Bad Request: message text is wrong' },
    'channel_refused',
  ],
  ['a token taken back', { code: 401, description: 'Unauthorized' }, 'channel_unreachable'],
  ['an unknown path', { code: 404, description: 'Not Found' }, 'channel_unreachable'],
  [
    'too fast',
    { code: 429, description: 'Too Many Requests', parameters: { retry_after: 7 } },
    'rate_limited',
  ],
  ['its own trouble', { code: 502, description: 'Bad Gateway' }, 'channel_unreachable'],
  ['no answer', 'drop', 'channel_unreachable'],
];

describe('when Telegram says no', () => {
  test.each(REFUSALS)('%s', async (_, how, code) => {
    await using line = await TelegramLine.started();
    line.stub.failNext(/sendMessage/, how);
    const problem = await problemOf(line.channel.send(DIRECT, CARD));
    expect(problem.code).toBe(code);
    if (code === 'rate_limited') expect(problem.members).toEqual({ retryAfter: 7 });
    expect(inspect(problem, { depth: 9 })).not.toContain(line.stub.token);
    // Nothing was sent, so the next try is the first.
    await line.channel.send(DIRECT, CARD);
    expect(line.stub.shown(555_001)).toHaveLength(1);
  });

  test('a server that repeats the path in its answer puts no token into ours', async () => {
    await using line = await TelegramLine.started();
    line.stub.failNext(/sendMessage/, {
      code: 400,
      description: `no such path /bot${line.stub.token}/sendMessage`,
    });
    const problem = await problemOf(line.channel.send(DIRECT, CARD));
    expect(problem.message).toContain('/bot[token]/sendMessage');
    expect(inspect(problem, { depth: 9 })).not.toContain(line.stub.token);
  });

  test('after the end nothing is sent', async () => {
    await using line = await TelegramLine.started();
    line.stop.abort();
    expect((await problemOf(line.channel.send(DIRECT, CARD))).code).toBe('channel_unreachable');
    expect(line.stub.chats.visible).toBe(0);
  });
});
