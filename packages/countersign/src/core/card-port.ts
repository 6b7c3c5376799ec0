// A card is a notice with buttons in one person's chat. Its buttons carry nonces that mean something only for that card,
// to that person, while it is open; one decision closes every card about the same thing, wherever it was shown.
import type { CardId } from '@countersign/protocol/ids';
import type { Peer } from './identity/peer.ts';
import type { Conversation } from './message.ts';
import type { Millis } from './ports.ts';

export type CardVerb = 'approve' | 'deny' | 'block' | 'not_me';

export interface NewCard {
  readonly id: CardId;
  readonly peer: Peer;
  readonly conversation: Conversation;
  /** The id of what is decided: a pairing request, a device's request, a sign-in, a request for approval. */
  readonly about: string;
  /** What the card says, kept sealed: an update shows it again with the outcome. */
  readonly text: string;
  /** Keyed hash of each button's value. */
  readonly buttons: readonly { readonly verb: CardVerb; readonly hash: string }[];
  readonly createdAt: Millis;
  /** When what it asks ends by itself. */
  readonly expiresAt: Millis;
}

export interface Card {
  readonly id: CardId;
  readonly peer: Peer;
  readonly conversation: Conversation;
  readonly about: string;
  readonly text: string;
  readonly state: 'open' | 'closed';
  /** The platform's name of the message, once it was sent and where the channel has one. */
  readonly ref: string | null;
  /** When its last part was given to the platform; null before. */
  readonly deliveredAt: Millis | null;
  readonly expiresAt: Millis;
}

export interface Cards {
  open(card: NewCard): Promise<void>;
  get(id: CardId): Promise<Card | null>;
  /** The card and verb behind a button's hash, for that very peer; closed ones too, so that a stale press gets a reason. */
  byButton(hash: string, peer: Peer): Promise<{ readonly card: Card; readonly verb: CardVerb } | null>;
  /** All about it, open and closed, oldest first. */
  about(about: string): Promise<readonly Card[]>;
  /** Closes every open card about it; returns those closed by this call. */
  close(about: string): Promise<readonly Card[]>;
  /** Open cards whose question ended by itself before `now`: closed by this call, and returned. */
  expire(now: Millis, limit: number): Promise<readonly Card[]>;
  /** Its last part reached the platform; `ref` where the channel names messages. */
  delivered(id: CardId, ref: string | null, at: Millis): Promise<void>;
  /** The platform took it, and says now that it never arrived. */
  undelivered(id: CardId): Promise<void>;
  /** Removes closed cards whose question ended before `before`. */
  prune(before: Millis): Promise<number>;
}
