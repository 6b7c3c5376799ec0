// Who an agent's tools act for: the port that the front, the proxy, the exchange and the forward-auth door share. A
// session names one person on one key; it is asked of the store each time, and whatever is missing is nobody (I-03).
import type { PrincipalId, SessionId, TokenId, TurnId } from '@countersign/protocol/ids';
import type { Assurance, Peer } from '../identity/peer.ts';
import type { Millis } from '../ports.ts';
import type { User } from './binding.ts';

/** A (session key, person) that a turn or a tool acts for. The stored session is that binding: one per key and person. */
export interface Bound {
  readonly session: SessionId;
  readonly principal: PrincipalId;
  /** Whose handle it is, or the agent of the key: `act.sub`. */
  readonly agent: string;
  /** Where the person spoke last on that session, and what that channel proves of them. */
  readonly channel: string;
  readonly account: string;
  readonly assurance: Assurance;
  /** The session's key, which is looked up and never read. */
  readonly key: string;
  readonly peer: Peer;
  /** As the owner mapped them; null when they did not. */
  readonly mapped: User | null;
}

export type NoIdentity =
  | 'handle_missing'
  | 'handle_unknown'
  /** Several people may speak on that direct key: nobody's bearer would be right. */
  | 'session_shared'
  | 'session_ended'
  /** Nobody has written there for longer than `bearer.idle`. */
  | 'session_idle'
  /** Blocked, suspended, unlinked, not on the list any more. */
  | 'access_ended'
  | 'user_unmapped'
  | 'users_unavailable'
  | 'audience_unknown'
  | 'scope_wider';

export interface Denied {
  readonly outcome: 'deny';
  readonly reason: NoIdentity;
}

export interface Minted {
  readonly token: string;
  readonly jti: string;
  readonly expiresAt: Millis;
  readonly audience: string;
  /** Of the token: what was asked for, never more than `BEARER_SCOPES`. */
  readonly scope: readonly string[];
  /** The header it travels in, lower case. */
  readonly header: string;
}

export interface BearerOptions {
  /** Narrows only. */
  readonly scope?: readonly string[];
  readonly turn?: TurnId;
  /** The service token that asked: its bearers are its own (never shared with another caller), and end with it. */
  readonly holder?: TokenId;
}

/** What an ingress may name by a key: sessions of one agent (null: the house's own), whose person spoke on these accounts. */
export interface KeyAsked {
  readonly agent: string | null;
  /** `channel:account`. */
  readonly accounts: readonly string[];
}

/** All that a bearer can say one may do. */
export const BEARER_SCOPES = ['tools'] as const;

export interface Identities {
  /** The handle that names this session to that agent: 128 bits, the same for the session's life. Null: no such session. */
  handleOf(session: SessionId, agent: string): Promise<string | null>;
  /** Who a handle names now, asked of the store every time. */
  resolve(handle: string, agent: string): Promise<Bound | Denied>;
  /** By session key, for `ingress` callers only: keys of one person, in lower case and with `dm` too. */
  resolveKey(key: string, asked: KeyAsked): Promise<Bound | Denied>;
  /** Who a session that is known already names now. */
  of(session: SessionId): Promise<Bound | Denied>;
  /** A bearer for one audience; the same until 80 % of its life. */
  bearer(bound: Bound, audience: string, options?: BearerOptions): Promise<Minted | Denied>;
  /** What was made for that session is not handed out again: it, or a bearer of it, was ended. */
  forget(session: SessionId): void;
  /** Resolves when every bearer made so far is written down (`store.bearers`, the audit): before one is called unknown. */
  written(): Promise<void>;
}

export function deny(reason: NoIdentity): Denied {
  return { outcome: 'deny', reason };
}

export function isDenied(answer: object): answer is Denied {
  return 'outcome' in answer && answer.outcome === 'deny';
}
