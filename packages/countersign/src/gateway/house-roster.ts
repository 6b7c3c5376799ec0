// What core asks of the configuration, answered from the one in force now: a reload is one assignment.

import type { AccountConfig, Config } from '../config/config.ts';
import type { Traits } from '../core/channel-port.ts';
import type { Roster } from '../core/roster.ts';

/** Strangers remembered without a slot, per account. */
const MAX_WAITING = 1_000;
/** Slots of an account that one network address may hold. */
const MAX_PER_ADDRESS = 2;

interface Ports {
  readonly config: () => Config;
  /** Every channel that exists here, with what it can do. */
  readonly traits: ReadonlyMap<string, Traits>;
}

export class HouseRoster implements Roster {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  get channels(): readonly string[] {
    return [...this.#ports.traits.keys()];
  }

  policy(channel: string, account: string): AccountConfig | null {
    const { accounts } = this.#ports.config().channels;
    return accounts.find((one) => one.channel === channel && one.account === account) ?? null;
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
    const { codeFormat, tokenExpiryMs, denyCooldownMs, message, notifyMessage, maxPending, evictAfterMs } =
      pairing;
    const slots = { max: maxPending, maxPerAddress: MAX_PER_ADDRESS, evictAfterMs, maxWaiting: MAX_WAITING };
    return { codeFormat, tokenExpiryMs, denyCooldownMs, message, notifyMessage, slots };
  }

  waiting() {
    return this.#ports.config().agent.waiting;
  }

  history() {
    return this.#ports.config().agent.history;
  }

  agentTimeoutMs(): number {
    return this.#ports.config().agent.timeoutMs;
  }
}
