// What core asks of the configuration, answered from the one in force now: a reload is one assignment.

import type { AccountConfig, Config } from '../config/config.ts';
import type { Traits } from '../core/channel-port.ts';
import { storedNative } from '../core/identity/peer.ts';
import type { Roster } from '../core/roster.ts';

/** Strangers remembered without a slot, per account. */
const MAX_WAITING = 1_000;
/** Slots of an account that one network address may hold. */
const MAX_PER_ADDRESS = 2;

interface Ports {
  readonly config: () => Config;
  /** Whom allowFrom of the file lets in, where the file lists people. */
  readonly allowed: (channel: string, account: string) => readonly string[];
  /** Every channel that exists here, with what it can do. */
  readonly traits: ReadonlyMap<string, Traits>;
}

/** One merged policy an account, built anew only when the file or the list changed: it is asked for with each message. */
interface Merged {
  readonly found: AccountConfig;
  readonly allowed: readonly string[];
  readonly policy: AccountConfig;
}

export class HouseRoster implements Roster {
  readonly #ports: Ports;
  readonly #policies = new Map<string, Merged>();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  get channels(): readonly string[] {
    return [...this.#ports.traits.keys()];
  }

  policy(channel: string, account: string): AccountConfig | null {
    const { accounts } = this.#ports.config().channels;
    const found = accounts.find((one) => one.channel === channel && one.account === account) ?? null;
    if (found === null || this.traits(channel)?.writesConfig !== true) return found;
    const allowed = this.#ports.allowed(channel, account);
    const key = `${channel}:${account}`;
    const before = this.#policies.get(key);
    if (before?.found === found && before.allowed === allowed) return before.policy;
    const all = found.allowFrom.includes('*') ? ['*'] : [];
    const policy = { ...found, allowFrom: [...all, ...allowed] };
    this.#policies.set(key, { found, allowed, policy });
    return policy;
  }

  traits(channel: string): Traits | null {
    return this.#ports.traits.get(channel) ?? null;
  }

  admission() {
    const { agent, session, channels } = this.#ports.config();
    const { dmScope, allowShared } = session;
    return { agent: agent.id, dmScope, allowShared, pairingMaxAgeMs: channels.pairing.maxAgeMs };
  }

  pairing() {
    const { pairing } = this.#ports.config().channels;
    const {
      codeFormat,
      tokenExpiryMs,
      denyCooldownMs,
      message,
      notifyMessage,
      maxPending,
      evictAfterMs,
      writeConfig,
    } = pairing;
    const notifyOn = pairing.notifyOn.map(({ channel, account, native }) => ({
      channel,
      account,
      native: storedNative(native),
    }));
    const slots = { max: maxPending, maxPerAddress: MAX_PER_ADDRESS, evictAfterMs, maxWaiting: MAX_WAITING };
    return {
      codeFormat,
      tokenExpiryMs,
      denyCooldownMs,
      message,
      notifyMessage,
      writeConfig,
      notifyOn,
      slots,
    };
  }

  waiting() {
    return this.#ports.config().agent.waiting;
  }

  history() {
    return this.#ports.config().agent.history;
  }

  login() {
    const { chatCode, ...login } = this.#ports.config().login;
    return { ...login, on: chatCode };
  }

  agentTimeoutMs(): number {
    return this.#ports.config().agent.timeoutMs;
  }
}
