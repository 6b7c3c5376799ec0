// Linking an account by a phone, for everybody who can look at a screen: begun by one call, followed step by step by the
// name that call gave. One at a time for each account; while it goes on the account does not run, since two connections on
// one login end each other. A picture is shown and forgotten: it is in no log and in no store.
import type { LoginStepRow } from '@countersign/protocol/channel-login';
import { base32 } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { isoTime } from '@countersign/protocol/time';
import type { Raw } from '../config/accounts.ts';
import type { AccountConfig, Config } from '../config/config.ts';
import type { Edit } from '../config/edit.ts';
import { ACCOUNT } from '../config/native-ids.ts';
import type { Actor } from '../core/audit/event.ts';
import type { Bus } from '../core/bus.ts';
import type { Channel } from '../core/channel-port.ts';
import type { LoginRequest, LoginStep } from '../core/linking-port.ts';
import { ownerNotices } from '../core/owner-notices.ts';
import type { Clock, Random } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly bus: Bus;
  readonly config: {
    readonly current: Config;
    edit(path: string, plan: (tree: Raw) => readonly Edit[], by: Actor): Promise<void>;
  };
  /** The channels that run; null where no gateway does. */
  readonly running: {
    hold(channel: string, account: string): Promise<void>;
    letGo(channel: string, account: string): Promise<void>;
  } | null;
  /** A channel of that account, not started. */
  make(account: AccountConfig): Promise<Channel | null>;
}

export interface Wanted extends LoginRequest {
  readonly channel: string;
  readonly account: string;
}

interface Linking {
  row: LoginStepRow;
  readonly stop: AbortController;
  readonly watchers: Set<() => void>;
}

/** Somebody who does not link within this time will not. */
const LONGEST_MS = 5 * 60_000;
/** How long a call waits for the next step. */
const WAIT_MS = 20_000;
/** How long the end of a linking can be asked for. */
const KEPT_MS = 10 * 60_000;
const LOGOUT_MS = 30_000;

export class ChannelLogins {
  readonly #ports: Ports;
  readonly #linkings = new Map<string, Linking>();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** @throws Problem `unknown_channel`, `state_conflict`, `request_malformed`, `config_invalid`. */
  async begin(wanted: Wanted, by: Actor): Promise<LoginStepRow> {
    const { channel, account } = wanted;
    const under = [...this.#linkings.values()].find(({ row }) => isOf(row, wanted) && !isOver(row));
    if (under !== undefined) {
      if (!wanted.force) {
        throw new Problem('state_conflict', {
          detail: 'this account is being linked already',
          hint: `begin anew with: countersign channels login ${channel} --force`,
        });
      }
      under.stop.abort();
      await this.#next(under, under.row.step);
    }
    const made = await this.#channelOf(wanted, by);
    const id = `login_${base32(this.#ports.random.bytes(20))}`;
    const linking: Linking = {
      row: { id, channel, account, step: 1, state: 'starting' },
      stop: new AbortController(),
      watchers: new Set(),
    };
    this.#linkings.set(id, linking);
    void this.#run(linking, made, wanted, by);
    return linking.row;
  }

  /** Waits for a step after `after`, for a while. @throws Problem `not_found`. */
  async follow(id: string, after: number): Promise<LoginStepRow> {
    const linking = this.#find(id);
    if (linking.row.step <= after && !isOver(linking.row)) await this.#next(linking, after);
    return linking.row;
  }

  async cancel(id: string): Promise<LoginStepRow> {
    const linking = this.#find(id);
    linking.stop.abort();
    if (!isOver(linking.row)) await this.#next(linking, linking.row.step);
    return linking.row;
  }

  /** @returns whether the platform was told. @throws Problem `unknown_channel`, `state_conflict`. */
  async logout(channel: string, account: string, by: Actor): Promise<boolean> {
    const { store, clock, running } = this.#ports;
    const under = [...this.#linkings.values()].find(
      ({ row }) => isOf(row, { channel, account }) && !isOver(row),
    );
    if (under !== undefined) await this.cancel(under.row.id);
    const one = this.#ports.config.current.channels.accounts.find(
      (known) => known.channel === channel && known.account === account,
    );
    const made = one === undefined ? null : await this.#ports.make(one);
    if (made?.logout === undefined) throw noLogin(channel);
    await running?.hold(channel, account);
    try {
      const told = await made.logout(AbortSignal.timeout(LOGOUT_MS));
      await store.audit.append([
        {
          type: 'channel.unlinked',
          at: clock.now(),
          actor: by,
          subject: { channel, account },
          outcome: 'ok',
        },
      ]);
      return told;
    } finally {
      await running?.letGo(channel, account);
    }
  }

