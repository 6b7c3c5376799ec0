// Which channels run: what the configuration says now, each by itself; one that fails is tried again and says why; a live
// check ends in time, whatever the other side does.
import { Problem } from '@countersign/protocol/problem';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LOOPBACK_TRAITS } from '../channels/loopback/channel.ts';
import type { AccountConfig, Config } from '../config/config.ts';
import type { Channel } from '../core/channel-port.ts';
import { FakeClock, MemoryLog } from '../testing/fakes.ts';
import { Channels } from './channels-running.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

class Staged implements Channel {
  readonly id = 'telegram';
  readonly account: string;
  readonly traits = LOOPBACK_TRAITS;
  readonly probe: NonNullable<Channel['probe']>;
  /** Thrown by the next starts, one each. */
  readonly failures: unknown[] = [];
  state: 'off' | 'connected' = 'off';

  constructor(account: string, probe: NonNullable<Channel['probe']>) {
    this.account = account;
    this.probe = probe;
  }

  async start(_: unknown, signal: AbortSignal): Promise<void> {
    if (this.failures.length > 0) throw this.failures.shift();
    this.state = 'connected';
    signal.addEventListener('abort', () => {
      this.state = 'off';
    });
  }

  async send() {
    return { fate: 'sent' } as const;
  }

  status() {
    return { state: this.state, detail: null, lastInboundAt: 1_795_000_000_000, lastOutboundAt: null };
  }
}

function stage(accounts: readonly string[] = ['default'], probe: Staged['probe'] = async () => '@house_bot') {
  const settings = new Map(accounts.map((name) => [name, { enabled: true, print: 'first' }]));
  const made: Staged[] = [];
  const failures: unknown[] = [];
  const log = new MemoryLog();
  const told: string[] = [];
  const channels = new Channels({
    config: () => {
      const list = [...settings].map(([account, { enabled }]) => ({
        channel: 'telegram',
        account,
        enabled,
        dmPolicy: 'pairing',
      }));
      return { channels: { accounts: list } } as unknown as Config;
    },
    inbox: { receive: () => Promise.reject(new Error('nobody writes')) },
    clock: new FakeClock(),
    log,
    changed: ({ account }) => {
      const row = channels.list().find((one) => one.account === account);
      told.push(`${account} ${row?.state}`);
    },
    print: ({ account }: AccountConfig) => settings.get(account)?.print ?? '',
    prepare: async () => undefined,
    create: (_, account) => {
      const channel = new Staged(account, probe);
      channel.failures.push(...failures);
      made.push(channel);
      return channel;
    },
  });
  return { channels, settings, made, failures, log, told };
}

test('a changed setting of an account restarts its channel, and no other', async () => {
  const { channels, settings, made } = stage(['default', 'support']);
  await channels.follow();
  const [first, second] = made;
  await channels.follow();
  expect(made).toHaveLength(2);
  settings.set('support', { enabled: true, print: 'another token' });
  await channels.follow();
  expect(made.map(({ account, state }) => `${account} ${state}`)).toEqual([
    'default connected',
    'support off',
    'support connected',
  ]);
  expect(channels.running()).toEqual([first, made[2]]);
  expect(second?.state).toBe('off');
  settings.set('default', { enabled: false, print: 'first' });
  await channels.follow();
  expect(first?.state).toBe('off');
  expect(channels.list()).toMatchObject([{ enabled: false, state: 'off' }, { state: 'connected' }]);
});

test('one that failed to start says why in words, logs a code, and is tried again', async () => {
  const { channels, failures, log } = stage();
  const detail = 'Telegram does not know this bot token';
  failures.push(new Problem('channel_refused', { detail, hint: 'ask @BotFather' }));
  await channels.follow();
  expect(channels.list()).toMatchObject([{ state: 'retrying', detail, hint: 'ask @BotFather' }]);
  expect(log.lines).toMatchObject([{ event: 'channel.failed', fields: { reason: 'channel_refused' } }]);
  expect(channels.running()).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(channels.list()).toMatchObject([{ state: 'connected', lastInboundAt: expect.any(String) }]);
});

test('whoever shows the channels is told when one is up, down or gone', async () => {
  const { channels, settings, failures, told } = stage();
  failures.push(new Problem('channel_unreachable'));
  await channels.follow();
  await vi.advanceTimersByTimeAsync(1_000);
  settings.set('default', { enabled: false, print: 'first' });
  await channels.follow();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told).toEqual(['default starting', 'default retrying', 'default connected', 'default off']);
});

test('what broke inside is no detail: its words are not told', async () => {
  const { channels, failures } = stage();
  failures.push(new Error('canary'));
  await channels.follow();
  expect(JSON.stringify(channels.list())).not.toContain('canary');
});

test('a live check names the login; one that never answers ends in ten seconds; one that refuses says why', async () => {
  const named = stage();
  await named.channels.follow();
  expect(await named.channels.probe()).toMatchObject([{ probe: 'ok, @house_bot' }]);
  let stopped = false;
  const deaf = stage(['default'], (signal) => {
    signal.addEventListener('abort', () => {
      stopped = true;
    });
    return new Promise(() => undefined);
  });
  await deaf.channels.follow();
  const asked = deaf.channels.probe();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await asked).toMatchObject([{ state: 'connected', probe: 'no answer in 10 seconds' }]);
  expect(stopped).toBe(true);
  const refused = stage(['default'], () => Promise.reject(new Problem('channel_refused')));
  await refused.channels.follow();
  expect(await refused.channels.probe()).toMatchObject([{ probe: 'The channel refused the message' }]);
});

test('where nothing runs a login can be tried all the same, and nothing is started by it', async () => {
  const { channels, made } = stage();
  expect(await channels.probe()).toMatchObject([{ state: 'off', probe: 'ok, @house_bot' }]);
  expect(made.map(({ state }) => state)).toEqual(['off']);
});

test('an account that is turned off is not asked', async () => {
  const { channels, settings, made } = stage();
  settings.set('default', { enabled: false, print: 'first' });
  expect((await channels.probe())[0]).not.toHaveProperty('probe');
  expect(made).toEqual([]);
});
