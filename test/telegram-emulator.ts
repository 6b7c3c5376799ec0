// A Telegram that other people wrote, on a port of its own: what people see in their chats, and what they say.
import { TelegramServer } from 'telegram-test-api/lib/telegramServer.js';
import { z } from 'zod';
import { freePort } from '../packages/countersign/src/testing/free-port.ts';

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

export class Emulator implements AsyncDisposable {
  readonly server: TelegramServer;

  static async open(): Promise<Emulator> {
    const emulator = new Emulator(await freePort());
    await emulator.server.start();
    return emulator;
  }

  /** What an account of the configuration needs to talk to it. */
  get account() {
    return { botToken: TOKEN, apiRoot: this.server.config.apiURL, localApi: true };
  }

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
        const look = () => {
          this.server.off('AddedBotMessage', look);
          this.server.off('EditedMessageText', look);
          resolve();
        };
        this.server.on('AddedBotMessage', look);
        this.server.on('EditedMessageText', look);
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop();
  }
}
