// Whom an agent that failed is asked for again, and when. A message that it cannot bear slows down its own session alone;
// an agent that is away is asked by one session at a time, and by all of them at once when it is back.
import type { SessionId } from '@countersign/protocol/ids';
import type { Millis } from './ports.ts';

/** So many sessions that fail with no answer to anybody in between: then it is the agent, not what they say. */
const AWAY_AFTER = 3;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** Everybody waits for a probe: it is not put off as long as one bad message. */
const LONGEST_PROBE_PAUSE_MS = 30_000;
/** A probe that takes this long no longer keeps another from trying: an agent that is back may be at a long answer. */
const PROBE_LASTS_MS = 10_000;

/** `tell`: as `rest`, and the person does not know yet that the agent is away. */
export type May = 'ask' | 'tell' | 'rest';

interface Waiting {
  readonly pauseMs: Millis;
  readonly until: Millis;
  /** An answer to somebody else has cut its pause short once: if it fails again, that is its own doing. */
  readonly excused: boolean;
}

export class AgentPause {
  /** In the order in which they may be the probe: who was it last stands last, or one bad message could be every probe. */
  readonly #waiting = new Map<SessionId, Waiting>();
  /** Sessions that failed since anybody was answered. */
  readonly #failed = new Set<SessionId>();
  #away: { until: Millis; pauseMs: Millis; probe: SessionId | null } | null = null;

  /** 'ask' while the agent is away makes the session its probe: the caller owes failed, answered or left. */
  takes(session: SessionId, now: Millis): May {
    const own = this.#waiting.get(session);
    const away = this.#away;
    if (away === null) return own === undefined || now >= own.until ? 'ask' : 'rest';
    const [first = session] = this.#waiting.keys();
    if (now < away.until || first !== session) return own === undefined ? 'tell' : 'rest';
    away.probe = session;
    away.until = now + PROBE_LASTS_MS;
    if (own !== undefined && this.#waiting.delete(session)) this.#waiting.set(session, own);
    return 'ask';
  }

  /** The person knows now, and waits for the others' probes. */
  told(session: SessionId): void {
    if (!this.#waiting.has(session)) this.#waiting.set(session, { pauseMs: 0, until: 0, excused: false });
  }

  failed(session: SessionId, now: Millis): void {
    const own = this.#waiting.get(session);
    const pauseMs = longer(own?.pauseMs ?? 0, LONGEST_PAUSE_MS);
    this.#waiting.set(session, { pauseMs, until: now + pauseMs, excused: own?.excused ?? false });
    this.#failed.add(session);
    if (this.#away !== null) {
      if (this.#away.probe === session) this.#prolong(now, this.#away.pauseMs);
    } else if (this.#failed.size >= AWAY_AFTER) {
      this.#prolong(now, 0);
      for (const [one, waiting] of this.#waiting) this.#waiting.set(one, { ...waiting, excused: false });
    }
  }

  /** The agent is there. Returns the sessions that need not wait any longer. */
  answered(session: SessionId): readonly SessionId[] {
    this.#waiting.delete(session);
    this.#failed.clear();
    this.#away = null;
    const free = [...this.#waiting].filter(([, { excused }]) => !excused);
    for (const [one, waiting] of free) this.#waiting.set(one, { ...waiting, until: 0, excused: true });
    return free.map(([one]) => one);
  }

  /** Nothing was learnt: a probe that asked nothing makes way for the next. */
  left(session: SessionId): void {
    if (this.#away?.probe !== session) return;
    this.#away.probe = null;
    this.#away.until = 0;
  }

  /** Forgets sessions that nothing waits in. */
  keep(stillWaits: (session: SessionId) => boolean): void {
    for (const session of this.#waiting.keys()) if (!stillWaits(session)) this.#waiting.delete(session);
  }

  #prolong(now: Millis, before: Millis): void {
    const pauseMs = longer(before, LONGEST_PROBE_PAUSE_MS);
    this.#away = { until: now + pauseMs, pauseMs, probe: null };
  }
}

function longer(pauseMs: Millis, longest: Millis): Millis {
  return Math.min(Math.max(pauseMs * 2, FIRST_PAUSE_MS), longest);
}
