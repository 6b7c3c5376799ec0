// Which channels run. One that fails to start is tried again, slower and slower, and takes nobody else with it; one that
// the configuration turns off is stopped, and its open pages are told by their own channel.

import type { AccountStatus } from '@countersign/protocol/gateway';
import { Problem } from '@countersign/protocol/problem';
import { isoTime } from '@countersign/protocol/time';
import type { Config } from '../config/config.ts';
import type { Channel, Inbox } from '../core/channel-port.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { ChannelsView } from './services.ts';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

interface Ports {
  readonly config: () => Config;
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly log: Log;
  /** Makes the channel of an account. */
  create(channel: string, account: string): Channel | null;
}

interface Running {
  readonly channel: Channel;
  readonly stop: AbortController;
  state: 'starting' | 'running' | 'retrying';
  reason: string | null;
}

export class Channels implements ChannelsView {
  readonly #ports: Ports;
  readonly #running = new Map<string, Running>();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** The channels that messages can go out through now. */
  running(): readonly Channel[] {
    return [...this.#running.values()]
      .filter(({ state }) => state === 'running')
      .map(({ channel }) => channel);
  }

  /** Starts what the configuration has turned on and stops what it has turned off. Resolves after the first attempts. */
  async follow(): Promise<void> {
    const wanted = new Set<string>();
    const starts: Promise<void>[] = [];
    for (const { channel, account, enabled } of this.#ports.config().channels.accounts) {
      const key = `${channel}:${account}`;
      if (!enabled) continue;
      wanted.add(key);
      if (this.#running.has(key)) continue;
      const made = this.#ports.create(channel, account);
      if (made === null) continue;
      const running: Running = {
        channel: made,
        stop: new AbortController(),
        state: 'starting',
        reason: null,
      };
      this.#running.set(key, running);
      starts.push(this.#start(running, FIRST_PAUSE_MS));
    }
    for (const [key, { stop }] of this.#running) {
      if (wanted.has(key)) continue;
      stop.abort();
      this.#running.delete(key);
    }
    await Promise.all(starts);
  }

  stop(): void {
    for (const { stop } of this.#running.values()) stop.abort();
    this.#running.clear();
  }

  async #start(running: Running, pauseMs: number): Promise<void> {
    const { inbox, log } = this.#ports;
    const { channel, stop } = running;
    if (stop.signal.aborted) return;
    try {
      await channel.start(inbox, stop.signal);
      running.state = 'running';
      running.reason = null;
    } catch (cause) {
      running.state = 'retrying';
      running.reason = Problem.codeOf(cause);
      log.warn('channel.failed', {
        channel: channel.id,
        account: channel.account,
        reason: running.reason,
        retryInMs: pauseMs,
      });
      const again = setTimeout(
        () => void this.#start(running, Math.min(pauseMs * 2, LONGEST_PAUSE_MS)),
        pauseMs,
      );
      again.unref();
      stop.signal.addEventListener('abort', () => clearTimeout(again), { once: true });
    }
  }

  list(): readonly AccountStatus[] {
    return this.#ports.config().channels.accounts.map((account) => {
      const running = this.#running.get(`${account.channel}:${account.account}`);
      const { channel, enabled, dmPolicy } = account;
      return { channel, account: account.account, enabled, dmPolicy, ...stateOf(running) };
    });
  }

  /** What runs here proves itself by running: a channel with a server elsewhere is asked by its own status. */
  async probe(): Promise<readonly AccountStatus[]> {
    return this.list().map((row) => ({ ...row, probe: row.state === 'connected' ? 'ok' : row.state }));
  }
}

function stateOf(running: Running | undefined): Pick<AccountStatus, 'state'> & Partial<AccountStatus> {
  if (running === undefined) return { state: 'off' };
  if (running.state === 'retrying')
    return { state: 'retrying', ...(running.reason === null ? {} : { detail: running.reason }) };
  if (running.state === 'starting') return { state: 'starting' };
  const { state, detail, lastInboundAt, lastOutboundAt } = running.channel.status();
  return {
    state,
    ...(detail === null ? {} : { detail }),
    ...(lastInboundAt === null ? {} : { lastInboundAt: isoTime(lastInboundAt) }),
    ...(lastOutboundAt === null ? {} : { lastOutboundAt: isoTime(lastOutboundAt) }),
  };
}
