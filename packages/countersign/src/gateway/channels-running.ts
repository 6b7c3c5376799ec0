// Which channels run. One that fails to start is tried again, slower and slower, and takes nobody else with it; one that
// the configuration turns off is stopped, and its open pages are told by their own channel.

import type { AccountStatus } from '@countersign/protocol/gateway';
import { Problem } from '@countersign/protocol/problem';
import { isoTime } from '@countersign/protocol/time';
import type { AccountConfig, Config } from '../config/config.ts';
import type { ChannelName } from '../config/native-ids.ts';
import type { Channel, Inbox } from '../core/channel-port.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { ChannelsView } from './services.ts';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** How long a live check may take: somebody waits for the table. */
const PROBE_MS = 10_000;

interface Ports {
  readonly config: () => Config;
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly log: Log;
  /** What the channel of an account is built from, as a text to compare: another one, another channel. */
  print(account: AccountConfig): string;
  /** Resolves when the code of these channels is loaded. */
  prepare(channels: readonly ChannelName[]): Promise<void>;
  /** Makes the channel of an account, once that is prepared. */
  create(channel: string, account: string): Channel | null;
  /** An account is up, down, or gone: what is shown of it is old. */
  changed(of: { readonly channel: string; readonly account: string }): void;
}

interface Running {
  readonly channel: Channel;
  readonly stop: AbortController;
  readonly print: string;
  state: 'starting' | 'running' | 'retrying';
  failed: Failed | null;
}

/** Why it did not start, and what somebody can do about it. */
interface Failed {
  readonly reason: string;
  readonly hint: string | null;
}

