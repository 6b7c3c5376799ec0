// Admitted messages, one at a time per session, to the agent. A turn keeps its ids through every retry; a message waits,
// bounded in number and age, while the agent is away; whatever happens, the person is told.

import type { SessionId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { stillAdmitted } from './admission.ts';
import { AgentPause } from './agent-pause.ts';
import type { Agent } from './agent-port.ts';
import type { EventDraft, EventType } from './audit/event.ts';
import type { Bus } from './bus.ts';
import type { Delta } from './channel-port.ts';
import type { Turn } from './message.ts';
import type { OutboxDraft } from './outbound.ts';
import type { Clock, Log, Millis } from './ports.ts';
import type { Roster } from './roster.ts';
import { type InFront, refusedText, traceparentOf } from './session/front.ts';
import type { NoIdentity } from './session/identity.ts';
import type { Store } from './store-port.ts';

/** Sessions asked at once. The rest stands in line. */
const MAX_PARALLEL = 64;
const ANSWER_LIFE_MS = 24 * 60 * 60_000;
const CLAIM_MARGIN_MS = 30_000;

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly roster: Roster;
  readonly bus: Bus;
  readonly log: Log;
  /** A signal that aborts after so many milliseconds: timers live outside core. */
  deadline(afterMs: number): AbortSignal;
  /** The agent as configured now. */
  agent(): Agent;
  /** Whom the agent is asked for. */
  front(turn: Turn): Promise<InFront>;
  /** A piece of an answer on its way to a conversation that can grow. */
  stream(turn: Turn, delta: Delta): void;
}

