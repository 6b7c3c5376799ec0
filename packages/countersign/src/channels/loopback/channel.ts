// The in-process channel: the demo, the reference of the contract, and the channel of the tests. It proves a sender by
// being called, so it exists only where code of this program calls it: no configuration turns it on.

import { Problem } from '@countersign/protocol/problem';
import type {
  Address,
  Channel,
  ChannelStatus,
  Delivery,
  Delta,
  Inbox,
  Outbound,
  Traits,
} from '../../core/channel-port.ts';
import { type Native, parseNative, peerKey } from '../../core/identity/peer.ts';
import type { Accepted, Conversation, Inbound } from '../../core/message.ts';
import type { Clock, Millis } from '../../core/ports.ts';

export const LOOPBACK_TRAITS: Traits = {
  proof: 'in-process',
  assurance: 'medium',
  canInitiate: 'always',
  buttons: false,
  edits: false,
  deletes: false,
  maxText: 4_000,
  peerIds: /^[a-z0-9][a-z0-9._-]{0,63}$/,
  receipts: 'delivered',
  streams: true,
  writesConfig: false,
};

export interface Said {
  readonly to: Address;
  readonly message: Outbound;
}

type Words = Partial<Omit<Inbound, 'peer' | 'assurance'>> & { readonly text: string };

export class Loopback implements Channel {
  readonly id = 'loopback';
  readonly account: string;
  readonly traits = LOOPBACK_TRAITS;
  readonly #clock: Clock;
  readonly #sent = new Map<string, Said>();
  readonly #listeners = new Set<(said: Said) => void>();
  #inbox: Inbox | null = null;
  #count = 0;
  #lastIn: Millis | null = null;
  #lastOut: Millis | null = null;
  /** Set to make the next sends fail: what the outbox does then is the contract's business. */
  failing: Problem | null = null;

  constructor(clock: Clock, account = 'default') {
    this.#clock = clock;
    this.account = account;
  }

  async start(inbox: Inbox, signal: AbortSignal): Promise<void> {
    this.#inbox = inbox;
    signal.addEventListener('abort', () => {
      this.#inbox = null;
    });
  }

  status(): ChannelStatus {
    const state = this.#inbox === null ? 'off' : 'connected';
    return { state, detail: null, lastInboundAt: this.#lastIn, lastOutboundAt: this.#lastOut };
  }

  /** What was sent, once per id, in order. */
  get sent(): readonly Said[] {
    return [...this.#sent.values()];
  }

  onSent(listener: (said: Said) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A person of that name says something. @throws Problem `request_malformed` for a name that is no id. */
  async hear(name: string, words: Words): Promise<Accepted> {
    if (this.#inbox === null)
      throw new Problem('channel_unreachable', { detail: 'the loopback channel is off' });
    const at = this.#clock.now();
    this.#lastIn = at;
    this.#count += 1;
    const native = loopbackNative(name);
    const conversation: Conversation = { kind: 'direct', id: native };
    return this.#inbox.receive({
      actor: 'human',
      conversation,
      messageId: `loop-${this.#count}`,
      kind: 'text',
      sentAt: at,
      arrived: 'live',
      quoted: false,
      press: null,
      forwarded: false,
      mentioned: true,
      displayName: name,
      username: null,
      address: null,
      ...words,
      peer: { channel: this.id, account: this.account, native },
      assurance: 'medium',
    });
  }

  async send(to: Address, message: Outbound): Promise<Delivery> {
    if (this.failing !== null) throw this.failing;
    const key = `${peerKey(to.peer)}/${message.id}`;
    if (!this.#sent.has(key)) {
      const said = { to, message };
      this.#sent.set(key, said);
      for (const listener of this.#listeners) listener(said);
    }
    this.#lastOut = this.#clock.now();
    return { fate: 'delivered' };
  }

  stream(_to: Address, _delta: Delta): void {}
}

/** @throws Problem `request_malformed`. */
export function loopbackNative(name: string): Native {
  const native = parseNative(name, LOOPBACK_TRAITS.peerIds);
  if (native === null) throw new Problem('request_malformed', { detail: 'that is no loopback id' });
  return native;
}
