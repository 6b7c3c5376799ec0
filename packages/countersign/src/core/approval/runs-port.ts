// The store's verbs for grants and what became of them. A grant is issued with the yes, in its transaction, and spent by one
// conditional write from `approved`: a thousand at once, one winner (R40). What its executor says later changes no right.
import type { ApprovalId, GrantId } from '@countersign/protocol/ids';
import type { Millis } from '../ports.ts';

export interface NewRun {
  readonly approval: ApprovalId;
  readonly grant: GrantId;
  readonly issuedAt: Millis;
  readonly expiresAt: Millis;
  /** What it stands for, as a keyed hash: seal.ts. */
  readonly seal: string;
}

/** What was found to be another one than was approved, right after the start. */
export type RunChanged = 'program' | 'script';

export interface RunEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly changed: RunChanged | null;
  readonly outputDigest: string | null;
  readonly outputSize: number | null;
  /** Sealed; null where the owner does not keep it. */
  readonly output: string | null;
}

export interface RunRecord extends Omit<NewRun, 'seal'> {
  /** Null: not written by us, or by us before there were any. It stands for nothing. */
  readonly seal: string | null;
  readonly redeemedAt: Millis | null;
  /** Who spent it, as a line: `token:tok_…`, `device:dev_…`. Nobody else reports. */
  readonly redeemedBy: string | null;
  readonly startedAt: Millis | null;
  /** Last heard of. */
  readonly seenAt: Millis | null;
  readonly finishedAt: Millis | null;
  readonly lostAt: Millis | null;
  /** Sealed: why nothing was started though it was redeemed. */
  readonly failure: string | null;
  readonly end: RunEnd | null;
}

export interface Runs {
  /** Once a request, in the transaction of its yes. */
  issue(run: NewRun): Promise<void>;
  of(approvals: readonly ApprovalId[]): Promise<ReadonlyMap<ApprovalId, RunRecord>>;
  /** Inside a transaction those who look take turns, as with requests. */
  byGrant(grant: GrantId): Promise<RunRecord | null>;
  /** approved → redeemed, while it lasts. True for one, ever. */
  redeem(grant: GrantId, by: string, now: Millis): Promise<boolean>;
  /** redeemed (or lost), by the same: it runs. False: not theirs, or over. */
  started(grant: GrantId, by: string, now: Millis): Promise<boolean>;
  /** Still there. */
  seen(grant: GrantId, by: string, now: Millis): Promise<boolean>;
  /** redeemed | lost → finished. `failure` where nothing was started. */
  finish(
    grant: GrantId,
    by: string,
    how: { readonly end: RunEnd } | { readonly failure: string },
    now: Millis,
  ): Promise<boolean>;
  /** redeemed and silent since: → lost. Never retried. */
  lose(silentSince: Millis, now: Millis, limit: number): Promise<readonly ApprovalId[]>;
}
