// What the audit tells. The body is hashed and holds ids only; what names a person stands beside it under a salted
// commitment, so that the person can be forgotten and the chain still verifies.
import type { Json } from '@countersign/protocol/canonical';
import type { EventId, PrincipalId, TokenId, WriterId } from '@countersign/protocol/ids';
import type { Peer } from '../identity/peer.ts';
import type { Millis } from '../ports.ts';

/** Every event this version writes; a type without a row in docs/spec/audit.md fails a test. */
export const EVENT_TYPES = [
  'gateway.started',
  'gateway.stopped',
  'gateway.claimed',
  'claim.issued',
  'claim.refused',
  'channel.linked',
  'channel.unlinked',
  'channel.login_ended',
  'config.changed',
  'config.refused',
  'message.admitted',
  'message.dropped',
  'message.expired',
  'message.shared_refused',
  'command.answered',
  'command.refused',
  'turn.answered',
  'turn.failed',
  'session.revoked',
  'pairing.requested',
  'pairing.waiting',
  'pairing.approved',
  'pairing.denied',
  'pairing.blocked',
  'pairing.unblocked',
  'pairing.revoked',
  'pairing.prolonged',
  'pairing.reset',
  'person.added',
  'person.enrolled',
  'person.role_changed',
  'person.renamed',
  'person.blocked',
  'person.unblocked',
  'person.suspended',
  'person.resumed',
  'person.forgotten',
  'person.link_offered',
  'person.link_refused',
  'person.linked',
  'person.ceiling_changed',
  'person.unlinked',
  'person.mapped',
  'person.unmapped',
  'person.id_disputed',
  'delivery.failed',
  'call.denied',
  'denials.counted',
  'allow_list.added',
  'allow_list.removed',
  'allow_list.held',
  'allow_list.not_written',
  'config.guarded_changed',
  'config.held',
  'config.accepted',
  'login.requested',
  'login.refused',
  'login.failed',
  'login.exhausted',
  'login.satisfied',
  'login.disowned',
  'login.ticket',
  'factor.enrolled',
  'factor.confirmed',
  'factor.removed',
  'factor.proven',
  'factor.failed',
  'recovery_codes.issued',
  'recovery_code.used',
  'recovery.announced',
  'recovery.stopped',
  'recovery.done',
  'device.requested',
  'device.approved',
  'device.rejected',
  'device.paired',
  'device.revoked',
  'device.renamed',
  'device.scopes_changed',
  'device.proven',
  'setup.issued',
  'setup.used',
  'setup.refused',
  'push.subscribed',
  'push.ended',
  'token.created',
  'token.revoked',
  'token.used',
  'token.refused',
  'bearer.minted',
  'bearer.refused',
  'bearer.revoked',
  'ingress.asserted',
  'ingress.refused',
  'proxy.called',
  'verify.answered',
  'approval.requested',
  'approval.allowed',
  'approval.refused',
  'approval.endorsed',
  'approval.approved',
  'approval.denied',
  'approval.cancelled',
  'approval.expired',
  'approval.superseded',
  'approval.undelivered',
  'approval.flagged',
  'approval.paused',
  'approval.redeemed',
  'approval.started',
  'approval.failed',
  'approval.finished',
  'approval.lost',
  'grant.refused',
  'elevation.begun',
  'elevation.refused',
  'elevation.ended',
  'code.kept_back',
  'policy.changed',
  'policy.allowed',
  'policy.revoked',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** Who did it. The host door is not a person; nor is the configuration file, nor the program itself. */
export type Actor =
  /** `as`: the owner whose factor was proven with the call. Their proof, and still the host's hand. */
  | { readonly kind: 'host'; readonly as?: PrincipalId }
  | { readonly kind: 'file' }
  | { readonly kind: 'system' }
  | { readonly kind: 'sender' }
  /** A program with a service token. */
  | { readonly kind: 'token'; readonly id: TokenId }
  | {
      readonly kind: 'principal';
      readonly id: PrincipalId;
      readonly surface: string;
      /** The chat it was said in, where it was one: told apart from other chats, never written down. */
      readonly chat?: Peer;
    };

export function actorText(actor: Actor): string {
  if (actor.kind === 'principal') return `${actor.id}@${actor.surface}`;
  if (actor.kind === 'token') return actor.id;
  return actor.kind === 'host' && actor.as !== undefined ? `host+${actor.as}` : actor.kind;
}

export interface EventDraft {
  readonly type: EventType;
  readonly at: Millis;
  readonly actor: Actor;
  /** Ids and plain facts: pairing, principal, session, message, channel, account, counts. Never a name or a number. */
  readonly subject: { readonly [key: string]: Json };
  readonly outcome: 'ok' | 'denied' | 'failed';
  readonly reason?: string;
  /** What names a person: identifier, display name, name. Kept outside the hash, sealed, removable. */
  readonly personal?: { readonly [key: string]: string };
  /** Whose the personal part is, so that forgetting them finds it. */
  readonly about?: PrincipalId;
}

/** The hashed body, as written. */
export interface EventBody {
  readonly v: 1;
  readonly writer: WriterId;
  readonly seq: number;
  readonly prev: string;
  readonly id: EventId;
  readonly type: EventType;
  readonly at: Millis;
  readonly actor: string;
  readonly subject: { readonly [key: string]: Json };
  readonly outcome: 'ok' | 'denied' | 'failed';
  readonly reason: string | null;
  /** base64url SHA-256 over salt and personal part; null when the event names nobody. */
  readonly personal: string | null;
}

export interface StoredEvent {
  readonly body: EventBody;
  readonly hash: string;
  /** Null once forgotten, or when there never was one. */
  readonly personal: { readonly salt: string; readonly data: { readonly [key: string]: string } } | null;
}

export interface Head {
  readonly writer: WriterId;
  readonly seq: number;
  readonly hash: string;
}

/** How often something of a type happened, by how it ended. What was only counted (`denials.counted`) stands under the
 * type that it counts. */
export interface Tally {
  readonly type: EventType;
  readonly outcome: EventDraft['outcome'];
  readonly count: number;
}

/** Of one page; everything given has to fit. */
export interface AuditQuery {
  readonly before?: { readonly at: Millis; readonly id: EventId };
  readonly limit: number;
  readonly types?: readonly EventType[];
  /** Ids of the subject: principal, session, pairing, message, … */
  readonly subjects?: readonly string[];
  /** As `subjects`, and also events that a person or a device of that id did. */
  readonly about?: readonly string[];
  readonly outcome?: EventDraft['outcome'];
  /** At that moment or later. */
  readonly since?: Millis;
  /** Before that moment. */
  readonly until?: Millis;
}

export interface Audit {
  /** Links the drafts onto this writer's chain, inside the transaction of the change they tell of. */
  append(drafts: readonly EventDraft[]): Promise<void>;
  /** Events, newest first. `before` pages on. */
  list(query: AuditQuery): Promise<readonly StoredEvent[]>;
  /** What happened since the beginning of the hour of `since`, exact as of now. */
  tally(since: Millis): Promise<{ readonly since: Millis; readonly items: readonly Tally[] }>;
  /** A writer's events after `seq`, in order: for verification and export. */
  walk(writer: WriterId, after: number, limit: number): Promise<readonly StoredEvent[]>;
  heads(): Promise<readonly Head[]>;
  /** What was told of this subject from `since` on, from the events themselves: the index is held by nothing, and whoever can write
   * to the database takes out of it what they like. */
  told(subject: string, types: readonly EventType[], since: Millis): Promise<readonly StoredEvent[]>;
  /** Brings the index by subject up to date; `list` is exact without it, only slower. Returns how many events went in. */
  index(): Promise<number>;
}
