// Requests for approval, whole: asked, told, decided, ended. Whose word counts is a rule (may-decide.ts), what it comes to
// is a table (machine.ts), and both happen in the transaction that stores it: nothing says "done" before it is (E-06).
import { actionDigest } from '@countersign/protocol/action-digest';
import { type ApprovalId, isId, type PrincipalId, type TokenId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Denials } from '../audit/denials.ts';
import type { Actor } from '../audit/event.ts';
import type { Bus } from '../bus.ts';
import type { Factors } from '../factor/factors.ts';
import type { Clock, Hasher, Log, Millis, Random } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { ApprovalQuery, ApprovalRecord } from './approvals-port.ts';
import { askIn } from './asking.ts';
import type { ApprovalSettings } from './candidates.ts';
import { Decisions } from './decisions.ts';
import { supersedeEvery, supersedeShutOut, supersedeStale } from './ending.ts';
import { beginningsOf, findRequest, isEnoughForYes } from './find.ts';
import { isOpen, stateAt } from './machine.ts';
import type { Decider } from './may-decide.ts';
import { pausedUntil } from './pause.ts';
import { notNow } from './refusals.ts';
import type {
  ApprovalsService,
  ApprovalTelling,
  ApprovalView,
  Ask,
  DeniedAll,
  Given,
  RiskFacts,
  Said,
} from './service.ts';
import { ASKER_GONE, approvalEvent, CHANGED, lastWord, notThere, SYSTEM, tooShort } from './told.ts';
import { viewsOf } from './views.ts';

/** Requests that a beginning may fit before more characters have to be typed. */
const MAX_FOUND = 100;
/** Nobody says yes to a card of yesterday. */
const REMEMBERED_MS = 24 * 3_600_000;
/** Ended by one round: the transaction stays short. */
const AT_ONCE = 50;

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly bus: Bus;
  readonly log: Log;
  readonly denials: Denials;
  readonly factors: Pick<Factors, 'prove'>;
  /** Cards and notices; asked for when something is told, for it knows of us. */
  telling(): ApprovalTelling;
  readonly facts: RiskFacts;
  settings(): ApprovalSettings;
  /** Aborts after so long: how a wait ends. */
  deadline(afterMs: Millis): AbortSignal;
}

export class Approvals implements ApprovalsService {
  readonly #ports: Ports;
  readonly #decisions: Decisions;
  #following: Promise<unknown> = Promise.resolve();

