// The real client against an emulator that other people wrote: a stranger, a card with buttons in the owner's chat, a
// press, an answer. What our own stub gets wrong shows here.
import { createServer } from 'node:net';
import { TelegramServer } from 'telegram-test-api/lib/telegramServer.js';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { jsonOf, openHouse } from '../testing/house.ts';

const TOKEN = '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw';

const sentSchema = z.object({
  messageId: z.number(),
  message: z.looseObject({
    chat_id: z.union([z.number(), z.string()]).transform(String),
    text: z.string(),
    reply_markup: z
      .object({
        inline_keyboard: z.array(z.array(z.object({ text: z.string(), callback_data: z.string() }))),
      })
      .optional(),
  }),
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

class Emulator implements AsyncDisposable {
  readonly server: TelegramServer;

  constructor(port: number) {
    this.server = new TelegramServer({ port, host: '127.0.0.1' });
  }

  person(id: number, name: string) {
    return this.server.getClient(TOKEN, {
      userId: id,
      chatId: id,
      firstName: name,
      userName: name.toLowerCase(),
    });
  }

  shown(chat: number) {
    return this.server.storage.botMessages
      .map((one) => sentSchema.parse(one))
      .filter(({ message }) => message.chat_id === String(chat));
  }

  /** Resolves when the bot has said or changed something and it is so. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        this.server.once('AddedBotMessage', resolve);
        this.server.once('EditedMessageText', resolve);
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop();
  }
}

test('a stranger is approved by a button in the owner’s chat, and answered', async () => {
  await using emulator = new Emulator(await freePort());
  await emulator.server.start();
  const telegram = { botToken: TOKEN, apiRoot: emulator.server.config.apiURL, localApi: true };
  await using house = await openHouse({ config: { channels: { telegram } }, running: true });
  const { channels } = house.composed;
  const added = await house.call('host', 'POST', '/api/v1/people', {
    name: 'Olga',
    role: 'owner',
    peer: 'telegram:555001',
  });
  expect(added.status).toBe(201);
  await channels.follow();

  const [olga, ana] = [emulator.person(555_001, 'Olga'), emulator.person(555_002, 'Ana')];
  await ana.sendMessage(ana.makeMessage('hello'));
  await emulator.until(() =>
    emulator.shown(555_001).some(({ message }) => message.reply_markup !== undefined),
  );
  expect(emulator.shown(555_002)[0]?.message.text).toMatch(/pairing code: [A-Z2-9]{8}/);
  const card = emulator.shown(555_001).find(({ message }) => message.reply_markup !== undefined);
  const [approve] = card?.message.reply_markup?.inline_keyboard[0] ?? [];
  expect(approve?.text).toBe('Approve');

  // H20: the applicant plays the button back, and nothing happens; the owner presses it.
  await ana.sendCallback(ana.makeCallbackQuery(approve?.callback_data ?? ''));
  await olga.sendCallback(olga.makeCallbackQuery(approve?.callback_data ?? ''));
  await emulator.until(() => emulator.shown(555_002).length === 2);
  const { items } = await jsonOf<{ items: object[] }>(
    house.call('host', 'GET', '/api/v1/pairings?show=approved'),
  );
  expect(items).toMatchObject([{ identifier: '555002', state: 'approved' }]);

  await ana.sendMessage(ana.makeMessage('thank you'));
  await emulator.until(() => emulator.shown(555_002).length === 3);
  expect(emulator.shown(555_002)[2]?.message.text).toContain('thank you');
  channels.stop();
});
