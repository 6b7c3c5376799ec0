// A channel of Telegram on the stub, with an inbox the test holds in its hand: for the tests of the channel itself.
import { setImmediate } from 'node:timers/promises';
import { Telegram, type TelegramSettings } from '../channels/telegram/channel.ts';
import type { Inbound } from '../core/message.ts';
import { FakeClock, MemoryLog } from './fakes.ts';
import type { StubUser } from './telegram-chats.ts';
import { TelegramStub } from './telegram-stub.ts';

export const ANA: StubUser = { id: 555_001, is_bot: false, first_name: 'Ana', username: 'ana_example' };
export const BOB: StubUser = { id: 555_002, is_bot: false, first_name: 'Bob' };

export class TelegramLine implements AsyncDisposable {
  readonly stub: TelegramStub;
  readonly channel: Telegram;
  readonly clock: FakeClock;
  readonly log = new MemoryLog();
  readonly received: Inbound[] = [];
  /** Every pause that was asked for, in milliseconds. */
  readonly pauses: number[] = [];
  readonly stop = new AbortController();
  /** What the inbox does with a message; throws to refuse it. */
  keep: (inbound: Inbound) => Promise<void> = async () => undefined;
  /** Pauses pass when this resolves. */
  passes: () => Promise<unknown> = () => setImmediate();

  private constructor(stub: TelegramStub, clock: FakeClock, settings: Partial<TelegramSettings>) {
    this.stub = stub;
    this.clock = clock;
    const pause = async (ms: number) => {
      this.pauses.push(ms);
      await this.passes();
    };
    this.channel = new Telegram(
      {
        account: 'default',
        mode: 'polling',
        token: { reveal: () => stub.token },
        apiRoot: stub.url,
        webhookSecret: null,
        webhookUrl: null,
        ...settings,
      },
      { clock, log: this.log, pause },
    );
  }

  static async open(settings: Partial<TelegramSettings> = {}): Promise<TelegramLine> {
    const clock = new FakeClock();
    const stub = await TelegramStub.start({
      now: () => clock.now(),
      post: (request) => line.channel.webhook(request),
    });
    const line = new TelegramLine(stub, clock, settings);
    return line;
  }

  static async started(settings: Partial<TelegramSettings> = {}): Promise<TelegramLine> {
    const line = await TelegramLine.open(settings);
    await line.start();
    // What comes with the first answer had waited; the tests mean what comes after.
    if (settings.mode !== 'webhook') await line.stub.until(() => line.stub.called('getUpdates') > 1);
    return line;
  }

  start(): Promise<void> {
    return this.channel.start(
      {
        receive: async (inbound) => {
          this.received.push(inbound);
          await this.keep(inbound);
          return { as: 'repeated', first: 'nobody' };
        },
      },
      this.stop.signal,
    );
  }

  get texts(): string[] {
    return this.received.map(({ text }) => text);
  }

  /** Resolves when it is so; looked at whenever the loop has turned. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await setImmediate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop.abort();
    await this.stub[Symbol.asyncDispose]();
  }
}