  constructor(ports: Ports) {
    this.#ports = ports;
    this.#decisions = new Decisions({ ...ports, changed: (ids) => this.#changed(ids) });
    ports.bus.subscribe('principalChanged', (person) => this.#follow(person));
  }

  /** Resolves once what people's changes void is void. */
  async settled(): Promise<void> {
    await this.#following;
  }

  async ask(ask: Ask): Promise<ApprovalView> {
    const { store, clock, random, hasher, facts, telling, settings, denials } = this.#ports;
    const digest = await actionDigest(ask.action);
    const { idempotencyKey } = ask;
    const key =
      idempotencyKey === null ? null : hasher.keyed('idempotency-key', `${ask.token} ${idempotencyKey}`);
    const ports = { random, hasher, facts, telling: telling(), settings: settings() };
    const { asked, now } = await store.atomically(async (tx) => {
      await tx.approvals.turn();
      // After the turn: an elevation that ended in the meantime carries nothing.
      const now = clock.now();
      return { asked: await askIn(tx, { ...ask, digest, key }, ports, now), now };
    });
    if (asked.outcome === 'refused') throw await notNow(denials, ask, asked.conduct, now);
    if (asked.outcome === 'opened') this.#changed([asked.id]);
    return this.get(asked.id);
  }

  async get(id: ApprovalId): Promise<ApprovalView> {
    const request = await this.#ports.store.approvals.get(id);
    if (request === null) throw notThere();
    return this.#view(request);
  }

  async find(typed: string, for_?: 'yes'): Promise<ApprovalView> {
    const text = typed.trim();
    if (isId('approval', text)) return this.get(text);
    const beginnings = beginningsOf(text);
    if (beginnings === null) throw notThere();
    const now = this.#ports.clock.now();
    const fit = await this.#ports.store.approvals.beginning(beginnings, MAX_FOUND);
    const open = fit.filter((one) => isOpen(one, now));
    const over = fit.filter((one) => !isOpen(one, now));
    const found = findRequest(text, open, over);
    if (found.outcome === 'not_found') throw notThere();
    const isYes = for_ === 'yes' && open.length > 0;
    // What people read may have been taken back since, and this one made to look like it: they mean the one they read.
    const isBoth = isYes && over.some((one) => (one.endedAt ?? one.expiresAt) > now - REMEMBERED_MS);
    if (found.outcome === 'ambiguous' || isBoth)
      throw new Problem('ambiguous', { detail: 'that beginning fits more than one request' });
    if (isYes && !isEnoughForYes(text)) throw tooShort();
    return this.#view(found.request);
  }

  async list(
    query: ApprovalQuery & { readonly show: 'open' | 'history' | 'all' },
  ): Promise<readonly ApprovalView[]> {
    const { store, clock } = this.#ports;
    const { show, ...rest } = query;
    // Whatever ran out is marked first: a page has as many rows as were asked for.
    await this.expire();
    const states = show === 'open' ? (['pending'] as const) : show === 'history' ? OVER : undefined;
    const rows = await store.approvals.list({ ...rest, ...(states === undefined ? {} : { states }) });
    return viewsOf(store, rows, clock.now());
  }

  async wait(id: ApprovalId, ms: number, signal: AbortSignal): Promise<ApprovalView> {
    const { bus, clock, deadline } = this.#ports;
    let wake = (): void => undefined;
    let heard = false;
    // Listening before looking: what happens in between is heard.
    const stop = bus.subscribe('approvalChanged', (changed) => {
      if (changed !== id) return;
      heard = true;
      wake();
    });
    try {
      const first = await this.get(id);
      const left = Math.min(ms, first.request.expiresAt - clock.now());
      if (first.state !== 'pending' || left <= 0) return first;
      const end = AbortSignal.any([signal, deadline(left)]);
      for (;;) {
        if (!heard && !end.aborted)
          await new Promise<void>((resolve) => {
            wake = resolve;
            end.addEventListener('abort', () => resolve(), { once: true });
          });
        heard = false;
        const now = await this.get(id);
        const isSame = now.state === first.state && now.request.words.length === first.request.words.length;
        if (!isSame || end.aborted) return now;
      }
    } finally {
      stop();
    }
  }

  async decide(
    id: ApprovalId,
    decider: Decider,
    said: Said,
    actor: Actor,
    given: Given | null = null,
  ): Promise<ApprovalView> {
    await this.#decisions.decide(id, { decider, said, actor, given });
    return this.get(id);
  }

  async cancel(id: ApprovalId, token: TokenId, changed?: string): Promise<ApprovalView> {
    const { store, clock, telling } = this.#ports;
    const tell = telling();
    const why = changed === undefined ? 'requester' : `${CHANGED}${changed}`;
    await store.atomically(async (tx) => {
      const request = await tx.approvals.get(id);
      const now = clock.now();
      // Another program's request is not there for this one.
      if (request === null || request.token !== token) throw notThere();
      if (!(await tx.approvals.end(id, 'cancel', why, now))) {
        const code = ['expired', 'superseded'].includes(stateAt(request, now))
          ? 'expired'
          : 'already_decided';
        // Who decided is no business of a program (approval 4.5).
        const state = stateAt(request, now);
        throw new Problem(code, { detail: `that request is ${state} already`, members: { state } });
      }
      const by: Actor = { kind: 'token', id: token };
      await this.#tellEnded(tx, tell, id, { type: 'approval.cancelled', by, state: 'cancelled' }, now);
    });
    this.#changed([id]);
    return this.get(id);
  }

  async abandon(id: ApprovalId): Promise<boolean> {
    const { store, clock, telling } = this.#ports;
    const tell = telling();
    const ended = await store.atomically(async (tx) => {
      const now = clock.now();
      if (!(await tx.approvals.end(id, 'cancel', ASKER_GONE, now))) return false;
      await this.#tellEnded(
        tx,
        tell,
        id,
        { type: 'approval.cancelled', by: SYSTEM, state: 'cancelled' },
        now,
      );
      return true;
    });
    if (ended) this.#changed([id]);
    return ended;
  }

  denyAll(decider: Omit<Decider, 'deliveredAt'>, reason: string | null, actor: Actor): Promise<DeniedAll> {
    return this.#decisions.denyAll(decider, reason, actor);
  }