export class Channels implements ChannelsView {
  readonly #ports: Ports;
  readonly #running = new Map<string, Running>();
  readonly #held = new Set<string>();
  #stops = 0;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** The channels that messages can go out through now. */
  running(): readonly Channel[] {
    return (
      [...this.#running.values()]
        // One that has given up (its login is over) runs, and reaches nobody: the next route is taken instead.
        .filter(({ state, channel }) => state === 'running' && channel.status().state !== 'failed')
        .map(({ channel }) => channel)
    );
  }

  /** Starts what the configuration has turned on and stops what it has turned off. Resolves after the first attempts. */
  async follow(): Promise<void> {
    const { accounts } = this.#ports.config().channels;
    const stops = this.#stops;
    await this.#ports.prepare(accounts.filter(({ enabled }) => enabled).map(({ channel }) => channel));
    // Stopped while the code was loading: nothing begins any more.
    if (stops !== this.#stops) return;
    const wanted = new Set<string>();
    const starts: Promise<void>[] = [];
    for (const one of this.#ports.config().channels.accounts) {
      const { channel, account } = one;
      const enabled = one.enabled && !one.ingress;
      const key = `${channel}:${account}`;
      if (!enabled || this.#held.has(key)) continue;
      wanted.add(key);
      const print = this.#ports.print(one);
      const known = this.#running.get(key);
      if (known?.print === print) continue;
      // Another token, another mode: what ran on the old one ends before the new one begins.
      known?.stop.abort();
      this.#running.delete(key);
      const made = this.#ports.create(channel, account);
      if (made === null) continue;
      const running: Running = {
        channel: made,
        stop: new AbortController(),
        print,
        state: 'starting',
        failed: null,
      };
      this.#running.set(key, running);
      this.#ports.changed({ channel, account });
      starts.push(this.#start(running, FIRST_PAUSE_MS));
    }
    for (const [key, { stop, channel }] of this.#running) {
      if (wanted.has(key)) continue;
      stop.abort();
      this.#running.delete(key);
      this.#ports.changed({ channel: channel.id, account: channel.account });
    }
    await Promise.all(starts);
  }

  /** Stops that account until it is let go: somebody is changing its login. */
  async hold(channel: string, account: string): Promise<void> {
    this.#held.add(`${channel}:${account}`);
    await this.follow();
  }

  async letGo(channel: string, account: string): Promise<void> {
    this.#held.delete(`${channel}:${account}`);
    await this.follow();
  }

  stop(): void {
    this.#stops += 1;
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
      running.failed = null;
    } catch (cause) {
      running.state = 'retrying';
      running.failed = { reason: reasonOf(cause), hint: hintOf(cause) };
      log.warn('channel.failed', {
        channel: channel.id,
        account: channel.account,
        reason: Problem.codeOf(cause),
        retryInMs: pauseMs,
      });
      const again = setTimeout(
        () => void this.#start(running, Math.min(pauseMs * 2, LONGEST_PAUSE_MS)),
        pauseMs,
      );
      again.unref();
      stop.signal.addEventListener('abort', () => clearTimeout(again), { once: true });
    }
    if (!stop.signal.aborted) this.#ports.changed({ channel: channel.id, account: channel.account });
  }

  list(): readonly AccountStatus[] {
    return this.#ports.config().channels.accounts.map((account) => this.#row(account));
  }

  /** Asks each service now. What has no server elsewhere proves itself by running. */
  probe(): Promise<readonly AccountStatus[]> {
    return Promise.all(
      this.#ports.config().channels.accounts.map(async (account) => {
        const row = this.#row(account);
        return account.enabled ? { ...row, ...(await this.#probe(account, row.state)) } : row;
      }),
    );
  }

  #row(one: AccountConfig): AccountStatus {
    const { channel, account, enabled, dmPolicy } = one;
    if (enabled && one.ingress) return { channel, account, enabled, dmPolicy, ...BY_INGRESS };
    return { channel, account, enabled, dmPolicy, ...stateOf(this.#running.get(`${channel}:${account}`)) };
  }

  async #probe(
    { channel, account }: AccountConfig,
    state: AccountStatus['state'],
  ): Promise<Pick<AccountStatus, 'probe' | 'hint'>> {
    // Where no gateway runs a login can be tried all the same.
    await this.#ports.prepare([channel]);
    const asked = this.#running.get(`${channel}:${account}`)?.channel ?? this.#ports.create(channel, account);
    if (asked?.probe === undefined) return { probe: state === 'connected' ? 'ok' : state };
    try {
      const who = await inTime((signal) => asked.probe?.(signal) ?? Promise.resolve(asked.id));
      return { probe: `ok, ${who}` };
    } catch (cause) {
      const hint = hintOf(cause);
      return { probe: reasonOf(cause), ...(hint === null ? {} : { hint }) };
    }
  }
}

/** Ends after PROBE_MS, whether the other side listens to its signal or not. @throws Problem `channel_unreachable`. */
export async function inTime(ask: (signal: AbortSignal) => Promise<string>): Promise<string> {
  const late = Promise.withResolvers<never>();
  const stop = new AbortController();
  const timer = setTimeout(() => {
    late.reject(new Problem('channel_unreachable', { detail: `no answer in ${PROBE_MS / 1_000} seconds` }));
    stop.abort();
  }, PROBE_MS);
  try {
    return await Promise.race([ask(stop.signal), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** As people may read it: what is not exposed stays a code. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Problem)) return 'internal';
  const { detail, title } = cause.toJSON();
  return detail ?? title;
}

/** What to do about it, where the channel knows. */
function hintOf(cause: unknown): string | null {
  return cause instanceof Problem ? (cause.hint ?? null) : null;
}

/** Nothing of it runs here that could be down. */
const BY_INGRESS = { state: 'connected', detail: 'your own ingress says who writes' } as const;

function stateOf(running: Running | undefined): Pick<AccountStatus, 'state'> & Partial<AccountStatus> {
  if (running === undefined) return { state: 'off' };
  if (running.state === 'retrying') {
    const { reason, hint = null } = running.failed ?? {};
    return {
      state: 'retrying',
      ...(reason === undefined ? {} : { detail: reason }),
      ...(hint === null ? {} : { hint }),
    };
  }
  if (running.state === 'starting') return { state: 'starting' };
  const { state, detail, hint, lastInboundAt, lastOutboundAt } = running.channel.status();
  return {
    state,
    ...(detail === null ? {} : { detail }),
    ...(hint === undefined ? {} : { hint }),
    ...(lastInboundAt === null ? {} : { lastInboundAt: isoTime(lastInboundAt) }),
    ...(lastOutboundAt === null ? {} : { lastOutboundAt: isoTime(lastOutboundAt) }),
  };
}
