// Where time passes: timers live here, and nothing is decided here. Expiry is computed on read; this only tidies, sends
// what is due and takes up what waits. A round never overlaps itself, and a round that fails is told and tried again.
import { Problem } from '@countersign/protocol/problem';
import type { GrantsService } from '../core/approval/grants-port.ts';
import { closeExpired } from '../core/cards.ts';
import type { Clock, Log, Millis } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';
import type { CoreServices } from './core-services.ts';

const DAY_MS = 86_400_000;
/** Platforms deliver again for a week; a row of an older message cannot be needed any more. */
const DEDUPE_MS = 8 * DAY_MS;
/** What tells no time (SMS) looks new whenever a copy of it comes: only its row says that it is none. */
const TIMELESS_MS = 400 * DAY_MS;
const OUTBOX_MS = 7 * DAY_MS;
const PAIRING_MS = DAY_MS;
/** What was asked and how it ended can be looked up for so long; that it was stays in the audit. */
const APPROVAL_MS = 90 * DAY_MS;
const LIMIT_MS = DAY_MS;
/** A bearer that has run out is asked about a while longer. */
const BEARER_MS = 3_600_000;
const TRANSCRIPT_LINES = 500;

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly services: Pick<
    CoreServices,
    'dispatcher' | 'turns' | 'denials' | 'devices' | 'approvals' | 'approvalCards' | 'elevations'
  >;
  readonly granting: Pick<GrantsService, 'lose'>;
  /** What the configuration file owes is tried again. */
  tidyConfig(): Promise<void>;
  /** How long a denial keeps its sender silent: its row is what remembers it. */
  denyCooldownMs(): number;
  /** Notes how far the audit has come, outside the store. */
  keepHeads(): Promise<void>;
  /** What was asked by programs that are gone is taken back. */
  lookAfterAskers(now: Millis): Promise<void>;
  /** Accesses that end soon are told of. */
  tellRenewals(): Promise<void>;
}

export interface Sweeper {
  /** Resolves when no round is under way any more. */
  stop(): Promise<void>;
}

export function startSweeper({
  store,
  clock,
  log,
  services,
  granting,
  tidyConfig,
  keepHeads,
  lookAfterAskers,
  tellRenewals,
  denyCooldownMs,
}: Ports): Sweeper {
  const { dispatcher, turns, denials, devices, approvals, approvalCards, elevations } = services;
  const rounds = [
    // Not waited for: a send that hangs in somebody's server keeps neither other accounts nor the end waiting.
    every(1_000, 'send', log, async () => void dispatcher.dispatch()),
    every(1_000, 'ask', log, () => turns.sweep()),
    // So that whoever waits, and every card, says so in the same breath.
    every(1_000, 'approvals', log, async () => void (await approvals.expire())),
    every(1_000, 'askers', log, () => lookAfterAskers(clock.now())),
    every(5_000, 'runs', log, async () => void (await granting.lose())),
    every(5_000, 'elevations', log, async () => void (await elevations.lapse())),
    every(2_000, 'approval-cards', log, () => approvalCards.patrol()),
    every(30_000, 'tidy', log, async () => {
      const now = clock.now();
      await store.audit.index();
      // Before the sweep: it marks what has just ended, and that is told too.
      await tellRenewals();
      await store.pairings.sweep(now, now - Math.max(PAIRING_MS, denyCooldownMs()));
      await dispatcher.expire();
      if ((await closeExpired(store, now)) > 0) void dispatcher.dispatch();
      await approvals.settlePeople();
      await elevations.settlePeople();
      await denials.flush(now);
      await tidyConfig();
      await keepHeads();
    }),
    every(3_600_000, 'prune', log, async () => {
      const now = clock.now();
      await store.messages.prune(now - DEDUPE_MS, now - TIMELESS_MS);
      await store.nonces.prune(now);
      await store.limits.prune(now - LIMIT_MS);
      await store.transcripts.prune(TRANSCRIPT_LINES);
      await store.outbox.prune(now - OUTBOX_MS);
      await store.cards.prune(now - OUTBOX_MS);
      await store.linkOffers.prune(now);
      await store.challenges.prune(now - OUTBOX_MS);
      await store.tickets.prune(now);
      await store.approvals.prune(now - APPROVAL_MS);
      await store.windows.prune(now);
      await store.elevations.prune(now - APPROVAL_MS);
      await store.bearers.prune(now - BEARER_MS);
      await store.deaf.prune(now);
      await devices.tidy(now);
    }),
  ];
  return {
    async stop() {
      await Promise.all(rounds.map((round) => round.stop()));
    },
  };
}

function every(ms: number, name: string, log: Log, work: () => Promise<void>): Sweeper {
  let round: Promise<void> | null = null;
  const timer = setInterval(() => {
    round ??= work()
      .catch((cause: unknown) => log.error('sweep.failed', { name, reason: Problem.codeOf(cause) }))
      .finally(() => {
        round = null;
      });
  }, ms);
  return {
    async stop() {
      clearInterval(timer);
      await round;
    },
  };
}