  async unreachable(id: ApprovalId): Promise<void> {
    const { store, clock, telling } = this.#ports;
    const now = clock.now();
    const tell = telling();
    const ended = await store.atomically(async (tx) => {
      if (!(await tx.approvals.end(id, 'deny', 'no_approver_reachable', now))) return false;
      const request = await this.#tellEnded(
        tx,
        tell,
        id,
        { type: 'approval.undelivered', by: SYSTEM, state: 'denied', reason: 'no_approver_reachable' },
        now,
      );
      const text = `Nobody could be told of ${request.short}: it was refused. countersign approvals show ${id}`;
      await tell.owners(tx, text, `unreachable:${id}`, now);
      return true;
    });
    if (ended) this.#changed([id]);
  }

  async supersede(why: string): Promise<number> {
    const { store, clock, telling } = this.#ports;
    const tell = telling();
    const ended = await store.atomically((tx) => supersedeEvery(tx, tell, why, clock.now()));
    this.#changed(ended);
    return ended.length;
  }

  async expire(): Promise<number> {
    const { store, clock, telling } = this.#ports;
    let count = 0;
    for (;;) {
      const now = clock.now();
      const tell = telling();
      const ended = await store.atomically(async (tx) => {
        const ids = await tx.approvals.expire(now, AT_ONCE);
        if (ids.length === 0) return ids;
        // What ran unasked, or could have, is nobody's news when its time is over.
        const asked = await tx.approvals.briefs({ ids, asked: 'people', limit: AT_ONCE });
        const how = { type: 'approval.expired', by: SYSTEM, state: 'expired' } as const;
        for (const { id } of asked) await this.#tellEnded(tx, tell, id, how, now);
        return ids;
      });
      this.#changed(ended);
      count += ended.length;
      if (ended.length < AT_ONCE) return count;
    }
  }

  /** Voids what is asked of people who are others now. Also for the sweeper: a process may die between a change and this. */
  async settlePeople(): Promise<void> {
    const { store, clock, telling, settings } = this.#ports;
    const [tell, now] = [telling(), clock.now()];
    const ended = await store.atomically(async (tx) => [
      ...(await supersedeShutOut(tx, now)),
      ...(await supersedeStale(tx, tell, settings(), now)),
    ]);
    this.#changed(ended);
  }

  async #tellEnded(
    tx: Store,
    tell: ApprovalTelling,
    id: ApprovalId,
    {
      type,
      by,
      state,
      reason = null,
    }: {
      readonly type: 'approval.cancelled' | 'approval.undelivered' | 'approval.expired';
      readonly by: Actor;
      readonly state: 'cancelled' | 'denied' | 'expired';
      readonly reason?: string | null;
    },
    now: Millis,
  ): Promise<ApprovalRecord> {
    const request = await tx.approvals.get(id);
    if (request === null) throw notThere();
    const outcome = state === 'denied' ? 'denied' : 'ok';
    await tx.audit.append([
      approvalEvent(type, request, by, now, { outcome, reason: reason ?? request.endedBy }),
    ]);
    if (request.need !== null)
      await tell.ended(tx, request, { state, by: null, reason, answered: null }, now);
    return request;
  }

  async #view(request: ApprovalRecord): Promise<ApprovalView> {
    const { store, clock } = this.#ports;
    const now = clock.now();
    const [view] = await viewsOf(store, [request], now);
    if (view === undefined) throw notThere();
    const until =
      view.state === 'denied' && lastWord(request) !== null ? await pausedUntil(store, request, now) : null;
    return until === null ? view : { ...view, pausedUntil: until };
  }

  #changed(ids: readonly ApprovalId[]): void {
    const { bus } = this.#ports;
    for (const id of ids) bus.publish('approvalChanged', id);
    if (ids.length > 0) bus.publish('outboxPut', { count: ids.length });
  }

  /** R41: after the change, one at a time. Until it is through, decideIn looks at who the people are itself. */
  #follow(person: PrincipalId): void {
    const { log } = this.#ports;
    this.#following = this.#following
      .then(() => this.settlePeople())
      .catch((cause: unknown) =>
        log.error('approvals.follow_failed', { person, reason: Problem.codeOf(cause) }),
      );
  }
}

const OVER = [
  'approved',
  'denied',
  'expired',
  'cancelled',
  'superseded',
  'redeemed',
  'finished',
  'lost',
] as const;
