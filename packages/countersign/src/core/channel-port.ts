// One channel contract: four members and declared traits. What a channel can do is read from its traits, never
// discovered from an exception.

import type { TurnId } from '@countersign/protocol/ids';
import type { Peer } from './identity/peer.ts';
import type { Accepted, Conversation, Inbound } from './message.ts';
import type { Button, OutboundKind } from './outbound.ts';
import type { Millis } from './ports.ts';

export interface Traits {
  /** How an inbound sender is proven. `none` may never pair or approve. */
  readonly proof:
    | 'signed-webhook'
    | 'own-session'
    | 'browser-key'
    | 'local-bridge'
    | 'pulled'
    | 'in-process'
    | 'none';
  /** What that is worth to a policy. */
  readonly assurance: 'low' | 'medium';
  readonly canInitiate: 'always' | 'window' | 'template' | 'never';
  readonly buttons: boolean;
  readonly edits: boolean;
  readonly deletes: boolean;
  /** Longest text of one message, in UTF-16 units. Longer is split, never cut. */
  readonly maxText: number;
  /** The shape of a sender's native id. A group's id must not fit it (H07). */
  readonly peerIds: RegExp;
  readonly receipts: 'none' | 'sent' | 'delivered';
  /** True when the conversation can grow while the agent speaks. */
  readonly streams: boolean;
  /** False: people of this channel live in the store only, not in allowFrom. */
  readonly writesConfig: boolean;
}

export interface Address {
  readonly peer: Peer;
  readonly conversation: Conversation;
}

export interface Outbound {
  /** Stable over retries: sending twice under one id must show once where the channel can. */
  readonly id: string;
  readonly kind: OutboundKind;
  readonly text: string;
  readonly turn?: TurnId;
  /** Only where traits.buttons. */
  readonly buttons?: readonly Button[];
}

export interface Delivery {
  readonly fate: 'sent' | 'delivered';
  /** The platform's name of the message, for edit and remove. */
  readonly ref?: string;
}

/** A piece of an answer that is still being spoken. Never stored; the whole text follows through the outbox. */
export interface Delta {
  readonly turn: TurnId;
  readonly index: number;
  readonly text: string;
}

export interface Inbox {
  /** Resolves when the message is durable: acknowledge to the platform after that, never before. */
  receive(message: Inbound): Promise<Accepted>;
}

export interface ChannelStatus {
  readonly state: 'off' | 'starting' | 'connected' | 'retrying' | 'failed';
  readonly detail: string | null;
  readonly lastInboundAt: Millis | null;
  readonly lastOutboundAt: Millis | null;
}

export interface Channel {
  readonly id: string;
  readonly account: string;
  readonly traits: Traits;
  /** Runs until `signal` aborts; resolves once inbound messages can come in. @throws Problem `channel_*`. */
  start(inbox: Inbox, signal: AbortSignal): Promise<void>;
  /**
   * @throws Problem `channel_unreachable` (try again), `rate_limited` (again after `retryAfter` seconds),
   * `channel_cannot_initiate` (that person cannot be written to), `channel_refused` (this message never will).
   */
  send(to: Address, message: Outbound): Promise<Delivery>;
  /** Only where traits.edits: replaces a message of ours, buttons included. A message that is gone is no error. */
  edit?(to: Address, ref: string, message: Outbound): Promise<void>;
  /** Only where traits.deletes. A message that is gone is no error. */
  remove?(to: Address, ref: string): Promise<void>;
  /** Only where traits.buttons: what the presser sees of it, after it was decided and stored. Best effort. */
  answer?(handle: string, text: string): Promise<void>;
  /** A live check of the login. @returns who we are there. @throws Problem `channel_*`. */
  probe?(signal: AbortSignal): Promise<string>;
  /** Only where traits.streams. Best effort: nothing waits for it. */
  stream?(to: Address, delta: Delta): void;
  /** Raw bytes in. Verifies, hands over, answers 200 only after all of it is durable; 401 for what does not verify. */
  webhook?(request: Request): Promise<Response>;
  status(): ChannelStatus;
}
