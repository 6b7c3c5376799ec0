// An inbound message as a channel hands it over, and the store's verbs for it. A message is durable before it is
// acknowledged, counted once per (account, conversation, sender, platform id), and decided in the same transaction.
import type { MessageId, PrincipalId, SessionId, TurnId, WriterId } from '@countersign/protocol/ids';
import type { Problem } from '@countersign/protocol/problem';
import type { Assurance, Native, Peer } from './identity/peer.ts';
import type { Standing } from './identity/people-port.ts';
import type { Millis } from './ports.ts';

/** Where a message was said. `unknown` when the channel could not tell: the strictest policy applies (H11). */
export interface Conversation {
  readonly kind: 'direct' | 'group' | 'thread' | 'unknown';
  readonly id: string;
}

export interface Inbound {
  readonly peer: Peer;
  /** Another id of the same person on this channel, in the channel's own shape, that the same proof vouches for (a phone
   * number beside an id that outlives it). Never what the sender writes; null or left out when there is none. */
  readonly alias?: Native | null;
  /** True where the platform names somebody by an id of a kind that hides the other: who that is may be on a list by the
   * other one. Never let in for it, and never dropped in silence either. */
  readonly unresolved?: boolean;
  readonly assurance: Assurance;
  /** Anything but a person is dropped before any policy. */
  readonly actor: 'human' | 'bot' | 'self' | 'anonymous' | 'system';
  readonly conversation: Conversation;
  /** The platform's id, or the page's: counted within (conversation, sender), for senders choose ids on some channels. */
  readonly messageId: string;
  /** Only `text` can begin a pairing or reach the agent. */
  readonly kind: 'text' | 'edit' | 'reaction' | 'receipt' | 'button' | 'other';
  /** What the sender typed themselves: never the words of the message they reply to. */
  readonly text: string;
  readonly sentAt: Millis | null;
  readonly arrived: Arrival;
  /** Somebody else's words: forwarded, or written for them by a bot. */
  readonly forwarded: boolean;
  /** The text begins inside a quotation: it may be said to the agent, and is never a command (H58). */
  readonly quoted: boolean;
  /** Only for `button`. */
  readonly press: Press | null;
  /** True when the message names us, or there is no need to (direct). */
  readonly mentioned: boolean;
  /** Editable by the sender: labels for people, never an identity (R67). */
  readonly displayName: string | null;
  readonly username: string | null;
  /** Network address of the sender, where the channel sees one (web chat). */
  readonly address: string | null;
}

/** `live`: said while we listened. `backlog`: waited at the platform while we were away; it may reach the agent, and never
 * begins a pairing nor decides anything. `history`: copies of the past; nothing ever follows from them (P-05). */
export type Arrival = 'live' | 'backlog' | 'history';

export interface Press {
  /** What the button carried: ours, opaque, worthless without the right presser. */
  readonly value: string;
  /** How the channel answers this press. */
  readonly handle: string;
}

/** Why a message is at the desk. `control`: words of somebody entitled, meant for us. `press`: one of our buttons. `code`: it
 * may hold a code, and must not go on; whatever else it says is not obeyed. */
export type DeskReason = 'pairing' | 'enrol' | 'control' | 'press' | 'code';

/** Why a message ended at the front door; each is audited, coalesced, and says nothing to the sender. */
export type DropReason =
  | 'not_a_person'
  | 'not_a_message'
  | 'not_live'
  | 'backlog'
  | 'too_old'
  | 'forwarded'
  | 'empty'
  | 'context_unknown'
  | 'channel_disabled'
  | 'blocked'
  | 'suspended'
  | 'not_allowed'
  | 'group_not_allowed'
  | 'not_entitled'
  | 'not_mentioned'
  | 'assurance_missing';

/** Where the front door sends a message. Pure: computed from the message, the standing and the account's policy. */
export type Verdict =
  | {
      readonly to: 'agent';
      readonly principal: PrincipalId;
      readonly sessionKey: string;
      /** True for keys only one person may hold; a second principal on it is refused (H67). */
      readonly exclusive: boolean;
    }
  /** The slow road, taken right after the batch is durable, and never behind the agent. */
  | { readonly to: 'desk'; readonly because: DeskReason }
  | { readonly to: 'nobody'; readonly reason: DropReason };

export type Accepted =
  | { readonly as: 'agent'; readonly message: MessageId; readonly session: SessionId }
  | {
      readonly as: 'desk';
      readonly message: MessageId;
      readonly because: DeskReason;
      readonly standing: Standing;
    }
  | { readonly as: 'nobody'; readonly message: MessageId; readonly reason: DropReason }
  /** The session key belongs to somebody else. */
  | { readonly as: 'shared'; readonly message: MessageId }
  /** Seen before. `first` is what became of it then. */
  | { readonly as: 'repeated'; readonly first: 'agent' | 'desk' | 'nobody' | 'shared' };

export interface DeskMessage {
  readonly message: MessageId;
  readonly because: DeskReason;
  readonly inbound: Inbound;
}

