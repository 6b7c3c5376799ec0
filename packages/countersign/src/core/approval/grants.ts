// Grants, from the yes to the last word of whoever ran it. A grant is signed when it is asked for, spent once before anything
// starts, and lost when nobody is heard of after that: never tried again, and said (E-11, R40).
import { exact } from '@countersign/protocol/exact';
import type { GrantReport } from '@countersign/protocol/grant';
import type { ApprovalId } from '@countersign/protocol/ids';
import { Problem, type ProblemCode } from '@countersign/protocol/problem';
import type { Denials } from '../audit/denials.ts';
import type { Bus } from '../bus.ts';
import type { Clock, Hasher, Log, Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { ApprovalRecord } from './approvals-port.ts';
import type { ApprovalSettings } from './candidates.ts';
import { grantClaims } from './grant-claims.ts';
import type { GrantSigner, GrantsService, Redeemer } from './grants-port.ts';
import { lineOf, redeemerActor } from './redeemer.ts';
import { NOT_REDEEMED, redeemIn, refusedAlready } from './redeeming.ts';
import { NOT_REPORTED, reportIn } from './reporting.ts';
import { BEFORE_SEALS, FORGOTTEN_SURFACE, isAsAsked, isSealed, tampered } from './seal.ts';
import type { ApprovalsService, ApprovalTelling, ApprovalView } from './service.ts';
import { approvalEvent, SYSTEM } from './told.ts';

/** Whoever runs something says so every half minute. */
export const SILENT_MS = 120_000;
/** Ended by one round: the transaction stays short. */
const AT_ONCE = 50;
const HOUR_MS = 3_600_000;
const MOST_TOLD = 1_000;
/** What nobody does by mistake: owners hear of it (H54). */
const ALARMING: ReadonlySet<string> = new Set([
  'forged',
  'unknown',
  'digest_mismatch',
  'not_theirs',
  'wrong_host',
  'not_redeemed',
  'has_started',
  'unsealed',
  'rolled_back',
  'put_back',
]);
/** And these nobody does without the database: it says something else than what happened. */
const TAMPERED: ReadonlySet<string> = new Set(['unsealed', 'rolled_back', 'put_back']);

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly hasher: Hasher;
  readonly bus: Bus;
  readonly log: Log;
  readonly denials: Pick<Denials, 'record'>;
  readonly approvals: Pick<ApprovalsService, 'get'>;
  readonly signer: GrantSigner;
  readonly telling: ApprovalTelling;
  settings(): ApprovalSettings;
  /** The `iss` of every grant. */
  issuer(): string;
  /** Whether the owner keeps the end of what commands print. */
  keepsOutput(): boolean;
}

interface Refused {
  readonly call: 'sign' | 'redeem' | 'report';
  readonly code: ProblemCode;
  readonly detail: string;
  readonly reason: string;
  readonly request: ApprovalRecord | null;
}

export class Grants implements GrantsService {
  readonly #ports: Ports;
  readonly #begun: Millis;
  /** Of this process: the store knows of the others. */
  readonly #told = new Set<string>();

  constructor(ports: Ports) {
    this.#ports = ports;
    this.#begun = ports.clock.now();
  }

  async grantOf({ request, state, run }: ApprovalView): Promise<string | null> {
    const { signer, hasher, issuer } = this.#ports;
    if (state !== 'approved' || run === null || run.redeemedAt !== null) return null;
    // Forgotten since, and with them where they said it: it is void, whether or not anybody has swept it up (R41).
    if (request.words.some(({ surface }) => surface === FORGOTTEN_SURFACE)) return null;
    if (run.seal === BEFORE_SEALS) return null;
    if (!isSealed(hasher, request, run) || !(await isAsAsked(request))) {
      const { code, detail } = NOT_REDEEMED.unsealed;
      throw await this.#refused(null, { call: 'sign', code, detail, reason: 'unsealed', request });
    }
    return signer.sign(grantClaims(request, run, issuer()));
  }

