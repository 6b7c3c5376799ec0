// The store's verbs for two things that a proof leaves behind for a while: a grace window of one person for their own
// decisions, and an elevation of an agent's session. Neither reaches what is destructive.
import type { ElevationId, PrincipalId, SessionId } from '@countersign/protocol/ids';
import type { Tier } from '@countersign/protocol/tier';
import type { Millis } from '../ports.ts';

/** One person's proof counts again for this agent and tier, on this machine, for this session (null: requests without one). */
export interface WindowOf {
  readonly principal: PrincipalId;
  readonly agent: string;
  readonly tier: Tier;
  readonly host: string;
  readonly session: SessionId | null;
}

export interface Windows {
  /** Until then; the later end stands. */
  open(of: WindowOf, until: Millis): Promise<void>;
  /** Null: none that lasts. */
  until(of: WindowOf, now: Millis): Promise<Millis | null>;
  /** Of one person, or of everybody: the policy or their factors changed. */
  close(principal: PrincipalId | null): Promise<number>;
  prune(now: Millis): Promise<number>;
}

export interface NewElevation {
  readonly id: ElevationId;
  readonly agent: string;
  /** Null: what is asked without a session, or in the owner's own. */
  readonly session: SessionId | null;
  /** The owner who proved it. */
  readonly by: PrincipalId;
  readonly surface: 'chat' | 'page' | 'host';
  readonly createdAt: Millis;
  readonly until: Millis;
}

export interface ElevationRecord extends NewElevation {
  readonly endedAt: Millis | null;
  /** `person`, `policy_changed`, `people_changed`, `time`; null while it lasts, and until its end in time was noticed. */
  readonly endedBy: string | null;
}

export interface Elevations {
  begin(elevation: NewElevation): Promise<void>;
  get(id: ElevationId): Promise<ElevationRecord | null>;
  /** Those that last, newest first. */
  live(now: Millis): Promise<readonly ElevationRecord[]>;
  /** True for the one that ended it. */
  end(id: ElevationId, by: string, now: Millis): Promise<boolean>;
  /** Those that ran out and were not noticed yet: each once. */
  lapse(now: Millis, limit: number): Promise<readonly ElevationRecord[]>;
  prune(before: Millis): Promise<number>;
}
