// One channel contract: four members and declared traits. What a channel can do is read from its traits, never
// discovered from an exception.

import type { TurnId } from '@countersign/protocol/ids';
import type { Native, Peer } from './identity/peer.ts';
import type { LoginRequest, LoginStep } from './linking-port.ts';
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
  /** Ids that only a phone network vouches for. They are worth `low`, whatever the channel is worth otherwise. */
  readonly carrierIds?: RegExp;
  readonly canInitiate: 'always' | 'window' | 'template' | 'never';
  readonly buttons: boolean;
  readonly edits: boolean;
  readonly deletes: boolean;
  /** Longest text of one message, in UTF-16 units. Longer is split, never cut. */
  readonly maxText: number;
  /** Draws `*a*` as a bold a, and leaves the signs out: a command would read as another one. */
  readonly draws?: true;
  /** The shape of a sender's native id. A group's id must not fit it (H07). */
  readonly peerIds: RegExp;
  /** What a send that succeeded has reached. `reported`: sent, and what became of it is told later (`Inbox.fate`). */
  readonly receipts: 'none' | 'sent' | 'delivered' | 'reported';
  /** True when the conversation can grow while the agent speaks. */
  readonly streams: boolean;
  /** False: people of this channel live in the store only, not in allowFrom. */
  readonly writesConfig: boolean;
}

export interface Address {
  readonly peer: Peer;
  /** The other id that person was last proven by (`Inbound.alias`), for platforms that deliver some things to one only. */
  readonly alias?: Native;
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
  /** Only `login-code`: the digits by themselves, for platforms whose templates take nothing else. */
  readonly code?: string;
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

/** What the platform says, in a proven delivery, became of a message of ours. */
export interface Report {
  readonly channel: string;
  readonly account: string;
  /** `Outbound.id`, as it was sent. */
  readonly id: string;
  readonly fate: 'delivered' | 'failed';
  /** Why it failed: a word of ours, never of the platform. */
  readonly reason?: string;
}

/** The platform says, in a proven delivery, that a person has another id from now on (a new phone number). */
export interface MovedPeer {
  readonly channel: string;
  readonly account: string;
  readonly from: Native;
  /** Null: it did not say which. */
  readonly to: Native | null;
  /** When, by the platform's clock; null: it did not say. */
  readonly at: Millis | null;
}

export interface Inbox {
  /** Resolves when the message is durable: acknowledge to the platform after that, never before. */
  receive(message: Inbound): Promise<Accepted>;
  /** Resolves when it is recorded. What is not known, or not of that account, changes nothing. */
  fate?(report: Report): Promise<void>;
  /** Resolves when what the old id could do is suspended: no right moves to another id by itself. */
  moved?(moved: MovedPeer): Promise<void>;
}

export interface ChannelStatus {
  readonly state: 'off' | 'starting' | 'connected' | 'retrying' | 'failed';
  readonly detail: string | null;
  /** What somebody can do about it. */
  readonly hint?: string;
  readonly lastInboundAt: Millis | null;
  readonly lastOutboundAt: Millis | null;
}

export interface Deliveries {
  /** Deliveries for every account of the channel may come to one address. What verifies, and whom it names, says whose
   * it is: `webhook` takes what is its own, answers 200 also when none of it was, and 401 for what does not verify. */
  readonly shared: boolean;
  /** The header that carries the proof: without it no byte of the body is read (H63). */
  readonly header: string;
  /** What stands in it: anything else is refused before a byte of the body is read, too. */
  readonly form: RegExp;
  /** The platform asks by GET first whether the address is ours. */
  readonly handshake: boolean;
  /** Bytes of one delivery at most. */
  readonly maxBytes: number;
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
  /** False when a message of that kind would surely not be taken now: whoever has to choose a chat chooses another. Left
   * out: it would. */
  reaches?(to: Address, kind: OutboundKind): boolean;
  /** Only where traits.edits: replaces a message of ours, buttons included. A message that is gone is no error. */
  edit?(to: Address, ref: string, message: Outbound): Promise<void>;
  /** Only where traits.deletes. A message that is gone is no error. */
  remove?(to: Address, ref: string): Promise<void>;
  /** Only where the platform lets us: removes what somebody wrote to us, by the message's own id. A message that is gone is
   * no error. */
  removeTheirs?(to: Address, messageId: string): Promise<void>;
  /** Only where traits.buttons: what the presser sees of it, after it was decided and stored. Best effort. */
  answer?(handle: string, text: string): Promise<void>;
  /** A live check of the login. @returns who we are there. @throws Problem `channel_*`. */
  probe?(signal: AbortSignal): Promise<string>;
  /** Only where a phone links us. Not while the channel runs: one login, one connection. Resolves with who we are there.
   * @throws Problem `channel_*`, `state_conflict`. */
  login?(request: LoginRequest, tell: (step: LoginStep) => void, signal: AbortSignal): Promise<string>;
  /** Ends that login. Our own part of it is gone in any case; false: the platform could not be told. */
  logout?(signal: AbortSignal): Promise<boolean>;
  /** Only where traits.streams. Best effort: nothing waits for it. */
  stream?(to: Address, delta: Delta): void;
  /** Raw bytes in. Verifies, hands over, answers 200 only after all of it is durable; 401 for what does not verify. */
  webhook?(request: Request): Promise<Response>;
  /** How the platform delivers, where that is not the usual way: one address, 64 KiB, POST. */
  readonly deliveries?: Deliveries;
  status(): ChannelStatus;
}
