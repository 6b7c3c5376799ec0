// What every surface may do with approvals and with the policy: one service behind routes, command line, chats and pages.
// Who calls was authorised before; whose word counts on which request is decided here, from what the door proved (R48).
import type { Action, FactorKind } from '@countersign/protocol/approval';
import type { ApprovalId, DeviceId, PrincipalId, SessionId, TokenId } from '@countersign/protocol/ids';
import type { Actor } from '../audit/event.ts';
import type { Proof } from '../factor/proof.ts';
import type { Assurance, Peer } from '../identity/peer.ts';
import type { Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { ApprovalQuery, ApprovalRecord, Told } from './approvals-port.ts';
import type { Considered } from './consider.ts';
import type { Decider } from './may-decide.ts';
import type { Pause } from './pause.ts';
import type { Policy } from './policy.ts';
import type { EffectiveEntry, PolicyChange } from './policy-changes.ts';
import type { RiskContext } from './risk/risk.ts';
import type { RunChanged, RunRecord } from './runs-port.ts';

/** For whom, as the handle that came along proved; null where none did. */
export interface ProvenSession {
  readonly session: SessionId;
  readonly principal: PrincipalId;
  readonly assurance: Assurance;
  /** peerKey of the chat they last spoke on. */
  readonly peer: string;
}

export interface Ask {
  readonly action: Action;
  readonly agent: string;
  readonly token: TokenId;
  readonly session: ProvenSession | null;
  readonly idempotencyKey: string | null;
}

/** A record and what it comes to now. */
export interface ApprovalView {
  readonly request: ApprovalRecord;
  /** stateAt(now). */
  readonly state: ApprovalRecord['state'];
  /** How far people have heard of it. `none`: nowhere to tell anybody. */
  readonly told: Told;
  /** Its grant and what became of it; null before a yes. */
  readonly run: RunRecord | null;
  /** Names of the people in it, and of the machine where it is a paired one: for printing. */
  readonly names: ReadonlyMap<PrincipalId | DeviceId, string>;
  /** It would run on the gateway's own machine. */
  readonly here: boolean;
  /** Of one that a person denied and that is looked at alone: its session asks nothing until then (H57). */
  readonly pausedUntil?: Millis;
}

export interface DeniedAll {
  /** How many. */
  readonly denied: number;
  /** Whose sessions ask nothing for a while because of it. */
  readonly paused: readonly Pause[];
}

export interface Said {
  readonly decision: 'approve' | 'deny';
  readonly reason: string | null;
}

/** A proof that came along with a word. It is spent for that word alone (R30), and only where one is asked for. */
export interface Given {
  /** What it was said to be, also where the rest of it is no proof. */
  readonly kind: FactorKind;
  /** Null: what came is none. It counts as a wrong one. */
  readonly proof: Proof | null;
  /** Where it was typed: tries are counted per person and place (H71). Nothing that a caller varies freely. */
  readonly place: string;
  /** True: it stands in for something else that was not said, and is spent in any case. */
  readonly always?: boolean;
}

export interface ApprovalsService {
  /**
   * Looks, judges, stores, and asks people where the policy says so. The answer is the request, whatever came of it.
   * @throws Problem `state_conflict` (the same Idempotency-Key for another action), `rate_limited` (paused, with
   * `retryAfter`; too many open), `request_malformed`.
   */
  ask(ask: Ask): Promise<ApprovalView>;
  /** @throws Problem `not_found`. */
  get(id: ApprovalId): Promise<ApprovalView>;
  /**
   * By id, or a beginning of id or short digest. @throws Problem `not_found`, `ambiguous`.
   * @param for_ `yes`: what waits is meant by five characters at least, and by none that fit what ended in the last day, too.
   */
  find(typed: string, for_?: 'yes'): Promise<ApprovalView>;
  list(
    query: ApprovalQuery & { readonly show: 'open' | 'history' | 'all' },
  ): Promise<readonly ApprovalView[]>;
  /** As get, once its state or its words differ from what they are now, or after `ms`. */
  wait(id: ApprovalId, ms: number, signal: AbortSignal): Promise<ApprovalView>;
  /**
   * One word of one person. Stored before this resolves.
   * @throws Problem `auth_forbidden` with the reason, `auth_factor_required` (with `factors`), `already_decided` (by whom,
   * when), `expired`, `not_found`; `too_soon`: said within 700 ms of the card; `challenge_failed`, `rate_limited`: the proof
   * was not one. No proof is looked at for a no, nor for a yes that needs none, is refused, or comes too late or too soon.
   */
  decide(
    id: ApprovalId,
    decider: Decider,
    said: Said,
    actor: Actor,
    given?: Given | null,
  ): Promise<ApprovalView>;
  /** The requester's own program takes it back. @throws Problem as decide. */
  /** @param changed what would have run otherwise than it was asked, where that is why. */
  cancel(id: ApprovalId, token: TokenId, changed?: string): Promise<ApprovalView>;
  /** The program that waited for it is gone: nobody would use a yes. False: it was over, or its grant was spent. */
  abandon(id: ApprovalId): Promise<boolean>;
  /** Denies everything that waits and that this person may deny. */
  denyAll(decider: Omit<Decider, 'deliveredAt'>, reason: string | null, actor: Actor): Promise<DeniedAll>;
  /** No route reached anybody: ends it, and tells. */
  unreachable(id: ApprovalId): Promise<void>;
  /** People, factors or roles changed: what was asked of others is not asked any more (R41). */
  supersede(why: string): Promise<number>;
  /** For the sweeper: marks what ran out. */
  expire(): Promise<number>;
}

export interface PolicyTest {
  readonly considered: Considered;
  readonly agent: string;
  readonly effective: EffectiveEntry;
  /** Names of who would be asked. */
  readonly names: ReadonlyMap<PrincipalId, string>;
}

export interface PolicyService {
  current(): Promise<Policy>;
  /** What would happen to it, for a requester nobody knows. */
  test(action: Action, agent: string): Promise<PolicyTest>;
  /** The same for a bare line, without anything being run or looked up on disk. */
  testLine(line: string, agent: string, cwd: string | null): Promise<PolicyTest>;
  /** What a change would be. @throws Problem `config_invalid` with every mistake. */
  preview(document: string): Promise<{
    readonly policy: Policy;
    readonly changes: readonly PolicyChange[];
    readonly notes: readonly string[];
  }>;
  /** Version 1 or 2, whole. Supersedes what is open, unless nothing changed. @throws Problem `config_invalid`. */
  import(
    document: string,
    by: Actor,
  ): Promise<{
    readonly version: number;
    readonly changes: readonly PolicyChange[];
    readonly notes: readonly string[];
  }>;
  /** Version 2, as text. */
  export(): Promise<string>;
  /** One value by its path, as in changes (`tiers.write.timeout`, `defaults.ask`, `agents.main.free`). @throws Problem `config_invalid`. */
  set(
    path: string,
    value: string,
    by: Actor,
  ): Promise<{ readonly version: number; readonly changes: readonly PolicyChange[] }>;
  /** "Always allow" what this request asked, as a rule for `forMs`. @throws Problem `policy_denied` with why not. */
  allow(
    id: ApprovalId,
    forMs: Millis,
    by: Actor,
  ): Promise<{ readonly rule: string; readonly text: string; readonly until: Millis }>;
  /** The rule as it would be kept. @throws Problem `policy_denied`. */
  allowPreview(id: ApprovalId, forMs: Millis): Promise<{ readonly text: string; readonly until: Millis }>;
  /** @throws Problem `not_found`. */
  revoke(rule: string, by: Actor): Promise<void>;
}

/** What core asks of the house about risk, read anew each time. */
export type RiskFacts = () => RiskContext;

/** Cards and notices about a request; all of it inside the transaction of the change. */
export interface ApprovalTelling {
  /** Puts the cards. @returns in how many chats. */
  asked(tx: Store, request: ApprovalRecord, now: Millis): Promise<number>;
  /** Closes every card about it and says how it ended; tells the requester's chat where there is one. */
  ended(tx: Store, request: ApprovalRecord, how: EndOf, now: Millis): Promise<void>;
  /** Owners are told of something about requests: a pause, a worn-down yes, nobody reachable. */
  owners(tx: Store, text: string, once: string, now: Millis): Promise<void>;
}

export interface EndOf {
  readonly state: ApprovalRecord['state'];
  /** The person, by name; null where none was. */
  readonly by: string | null;
  readonly reason: string | null;
  /** Where it was answered: that chat has its answer already. */
  readonly answered: Peer | null;
  readonly factors?: readonly FactorKind[];
  /** Of what was lost: its machine had said that it runs. */
  readonly started?: boolean;
  /** Of what has run: this of it was not what was approved. */
  readonly changed?: RunChanged;
}
