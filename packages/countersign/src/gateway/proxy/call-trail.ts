// Calls of the proxy in the audit: one event each, written in groups right after the answers (the row of a proxied call may
// follow it; that of a decision may not). Calls alike in everything that an event tells are one event with a count.
import type { Json } from '@countersign/protocol/canonical';
import { Problem } from '@countersign/protocol/problem';
import type { EventDraft } from '../../core/audit/event.ts';
import type { Caller } from '../../core/authorise.ts';
import type { Clock, Log } from '../../core/ports.ts';
import type { Bound, Minted } from '../../core/session/identity.ts';
import type { Store } from '../../core/store-port.ts';

/** One transaction, and one wait for the disk, for all of them. */
const GATHER_MS = 250;
const MAX_GROUP = 256;
/** Past this many unwritten ones the store is not there, and what it could not hear is counted in the log. */
const MAX_WAITING = 10_000;

/** What the audit tells of a call. */
export interface Told {
  readonly bound: Bound;
  readonly turn: string;
  readonly trace: string;
  readonly minted: Minted | null;
  readonly path: string;
  readonly caller: Extract<Caller, { door: 'token' }>;
  /** What the caller claimed and was not passed on, counted. */
  readonly claims: number;
}

interface Ports {
  readonly store: Pick<Store, 'audit'>;
  readonly log: Log;
  readonly clock: Clock;
}

interface Counted {
  readonly draft: EventDraft;
  calls: number;
}

export class CallTrail {
  readonly #store: Pick<Store, 'audit'>;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Counted>();
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor({ store, log, clock }: Ports) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  /** @param how the status of a whole answer; else how it ended instead. */
  told({ bound, turn, trace, minted, path, caller, claims }: Told, how: number | string): void {
    const { session, principal, agent } = bound;
    const named = minted === null ? {} : { jti: minted.jti, audience: minted.audience };
    // H12: what was claimed is not written down, that something was is.
    const claimed = claims === 0 ? {} : { claims };
    const isOk = typeof how === 'number';
    const alike = `${session} ${turn} ${trace} ${path} ${minted?.jti} ${how} ${claims} ${caller.holder.token}`;
    this.#called(alike, {
      type: 'proxy.called',
      at: this.#clock.now(),
      actor: { kind: 'token', id: caller.holder.token },
      subject: {
        session,
        principal,
        agent,
        turn,
        trace,
        path,
        ...named,
        ...claimed,
        ...(isOk ? { status: how } : {}),
      },
      outcome: isOk ? 'ok' : 'failed',
      ...(isOk ? {} : { reason: how }),
    });
  }

  #called(alike: string, draft: EventDraft): void {
    const known = this.#waiting.get(alike);
    if (known !== undefined) known.calls += 1;
    else if (this.#waiting.size >= MAX_WAITING)
      this.#log.error('audit.failed', { event: draft.type, count: 1 });
    else this.#waiting.set(alike, { draft, calls: 1 });
    this.#timer ??= setTimeout(() => void this.flush(), GATHER_MS).unref();
  }

  /** Writes what waits; resolves when it is written. */
  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (let at = 0; at < all.length; at += MAX_GROUP) {
      const group = all.slice(at, at + MAX_GROUP).map(counted);
      try {
        await this.#store.audit.append(group);
      } catch (cause) {
        const code = Problem.codeOf(cause);
        this.#log.error('audit.failed', { event: 'proxy.called', count: group.length, code });
      }
    }
  }
}

function counted({ draft, calls }: Counted): EventDraft {
  const more: { readonly [key: string]: Json } = calls === 1 ? {} : { calls };
  return { ...draft, subject: { ...draft.subject, ...more } };
}