export class Turns {
  readonly #ports: Ports;
  readonly #running = new Map<SessionId, Promise<void>>();
  /** Ends the question of a session that is over. */
  readonly #over = new Map<SessionId, AbortController>();
  readonly #line = new Set<SessionId>();
  readonly #stop = new AbortController();
  readonly #pause = new AgentPause();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Asks what waits in `session`, unless that is being done already. */
  kick(session: SessionId): void {
    if (this.#stop.signal.aborted || this.#running.has(session)) return;
    if (this.#running.size >= MAX_PARALLEL) {
      this.#line.add(session);
      return;
    }
    this.#over.set(session, new AbortController());
    const work: Promise<void> = this.#work(session)
      .catch((cause: unknown) =>
        this.#ports.log.error('turn.broken', { session, reason: Problem.codeOf(cause) }),
      )
      .finally(() => {
        this.#running.delete(session);
        this.#over.delete(session);
        const [waiting] = this.#line;
        if (waiting === undefined) return;
        this.#line.delete(waiting);
        this.kick(waiting);
      });
    this.#running.set(session, work);
  }

  /** The session was revoked: what the agent is being asked is let go, and nobody hears what it had begun to say. */
  end(session: SessionId): void {
    this.#line.delete(session);
    this.#over.get(session)?.abort();
  }

  /** Tidies and takes up what waits; called again and again by the gateway's sweeper. */
  async sweep(): Promise<void> {
    const { store, clock, roster } = this.#ports;
    const now = clock.now();
    const { max, maxAgeMs } = roster.waiting();
    const expired = await store.turns.expire(now - maxAgeMs, 100);
    for (const { peer, conversation, message, session } of expired) {
      const text = 'Your message waited too long for the agent and was given up. Please send it again.';
      await this.#tell({ peer, conversation, text, once: `expired:${message}` }, 'message.expired', {
        message,
        session,
      });
    }
    const open = await store.turns.open(now);
    const waits = new Set(open);
    this.#pause.keep((session) => waits.has(session) || this.#running.has(session));
    for (const session of open) {
      for (const { peer, conversation, message } of await store.turns.overflow(session, max)) {
        const text = `The agent is busy and ${max} of your messages wait already; this one was not kept.`;
        await this.#tell({ peer, conversation, text, once: `overflow:${message}` }, 'message.expired', {
          message,
          session,
        });
      }
      this.kick(session);
    }
  }

  /** Resolves when nobody is being asked. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled([...this.#running.values()]);
  }

  /** Stops asking: answers under way get `graceMs` to finish (the caller waits), what is left goes back to the queue. */
  async stop(finished: Promise<unknown>): Promise<void> {
    this.#line.clear();
    const all = Promise.allSettled([...this.#running.values()]);
    await Promise.race([all, finished]);
    this.#stop.abort();
    await Promise.allSettled([...this.#running.values()]);
  }

  async #work(session: SessionId): Promise<void> {
    const { store, clock, roster } = this.#ports;
    while (!this.#stop.signal.aborted) {
      const now = clock.now();
      const may = this.#pause.takes(session, now);
      if (may === 'rest') return;
      try {
        const until = now + roster.agentTimeoutMs() + CLAIM_MARGIN_MS;
        const turn = await store.turns.claim(session, store.writer, until, now);
        if (turn === null) return;
        if (!(await this.#isStillAdmitted(turn, now))) await this.#drop(turn, now);
        else if (may === 'tell') return await this.#tellAway(turn, now);
        else if (!(await this.#ask(turn))) return;
      } finally {
        this.#pause.left(session);
      }
    }
  }

  async #isStillAdmitted({ peer, conversation }: Turn, now: Millis): Promise<boolean> {
    const { store, roster } = this.#ports;
    const policy = roster.policy(peer.channel, peer.account);
    return stillAdmitted(peer, conversation, await store.people.standing(peer), policy, now);
  }

  /** Nothing is said to somebody who was shut out meanwhile. */
  async #drop(turn: Turn, now: Millis): Promise<void> {
    const { store } = this.#ports;
    await store.atomically(async (tx) => {
      if (!(await tx.turns.fail(turn.id, store.writer, now))) return;
      await tx.audit.append([turnEvent('turn.failed', turn, now, 'denied', { reason: 'access_ended' })]);
    });
  }

  /** @returns false when the session should rest: the agent is away, or we are stopping. */
  async #ask(turn: Turn): Promise<boolean> {
    const { store, roster, stream, deadline, front } = this.#ports;
    const who = await front(turn);
    if (who.as === 'refused') return this.#refused(turn, who.reason);
    const history = await store.turns.history(turn.session, roster.history());
    const off = this.#over.get(turn.session)?.signal ?? this.#stop.signal;
    if (off.aborted && !this.#stop.signal.aborted) return false;
    const signal = AbortSignal.any([this.#stop.signal, off, deadline(roster.agentTimeoutMs())]);
    let index = 0;
    try {
      const answer = await this.#ports.agent().ask(
        {
          requestId: turn.message,
          turn: turn.id,
          traceparent: traceparentOf(turn.id),
          sessionKey: turn.sessionKey,
          history,
          text: turn.text,
          carried: who.as === 'somebody' ? who.carried : null,
        },
        (text) => {
          if (!off.aborted) stream(turn, { turn: turn.id, index: index++, text });
        },
        signal,
      );
      await this.#answered(turn, answer, who.as === 'somebody' ? who.jti : null);
      this.#isThere(turn.session);
      return true;
    } catch (cause) {
      if (off.aborted && !this.#stop.signal.aborted) return false;
      return this.#unanswered(turn, cause);
    }
  }

  async #answered(turn: Turn, answer: string, jti: string | null): Promise<void> {
    const { store, clock, bus } = this.#ports;
    const now = clock.now();
    const kept = await store.atomically(async (tx) => {
      if (!(await tx.turns.answer(turn.id, store.writer, answer, now))) return false;
      await tx.outbox.put(
        [{ ...reply(turn, now), kind: 'answer', text: answer, once: `answer:${turn.id}` }],
        now,
      );
      await tx.audit.append([turnEvent('turn.answered', turn, now, 'ok', { jti })]);
      return true;
    });
    if (kept) bus.publish('outboxPut', { count: 1 });
    bus.publish('sessionChanged', turn.session);
  }

  async #unanswered(turn: Turn, cause: unknown): Promise<boolean> {
    const { store, clock, bus, log } = this.#ports;
    const code = Problem.codeOf(cause);
    const now = clock.now();
    if (this.#stop.signal.aborted) {
      await store.turns.release(turn.id, store.writer);
      return false;
    }
    log.warn('agent.failed', { turn: turn.id, code, attempt: turn.attempt });
    if (code === 'agent_unreachable') {
      this.#pause.failed(turn.session, now);
      await this.#tellAway(turn, now);
      return false;
    }
    // A refusal or garbage is no answer to the person, but nobody who is away gives it.
    this.#isThere(turn.session);
    const text = 'The agent could not answer that. Please try again, or put it in other words.';
    await store.atomically(async (tx) => {
      if (!(await tx.turns.fail(turn.id, store.writer, now))) return;
      await tx.outbox.put([{ ...reply(turn, now), kind: 'notice', text, once: `failed:${turn.id}` }], now);
      await tx.audit.append([turnEvent('turn.failed', turn, now, 'failed', { reason: code })]);
    });
    bus.publish('outboxPut', { count: 1 });
    return true;
  }

  /** Nobody can be named to the tools: the agent is not asked, and the person is told why. Access that ended is silence. */
  async #refused(turn: Turn, reason: NoIdentity): Promise<boolean> {
    const { store, clock, bus, log } = this.#ports;
    const now = clock.now();
    log.warn('turn.no_identity', { turn: turn.id, reason });
    const draft = {
      ...reply(turn, now),
      kind: 'notice',
      text: refusedText(reason),
      once: `unnamed:${turn.id}`,
    } as const;
    await store.atomically(async (tx) => {
      if (!(await tx.turns.fail(turn.id, store.writer, now))) return;
      if (reason !== 'access_ended' && reason !== 'session_ended') await tx.outbox.put([draft], now);
      await tx.audit.append([turnEvent('turn.failed', turn, now, 'denied', { reason })]);
    });
    bus.publish('outboxPut', { count: 1 });
    bus.publish('sessionChanged', turn.session);
    return true;
  }

  #isThere(session: SessionId): void {
    for (const waiting of this.#pause.answered(session)) this.kick(waiting);
  }

  /** The message goes back to wait; its sender is told once. */
  async #tellAway(turn: Turn, now: Millis): Promise<void> {
    const { store, bus } = this.#ports;
    const text = 'The agent is away just now. Your message waits and will be answered when it is back.';
    await store.atomically(async (tx) => {
      // Ended meanwhile: nothing waits any more.
      if (!(await tx.turns.release(turn.id, store.writer))) return;
      await tx.outbox.put([{ ...reply(turn, now), kind: 'notice', text, once: `away:${turn.message}` }], now);
    });
    this.#pause.told(turn.session);
    bus.publish('outboxPut', { count: 1 });
  }

  async #tell(
    note: Pick<OutboxDraft, 'peer' | 'conversation' | 'text'> & { readonly once: string },
    type: EventType,
    subject: { readonly message: string; readonly session: string },
  ): Promise<void> {
    const { store, clock, bus } = this.#ports;
    const now = clock.now();
    await store.atomically(async (tx) => {
      await tx.outbox.put([{ ...note, kind: 'notice', deadline: now + ANSWER_LIFE_MS }], now);
      await tx.audit.append([{ type, at: now, actor: { kind: 'system' }, subject, outcome: 'failed' }]);
    });
    bus.publish('outboxPut', { count: 1 });
  }
}

function reply({ peer, conversation, principal, id }: Turn, now: Millis) {
  return { peer, conversation, principal, turn: id, deadline: now + ANSWER_LIFE_MS } as const;
}

function turnEvent(
  type: 'turn.answered' | 'turn.failed',
  { id, message, session, principal }: Turn,
  at: Millis,
  outcome: EventDraft['outcome'],
  { reason, jti = null }: { readonly reason?: string; readonly jti?: string | null } = {},
): EventDraft {
  const subject = { turn: id, message, session, principal, ...(jti === null ? {} : { jti }) };
  return {
    type,
    at,
    actor: { kind: 'system' },
    subject,
    outcome,
    ...(reason === undefined ? {} : { reason }),
  };
}