  async #channelOf({ channel, account }: Wanted, by: Actor): Promise<Channel> {
    const { config } = this.#ports;
    const find = () =>
      config.current.channels.accounts.find((one) => one.channel === channel && one.account === account);
    if (channel !== 'whatsapp') throw noLogin(channel);
    if (account !== 'default' && !ACCOUNT.test(account)) {
      throw new Problem('request_malformed', {
        detail: 'an account is named in lower case letters, digits, - and _',
        hint: '--account support',
      });
    }
    const known = find();
    if (known?.channel === 'whatsapp' && !known.settings.web.enabled) {
      throw new Problem('state_conflict', {
        detail: 'the linked device is switched off by web.enabled',
        hint: 'countersign config set channels.whatsapp.web.enabled true',
      });
    }
    // Somebody who links an account means it to run.
    if (known === undefined || !known.enabled) {
      const base = ['channels', channel, ...(account === 'default' ? [] : ['accounts', account])];
      const edit: Edit = { do: 'set', path: [...base, 'enabled'], value: true };
      await config.edit(`channels.${channel}`, () => [edit], by);
    }
    const one = find();
    const made = one === undefined ? null : await this.#ports.make(one);
    if (made?.login === undefined) throw noLogin(channel);
    return made;
  }

  async #run(linking: Linking, made: Channel, wanted: Wanted, by: Actor): Promise<void> {
    const { running } = this.#ports;
    const { channel, account } = wanted;
    const signal = AbortSignal.any([linking.stop.signal, AbortSignal.timeout(LONGEST_MS)]);
    try {
      await running?.hold(channel, account);
      const tell = (step: LoginStep) => this.#tell(linking, printed(step));
      const login = await made.login?.(wanted, tell, signal);
      await this.#linked(wanted, by);
      await running?.letGo(channel, account);
      this.#tell(linking, { state: 'linked', ...(login === undefined ? {} : { login }) });
    } catch (cause) {
      await running?.letGo(channel, account).catch(() => undefined);
      this.#tell(linking, { state: 'failed', problem: problemOf(cause) });
    }
    setTimeout(() => this.#linkings.delete(linking.row.id), KEPT_MS).unref();
  }

  async #linked({ channel, account }: Wanted, by: Actor): Promise<void> {
    const { store, clock, bus } = this.#ports;
    const now = clock.now();
    const name = account === 'default' ? channel : `${channel}:${account}`;
    const text = `${name} was linked to a phone. If that was not you: countersign channels logout ${channel}`;
    await store.atomically(async (tx) => {
      await tx.audit.append([
        { type: 'channel.linked', at: now, actor: by, subject: { channel, account }, outcome: 'ok' },
      ]);
      await tx.outbox.put(await ownerNotices(tx, { text, once: `linked:${name}:${now}`, now }), now);
    });
    bus.publish('outboxPut', { count: 1 });
  }

  #tell(linking: Linking, step: Pick<LoginStepRow, 'state'> & Partial<LoginStepRow>): void {
    const { id, channel, account, step: before } = linking.row;
    if (isOver(linking.row)) return;
    // The whole row anew: no picture stays behind when the next step has none.
    linking.row = { id, channel, account, step: before + 1, ...step };
    for (const watcher of [...linking.watchers]) watcher();
  }

  #next(linking: Linking, after: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(late);
        linking.watchers.delete(done);
        resolve();
      };
      const late = setTimeout(done, WAIT_MS);
      linking.watchers.add(done);
      if (linking.row.step > after) done();
    });
  }

  #find(id: string): Linking {
    const linking = this.#linkings.get(id);
    if (linking === undefined)
      throw new Problem('not_found', { detail: 'there is no such linking, or not any more' });
    return linking;
  }
}

function isOf(row: LoginStepRow, { channel, account }: Pick<Wanted, 'channel' | 'account'>): boolean {
  return row.channel === channel && row.account === account;
}

function isOver({ state }: LoginStepRow): boolean {
  return state === 'linked' || state === 'failed';
}

function printed(step: LoginStep): Pick<LoginStepRow, 'state'> & Partial<LoginStepRow> {
  return 'expiresAt' in step
    ? { state: step.state, text: step.text, expiresAt: isoTime(step.expiresAt) }
    : { state: step.state };
}

function problemOf(cause: unknown): NonNullable<LoginStepRow['problem']> {
  const problem = cause instanceof Problem ? cause : new Problem('internal');
  const { code, detail, title, hint } = problem.toJSON();
  return { code, detail: detail ?? title, ...(hint === undefined ? {} : { hint }) };
}

function noLogin(channel: string): Problem {
  return new Problem('unknown_channel', {
    detail: `${channel} is not linked by a phone`,
    hint: `countersign channels login whatsapp; other channels: countersign channels add`,
  });
}
