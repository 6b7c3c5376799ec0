// The webhook proves itself by one secret: it is looked at before the body is, and without one there is no webhook.
import { Problem } from '@countersign/protocol/problem';
import { describe, expect, test } from 'vitest';
import { ANA, TelegramLine } from '../../testing/telegram-line.ts';

const SECRET = 'a-secret_of_0123456789';
const URL = 'https://gate.example/webhooks/telegram/default';
const WEBHOOK = { mode: 'webhook', webhookSecret: { reveal: () => SECRET }, webhookUrl: URL } as const;

const message = (text: string) => ({
  update_id: 5,
  message: { message_id: 9, date: 1_795_600_800, chat: { id: ANA.id, type: 'private' }, from: ANA, text },
});

function delivery(
  body: string | Uint8Array<ArrayBuffer> | ReadableStream,
  headers: Record<string, string> = { 'x-telegram-bot-api-secret-token': SECRET },
) {
  return new Request(URL, { method: 'POST', headers, body, duplex: 'half' });
}

describe('a start', () => {
  test('tells Telegram the address, the secret and what we read', async () => {
    await using line = await TelegramLine.started(WEBHOOK);
    expect(line.stub.calls.map(({ method }) => method)).toEqual(['getMe', 'setWebhook', 'getWebhookInfo']);
    expect(line.stub.calls[1]?.payload).toMatchObject({
      url: URL,
      secret_token: SECRET,
      drop_pending_updates: false,
    });
    expect(line.channel.status()).toMatchObject({ state: 'connected', detail: '@house_bot, by webhook' });
  });

  test.each([
    ['without a secret', { webhookSecret: null }, /webhookSecret/],
    ['with an empty secret', { webhookSecret: { reveal: () => '' } }, /webhookSecret/],
    [
      'with a secret Telegram does not take',
      { webhookSecret: { reveal: () => 'two words' } },
      /webhookSecret/,
    ],
    ['without a public address', { webhookUrl: null }, /publicUrl/],
  ])('%s does not happen', async (_, less, hint) => {
    await using line = await TelegramLine.open({ ...WEBHOOK, ...less });
    await expect(line.start()).rejects.toMatchObject({
      code: 'channel_refused',
      hint: expect.stringMatching(hint),
    });
    expect(line.stub.webhook).toBeNull();
    expect((await line.channel.webhook(delivery('{}'))).status).toBe(401);
  });
});

describe('a delivery', () => {
  test('is answered when it is durable, and again when it comes again', async () => {
    await using line = await TelegramLine.started(WEBHOOK);
    expect(await line.stub.say(ANA, 'hello')).toBe(200);
    const again = JSON.stringify(message('hello'));
    expect((await line.channel.webhook(delivery(again))).status).toBe(200);
    expect((await line.channel.webhook(delivery(again))).status).toBe(200);
    expect(line.received.slice(1).map(({ messageId }) => messageId)).toEqual(['9', '9']);
  });

  test.each([
    ['no secret', {}],
    ['an empty one', { 'x-telegram-bot-api-secret-token': '' }],
    ['another one', { 'x-telegram-bot-api-secret-token': `${SECRET}x` }],
  ])('H17: with %s it is refused before its body is read', async (_, headers) => {
    await using line = await TelegramLine.started(WEBHOOK);
    let pulled = 0;
    const body = new ReadableStream(
      {
        pull() {
          pulled += 1;
        },
      },
      // Nothing is fetched that nobody asked for.
      { highWaterMark: 0 },
    );
    expect((await line.channel.webhook(delivery(body, headers))).status).toBe(401);
    expect(pulled).toBe(0);
    expect(line.received).toEqual([]);
  });

  test('junk is 400, too much is 413, an unknown kind is fine', async () => {
    await using line = await TelegramLine.started(WEBHOOK);
    for (const body of [
      '',
      '{',
      '[]',
      'null',
      '"x"',
      '{"message":{}}',
      '{"update_id":"1"}',
      new Uint8Array([255, 254]),
    ])
      expect((await line.channel.webhook(delivery(body))).status).toBe(400);
    const long = JSON.stringify(message('x'.repeat(70_000)));
    expect((await line.channel.webhook(delivery(long))).status).toBe(413);
    expect((await line.channel.webhook(delivery('{"update_id":1,"telepathy":{}}'))).status).toBe(200);
    expect(line.received).toEqual([]);
  });

  test('what cannot be stored is 503, so that Telegram brings it again', async () => {
    await using line = await TelegramLine.started(WEBHOOK);
    line.keep = async () => {
      throw new Problem('store_full');
    };
    expect(await line.stub.say(ANA, 'hello')).toBe(503);
  });

  test('P-05: a press among what had waited decides nothing; the next one is live', async () => {
    await using line = await TelegramLine.open(WEBHOOK);
    void line.stub.pressValue('n0nce', ANA);
    await line.start();
    const press = (update_id: number) => ({ update_id, ...line.stub.pressOf('n0nce', ANA, `p${update_id}`) });
    for (const number of [1, 1, 2]) await line.channel.webhook(delivery(JSON.stringify(press(number))));
    expect(line.received.map(({ arrived }) => arrived)).toEqual(['backlog', 'live', 'live']);
  });

  test('after the end, and by long polling, there is no webhook', async () => {
    await using line = await TelegramLine.started(WEBHOOK);
    line.stop.abort();
    expect((await line.channel.webhook(delivery(JSON.stringify(message('hello'))))).status).toBe(401);
    await using polling = await TelegramLine.started({ ...WEBHOOK, mode: 'polling' });
    expect((await polling.channel.webhook(delivery(JSON.stringify(message('hello'))))).status).toBe(401);
    expect([...line.received, ...polling.received]).toEqual([]);
  });
});
