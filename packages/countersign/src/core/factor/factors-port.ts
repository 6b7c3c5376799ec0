// The store's verbs for factors. A step of a TOTP counts once, ever; a recovery code counts once; a passkey's counter only
// rises. Failures are counted per person and surface, so that nobody can shut an owner out elsewhere (H71).
import type { FactorId, PrincipalId, RecoveryId } from '@countersign/protocol/ids';
import type { Millis } from '../ports.ts';

export type FactorKind = 'totp' | 'passkey';
/** `pending`: enrolled and not yet confirmed, so it proves nothing. */
export type FactorState = 'pending' | 'active' | 'removed';

export interface PasskeyData {
  /** base64url. */
  readonly credential: string;
  /** COSE key, base64url. */
  readonly publicKey: string;
  readonly counter: number;
  readonly transports: readonly string[];
  /** scheme, host and port it was made at: one set per origin. */
  readonly origin: string;
}

export interface NewFactor {
  readonly id: FactorId;
  readonly principal: PrincipalId;
  readonly kind: FactorKind;
  readonly label: string;
  /** Base32 seed of a TOTP, sealed and bound to the row; null for a passkey. */
  readonly secret: string | null;
  readonly passkey: PasskeyData | null;
  readonly state: Exclude<FactorState, 'removed'>;
  readonly createdAt: Millis;
}

export interface FactorRow extends Omit<NewFactor, 'state'> {
  readonly state: FactorState;
  /** The last TOTP step that was accepted; null before the first. */
  readonly lastStep: number | null;
  readonly lastUsedAt: Millis | null;
}

export interface Factors {
  /** 'taken' when a factor that is not removed holds the credential already: nothing changed then. */
  add(factor: NewFactor): Promise<'added' | 'taken'>;
  get(id: FactorId): Promise<FactorRow | null>;
  find(text: string): Promise<readonly FactorRow[]>;
  /** Pending and active ones. */
  of(principal: PrincipalId): Promise<readonly FactorRow[]>;
  byCredential(credential: string): Promise<FactorRow | null>;
  /** True while any owner has an active factor. */
  anyOwnerHas(): Promise<boolean>;
  has(principal: PrincipalId): Promise<boolean>;
  /** pending → active, with the step that confirmed it spent. */
  confirm(id: FactorId, step: number | null, at: Millis): Promise<boolean>;
  /** R26: accepts a step only above the last one. One winner of many. */
  acceptStep(id: FactorId, step: number, at: Millis): Promise<boolean>;
  /** Accepts a counter only above the last one, or zero on authenticators that have none. */
  acceptCounter(id: FactorId, counter: number, at: Millis): Promise<boolean>;
  /** Destroys the seed or the key with it. Inside a transaction those who remove take turns, so that what `anyOwnerHas`
   * answers after it stays true until the end. */
  remove(id: FactorId, at: Millis): Promise<boolean>;
  /** Every factor of the person that is not removed yet; the ids of those it removed. */
  removeAll(principal: PrincipalId, at: Millis): Promise<readonly FactorId[]>;

  /** Replaces the person's recovery codes, all or none of them: argon2id hashes in order. */
  setRecovery(principal: PrincipalId, hashes: readonly string[], at: Millis): Promise<void>;
  /** Unused ones: position and hash. */
  recovery(principal: PrincipalId): Promise<readonly { readonly position: number; readonly hash: string }[]>;
  /** True once per code. `hash` is the one that was checked: a code that was replaced meanwhile spends nothing. */
  useRecovery(principal: PrincipalId, position: number, hash: string, at: Millis): Promise<boolean>;

  /** Counts a try before it is compared, if nothing was counted since `seen`: of many at once one is (R4). */
  counted(principal: PrincipalId, surface: string, seen: Failures, at: Millis): Promise<boolean>;
  /** Counts a failure; returns how many stand now. */
  failed(principal: PrincipalId, surface: string, at: Millis): Promise<number>;
  failures(principal: PrincipalId, surface: string): Promise<Failures>;
  cleared(principal: PrincipalId, surface: string): Promise<void>;
  clearedAll(principal: PrincipalId): Promise<void>;
  /** Surfaces of the person with at least `from` failures stand at `to` from now on. */
  eased(principal: PrincipalId, from: number, to: number): Promise<void>;
}

/** Tries on one surface that were not followed by a right one. */
export interface Failures {
  readonly count: number;
  readonly lastAt: Millis;
}

/** Lost everything: announced, delayed, stoppable. */
export interface RecoveryRow {
  readonly id: RecoveryId;
  readonly principal: PrincipalId;
  readonly state: 'announced' | 'done' | 'stopped';
  readonly startedAt: Millis;
  readonly readyAt: Millis;
  readonly endedAt: Millis | null;
}

export type NewRecovery = Omit<RecoveryRow, 'state' | 'endedAt'>;

export interface Recoveries {
  /** 'exists' when one is announced for the person already. */
  start(recovery: NewRecovery): Promise<'started' | 'exists'>;
  open(principal: PrincipalId): Promise<RecoveryRow | null>;
  /** Every one that is announced, the oldest first. */
  announced(): Promise<readonly RecoveryRow[]>;
  /** The newest one of the person that was carried out. */
  lastDone(principal: PrincipalId): Promise<RecoveryRow | null>;
  find(text: string): Promise<readonly RecoveryRow[]>;
  /** announced → stopped, or → done once it is ready. */
  end(id: RecoveryId, to: 'done' | 'stopped', at: Millis): Promise<boolean>;
}
