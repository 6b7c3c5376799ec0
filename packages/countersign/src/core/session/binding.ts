// What the store knows of a session as a binding of one person to one key: who spoke last on it, how they stand, and the
// user they are to the owner's tools. Read anew for every question; nothing here is remembered between two of them.
import type { PrincipalId, SessionId } from '@countersign/protocol/ids';
import type { Peer } from '../identity/peer.ts';
import type { Standing } from '../identity/people-port.ts';
import type { Conversation } from '../message.ts';
import type { Millis } from '../ports.ts';

/** Who a person is to the owner's tools. */
export interface User {
  readonly user: string;
  readonly tenant: string;
  /** What may become a claim: texts, numbers, flags and lists of texts. */
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export type Attribute = string | number | boolean | readonly string[];

/** A session key as a binding. */
export interface Binding {
  readonly session: SessionId;
  readonly key: string;
  readonly principal: PrincipalId;
  /** True for a key that one person holds alone. */
  readonly exclusive: boolean;
  /** Who spoke last, and where; null for a session of an older version on which nobody spoke since. */
  readonly spoke: { readonly peer: Peer; readonly kind: Conversation['kind'] } | null;
  readonly standing: Standing;
  readonly lastTurnAt: Millis;
  readonly endedAt: Millis | null;
  /** As the owner mapped them; null when they did not. */
  readonly mapped: User | null;
}

/** A session that an ingress vouches for. */
export interface Opened {
  readonly key: string;
  readonly exclusive: boolean;
  readonly principal: PrincipalId;
  readonly peer: Peer;
  readonly kind: Conversation['kind'];
}

export interface Bindings {
  of(session: SessionId): Promise<Binding | null>;
  /** By the keyed hash of a handle, for the agent it was made for and no other. */
  byHandle(hash: string, agent: string): Promise<Binding | null>;
  /** Live sessions of a key, however its letters are written: one of each person who speaks on it, two at most. */
  byKey(key: string): Promise<readonly Binding[]>;
  /** Keeps that a handle names a live session. False when there is no such session. */
  name(
    handle: { readonly hash: string; readonly session: SessionId; readonly agent: string },
    at: Millis,
  ): Promise<boolean>;
  /** The live session of (key, person), made where there is none; null when the key is somebody else's (H67). */
  open(asked: Opened, at: Millis): Promise<SessionId | null>;
  /**
   * Whether that person has spoken with the agent since, on a session that lasts. What is evidently another agent's does not
   * count; what could be anybody's does.
   */
  speaks(agent: string, principal: PrincipalId, since: Millis): Promise<boolean>;
  /** The same of anybody but that person. Reads through the sessions: not for every message. */
  othersSpeak(agent: string, than: PrincipalId, since: Millis): Promise<boolean>;
  /** Direct keys on which more than one person speaks now. */
  shared(limit: number): Promise<readonly string[]>;
}

export interface MappedRow extends User {
  readonly principal: PrincipalId;
  readonly mappedAt: Millis;
}

/** Which user of the owner's tools a person is. */
export interface UserMap {
  get(principal: PrincipalId): Promise<MappedRow | null>;
  /** In the order of people, those after one; null begins. */
  list(page: { readonly after: PrincipalId | null; readonly limit: number }): Promise<readonly MappedRow[]>;
  /** People who may act and have a chat, and are no user of the tools. */
  missing(limit: number): Promise<readonly PrincipalId[]>;
  /** 'taken': another person is that user of that tenant; nothing changed then. 'nobody': there is no such person. */
  set(principal: PrincipalId, user: User, at: Millis): Promise<'mapped' | 'taken' | 'nobody'>;
  /** Returns who they were; null when they were nobody. */
  clear(principal: PrincipalId): Promise<User | null>;
}
