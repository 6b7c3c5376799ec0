// An offer to make two chats one person's: a code in each, both typed back. Counted, short-lived, taken once; a newer offer
// for the same peer replaces the older (R6).
import type { LinkOfferId, PrincipalId } from '@countersign/protocol/ids';
import type { Millis } from '../ports.ts';
import type { Peer } from './peer.ts';

export interface LinkOffer {
  readonly id: LinkOfferId;
  readonly principal: PrincipalId;
  /** A chat of the person already. */
  readonly known: Peer;
  /** The chat to be added. */
  readonly added: Peer;
  /** Keyed hashes of the two codes. */
  readonly knownHash: string;
  readonly addedHash: string;
  readonly expiresAt: Millis;
}

export interface LinkOffers {
  open(offer: LinkOffer): Promise<void>;
  /** Counts one try and returns the offer, before anything is compared. Null: none, ended, or `maxTries` used up. */
  tryOnce(principal: PrincipalId, added: Peer, now: Millis, maxTries: number): Promise<LinkOffer | null>;
  /** True for the one who takes it. */
  take(id: LinkOfferId): Promise<boolean>;
  prune(now: Millis): Promise<number>;
}
