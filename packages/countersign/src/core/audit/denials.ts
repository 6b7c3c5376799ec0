// Repeated denials are coalesced: the first of a kind is an event at once, the rest of the window one event with a count.
// A stranger who knocks a thousand times must not be able to write a thousand rows (R65 asks for every denial: the count
// keeps it).
import type { Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { EventDraft } from './event.ts';

const WINDOW_MS = 60_000;
/** Past this many kinds at once new ones are counted by their type alone: memory stays bounded. */
const MAX_KINDS = 1_000;

interface Counted {
  readonly draft: EventDraft;
  /** It stands for different ones: their number is nobody's, and is said of nobody. */
  readonly isShared: boolean;
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
    const isShared = this.#kinds.size >= MAX_KINDS && !this.#kinds.has(kind);
    const name = isShared ? `others:${draft.type}` : kind;
    const known = this.#kinds.get(name);
    if (known !== undefined && known.until > draft.at) {
      known.more += 1;
      return;
    }
    this.#kinds.set(name, { draft, isShared, until: draft.at + WINDOW_MS, more: 0 });
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

function counted({ draft, isShared, more }: Counted, at: Millis): EventDraft {
  const { type: of, outcome } = draft;
  if (isShared)
    return { type: 'denials.counted', at, actor: { kind: 'system' }, subject: { of, more }, outcome };
  const { personal: _personal, about: _about, ...rest } = draft;
  return { ...rest, type: 'denials.counted', at, subject: { ...draft.subject, of, more } };
}
