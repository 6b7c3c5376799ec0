// A message we send, and the store's verbs for it: stored first, delivered at least once before its deadline, its fate
// recorded. Nothing is silently undeliverable.
import type { CardId, OutboxId, PrincipalId, TurnId, WriterId } from '@countersign/protocol/ids';
import type { Peer } from './identity/peer.ts';
import type { Conversation } from './message.ts';
import type { Millis } from './ports.ts';

/** `card`: a notice with buttons. `card-update`: replaces what a card says and takes its buttons away. `login-code`: a card
 * with a hole that only the sender's memory fills. `control`: the answer to a command. */
export type OutboundKind =
  | 'pairing-code'
  | 'pairing-decision'
  | 'link-code'
  | 'login-code'
  | 'owner-notice'
  | 'card'
  | 'card-update'
  | 'control'
  | 'answer'
  | 'notice';

export interface Button {
  readonly label: string;
  /** Opaque, single use, at most 64 bytes; never a verb or an id. */
  readonly value: string;
}

export interface OutboxDraft {
  /** To whom. In a group: the conversation it is said in, and the peer it answers. */
  readonly peer: Peer;
  readonly conversation: Conversation;
  readonly kind: OutboundKind;
  readonly text: string;
  /** After this moment it is never sent: `failed`. */
  readonly deadline: Millis;
  readonly principal?: PrincipalId;
  readonly turn?: TurnId;
  /** The card this is, or updates. */
  readonly card?: CardId;
  /** Sealed with the text. A channel without buttons sends the text alone: it holds the typed form too. */
  readonly buttons?: readonly Button[];
  /** A second put with the same key does nothing: makes a repeated road send once. */
  readonly once?: string;
}

/** `queued` until claimed; a claim that runs out makes it due again. */
export type Fate = 'queued' | 'sent' | 'delivered' | 'failed' | 'unroutable';

export interface OutboxItem extends OutboxDraft {
  readonly id: OutboxId;
  readonly attempt: number;
  readonly createdAt: Millis;
}

export interface OutboxRow {
  readonly id: OutboxId;
  readonly channel: string;
  readonly account: string;
  readonly kind: OutboundKind;
  readonly fate: Fate;
  readonly attempts: number;
  readonly reason: string | null;
  readonly createdAt: Millis;
  readonly settledAt: Millis | null;
}

export interface Outbox {
  put(drafts: readonly OutboxDraft[], at: Millis): Promise<void>;
  /** Claims due items of the given accounts for `by`, oldest first. A peer's messages keep their order: none is claimed
   * while an earlier one to the same peer waits for its next try or is being sent. */
  claim(
    accounts: readonly Pick<Peer, 'channel' | 'account'>[],
    by: WriterId,
    until: Millis,
    now: Millis,
    limit: number,
  ): Promise<readonly OutboxItem[]>;
  /** At start: makes due again what a dead process of this writer had claimed. Returns how many. */
  abandon(by: WriterId): Promise<number>;
  /** Records an end. The text is dropped with it. */
  settle(id: OutboxId, fate: Exclude<Fate, 'queued'>, at: Millis, reason?: string): Promise<boolean>;
  /** As settle, for what the platform says later of a message of that account. Null: nothing was waiting for it. */
  report(
    id: OutboxId,
    place: Pick<Peer, 'channel' | 'account'>,
    fate: 'delivered' | 'failed',
    at: Millis,
    reason?: string,
  ): Promise<(OutboxRow & { readonly card: CardId | null }) | null>;
  /** Ends a card that is not being sent: what it asks is decided. True when nobody can have seen it, for no try was made. */
  withdraw(card: CardId, at: Millis): Promise<boolean>;
  /** Due again at `at`. */
  retry(id: OutboxId, at: Millis, reason: string): Promise<boolean>;
  /** Ends what is past its deadline as `failed`; returns what it ended, at most `limit`. */
  expire(now: Millis, limit: number): Promise<readonly OutboxRow[]>;
  recent(query: { readonly channel?: string; readonly limit: number }): Promise<readonly OutboxRow[]>;
  prune(before: Millis): Promise<number>;
}
