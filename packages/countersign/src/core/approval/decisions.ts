// Words of people, one at a time: looked at, proven where a proof is asked for, looked at again and stored. A code is spent
// between the two looks and never inside a transaction; whoever else decides in between wins, and the code is gone.
import type { ApprovalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Denials } from '../audit/denials.ts';
import type { Actor } from '../audit/event.ts';
import type { Factors } from '../factor/factors.ts';
import { notProven, proofRefused } from '../factor/prover.ts';
import type { Clock, Hasher, Millis, Random } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { ApprovalBrief } from './approvals-port.ts';
import type { ApprovalSettings } from './candidates.ts';
import { type DecidedAs, decideIn } from './deciding.ts';
import { supersedeStale } from './ending.ts';
import { type Decider, mayDeny } from './may-decide.ts';
import { pausesOf } from './pause.ts';
import { wordRefused } from './refusals.ts';
import type { ApprovalTelling, DeniedAll, Given, Said } from './service.ts';
import { notThere, refusedLate } from './told.ts';

const PAGE = 200;

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly denials: Pick<Denials, 'record'>;
  readonly factors: Pick<Factors, 'prove'>;
  telling(): ApprovalTelling;
  settings(): ApprovalSettings;
  /** Told after the commit. */
  changed(ids: readonly ApprovalId[]): void;
}

interface Saying {
  readonly decider: Decider;
  readonly said: Said;
  readonly actor: Actor;
  readonly given: Given | null;
}

export class Decisions {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** @throws Problem as ApprovalsService.decide. */
  async decide(id: ApprovalId, saying: Saying): Promise<void> {
    const first = await this.#say(id, saying);
    if (first.outcome !== 'prove') return;
    const { decider, given, actor } = saying;
    if (given === null) throw new Problem('internal', { detail: 'a proof that nobody gave' });
    const { kind } = await this.#prove(first, given);
    // The host is nobody until somebody proved themselves there.
    const by: Actor = actor.kind === 'host' ? { kind: 'host', as: first.principal } : actor;
    const last = await this.#say(id, { ...saying, decider: { ...decider, factor: kind }, actor: by });
    if (last.outcome === 'prove') throw new Problem('internal', { detail: 'proven, and asked again' });
  }

  async denyAll(
    decider: Omit<Decider, 'deliveredAt'>,
    reason: string | null,
    actor: Actor,
  ): Promise<DeniedAll> {
    const { store, clock } = this.#ports;
    const now = clock.now();
    const whole: Decider = { ...decider, deliveredAt: null };
    const denied: ApprovalBrief[] = [];
    let before: ApprovalId | undefined;
    for (;;) {
      const page = await store.approvals.briefs({
        states: ['pending'],
        limit: PAGE,
        ...(before === undefined ? {} : { before }),
      });
      for (const request of page) {
        const { id, tier, requester, connection, need, expiresAt } = request;
        if (need === null || expiresAt <= now) continue;
        if (mayDeny(whole, { tier, requester, connection, need, yeses: [] }).outcome !== 'allow') continue;
        if (await this.#denyOne(id, whole, reason, actor)) denied.push(request);
      }
      before = page.at(-1)?.id;
      if (page.length >= PAGE) continue;
      return { denied: denied.length, paused: await pausesOf(store, denied, clock.now()) };
    }
  }

  async #say(id: ApprovalId, saying: Saying): Promise<Exclude<DecidedAs, { outcome: 'refused' }>> {
    const { store, clock, random, hasher, telling, settings, denials, changed } = this.#ports;
    const ports = { random, hasher, telling: telling(), settings: settings() };
    const { ended, done, now } = await store.atomically(async (tx) => {
      await tx.approvals.turn();
      // After the turn: a yes that waited for it longer than the request does comes too late.
      const now = clock.now();
      // R41: a change of people that nobody has swept up yet voids it before a yes can count, in the same transaction.
      const stale =
        saying.said.decision === 'approve'
          ? await supersedeStale(tx, ports.telling, ports.settings, now)
          : [];
      const done = stale.includes(id) ? null : await decideIn(tx, id, saying, ports, now);
      return { ended: stale, done, now };
    });
    changed(ended);
    if (done === null) throw await this.#voided(id, now);
    if (done.outcome === 'refused')
      throw await wordRefused(denials, done.request, done.reason, saying.actor, now);
    if (done.outcome === 'said') changed([id]);
    return done;
  }

  /** A passkey's challenge was made for this very request; a code is everybody's, and counts once for all of them. */
  async #prove(
    { request, principal }: Extract<DecidedAs, { outcome: 'prove' }>,
    { proof, place }: Given,
  ): Promise<{ readonly kind: NonNullable<Decider['factor']> }> {
    const { factors, clock } = this.#ports;
    if (proof === null) throw proofRefused(0);
    const proven = await factors.prove(principal, proof, place, clock.now(), request.requestDigest);
    if (!proven.ok) throw notProven(proven.wait);
    return proven.factor;
  }

  async #voided(id: ApprovalId, now: Millis): Promise<Problem> {
    const { store } = this.#ports;
    const request = await store.approvals.get(id);
    return request === null ? notThere() : refusedLate(store, request, 'expired', now);
  }

  async #denyOne(id: ApprovalId, decider: Decider, reason: string | null, actor: Actor): Promise<boolean> {
    try {
      await this.decide(id, { decider, said: { decision: 'deny', reason }, actor, given: null });
      return true;
    } catch (cause) {
      // Somebody else was quicker, or it is not theirs any more.
      const code = Problem.codeOf(cause);
      if (['already_decided', 'expired', 'not_found', 'auth_forbidden'].includes(code)) return false;
      throw cause;
    }
  }
}