/** A message at the agent. `turn` and `request` are made at the first claim and stay through every retry. */
export interface Turn {
  readonly id: TurnId;
  readonly message: MessageId;
  readonly session: SessionId;
  readonly sessionKey: string;
  readonly principal: PrincipalId;
  readonly peer: Peer;
  readonly conversation: Conversation;
  readonly text: string;
  readonly receivedAt: Millis;
  /** 1 at the first claim. */
  readonly attempt: number;
}

export interface Exchange {
  readonly user: string;
  readonly assistant: string;
}

export interface Messages {
  /**
   * Group commit: one transaction for the whole batch. Reads each sender's standing, calls `decide`, and writes the
   * dedupe row with its outcome, the session (for `agent`) and the audit event `message.admitted` (for `agent`). The text
   * is kept sealed for `agent` and `desk`, and not at all for `nobody`. When the batch fails as a whole it is tried
   * again message by message, so that one bad message cannot take the others with it.
   * @param decide pure and synchronous.
   * @returns in the order of the batch; a Problem stands where that one message could not be stored: it is not to be
   * acknowledged.
   * @throws Problem `store_full`, `store_unavailable`: nothing of the batch was written then.
   */
  accept(
    batch: readonly Inbound[],
    decide: (inbound: Inbound, standing: Standing) => Verdict,
    at: Millis,
  ): Promise<readonly (Accepted | Problem)[]>;
  /** Messages still at the desk (a process died between accept and the desk), oldest first. */
  desk(limit: number): Promise<readonly DeskMessage[]>;
  /** Ends a desk message: its text is dropped. False when it had left the desk. */
  leaveDesk(id: MessageId, as: 'nobody' | 'shared'): Promise<boolean>;
  /** A desk message whose sender has just been enrolled goes to the agent after all. Writes as accept does. */
  admitFromDesk(
    id: MessageId,
    verdict: Extract<Verdict, { to: 'agent' }>,
    at: Millis,
  ): Promise<{ readonly session: SessionId } | 'shared' | null>;
  /** Removes texts no history can reach and dedupe rows older than `before`; those of messages that told no time of their
   * own when they are older than `timeless`. Returns how many rows went. */
  prune(before: Millis, timeless?: Millis): Promise<number>;
}

export interface Turns {
  /** At start: gives back what a dead process of this writer had claimed. Returns how many. */
  abandon(by: WriterId): Promise<number>;
  /** Sessions with a waiting message, or one whose claim has run out. */
  open(now: Millis): Promise<readonly SessionId[]>;
  /** Claims the oldest open message of a session for `by` until `until`; null when none is open or one is claimed by a
   * living gateway. One question at a time per session. */
  claim(session: SessionId, by: WriterId, until: Millis, now: Millis): Promise<Turn | null>;
  /** Prolongs a claim. False when it was lost. */
  hold(turn: TurnId, by: WriterId, until: Millis): Promise<boolean>;
  /** Settles with the answer (sealed, it becomes history). False when the claim was lost or the turn settled before. */
  answer(turn: TurnId, by: WriterId, answer: string, at: Millis): Promise<boolean>;
  /** Gives the message back to the queue. */
  release(turn: TurnId, by: WriterId): Promise<boolean>;
  /** Ends a turn without an answer. */
  fail(turn: TurnId, by: WriterId, at: Millis): Promise<boolean>;
  /** Ends waiting messages received before `before`; returns them so that their senders can be told. */
  expire(
    before: Millis,
    limit: number,
  ): Promise<readonly Pick<Turn, 'message' | 'session' | 'peer' | 'conversation'>[]>;
  /** Ends the newest waiting messages of the session past `max`; returns them. */
  overflow(
    session: SessionId,
    max: number,
  ): Promise<readonly Pick<Turn, 'message' | 'peer' | 'conversation'>[]>;
  /** The last exchanges of a session, oldest first: at most `messages` texts and `bytes` bytes of UTF-8. */
  history(
    session: SessionId,
    limit: { readonly messages: number; readonly bytes: number },
  ): Promise<readonly Exchange[]>;
}

export interface Session {
  readonly id: SessionId;
  readonly key: string;
  readonly principal: PrincipalId;
  readonly channel: string;
  readonly account: string;
  readonly createdAt: Millis;
  readonly lastTurnAt: Millis;
  /** Revoked, or over with the link it was spoken through: nothing is said on it any more. Null while it lives. */
  readonly endedAt: Millis | null;
}

/** A message that waited when its session was revoked. */
export type Unanswered = Pick<Turn, 'message' | 'session' | 'peer' | 'conversation'>;

export interface Sessions {
  list(query: {
    readonly principal?: PrincipalId;
    readonly live?: boolean;
    readonly after?: SessionId;
    readonly limit: number;
  }): Promise<readonly Session[]>;
  find(text: string): Promise<readonly Session[]>;
  /** Ends a live session: its key is free, what waits in it is settled without an answer, and what was said is deleted.
   * Returns what waited; null when it had ended before. */
  revoke(id: SessionId, at: Millis): Promise<readonly Unanswered[] | null>;
}
