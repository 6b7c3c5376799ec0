// Requests for approval as callers at the house's doors reach them. Whose word it is comes from what the door proved: a
// device is its person, the host is whoever it names, a token is a program and nobody's word (R48). Nothing of a body is read
// for it.
import type { Action } from '@countersign/protocol/approval';
import type { ApprovalId } from '@countersign/protocol/ids';
import { isId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { ApprovalQuery } from '../core/approval/approvals-port.ts';
import { factorsOf } from '../core/approval/candidates.ts';
import type { Decider } from '../core/approval/may-decide.ts';
import type {
  ApprovalsService,
  ApprovalView,
  DeniedAll,
  ProvenSession,
  Said,
} from '../core/approval/service.ts';
import { notThere } from '../core/approval/told.ts';
import { type ProofWorth, proofWorth } from '../core/approval/window.ts';
import type { Caller } from '../core/authorise.ts';
import type { Bus } from '../core/bus.ts';
import type { Factors } from '../core/factor/factors.ts';
import type { PasskeyBegun } from '../core/factor/passkeys.ts';
import type { StepUp } from '../core/factor/step-up.ts';
import type { Directory } from '../core/identity/directory.ts';
import { peerKey } from '../core/identity/peer.ts';
import type { Clock, Millis } from '../core/ports.ts';
import { type Identities, isDenied } from '../core/session/identity.ts';
import type { Store } from '../core/store-port.ts';
import type { Holder } from '../core/token/holder.ts';
import { actorOf } from './actor.ts';
import { AskLimits } from './ask-limits.ts';
import { Askers } from './askers.ts';
import type { deniedCalls } from './denied-calls.ts';
import { type Came, givenOf } from './given.ts';
import { identityProblem } from './identity-problem.ts';
import { holderOf } from './token-services.ts';

interface Ports {
  readonly store: Pick<Store, 'people' | 'factors' | 'windows'>;
  readonly clock: Clock;
  readonly bus: Pick<Bus, 'subscribe'>;
  readonly approvals: ApprovalsService;
  readonly identities: Pick<Identities, 'resolve'>;
  readonly people: Pick<Directory, 'find'>;
  readonly stepUp: Pick<StepUp, 'placeOf'>;
  readonly factors: Pick<Factors, 'beginProof'>;
  /** Writes down what was refused. */
  readonly denied: ReturnType<typeof deniedCalls>;
}

/** In whose name, where the caller is the host. */
type As = string | null;

export class ApprovalDoor {
  readonly #ports: Ports;
  readonly #stop = new AbortController();
  readonly #askers = new Askers();
  readonly #limits = new AskLimits();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** @throws Problem `identity_required`: a handle that names nobody is no request without one. */
  async ask(
    caller: Caller,
    asked: { readonly action: Action; readonly session?: string | undefined },
    idempotencyKey: string | null,
  ): Promise<ApprovalView> {
    const { agent, token } = agentOf(caller);
    await this.#refuseTooMuch(caller, token, asked.action);
    const session = asked.session === undefined ? null : await this.#session(asked.session, agent);
    return this.#ports.approvals.ask({ action: asked.action, agent, token, session, idempotencyKey });
  }

  /** Of a program only what it asked itself, by the whole id: of others it does not learn that they are there. */
  async show(caller: Caller, ref: string, for_?: 'yes'): Promise<ApprovalView> {
    const { approvals } = this.#ports;
    if (caller.door !== 'token') return approvals.find(ref, for_);
    if (!isId('approval', ref)) throw notThere();
    const view = await approvals.get(ref);
    if (view.request.token !== caller.holder.token) throw notThere();
    return view;
  }

  /**
   * Answers once it changed, after `ms`, when whoever waits has gone, or when the gateway stops.
   * @throws Problem `auth_required`: the program's token was ended meanwhile, and hears no answer any more (R62).
   */
  async wait(
    caller: Caller,
    ref: string,
    {
      ms,
      stays,
      for: for_,
    }: { readonly ms: number; readonly stays: boolean; readonly for?: 'yes' | undefined },
    gone: AbortSignal,
  ): Promise<ApprovalView> {
    const { approvals, bus } = this.#ports;
    const ended = new AbortController();
    const token = caller.door === 'token' ? caller.holder.token : null;
    const stop = bus.subscribe('tokenEnded', (id) => {
      if (id === token) ended.abort();
    });
    try {
      const view = await this.show(caller, ref, for_);
      const { id } = view.request;
      if (token !== null) this.#askers.forget(id);
      if (ms === 0) return view;
      const until = AbortSignal.any([gone, ended.signal, this.#stop.signal]);
      const leave = token !== null && stays ? this.#askers.enter(id) : null;
      let answer: ApprovalView;
      try {
        answer = await approvals.wait(id, ms, until);
      } finally {
        // Of a gateway that stops nobody was gone.
        leave?.(gone.aborted && !this.#stop.signal.aborted);
      }
      if (ended.signal.aborted) throw new Problem('auth_required', { detail: 'the token was revoked' });
      return answer;
    } finally {
      stop();
    }
  }

  list(
    query: ApprovalQuery & { readonly show: 'open' | 'history' | 'all' },
  ): Promise<readonly ApprovalView[]> {
    return this.#ports.approvals.list(query);
  }

  /** For a rule that lets it run from now on: what could be another one is none, as with a yes. */
  async find(ref: string): Promise<ApprovalId> {
    return (await this.#ports.approvals.find(ref, 'yes')).request.id;
  }

  /** What a proof of theirs is worth for it, so that a page promises none that is not asked for; null: it needs none of them. */
  async proofOf(caller: Caller, view: ApprovalView): Promise<ProofWorth | null> {
    const { store, clock } = this.#ports;
    return caller.door === 'device' ? proofWorth(store, caller.principal, view, clock.now()) : null;
  }

  /** @param came a proof in the body, or the header's where the body has none. */
  async decide(caller: Caller, ref: string, said: Said, came: Came): Promise<ApprovalView> {
    const { approvals, stepUp } = this.#ports;
    const { request, state } = await approvals.find(ref, said.decision === 'approve' ? 'yes' : undefined);
    const decider = await this.#decider(caller, came.as);
    // What is over says so first.
    if (said.decision === 'approve' && state === 'pending') await this.#refuseBareHost(decider);
    const given = givenOf(came, await stepUp.placeOf(caller));
    return approvals.decide(request.id, { ...decider, deliveredAt: null }, said, actorOf(caller), given);
  }

  /** What a browser needs to prove a passkey for this request: the challenge is worth nothing for any other (R32). */
  async beginProof(caller: Caller, ref: string, origin: string | null): Promise<PasskeyBegun> {
    const { approvals, factors } = this.#ports;
    if (caller.door !== 'device' || origin === null)
      throw new Problem('request_malformed', {
        detail: 'a passkey is proven in a browser',
        hint: 'open the request on the page',
      });
    const { request, state } = await approvals.find(ref, 'yes');
    if (state !== 'pending')
      throw new Problem('already_decided', { detail: `that request is ${state} already` });
    return factors.beginProof(caller.principal, origin, request.requestDigest);
  }

  async denyAll(caller: Caller, reason: string | null, as: As): Promise<DeniedAll> {
    return this.#ports.approvals.denyAll(await this.#decider(caller, as), reason, actorOf(caller));
  }

  async cancel(caller: Caller, ref: string, changed?: string): Promise<ApprovalView> {
    const { request } = await this.show(caller, ref);
    return this.#ports.approvals.cancel(request.id, holderOf(caller).token, changed);
  }

  /** For the sweeper: what was asked by programs that are gone is taken back. */
  async lookAfterAskers(now: Millis): Promise<void> {
    for (const id of this.#askers.look(now)) {
      // Somebody may have come back while others were seen to.
      if (this.#askers.isGone(id)) await this.#ports.approvals.abandon(id);
      this.#askers.forget(id);
    }
  }

  /** Ends what waits: the answers go out while the doors still close. */
  close(): void {
    this.#stop.abort();
  }

  /** H63: before anything is looked up or stored. */
  async #refuseTooMuch(caller: Caller, token: Holder['token'], action: Action): Promise<void> {
    const { clock, denied } = this.#ports;
    try {
      this.#limits.take(token, action, clock.now());
    } catch (cause) {
      await denied(caller, 'approvals.request', Problem.codeOf(cause));
      throw cause;
    }
  }

  async #session(handle: string, agent: string): Promise<ProvenSession> {
    const bound = await this.#ports.identities.resolve(handle, agent);
    if (isDenied(bound)) throw identityProblem(bound.reason);
    const { session, principal, assurance, peer } = bound;
    return { session, principal, assurance, peer: peerKey(peer) };
  }

  async #decider(caller: Caller, as: As): Promise<Omit<Decider, 'deliveredAt'>> {
    switch (caller.door) {
      case 'device':
        return this.#personOf(caller.principal, `device:${caller.device}`, 'page');
      case 'host':
        return this.#personOf(await this.#named(as), 'host', 'host');
      default:
        throw new Problem('auth_forbidden');
    }
  }

  async #personOf(
    principal: NonNullable<Decider['principal']>,
    connection: string,
    surface: 'page' | 'host',
  ): Promise<Omit<Decider, 'deliveredAt'>> {
    return {
      principal,
      connection,
      surface,
      assurance: 'high',
      factor: null,
      provenUntil: null,
      enrolled: await factorsOf(this.#ports.store, principal),
      again: false,
    };
  }

  /** The host is no person: it says whose word it brings, and that of the only owner where there is one. */
  async #named(as: As): Promise<NonNullable<Decider['principal']>> {
    const { people, store } = this.#ports;
    if (as !== null) return (await people.find(as)).id;
    const [only, another] = await store.people.owners();
    if (only !== undefined && another === undefined) return only.id;
    throw new Problem('ambiguous', {
      detail: only === undefined ? 'nobody owns this gateway yet' : 'several own this gateway',
      hint: only === undefined ? 'countersign claim' : 'say who decides: --as <person>',
    });
  }

  /** R68: the host's shell is where an agent of the same user sits too. Once an owner has a factor, a yes from there is worth
   * the factor that comes with it, and whoever has none says it elsewhere. */
  async #refuseBareHost({ surface, enrolled }: Pick<Decider, 'surface' | 'enrolled'>): Promise<void> {
    if (surface !== 'host' || enrolled.length > 0) return;
    if (!(await this.#ports.store.factors.anyOwnerHas())) return;
    throw new Problem('auth_factor_required', {
      detail: 'a yes on this machine needs a factor of whoever says it, and that person has none',
      hint: 'they answer in their chat or on their page; or: countersign factors enroll totp --for <person>',
      members: { factors: [] },
    });
  }
}

function agentOf(caller: Caller): { readonly agent: string; readonly token: Holder['token'] } {
  const { agent, token } = holderOf(caller);
  if (agent === null) throw new Problem('internal', { detail: 'a request token without an agent' });
  return { agent, token };
}
