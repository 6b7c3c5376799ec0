// The house as a whole: its state, its readiness, its numbers, its end. Reads only; what it tells holds no secret.
import type { DoctorCheck, GatewayStatus, PendingChange } from '@countersign/protocol/gateway';
import { Problem } from '@countersign/protocol/problem';
import { isoTime } from '@countersign/protocol/time';
import type { Config } from '../config/config.ts';
import type { Mistake } from '../config/mistakes.ts';
import { isOpen } from '../core/approval/machine.ts';
import type { Peer } from '../core/identity/peer.ts';
import { effectiveState } from '../core/pairing/machine.ts';
import type { Clock, Millis } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';
import type { Owed } from './allow-file.ts';
import type { AuditReads } from './audit-reads.ts';
import type { ClaimDoor } from './claim-door.ts';
import type { Counters } from './counters.ts';
import type { OpenClaw } from './doctor-openclaw.ts';
import { isolationLevel } from './isolation.ts';
import type { ChannelsView, House, PagesView } from './services.ts';

/** What is counted before "many" is said. */
const MOST_COUNTED = 500;

/** Where the house's files are; runtime/home.ts knows. */
export interface HousePaths {
  readonly root: string;
  readonly store: string;
  readonly keys: string;
  readonly run: string;
  readonly agentGid: number | null;
  readonly agentSocket: string;
}

export interface HousePorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly config: () => Config;
  readonly home: HousePaths;
  /** An OpenClaw beside us; null where there is none. */
  readonly openclaw: () => OpenClaw | null;
  readonly version: string;
  /** Null where no gateway runs. */
  readonly startedAt: Millis | null;
  readonly pid: number;
  readonly addresses: () => readonly string[];
  readonly agentDescribe: () => string;
  readonly claim: Pick<ClaimDoor, 'isOwned'>;
  readonly channels: ChannelsView;
  readonly pages: Pick<PagesView, 'built'>;
  readonly counters: Counters;
  readonly audit: Pick<AuditReads, 'verify'>;
  /** The mistakes of the file that was refused last. */
  readonly configValid: () => { readonly mistakes: readonly Mistake[] };
  /** What the file asks for and is not in force. */
  readonly pending: () => Promise<readonly PendingChange[]>;
  readonly allow: {
    /** Edits of allowFrom that the file owes. */
    owed(): Promise<Owed>;
    listedButBlocked(): Promise<readonly Peer[]>;
  };
  /** Null where no gateway runs. */
  readonly stop: (() => void) | null;
}

export class GatewayHouse implements House {
  readonly #ports: HousePorts;

  constructor(ports: HousePorts) {
    this.#ports = ports;
  }

  async status(): Promise<GatewayStatus> {
    const { version, pid, startedAt, home, claim, channels, pages, addresses, agentDescribe } = this.#ports;
    const config = this.#ports.config();
    const { publicUrl } = config.gateway;
    const elevated = await this.#elevated();
    const pendingApprovals = await this.#pendingApprovals();
    return {
      version,
      pid,
      running: startedAt !== null,
      ...(startedAt === null ? {} : { startedAt: isoTime(startedAt) }),
      home: home.root,
      addresses: [...addresses(), ...(startedAt === null || publicUrl === null ? [] : [`${publicUrl}/`])],
      store: storeText(config),
      owned: await claim.isOwned(),
      agent: agentDescribe(),
      isolation: isolationLevel(home),
      testEndpoints: config.testEndpoints,
      ui: pages.built ? 'built' : 'missing',
      pendingPairings: await this.#pendingPairings(),
      ...(pendingApprovals === 0 ? {} : { pendingApprovals }),
      channels: [...channels.list()],
      ...(elevated.length === 0 ? {} : { elevated }),
    };
  }

  async unready(): Promise<readonly string[]> {
    const { store, channels, pages } = this.#ports;
    const unready: string[] = [];
    await store.ping().catch(() => unready.push('store'));
    for (const { enabled, state, channel, account } of channels.list()) {
      if (enabled && state !== 'connected') unready.push(`channel:${channel}:${account}`);
    }
    if (!pages.built) unready.push('ui');
    return unready;
  }

  async doctor(): Promise<readonly DoctorCheck[]> {
    const { examine } = await import('./doctor.ts');
    return examine(this.#ports);
  }

  async glance(): Promise<readonly DoctorCheck[]> {
    const { glance } = await import('./doctor.ts');
    return glance(this.#ports);
  }

  async metrics(): Promise<string> {
    const { counters, version, startedAt, clock } = this.#ports;
    const { metricsText } = await import('./metrics.ts');
    const pendingPairings = await this.#pendingPairings();
    return metricsText(counters, { version, startedAt: startedAt ?? clock.now(), pendingPairings }, clock);
  }

  stop(): void {
    const { stop } = this.#ports;
    if (stop === null) throw new Problem('gateway_down');
    stop();
  }

  async #elevated(): Promise<NonNullable<GatewayStatus['elevated']>> {
    const { store, clock } = this.#ports;
    const live = await store.elevations.live(clock.now());
    return live.map(({ agent, until }) => ({ agent, until: isoTime(until) }));
  }

  async #pendingApprovals(): Promise<number> {
    const { store, clock } = this.#ports;
    const rows = await store.approvals.briefs({ states: ['pending'], limit: MOST_COUNTED });
    const now = clock.now();
    return rows.filter((row) => isOpen(row, now)).length;
  }

  async #pendingPairings(): Promise<number> {
    const { store, clock } = this.#ports;
    const rows = await store.pairings.list({ states: ['pending', 'waiting'], limit: MOST_COUNTED });
    const now = clock.now();
    return rows.filter((row) => effectiveState(row, now) !== 'expired').length;
  }
}

/** A server's address holds its password, so only the kind is told. */
export function storeText({ store }: Config): string {
  return store.kind === 'sqlite' ? store.url.reveal() : 'postgres';
}
