// The store's verbs for approval requests and for the policy. A request is written once and never changed (R21); what ends
// it is one conditional write, decided by the rows it touched: twenty answers at once, one winner (R40, H55).
import type { Action, ApprovalState, FactorKind } from '@countersign/protocol/approval';
import type { ApprovalId, PrincipalId, SessionId, TokenId } from '@countersign/protocol/ids';
import type { Tier } from '@countersign/protocol/tier';
import type { Millis } from '../ports.ts';
import type { Past } from './conduct.ts';
import type { Needed } from './judge.ts';
import type { ApprovalEvent } from './machine.ts';

/** One command the classifier listed, as it was then. */
export interface ListedThen {
  readonly text: string;
  readonly tier: Tier;
  readonly via: readonly string[];
}

export interface ReasonThen {
  readonly rule: string;
  readonly tier: Tier;
  readonly why: string;
  readonly command?: number;
}

/** Immutable. What names things or people (action, commands, reasons) is sealed at rest. */
export interface NewApproval {
  readonly id: ApprovalId;
  /** First state: `pending`, or how the policy answered at once. */
  readonly state: Extract<ApprovalState, 'pending' | 'approved' | 'denied'>;
  readonly agent: string;
  /** The program that asked: nobody else may await or cancel it. */
  readonly token: TokenId;
  /** The line it came on, as `token:tok_…`: whoever decides comes on another (E-16). */
  readonly connection: string;
  readonly session: SessionId | null;
  readonly requester: PrincipalId | null;
  /** Where the requester speaks to us, as peerKey: no card goes there. */
  readonly requesterPeer: string | null;
  readonly host: string;
  readonly action: Action;
  readonly actionDigest: string;
  readonly requestDigest: string;
  readonly short: string;
  readonly nonce: string;
  readonly policy: number;
  readonly tier: Tier;
  readonly reasons: readonly ReasonThen[];
  readonly commands: readonly ListedThen[];
  /** Null where nobody was asked. */
  readonly need: Needed | null;
  readonly flags: readonly string[];
  /** Part of a burst: no card of its own. */
  readonly quietly: boolean;
  /** Why the policy allowed or denied it at once; null while people are asked. */
  readonly because: string | null;
  readonly createdAt: Millis;
  readonly expiresAt: Millis;
  /** Until when a yes can be used: set with `approved`. */
  readonly redeemBy: Millis | null;
}

/** One word of one person. */
export interface Word {
  readonly decision: 'approve' | 'deny';
  readonly by: PrincipalId;
  /** `chat:telegram:default:555`, `device:dev_…`, `host`. */
  readonly surface: string;
  readonly factors: readonly FactorKind[];
  readonly at: Millis;
  /** Sealed: told to the requester. */
  readonly reason: string | null;
}

export interface ApprovalRecord extends Omit<NewApproval, 'state'> {
  /** As stored; what it is now says stateAt of machine.ts. */
  readonly state: ApprovalState;
  readonly words: readonly Word[];
  readonly endedAt: Millis | null;
  /** What ended it where no person did: `requester`, `asker_gone`, `policy_changed`, `no_approver_reachable`. */
  readonly endedBy: string | null;
}

/** All but what was asked: enough to see who is asked and how it stands, without opening what is sealed and may be long. */
export type ApprovalBrief = Omit<ApprovalRecord, 'action' | 'reasons' | 'commands' | 'requesterPeer'>;

/** One card that arrived is enough; `failed`: none did, and none will. */
export type Told = 'none' | 'queued' | 'delivered' | 'failed';

export interface ApprovalQuery {
  readonly states?: readonly ApprovalState[];
  readonly agent?: string;
  readonly token?: TokenId;
  /** Whether people were asked, or the policy alone let it run or refused it. */
  readonly asked?: 'people' | 'nobody';
  /** Older than this one. */
  readonly before?: ApprovalId;
  readonly limit: number;
}

export interface BriefQuery extends ApprovalQuery {
  readonly ids?: readonly ApprovalId[];
  /** Decided, or over, since then. */
  readonly endedSince?: Millis;
}

export interface Approvals {
  /** Waits until it is this transaction's turn: the time that was read before is not now. Nothing outside of one. */
  turn(): Promise<void>;
  /**
   * Writes it. `repeat`: this token used that key before, for `of`, whatever it asked; nothing was written.
   * @param key the Idempotency-Key's keyed hash; null for none.
   */
  open(
    request: NewApproval,
    key: string | null,
  ): Promise<{ readonly outcome: 'opened' } | { readonly outcome: 'repeat'; readonly of: ApprovalId }>;
  /** What this token asked with that key before; null: nothing. */
  repeated(token: TokenId, key: string): Promise<ApprovalId | null>;
  /** Inside a transaction those who look take turns: what they read stays true until its end. */
  get(id: ApprovalId): Promise<ApprovalRecord | null>;
  /** Ids or short digests beginning so, newest first; see beginningsOf. */
  beginning(
    with_: { readonly id: string | null; readonly short: string | null },
    limit: number,
  ): Promise<readonly ApprovalRecord[]>;
  list(query: ApprovalQuery): Promise<readonly ApprovalRecord[]>;
  /** The same without what was asked. */
  briefs(query: BriefQuery): Promise<readonly ApprovalBrief[]>;
  /** What this agent's session asked of people since `since`, newest first, for conductOf. */
  past(agent: string, session: SessionId | null, since: Millis, now: Millis): Promise<readonly Past[]>;
  /**
   * A yes or a no. Compare-and-set from a live `pending`; the same word of the same person a second time changes nothing.
   * @returns false: it had ended, or they had spoken.
   */
  say(
    id: ApprovalId,
    word: Word,
    event: Extract<ApprovalEvent, 'endorse' | 'approve' | 'deny'>,
    redeemBy: Millis | null,
  ): Promise<boolean>;
  /** Any other end, from a state in which the table allows it. @returns false when it does not any more. */
  end(
    id: ApprovalId,
    event: Extract<ApprovalEvent, 'cancel' | 'expire' | 'supersede' | 'deny'>,
    by: string,
    now: Millis,
  ): Promise<boolean>;
  /** Everything that waits or could still be used. @returns their ids. */
  supersedeAll(by: string, now: Millis): Promise<readonly ApprovalId[]>;
  /** What the policy allowed for people who are shut out since, and could still be used. @returns their ids. */
  supersedeShutOut(by: string, now: Millis): Promise<readonly ApprovalId[]>;
  /** Those past their end that are not marked yet: marked by this call, and returned. */
  expire(now: Millis, limit: number): Promise<readonly ApprovalId[]>;
  /** How far its cards got; `none` where there are none. */
  told(ids: readonly ApprovalId[]): Promise<ReadonlyMap<ApprovalId, Told>>;
  /** Removes what ended before `before`. */
  prune(before: Millis): Promise<number>;
}

/** The policy as a document of version 2, by number; the newest holds. */
export interface Policies {
  /** Null before anybody wrote one. */
  current(): Promise<{ readonly version: number; readonly json: string } | null>;
  /** The newest version that the audit tells of: no older one holds. Read before `current`, it is never ahead of it. */
  told(): Promise<number>;
  /** Compare-and-set: false when `from` is not the newest any more, of those that are there and those that were told. */
  replace(
    from: number,
    to: { readonly version: number; readonly json: string; readonly at: Millis },
  ): Promise<boolean>;
}
