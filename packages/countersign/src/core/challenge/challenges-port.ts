// The store's verbs for login challenges. The code itself is never here: its keyed hash is, and the tries.

import type { PublicJwk } from '@countersign/protocol/gateway';
import type { ChallengeId, DeviceId, PrincipalId } from '@countersign/protocol/ids';
import type { Millis } from '../ports.ts';
import type { ChallengeState } from './machine.ts';

export interface NewChallenge {
  readonly id: ChallengeId;
  /** Bound to this browser key: a code typed into another browser fails (H70). */
  readonly key: PublicJwk;
  readonly thumbprint: string;
  /** Keyed hash over id, thumbprint and code. */
  readonly codeHash: string;
  /** Whose browser it is to become. Null: a challenge that looks like one and can never be satisfied (R13). */
  readonly principal: PrincipalId | null;
  /** Two words, shown on the page and in the chat. */
  readonly phrase: string;
  /** Keyed hash of the folded address it was asked from; null for loopback. */
  readonly addressKey: string | null;
  /** Where from and with which browser, for people to read. Sealed. */
  readonly from: string;
  /** It came with a ticket: it stands outside the caps. */
  readonly ticket: boolean;
  readonly maxAttempts: number;
  readonly createdAt: Millis;
  readonly expiresAt: Millis;
}

export interface ChallengeRow extends NewChallenge {
  readonly state: ChallengeState;
  readonly attempts: number;
  /** The device it paired. */
  readonly device: DeviceId | null;
}

export interface Challenges {
  /** Opens it and voids every issued one of the same key, and of no other (R6). @returns those it voided. */
  open(challenge: NewChallenge): Promise<readonly ChallengeId[]>;
  get(id: ChallengeId): Promise<ChallengeRow | null>;
  find(text: string): Promise<readonly ChallengeRow[]>;
  /** Issued ones of a person that have not run out. */
  openOf(principal: PrincipalId, now: Millis): Promise<number>;
  /** Counts one try of an issued, unexpired challenge and returns it with the try counted, before anything is compared.
   * Null when there is none, or its tries are used up. The last wrong try is ended by `end`. */
  tryOnce(id: ChallengeId, now: Millis): Promise<ChallengeRow | null>;
  /** Compare-and-set from issued: true for one. */
  satisfy(id: ChallengeId, device: DeviceId, now: Millis): Promise<boolean>;
  end(id: ChallengeId, from: readonly ChallengeState[], to: ChallengeState, at: Millis): Promise<boolean>;
  prune(before: Millis): Promise<number>;
}

/** A one-use ticket that an owner asked for in their own chat: it gives a browser a slot outside the caps. */
export interface Tickets {
  issue(hash: string, principal: PrincipalId, expiresAt: Millis): Promise<void>;
  /** Whose it was, once. */
  take(hash: string, now: Millis): Promise<PrincipalId | null>;
  prune(now: Millis): Promise<number>;
}

/** Keys and addresses that were disowned with "Not me" are deaf for a while. */
export interface Deaf {
  add(kind: 'key' | 'address', value: string, until: Millis): Promise<void>;
  is(kind: 'key' | 'address', value: string, now: Millis): Promise<boolean>;
  prune(now: Millis): Promise<number>;
}
