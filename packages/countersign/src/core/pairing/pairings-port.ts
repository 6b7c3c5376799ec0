// The store's verbs for pairing requests. Caps are slots (unique per account), so N parallel strangers never exceed them
// (R23); a request is settled once, by compare-and-set (R3, R40).
import type { PairingId, PrincipalId } from '@countersign/protocol/ids';
import type { Actor } from '../audit/event.ts';
import type { Native, Peer } from '../identity/peer.ts';
import type { Millis } from '../ports.ts';
import type { PairingState } from './machine.ts';

/** The other id that the channel's own proof vouches for (Inbound.alias): how an owner recognises a friend. `hidden`: the
 * channel knows people by two, and did not say this one's. Null where people have one. */
export type Beside = Native | 'hidden' | null;

export interface NewPairing {
  readonly id: PairingId;
  readonly peer: Peer;
  /** Keyed hash of the normalised code; the code itself is kept sealed for the owner's list. */
  readonly codeHash: string;
  readonly code: string;
  readonly displayName: string | null;
  readonly username: string | null;
  readonly beside: Beside;
  /** The first 80 characters, kept sealed: how an owner recognises a friend. */
  readonly firstWords: string;
  /** Keyed hash of the folded network address; null where there is none or it is loopback. */
  readonly addressKey: string | null;
  readonly createdAt: Millis;
  readonly expiresAt: Millis;
}

export interface SlotRule {
  /** Pending requests per account. */
  readonly max: number;
  /** Of these, how many one network address may hold. */
  readonly maxPerAddress: number;
  /** A pending request this old gives its slot to a newcomer and becomes `waiting`. */
  readonly evictAfterMs: number;
  /** Strangers remembered without a slot per account; past it the oldest goes. */
  readonly maxWaiting: number;
}

export interface PairingRow {
  readonly id: PairingId;
  readonly peer: Peer;
  /** As stored; expiry is a fact of `expiresAt` and computed on read (effectiveState). */
  readonly state: PairingState;
  /** Only while the request can be approved with it. */
  readonly code: string | null;
  readonly displayName: string | null;
  readonly username: string | null;
  readonly beside: Beside;
  readonly firstWords: string | null;
  readonly createdAt: Millis;
  readonly expiresAt: Millis;
  readonly decidedAt: Millis | null;
  readonly decidedBy: string | null;
  readonly principal: PrincipalId | null;
  /** Access granted by the approval ends here. */
  readonly accessUntil: Millis | null;
}

export interface Pairings {
  /**
   * Opens a request for a peer that has none live. A live one answers 'exists' and stays as it is (R21); a `waiting` one
   * takes a free slot with the new code, 'opened'. No slot: the oldest pending older than `evictAfterMs` gives up its own;
   * otherwise the newcomer is kept as `waiting`, 'full'. Requests past `expiresAt` hold no slot.
   */
  open(request: NewPairing, slots: SlotRule): Promise<'opened' | 'exists' | 'full'>;
  /** Compare-and-set from one of `from`. With the request go its slot and, except for approval by code, nothing else. */
  settle(
    id: PairingId,
    from: readonly PairingState[],
    to: PairingState,
    by: Actor,
    at: Millis,
    more?: { readonly principal?: PrincipalId; readonly accessUntil?: Millis | null },
  ): Promise<boolean>;
  get(id: PairingId): Promise<PairingRow | null>;
  /** Requests with this code hash, newest first, tombstones too; any channel, any account: the caller tells them apart. */
  byCode(codeHash: string): Promise<readonly PairingRow[]>;
  /** The newest request of a peer, whatever its state. */
  latest(peer: Peer): Promise<PairingRow | null>;
  /** Requests whose id or native id is `text` or begins with it (≥ 3 characters), newest first. */
  find(
    text: string,
    where: { readonly channel?: string; readonly account?: string },
  ): Promise<readonly PairingRow[]>;
  list(query: {
    readonly channel?: string;
    readonly account?: string;
    readonly states: readonly PairingState[];
    /** Newest first unless it is said. */
    readonly oldestFirst?: boolean;
    readonly after?: PairingId;
    readonly limit: number;
  }): Promise<readonly PairingRow[]>;
  /** Approved requests whose access ends in (now, before], soonest first. */
  ending(now: Millis, before: Millis, limit: number): Promise<readonly PairingRow[]>;
  /** Tidies: marks what has run out, frees its slots, removes tombstones decided or expired before `before`. */
  sweep(now: Millis, before: Millis): Promise<number>;
  /** Removes every request that is not `approved` or `blocked`, or those of one peer. Returns how many. */
  reset(where: {
    readonly channel?: string;
    readonly account?: string;
    readonly peer?: Peer;
  }): Promise<number>;
}
