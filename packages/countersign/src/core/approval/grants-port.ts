// What grants and elevations are to the surfaces, and what signs a grant.
import type { GrantClaims, GrantReport } from '@countersign/protocol/grant';
import type { DeviceId, ElevationId, PrincipalId, SessionId, TokenId } from '@countersign/protocol/ids';
import type { BearerKeys } from '@countersign/protocol/token';
import type { Actor } from '../audit/event.ts';
import type { Millis } from '../ports.ts';
import type { ApprovalView, Given } from './service.ts';
import type { ElevationRecord } from './windows-port.ts';

export interface GrantSigner {
  /** Public half, as it stands in a key set: what clients pin. */
  readonly publicJwk: Omit<BearerKeys['keys'][number], 'countersign_purpose'>;
  /** A compact JWS, typ countersign-grant+jwt. The same claims give the same bytes (Ed25519). */
  sign(claims: GrantClaims): string;
  /** The claims of one of ours, whatever its times say; null for anything else. */
  read(grant: string): GrantClaims | null;
}

/** Who spends a grant and tells of it: the program that asked, or the machine that it names. */
export type Redeemer =
  | { readonly kind: 'token'; readonly token: TokenId }
  | { readonly kind: 'device'; readonly device: DeviceId };

export interface GrantsService {
  /** Of an approved request whose grant is not spent; null otherwise. */
  grantOf(view: ApprovalView): Promise<string | null>;
  /**
   * Spends it, before anything starts. Stored before this resolves.
   * @throws Problem `grant_invalid`, `grant_expired`, `grant_redeemed`, `grant_wrong_host`; all but the last audited, and what
   * another machine or program comes with is told to the owners (H54).
   */
  redeem(grant: string, by: Redeemer): Promise<ApprovalView>;
  /** @throws Problem `grant_invalid`: not redeemed, or by another (H54). */
  report(report: GrantReport, by: Redeemer): Promise<void>;
  /** For the sweeper: redeemed, and silent for too long. */
  lose(): Promise<number>;
}

export interface Elevate {
  readonly agent: string;
  readonly session: SessionId | null;
  readonly forMs: Millis;
}

/** Who elevates, as the door proved them, and what they prove it with. */
export interface Elevator {
  readonly owner: PrincipalId;
  readonly surface: 'chat' | 'page' | 'host';
  readonly actor: Actor;
  readonly given: Given | null;
}

export interface ElevationsService {
  /**
   * An owner's, proven here, with this very call. @throws Problem `request_malformed` (longer than an hour), `auth_forbidden`,
   * `auth_factor_required` (none came along, or they have none), `challenge_failed`, `rate_limited`.
   */
  begin(elevate: Elevate, by: Elevator): Promise<ElevationRecord>;
  live(): Promise<readonly ElevationRecord[]>;
  /** One, or every one. @returns how many ended. @throws Problem `not_found` for one that does not last. */
  end(id: ElevationId | null, actor: Actor): Promise<number>;
}
