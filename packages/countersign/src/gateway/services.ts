// Everything a route may call. compose.ts builds it once; a route picks one service and prints what it answers.

import type { Hello } from '@countersign/protocol/device';
import type { AccountStatus, DoctorCheck, GatewayStatus, PendingChange } from '@countersign/protocol/gateway';
import type { BearerKeys } from '@countersign/protocol/token';
import type { GrantsService } from '../core/approval/grants-port.ts';
import type { Actor } from '../core/audit/event.ts';
import type { Caller, Verb } from '../core/authorise.ts';
import type { StepUp } from '../core/factor/step-up.ts';
import type { Directory } from '../core/identity/directory.ts';
import type { Links } from '../core/identity/links.ts';
import type { Peer } from '../core/identity/peer.ts';
import type { Session } from '../core/message.ts';
import type { Found, Search } from '../core/pairing/find.ts';
import type { Pairings } from '../core/pairing/pairings.ts';
import type { Clock } from '../core/ports.ts';
import type { Revoked } from '../core/session/revoke.ts';
import type { UserMaps } from '../core/session/user-maps.ts';
import type { Ingress } from '../core/token/ingress.ts';
import type { ServiceTokens } from '../core/token/tokens.ts';
import type { ApprovalDoor } from './approval-door.ts';
import type { AuditReads } from './audit-reads.ts';
import type { ChannelLogins } from './channel-logins.ts';
import type { ChannelsAdd } from './channels-add.ts';
import type { ClaimDoor } from './claim-door.ts';
import type { ClientPlace } from './client-file.ts';
import type { ConfigEdits } from './config-edit-door.ts';
import type { DeviceDoor } from './device-door.ts';
import type { ElevationDoor } from './elevation-door.ts';
import type { ExecHosts } from './exec-hosts.ts';
import type { FactorDoor } from './factor-door.ts';
import type { ForwardAuth } from './forward-auth.ts';
import type { GrantDoor } from './grant-door.ts';
import type { Lists } from './lists.ts';
import type { LoginDoor } from './login-door.ts';
import type { OverviewReads } from './overview.ts';
import type { PolicyDoor } from './policy-door.ts';
import type { PushDoor } from './push-door.ts';
import type { Receipts } from './receipts.ts';
import type { Route } from './route.ts';
import type { OauthServices } from './token-services.ts';
import type { Webhooks } from './webhooks.ts';

/** The house as a whole. */
export interface House {
  status(): Promise<GatewayStatus>;
  /** Why it is not ready, by part; empty when it is. */
  unready(): Promise<readonly string[]>;
  doctor(): Promise<readonly DoctorCheck[]>;
  /** The doctor's cheap checks, as far as they are not well. */
  glance(): Promise<readonly DoctorCheck[]>;
  metrics(): Promise<string>;
  /** Begins a graceful stop. @throws Problem `gateway_down` where no gateway runs. */
  stop(): void;
}

export interface ChannelsView {
  list(): readonly AccountStatus[];
  /** With a live check where the channel has one. */
  probe(): Promise<readonly AccountStatus[]>;
}

export interface ConfigView {
  /** The value at `path` (everything without one), secrets masked. @throws Problem `not_found`, `request_malformed`. */
  get(path: string | undefined): unknown;
  /** What `set` would say, before a proof is asked for; nothing is written. @throws Problem as `set`. */
  check(path: string, value: unknown): Promise<void>;
  /** @throws Problem `config_invalid` with every mistake: the file is as it was then. */
  set(path: string, value: unknown, by: Actor): Promise<unknown>;
  unset(path: string, by: Actor): Promise<void>;
  /** @throws Problem `config_invalid`. */
  validate(): { readonly path: string };
  /** What the file asks for and is not in force. */
  pending(): Promise<readonly PendingChange[]>;
  /** @throws Problem `not_found` when nothing waits there. */
  accept(path: string, by: Actor): Promise<void>;
  schema(): unknown;
  path(): { readonly path: string; readonly exists: boolean };
}

/** What belongs to the Control UI and is no page: its service worker, and what an installed app is called. */
export type RootFile = 'worker' | 'manifest';

export interface PagesView {
  readonly built: boolean;
  page(name: 'index' | 'chat', request: Request): Promise<Response>;
  asset(name: string): Promise<Response>;
  root(name: RootFile, request: Request): Promise<Response>;
  icon(name: string): Promise<Response>;
}

export interface Services {
  readonly clock: Clock;
  readonly claim: ClaimDoor;
  readonly login: LoginDoor<Hello>;
  readonly house: House;
  readonly overview: OverviewReads;
  readonly pairings: Pairings;
  readonly people: Directory;
  /** Which users of the owner's tools people are. */
  readonly userMaps: UserMaps;
  /** Proofs that calls carry. */
  readonly stepUp: StepUp;
  readonly factors: FactorDoor;
  readonly devices: DeviceDoor;
  readonly links: Links;
  readonly push: PushDoor;
  readonly lists: Lists;
  /** @throws Problem `state_conflict` when it had ended before. */
  revokeSession(session: Session, by: Actor): Promise<Revoked>;
  readonly channels: ChannelsView;
  readonly channelsAdd: ChannelsAdd;
  readonly channelLogins: ChannelLogins;
  readonly config: ConfigView;
  /** Several changes of it as one. */
  readonly configEdits: ConfigEdits;
  /** Service tokens, and what programs do with them. */
  readonly tokens: ServiceTokens;
  /** What every client.json of this gateway holds. */
  readonly clientPlace: ClientPlace;
  readonly oauth: OauthServices;
  readonly ingress: Ingress;
  readonly forwardAuth: ForwardAuth;
  /** What agents want to run, and what people say to it. */
  readonly approvals: ApprovalDoor;
  /** What a yes lets run, once. */
  readonly grants: GrantDoor;
  /** The same without a door: for the sweeper, and for machines that are connected. */
  readonly granting: GrantsService;
  /** Machines elsewhere that run what they are granted. */
  readonly execHosts: ExecHosts;
  readonly policy: PolicyDoor;
  readonly elevations: ElevationDoor;
  readonly audit: AuditReads;
  readonly receipts: Receipts;
  /** What backends verify bearers with, and others grants and receipts. */
  jwks(): BearerKeys;
  readonly pages: PagesView;
  readonly webhooks: Webhooks;
  /** The route table itself, for the pages that describe it. */
  readonly routes: () => readonly Route[];
  findPairing(search: Search): Promise<Found>;
  /** The chat an owner names, by address or by the code of a stranger who waits. */
  peerOf(text: string): Promise<Peer>;
  /** A call that was refused at the door: counted in the audit. */
  denied(caller: Caller, verb: Verb, reason: string): Promise<void>;
}
