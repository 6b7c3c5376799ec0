// The store's verbs for devices: requests that are asked once per content, devices named by their key, setup codes that
// are taken once, tokens known by their hash.
import type { PublicJwk } from '@countersign/protocol/gateway';
import type { DeviceId, DeviceRequestId, PrincipalId, SetupId } from '@countersign/protocol/ids';
import type { Actor } from '../audit/event.ts';
import type { DeviceScope } from '../authorise.ts';
import type { Millis } from '../ports.ts';
import type { DeviceRequestState, DeviceState } from './machine.ts';

export type DeviceRole = 'operator' | 'node';

/** How a device came to be paired. `login`: by a chat code alone, which is worth less until a factor is proven on it. */
export type DeviceVia = 'claim' | 'approval' | 'login';

/** Immutable: what is shown is what is granted (R21). */
export interface NewDeviceRequest {
  readonly id: DeviceRequestId;
  readonly key: PublicJwk;
  /** RFC 7638, base64url. */
  readonly thumbprint: string;
  readonly role: DeviceRole;
  /** Sorted, without repeats. */
  readonly scopes: readonly DeviceScope[];
  /** As the device calls itself: a claim. */
  readonly name: string | null;
  /** Where it asked from, for people to read. Sealed. */
  readonly address: string | null;
  /** The setup code it came with. */
  readonly setup: SetupId | null;
  readonly createdAt: Millis;
  readonly expiresAt: Millis;
}

export interface DeviceRequestRow extends NewDeviceRequest {
  /** As stored; expiry is computed on read (requestStateAt). */
  readonly state: DeviceRequestState;
  readonly decidedAt: Millis | null;
  readonly decidedBy: string | null;
  /** The device it became. */
  readonly device: DeviceId | null;
}

export interface NewDevice {
  readonly id: DeviceId;
  readonly key: PublicJwk;
  readonly thumbprint: string;
  readonly role: DeviceRole;
  readonly scopes: readonly DeviceScope[];
  readonly name: string;
  readonly principal: PrincipalId;
  readonly via: DeviceVia;
  /** A factor of its person was proven on it. */
  readonly proven: boolean;
  readonly createdAt: Millis;
}

export interface DeviceRow extends NewDevice {
  readonly state: DeviceState;
  readonly lastSeenAt: Millis;
  readonly endedAt: Millis | null;
  /** Why it ended: `revoked`, `not_me`, `person_blocked`, `expired`, … */
  readonly endedWhy: string | null;
}

export type RequestOpened =
  | { readonly as: 'exists'; readonly row: DeviceRequestRow }
  | {
      readonly as: 'opened';
      readonly row: DeviceRequestRow;
      /** The live request of the same key that this one took the place of. */
      readonly superseded: DeviceRequestId | null;
    }
  | { readonly as: 'full' };

export interface Devices {
  /** A live request of the same key, role, scopes and setup code answers 'exists' and stays as it is: a retry keeps its
   * id (D-02). Another live request of the same key is superseded by this one. `slots`: how many may be pending at once
   * (a unique index, R23); null for a request that an owner invited, which needs no slot. */
  request(request: NewDeviceRequest, slots: number | null): Promise<RequestOpened>;
  getRequest(id: DeviceRequestId): Promise<DeviceRequestRow | null>;
  /** The newest request of a key, whatever became of it. */
  lastRequest(thumbprint: string): Promise<DeviceRequestRow | null>;
  /** Requests whose id is `text` or begins with it (with or without the prefix, three characters at least). */
  findRequests(text: string): Promise<readonly DeviceRequestRow[]>;
  listRequests(query: {
    readonly states: readonly DeviceRequestState[];
    readonly role?: DeviceRole;
    readonly limit: number;
  }): Promise<readonly DeviceRequestRow[]>;
  /** Pending requests that came with this setup code; expiry is computed on read. */
  requestsOf(setup: SetupId): Promise<readonly DeviceRequestRow[]>;
  /** Compare-and-set from pending; a request past its end is not settled to approved or rejected. */
  settleRequest(
    id: DeviceRequestId,
    to: Exclude<DeviceRequestState, 'pending'>,
    by: Actor,
    at: Millis,
    device?: DeviceId,
  ): Promise<boolean>;

