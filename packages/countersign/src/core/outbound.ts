// A message we send, and the store's verbs for it: stored first, delivered at least once before its deadline, its fate
// recorded. Nothing is silently undeliverable.
import type { OutboxId, PrincipalId, TurnId, WriterId } from '@countersign/protocol/ids';
import type { Peer } from './identity/peer.ts';
import type { Conversation } from './message.ts';
import type { Millis } from './ports.ts';

export type OutboundKind = 'pairing-code' | 'pairing-decision' | 'owner-notice' | 'answer' | 'notice';

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
  /** Due again at `at`. */
  retry(id: OutboxId, at: Millis, reason: string): Promise<boolean>;
  /** Ends what is past its deadline as `failed`; returns what it ended, at most `limit`. */
  expire(now: Millis, limit: number): Promise<readonly OutboxRow[]>;
  recent(query: { readonly channel?: string; readonly limit: number }): Promise<readonly OutboxRow[]>;
  prune(before: Millis): Promise<number>;
}
