// Programs that said that they stay on the line until there is an answer. Where that line was cut off and nobody came back, what
// they asked is not asked any more: nobody would use a yes. It lives in this process alone: a gateway that began anew, and one
// that stops, has seen nobody go.
import type { ApprovalId } from '@countersign/protocol/ids';
import type { Millis } from '../core/ports.ts';

/** To come back in: whoever asks tries again after a second. */
const GRACE_MS = 15_000;
/** One look counts for no more: a gateway that stood still, or a machine that slept, has let nobody in meanwhile. */
const LOOK_MS = 2_000;

interface Asker {
  /** Lines that wait for it now: the same action of one session is one request, however many ask. */
  lines: number;
  /** How long nobody has waited; counted up by looks. */
  goneMs: number;
}

export class Askers {
  readonly #askers = new Map<ApprovalId, Asker>();
  #lookedAt: Millis | null = null;

  /** @returns what is called once that line ends; `isCut`: before there was an answer. */
  enter(id: ApprovalId): (isCut: boolean) => void {
    const asker = this.#askers.get(id) ?? { lines: 0, goneMs: 0 };
    this.#askers.set(id, asker);
    asker.lines += 1;
    return (isCut) => {
      asker.lines -= 1;
      asker.goneMs = 0;
      // Whoever had an answer is not waited for: they may be stopped, or have what they wanted.
      if (asker.lines === 0 && !isCut && this.#askers.get(id) === asker) this.#askers.delete(id);
    };
  }

  /** Its program looked at it, or it is over: nobody is missed. */
  forget(id: ApprovalId): void {
    if (this.#askers.get(id)?.lines === 0) this.#askers.delete(id);
  }

  /** Time passes. @returns those that nobody has waited for longer than the grace. */
  look(now: Millis): readonly ApprovalId[] {
    const passed = Math.min(LOOK_MS, Math.max(0, now - (this.#lookedAt ?? now)));
    this.#lookedAt = now;
    for (const asker of this.#askers.values()) if (asker.lines === 0) asker.goneMs += passed;
    return [...this.#askers.keys()].filter((id) => this.isGone(id));
  }

  isGone(id: ApprovalId): boolean {
    const asker = this.#askers.get(id);
    return asker !== undefined && asker.lines === 0 && asker.goneMs >= GRACE_MS;
  }
}