  /** 'taken' when a paired device holds the key. */
  add(device: NewDevice): Promise<'added' | 'taken'>;
  get(id: DeviceId): Promise<DeviceRow | null>;
  /** The paired device of a key; ended ones only when there is no paired one, the newest. */
  byThumbprint(thumbprint: string): Promise<DeviceRow | null>;
  /** Devices whose id begins with `text`, or whose key's thumbprint or name it is. */
  find(text: string): Promise<readonly DeviceRow[]>;
  list(query: {
    readonly states: readonly DeviceState[];
    readonly principal?: PrincipalId;
    readonly role?: DeviceRole;
    readonly after?: DeviceId;
    readonly limit: number;
  }): Promise<readonly DeviceRow[]>;
  /** Compare-and-set of the scopes of a paired device. */
  setScopes(id: DeviceId, from: readonly DeviceScope[], to: readonly DeviceScope[]): Promise<boolean>;
  /** False when it is not paired. */
  setProven(id: DeviceId): Promise<boolean>;
  rename(id: DeviceId, name: string): Promise<boolean>;
  touch(id: DeviceId, at: Millis): Promise<void>;
  /** Ends a paired device with all its tokens; an expired one can still be revoked. False when it had ended. */
  end(id: DeviceId, to: Exclude<DeviceState, 'paired'>, why: string, at: Millis): Promise<boolean>;
  /** Requests decided or ended before `before` and devices ended before it. */
  prune(before: Millis): Promise<number>;
}

export interface NewSetup {
  readonly id: SetupId;
  /** Keyed hash of the token. */
  readonly hash: string;
  readonly role: DeviceRole;
  /** The most a device may ask for with it. */
  readonly scopes: readonly DeviceScope[];
  /** Whose chat it was made in; null: the host made it. */
  readonly maker: PrincipalId | null;
  readonly createdAt: Millis;
  readonly expiresAt: Millis;
}

export interface SetupRow extends NewSetup {
  /** The key that took it. */
  readonly takenBy: string | null;
}

export type SetupTaken =
  /** `first`: by this call. */
  | { readonly as: 'taken'; readonly setup: SetupRow; readonly first: boolean }
  | { readonly as: 'used' | 'expired' | 'wrong_role'; readonly setup: SetupRow }
  | { readonly as: 'unknown' };

export interface Setups {
  issue(setup: NewSetup): Promise<void>;
  /** One conditional write: binds the code to the first key that shows it with the right role. The same key may show it
   * again; a wrong role does not consume it. */
  take(hash: string, role: DeviceRole, thumbprint: string, now: Millis): Promise<SetupTaken>;
  get(id: SetupId): Promise<SetupRow | null>;
  /** Ends it: whatever was asked with it has been decided. */
  spend(id: SetupId, at: Millis): Promise<void>;
  /** Setup codes of a maker that are not past their end, newest first. */
  madeBy(maker: PrincipalId, now: Millis): Promise<readonly SetupRow[]>;
  prune(now: Millis): Promise<number>;
}

export interface NewDeviceToken {
  /** Keyed hash of the token. */
  readonly hash: string;
  readonly device: DeviceId;
  /** Hash of the token it renews; null for the first of a socket. Another page of the same browser has its own. */
  readonly replaces: string | null;
  readonly issuedAt: Millis;
  readonly expiresAt: Millis;
}

export interface DeviceTokens {
  /** False when the device is not paired (any more): no token outlives its device. */
  issue(token: NewDeviceToken): Promise<boolean>;
  /** Whose it is, while it lasts. Changes nothing: the key has to be proven first. */
  find(hash: string, now: Millis): Promise<{ readonly device: DeviceId; readonly used: boolean } | null>;
  /** The first use ends the token that this one replaced (two phases, D-08): until then both are good. */
  use(hash: string): Promise<void>;
  endAll(device: DeviceId): Promise<number>;
  prune(now: Millis): Promise<number>;
}
