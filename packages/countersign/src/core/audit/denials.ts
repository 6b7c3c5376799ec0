// Repeated denials are coalesced: the first of a kind is an event at once, the rest of the window one event with a count.
// A stranger who knocks a thousand times must not be able to write a thousand rows (R65 asks for every denial: the count
// keeps it).
import type { Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { EventDraft } from './event.ts';

const WINDOW_MS = 60_000;
/** Past this many kinds at once new ones are counted under one shared kind: memory stays bounded. */
const MAX_KINDS = 1_000;

interface Counted {
  readonly draft: EventDraft;
  readonly until: Millis;
  more: number;
}

export class Denials {
  readonly #store: Pick<Store, 'audit'>;
  readonly #kinds = new Map<string, Counted>();
  #flushing: Promise<void> = Promise.resolve();

  constructor(store: Pick<Store, 'audit'>) {
    this.#store = store;
  }

  /** Records a denial of `kind` (type, reason, account: nothing a sender can vary freely). */
  async record(kind: string, draft: EventDraft): Promise<void> {
    const name = this.#kinds.size >= MAX_KINDS && !this.#kinds.has(kind) ? 'others' : kind;
    const known = this.#kinds.get(name);
    if (known !== undefined && known.until > draft.at) {
      known.more += 1;
      return;
    }
    this.#kinds.set(name, { draft, until: draft.at + WINDOW_MS, more: 0 });
    await this.#store.audit.append(
      known === undefined || known.more === 0 ? [draft] : [counted(known, draft.at), draft],
    );
  }

  /** Writes the counts whose window is over; all of them with `all` (at stop). */
  flush(now: Millis, all = false): Promise<void> {
    this.#flushing = this.#flushing.then(async () => {
      const over = [...this.#kinds].filter(([, kind]) => all || kind.until <= now);
      for (const [name] of over) this.#kinds.delete(name);
      const drafts = over.filter(([, kind]) => kind.more > 0).map(([, kind]) => counted(kind, now));
      if (drafts.length > 0) await this.#store.audit.append(drafts);
    });
    return this.#flushing;
  }
}

function counted({ draft, more }: Counted, at: Millis): EventDraft {
  const { personal: _personal, about: _about, ...rest } = draft;
  return { ...rest, type: 'denials.counted', at, subject: { ...draft.subject, of: draft.type, more } };
}
