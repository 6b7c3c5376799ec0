// The Store: verbs that state the security property, never rows. Every single-use thing is one conditional write decided
// by the rows it touched; every change and its audit event share a transaction.
import type { InstallationId, WriterId } from '@countersign/protocol/ids';
import type { Approvals, Policies } from './approval/approvals-port.ts';
import type { Runs } from './approval/runs-port.ts';
import type { Elevations, Windows } from './approval/windows-port.ts';
import type { Audit } from './audit/event.ts';
import type { Cards } from './card-port.ts';
import type { Challenges, Deaf, Tickets } from './challenge/challenges-port.ts';
import type { Devices, DeviceTokens, Setups } from './device/devices-port.ts';
import type { Factors, Recoveries } from './factor/factors-port.ts';
import type { Aliases } from './identity/alias-port.ts';
import type { LinkOffers } from './identity/link-port.ts';
import type { People } from './identity/people-port.ts';
import type { Messages, Sessions, Turns } from './message.ts';
import type { Outbox } from './outbound.ts';
import type { AllowLists } from './pairing/allow-port.ts';
import type { Pairings } from './pairing/pairings-port.ts';
import type { Millis } from './ports.ts';
import type { PushSubscriptions } from './push/push-port.ts';
import type { Bindings, UserMap } from './session/binding.ts';
import type { Bearers, Tokens } from './token/tokens-port.ts';
import type { Transcripts } from './transcript.ts';

/** Guarded keys of this gateway's configuration as they were last accepted. Sealed: some name people or places. */
export interface AcceptedConfig {
  /** Path → JSON text of the value; a path that was accepted as absent holds 'null'. */
  read(): Promise<ReadonlyMap<string, string>>;
  accept(path: string, json: string, at: Millis): Promise<void>;
}

/** The owner's claim secret, by keyed hash. One at a time: a newer one voids the older. */
export interface Claims {
  issue(hash: string, expiresAt: Millis): Promise<void>;
  /** Takes the secret once. False: wrong, late or used, all alike. */
  take(hash: string, now: Millis): Promise<boolean>;
}

export interface Nonces {
  /** True for the first to take (namespace, value). */
  take(namespace: string, value: string, until: Millis): Promise<boolean>;
  prune(now: Millis): Promise<number>;
}

export interface LimitRule {
  /** Tokens a full bucket holds. */
  readonly burst: number;
  /** Milliseconds for one token to come back. */
  readonly refillMs: number;
}

export interface Limits {
  /** Takes one token of `key`; 0 when it was there, else the milliseconds until one is. */
  take(key: string, rule: LimitRule, now: Millis): Promise<number>;
  /** What take would answer, taking nothing. */
  wait(key: string, rule: LimitRule, now: Millis): Promise<number>;
  prune(before: Millis): Promise<number>;
}

export interface Store {
  readonly installation: InstallationId;
  /** This process's chain in the audit. One gateway home keeps one writer. */
  readonly writer: WriterId;
  readonly dialect: 'sqlite' | 'postgres';
  readonly people: People;
  readonly pairings: Pairings;
  readonly messages: Messages;
  readonly turns: Turns;
  readonly sessions: Sessions;
  readonly bindings: Bindings;
  readonly userMap: UserMap;
  readonly outbox: Outbox;
  readonly transcripts: Transcripts;
  readonly cards: Cards;
  readonly allowLists: AllowLists;
  readonly linkOffers: LinkOffers;
  readonly aliases: Aliases;
  readonly acceptedConfig: AcceptedConfig;
  readonly devices: Devices;
  readonly setups: Setups;
  readonly deviceTokens: DeviceTokens;
  readonly challenges: Challenges;
  readonly tickets: Tickets;
  readonly deaf: Deaf;
  readonly factors: Factors;
  readonly recoveries: Recoveries;
  readonly push: PushSubscriptions;
  readonly tokens: Tokens;
  readonly bearers: Bearers;
  readonly approvals: Approvals;
  readonly policies: Policies;
  readonly runs: Runs;
  readonly windows: Windows;
  readonly elevations: Elevations;
  readonly claims: Claims;
  readonly nonces: Nonces;
  readonly limits: Limits;
  readonly audit: Audit;
  /**
   * All of `work` or nothing. It may await only `tx`: one SQLite connection means that anything else blocks every other
   * query. Not to be nested.
   * @throws whatever `work` throws, after rolling back; Problem `store_full`, `store_unavailable`.
   */
  atomically<T>(work: (tx: Store) => Promise<T>): Promise<T>;
  /** Round trip to the database, for readiness. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
