// What needs an owner now, oldest first, and how the house is. Everything in it is a row of another list, printed as that
// list prints it: whoever may look at the house may read it there too.
import type { GatewayStatus } from '@countersign/protocol/gateway';
import type { Need, Overview } from '@countersign/protocol/overview';
import { isoTime } from '@countersign/protocol/time';
import type { EventType } from '../core/audit/event.ts';
import type { Clock } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';
import type { ApprovalDoor } from './approval-door.ts';
import type { DeviceDoor } from './device-door.ts';
import type { FactorDoor } from './factor-door.ts';
import type { Lists } from './lists.ts';
import { printPairing } from './print.ts';
import { printDeviceRequest } from './print-devices.ts';
import { printRecovery } from './print-factors.ts';
import type { ChannelsView, ConfigView, House } from './services.ts';

/** Told one by one; behind them a number. */
const MOST_NEEDS = 50;
const MOST_OF_A_KIND = 200;
const DAY_MS = 24 * 60 * 60_000;

/** What each number counts. */
const COUNTED: Readonly<Record<keyof Overview['day']['counts'], readonly EventType[]>> = {
  admitted: ['message.admitted'],
  answered: ['turn.answered'],
  unanswered: ['turn.failed', 'message.expired'],
  asked: ['pairing.requested', 'pairing.waiting'],
  letIn: ['pairing.approved'],
  turnedAway: ['pairing.denied', 'pairing.blocked'],
  signedIn: ['login.satisfied'],
  ranUnasked: ['approval.allowed'],
  putToPeople: ['approval.requested'],
  saidYes: ['approval.approved'],
  saidNo: ['approval.denied'],
  refused: ['call.denied', 'login.failed', 'login.refused', 'command.refused'],
  undelivered: ['delivery.failed'],
};

interface Ports {
  readonly store: Pick<Store, 'audit'>;
  readonly clock: Clock;
  readonly house: Pick<House, 'status' | 'glance'>;
  readonly lists: Pick<Lists, 'pairings'>;
  readonly approvals: Pick<ApprovalDoor, 'list'>;
  readonly devices: Pick<DeviceDoor, 'list'>;
  readonly factors: Pick<FactorDoor, 'recoveries'>;
  readonly config: Pick<ConfigView, 'pending'>;
  readonly channels: Pick<ChannelsView, 'list'>;
}

export class OverviewReads {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async read(): Promise<Overview> {
    const { clock, house, store } = this.#ports;
    const now = clock.now();
    const [needs, status, tally] = await Promise.all([
      this.#needs(),
      house.status(),
      store.audit.tally(now - DAY_MS),
    ]);
    const { version, startedAt, agent, isolation, testEndpoints, channels } = status;
    return {
      at: isoTime(now),
      needs: needs.slice(0, MOST_NEEDS),
      more: Math.max(0, needs.length + unread(needs, status) - MOST_NEEDS),
      day: {
        since: isoTime(tally.since),
        counts: {
          admitted: sum('admitted'),
          answered: sum('answered'),
          unanswered: sum('unanswered'),
          asked: sum('asked'),
          letIn: sum('letIn'),
          turnedAway: sum('turnedAway'),
          signedIn: sum('signedIn'),
          ranUnasked: sum('ranUnasked'),
          putToPeople: sum('putToPeople'),
          saidYes: sum('saidYes'),
          saidNo: sum('saidNo'),
          refused: sum('refused'),
          undelivered: sum('undelivered'),
        },
      },
      health: {
        version,
        ...(startedAt === undefined ? {} : { startedAt }),
        agent,
        isolation,
        testEndpoints,
        channels,
      },
    };

    function sum(name: keyof typeof COUNTED): number {
      return tally.items.reduce(
        (all, { type, count }) => (COUNTED[name].includes(type) ? all + count : all),
        0,
      );
    }
  }

  async #needs(): Promise<Need[]> {
    const { clock, house, lists, approvals, devices, factors, config, channels } = this.#ports;
    const now = clock.now();
    const [pairings, waiting, asking, recoveries, pending, checks] = await Promise.all([
      lists.pairings({ show: 'open', oldestFirst: true, limit: MOST_OF_A_KIND }),
      approvals.list({ show: 'open', limit: MOST_OF_A_KIND }),
      devices.list({ show: 'pending', limit: MOST_OF_A_KIND }),
      factors.recoveries(),
      config.pending(),
      house.glance(),
    ]);
    const since: Need[] = [
      ...pairings.items.map((row): Need => {
        const pairing = printPairing(row, now);
        return { kind: 'pairing', since: pairing.createdAt, pairing };
      }),
      ...waiting
        .filter(({ state }) => state === 'pending')
        .map(({ request: { id, short, tier, agent, createdAt, expiresAt } }): Need => {
          const [since, until] = [isoTime(createdAt), isoTime(expiresAt)];
          const approval = { id, short, tier, agent, createdAt: since, expiresAt: until };
          return { kind: 'approval', since, approval };
        }),
      ...asking.requests.map((row): Need => {
        const device = printDeviceRequest(row, now);
        return { kind: 'device', since: device.createdAt, device };
      }),
      ...recoveries.map((row): Need => {
        const recovery = printRecovery(row);
        return { kind: 'recovery', since: recovery.startedAt, recovery };
      }),
    ];
    since.sort((one, other) => Date.parse(one.since ?? '') - Date.parse(other.since ?? ''));
    const ailing = channels
      .list()
      .filter(({ enabled, state }) => enabled && (state === 'failed' || state === 'retrying'));
    return [
      // A recovery ends what its owner has: it is before everything, whenever it began.
      ...since.filter(({ kind }) => kind === 'recovery'),
      ...since.filter(({ kind }) => kind !== 'recovery'),
      ...pending.map((change): Need => ({ kind: 'config', change })),
      ...ailing.map((channel): Need => ({ kind: 'channel', channel })),
      ...checks.map((check): Need => ({ kind: 'check', check })),
    ];
  }
}

/** People who wait and were not read: of a crowd the oldest are. */
function unread(needs: readonly Need[], { pendingPairings }: GatewayStatus): number {
  return Math.max(0, pendingPairings - needs.filter(({ kind }) => kind === 'pairing').length);
}