  async redeem(grant: string, by: Redeemer): Promise<ApprovalView> {
    const { store, clock, hasher, signer, telling, settings, approvals } = this.#ports;
    const claims = signer.read(grant);
    if (claims === null) {
      const detail = 'no grant of this gateway';
      throw await this.#refused(by, {
        ...{ call: 'redeem', code: 'grant_invalid', detail, reason: 'forged', request: null },
      });
    }
    const ports = { clock, hasher, telling, settings: settings() };
    const done =
      (await refusedAlready(store, claims, by, clock)) ??
      (await store.atomically((tx) => redeemIn(tx, claims, by, ports)));
    if (done.outcome === 'refused') {
      const { reason, request } = done;
      if (reason === 'void' && request !== null) this.#changed([request.id]);
      throw await this.#refused(by, { call: 'redeem', ...NOT_REDEEMED[reason], reason, request });
    }
    this.#changed([done.id]);
    return approvals.get(done.id);
  }

  async report(report: GrantReport, by: Redeemer): Promise<void> {
    const { store, clock, telling, keepsOutput } = this.#ports;
    const how = { keepsOutput: keepsOutput(), telling, now: clock.now() };
    const done = await store.atomically((tx) => reportIn(tx, report, by, how));
    if (done.outcome === 'refused') {
      const { reason, request } = done;
      const why = { code: 'grant_invalid', detail: NOT_REPORTED[reason] } as const;
      throw await this.#refused(by, { call: 'report', ...why, reason, request });
    }
    if (done.changed) this.#changed([done.id]);
  }

  /** Nothing is lost before this process has listened for as long as a host may be silent: it was away itself. */
  async lose(): Promise<number> {
    const { store, clock, telling } = this.#ports;
    let count = 0;
    for (;;) {
      const now = clock.now();
      if (now - this.#begun < SILENT_MS) return count;
      const lost = await store.atomically(async (tx) => {
        const ids = await tx.runs.lose(now - SILENT_MS, now, AT_ONCE);
        const runs = await tx.runs.of(ids);
        for (const id of ids) {
          const request = await tx.approvals.get(id);
          if (request === null) continue;
          const how = { outcome: 'failed', reason: 'silent', grant: runs.get(id)?.grant ?? null } as const;
          await tx.audit.append([approvalEvent('approval.lost', request, SYSTEM, now, how)]);
          await tellLost(tx, telling, { request, started: runs.get(id)?.startedAt != null }, now);
        }
        return ids;
      });
      this.#changed(lost);
      count += lost.length;
      if (lost.length < AT_ONCE) return count;
    }
  }

  /** Every try is written down, repeated ones by their number (R65). */
  async #refused(by: Redeemer | null, refused: Refused): Promise<Problem> {
    const { store, clock, denials, telling, bus, log } = this.#ports;
    const { call, code, detail, reason, request } = refused;
    const now = clock.now();
    const line = by === null ? 'gateway' : lineOf(by);
    const id = request?.id ?? null;
    // Of one request each: what was tried with another is not written down as tried with this one.
    await denials.record(`grant.refused:${call}:${reason}:${line}:${id}`, {
      type: 'grant.refused',
      at: now,
      actor: by === null ? SYSTEM : await redeemerActor(store, by),
      subject: {
        call,
        ...(by === null ? {} : by.kind === 'token' ? { token: by.token } : { device: by.device }),
        ...(id === null ? {} : { approval: id }),
      },
      outcome: 'denied',
      reason,
    });
    if (ALARMING.has(reason)) {
      const text = alarmText(line, refused);
      // Once an hour of each kind: nobody fills a chat by trying.
      const once = `grant:${call}:${line}:${reason}:${Math.floor(now / HOUR_MS)}`;
      if (!this.#told.has(once)) {
        await store.atomically((tx) => telling.owners(tx, text, once, now));
        bus.publish('outboxPut', { count: 1 });
        if (this.#told.size >= MOST_TOLD) this.#told.clear();
        this.#told.add(once);
      }
    }
    if (!TAMPERED.has(reason)) return new Problem(code, { detail, members: { reason } });
    log.error('grants.tampered', { approval: id, call, reason });
    return tampered(code, detail, { reason });
  }

  #changed(ids: readonly ApprovalId[]): void {
    const { bus } = this.#ports;
    for (const id of ids) bus.publish('approvalChanged', id);
    if (ids.length > 0) bus.publish('outboxPut', { count: ids.length });
  }
}

function alarmText(line: string, { call, reason, request }: Refused): string {
  const about = request === null ? '' : ` It was about ${request.short}.`;
  if (TAMPERED.has(reason))
    return `The database says something else than what happened (${reason}): a grant was refused.${about} Keep the database as it is, and compare it with a backup: countersign audit verify`;
  const what =
    call === 'report' ? 'told of a run that is none of its own' : 'came with a grant that it may not use';
  return `${line} ${what} (${reason}), and was refused.${about} Look at: countersign audit list`;
}

async function tellLost(
  tx: Store,
  telling: ApprovalTelling,
  { request, started }: { readonly request: ApprovalRecord; readonly started: boolean },
  now: Millis,
): Promise<void> {
  const { id, short, agent, need } = request;
  const known = started
    ? 'started, and how it ended is not known: its machine was not heard of since'
    : 'may not have run: its machine took the grant, and said neither that it started nor anything since';
  const text = `${short} of ${exact(agent)} ${known}. It is not tried again: countersign approvals show ${id}`;
  await telling.owners(tx, text, `lost:${id}`, now);
  if (need !== null)
    await telling.ended(tx, request, { state: 'lost', by: null, reason: null, answered: null, started }, now);
}
