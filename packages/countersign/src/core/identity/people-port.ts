// The store's verbs for principals and their peers. A peer belongs to at most one principal, decided by one conditional
// write; forgetting a person leaves the audit chain whole and nothing of them in it.
import type { PrincipalId } from '@countersign/protocol/ids';
import type { Millis } from '../ports.ts';
import type { Assurance, Peer } from './peer.ts';

export type Role = 'owner' | 'approver' | 'user';
export type PrincipalState = 'active' | 'suspended' | 'blocked';

export interface Principal {
  readonly id: PrincipalId;
  readonly name: string;
  readonly role: Role;
  readonly state: PrincipalState;
  readonly createdAt: Millis;
}

export interface LinkedPeer extends Peer {
  readonly principal: PrincipalId | null;
  /** The most this peer may act as, whatever its person's role is. */
  readonly ceiling: Role;
  readonly assurance: Assurance;
  readonly blocked: boolean;
  /** A grant of the store to talk in direct chats (approval, claim, `people add --peer`). False for peers that were only
   * enrolled: those talk where the configuration lets them, each time anew, so that neither `open` nor a group becomes a
   * lasting direct grant (H15). */
  readonly direct: boolean;
  /** The direct grant ends here; null: no end. */
  readonly accessUntil: Millis | null;
  readonly displayName: string | null;
  readonly username: string | null;
  readonly linkedAt: Millis | null;
}

/** What the front door needs to know of a sender, read in one query: no names, for nothing is decided on a name. */
export interface Standing {
  readonly peer: Omit<LinkedPeer, 'displayName' | 'username' | 'linkedAt'> | null;
  readonly principal: Pick<Principal, 'id' | 'role' | 'state'> | null;
}

export interface NewLink {
  readonly principal: PrincipalId;
  readonly ceiling: Role;
  readonly assurance: Assurance;
  readonly direct: boolean;
  readonly accessUntil: Millis | null;
  readonly displayName: string | null;
  readonly username: string | null;
  readonly at: Millis;
}

export interface People {
  add(person: Principal): Promise<void>;
  get(id: PrincipalId): Promise<Principal | null>;
  /** Principals whose id is or begins with `text` (with or without `prn_`), or whose name is exactly `text`. */
  find(text: string): Promise<readonly Principal[]>;
  list(page: { readonly after: PrincipalId | null; readonly limit: number }): Promise<readonly Principal[]>;
  owners(): Promise<readonly Principal[]>;
  /** Compare-and-set: false when the role was no longer `from`. */
  setRole(id: PrincipalId, from: Role, to: Role): Promise<boolean>;
  setState(id: PrincipalId, from: readonly PrincipalState[], to: PrincipalState): Promise<boolean>;
  rename(id: PrincipalId, name: string): Promise<boolean>;

  standing(peer: Peer): Promise<Standing>;
  peersOf(id: PrincipalId): Promise<readonly LinkedPeer[]>;
  /** Peers of an account whose native id is `text` or begins with it. */
  findPeers(channel: string, account: string | null, text: string): Promise<readonly LinkedPeer[]>;
  /** Links an unlinked, unblocked peer. 'taken' when it belongs to somebody or is blocked: nothing changed then. */
  link(peer: Peer, link: NewLink): Promise<'linked' | 'taken'>;
  /** Gives (or prolongs) the direct grant of a linked, unblocked peer. False when there is no such link. */
  grantDirect(peer: Peer, accessUntil: Millis | null): Promise<boolean>;
  /** Sets the most an unblocked peer of that person may act as. False when it is theirs no longer. */
  setCeiling(peer: Peer, ceiling: Role, of: PrincipalId): Promise<boolean>;
  /** Ends a link. Returns whose it was, null when there was none. */
  unlink(peer: Peer): Promise<PrincipalId | null>;
  /** Blocks or unblocks a peer, known or not. False when it was so already. */
  setBlocked(peer: Peer, blocked: boolean, at: Millis): Promise<boolean>;

  /** Removes the principal with its peers, sessions, messages, transcripts, outbox texts, pairing rows and the personal
   * parts of audit events. The hashed bodies stay. False when there was no such principal. */
  forget(id: PrincipalId): Promise<boolean>;
}
