// Who speaks in the control lane, and what answering them takes.
import type { ApprovalCards } from '../approval/cards.ts';
import type { ElevationsService } from '../approval/grants-port.ts';
import type { ApprovalsService } from '../approval/service.ts';
import type { Denials } from '../audit/denials.ts';
import type { Actor } from '../audit/event.ts';
import type { Caller } from '../authorise.ts';
import type { Bus } from '../bus.ts';
import type { Login } from '../challenge/login.ts';
import type { Channel } from '../channel-port.ts';
import type { Devices } from '../device/devices.ts';
import type { Factors } from '../factor/factors.ts';
import type { HostRecovery } from '../factor/recover.ts';
import type { Inbound } from '../message.ts';
import type { Found, Search } from '../pairing/find.ts';
import type { Pairings } from '../pairing/pairings.ts';
import type { Clock, Hasher, Millis } from '../ports.ts';
import type { Roster } from '../roster.ts';
import type { Store } from '../store-port.ts';

export interface ControlPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly hasher: Hasher;
  readonly roster: Roster;
  readonly denials: Denials;
  readonly bus: Bus;
  readonly pairings: Pairings;
  readonly devices: Pick<Devices, 'issueSetup' | 'approve' | 'reject' | 'findRequest' | 'findOwnRequest'>;
  readonly login: Login;
  readonly recovery: Pick<HostRecovery, 'find' | 'stop'>;
  readonly approvals: Pick<ApprovalsService, 'find' | 'get' | 'list' | 'decide' | 'denyAll'>;
  readonly approvalCards: Pick<ApprovalCards, 'again'>;
  readonly elevations: Pick<ElevationsService, 'begin' | 'end' | 'live'>;
  readonly factors: Pick<Factors, 'spend'>;
  /** Where a device from elsewhere reaches this house: https, or there is none. */
  pairUrl(): string | null;
  findPairing(search: Search): Promise<Found>;
  channel(channel: string, account: string): Channel | null;
}

/** Who speaks, as proven by this very message. */
export interface Speaker {
  readonly caller: Extract<Caller, { door: 'chat' }>;
  readonly actor: Actor;
  readonly inbound: Inbound;
  readonly now: Millis;
}

/** Roughly, as people say it. */
export function ago(then: Millis, now: Millis): string {
  const minutes = Math.max(0, Math.round((now - then) / 60_000));
  if (minutes < 1) return 'just now';
  if (minutes < 90) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  return hours < 36 ? `${hours} h ago` : `${Math.round(hours / 24)} days ago`;
}
