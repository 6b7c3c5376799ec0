// What the person wrote and the gateway has not confirmed. One stored row per message, so tabs never overwrite each
// other; a message keeps its id until it is acknowledged, so sending it twice counts once.
import type { Millis } from './frames.ts';

export interface Outgoing {
  readonly id: string;
  readonly text: string;
  readonly at: Millis;
  /** The last line the page had when this was written: where it stands if it never becomes a line. */
  readonly after: number;
  /** `waiting` for an acknowledgement; `held`: received, not passed on; `taken`: a command, which the
   * gateway answers; `refused`: not taken. */
  readonly fate: 'waiting' | 'held' | 'taken' | 'refused';
  readonly hint?: string;
}

/** Rows that several tabs share. */
export interface Rows {
  all(): readonly Outgoing[];
  put(row: Outgoing): void;
  remove(id: string): void;
  /** Calls back when another tab changed something. */
  watch(changed: () => void): () => void;
}

const MOST_WAITING = 100;
const MOST_SETTLED = 20;

export class Outbox {
  readonly #rows: Rows;
  readonly #changed: () => void;
  #last: Millis = 0;

  constructor(rows: Rows, changed: () => void) {
    this.#rows = rows;
    this.#changed = changed;
  }

  /** Oldest first. */
  items(): readonly Outgoing[] {
    return this.#rows.all().toSorted((one, other) => one.at - other.at || (one.id < other.id ? -1 : 1));
  }

  waiting(): readonly Outgoing[] {
    return this.items().filter((item) => item.fate === 'waiting');
  }

  /** False when too many wait already. */
  add(id: string, text: string, now: Millis, after: number): boolean {
    if (this.waiting().length >= MOST_WAITING) return false;
    // Two messages of one millisecond keep their order, and so do messages after a clock set back.
    this.#last = Math.max(now, this.#last + 1, ...this.waiting().map((item) => item.at + 1));
    this.#rows.put({ id, text, at: this.#last, after, fate: 'waiting' });
    this.#changed();
    return true;
  }

  /** The gateway has it. */
  settle(id: string): void {
    if (!this.items().some((item) => item.id === id)) return;
    this.#rows.remove(id);
    this.#changed();
  }

  /** Not taken for now: it stays, with the reason, and is sent again later. */
  postpone(id: string, hint: string): void {
    const item = this.waiting().find((one) => one.id === id);
    if (item === undefined || item.hint === hint) return;
    this.#rows.put({ ...item, hint });
    this.#changed();
  }

  /** The gateway has it and will not pass it on; it stays visible, and is never sent again by itself. */
  mark(id: string, fate: 'held' | 'taken' | 'refused', hint?: string): void {
    const item = this.items().find((one) => one.id === id);
    if (item === undefined) return;
    // Spent or not: no code is kept in a browser, nor shown again.
    const text = fate === 'taken' ? withoutCodes(item.text) : item.text;
    this.#rows.put({ ...item, text, fate, ...(hint === undefined || hint === '' ? {} : { hint }) });
    const settled = this.items().filter((one) => one.fate !== 'waiting');
    for (const old of settled.slice(0, Math.max(0, settled.length - MOST_SETTLED))) this.#rows.remove(old.id);
    this.#changed();
  }
}

const HIDDEN = '••••••';

/** What stands behind the subject of a command that takes a proof, and everything that could be a number of one. */
export function withoutCodes(text: string): string {
  return text
    .replace(/^(\s*\/(?:approve|elevate)\s+\S+\s+)\S.*$/isu, `$1${HIDDEN}`)
    .replace(/(?<![\p{L}\p{N}])\p{Nd}(?:[^\p{L}\p{N}]{0,3}\p{Nd}){5,}/gu, HIDDEN);
}

/** Rows of this page only: where the browser keeps nothing. */
export function memoryRows(): Rows {
  const rows = new Map<string, Outgoing>();
  return {
    all: () => [...rows.values()],
    put: (row) => void rows.set(row.id, row),
    remove: (id) => void rows.delete(id),
    watch: () => () => {},
  };
}

/** Rows in `storage`, under the key they were written with: another person's key never sends them. */
export function storedRows(storage: Storage, device: string, events: EventTarget): Rows {
  const prefix = `countersign.say.${device}.`;
  const spare = memoryRows();
  return {
    all: () => {
      const found = Object.keys(storage)
        .filter((key) => key.startsWith(prefix))
        .flatMap((key) => parseRow(storage.getItem(key)));
      const ids = new Set(found.map((row) => row.id));
      return [...found, ...spare.all().filter((row) => !ids.has(row.id))];
    },
    put: (row) => {
      try {
        storage.setItem(prefix + row.id, JSON.stringify(row));
        spare.remove(row.id);
      } catch {
        // The storage is full or closed to us: keep the message as long as the page lives.
        storage.removeItem(prefix + row.id);
        spare.put(row);
      }
    },
    remove: (id) => {
      storage.removeItem(prefix + id);
      spare.remove(id);
    },
    watch: (changed) => {
      const listener = (event: Event): void => {
        if (!(event instanceof StorageEvent) || event.key === null || event.key.startsWith(prefix)) changed();
      };
      events.addEventListener('storage', listener);
      return () => events.removeEventListener('storage', listener);
    },
  };
}

function parseRow(stored: string | null): Outgoing[] {
  try {
    const row: unknown = JSON.parse(stored ?? '');
    return isOutgoing(row) ? [row] : [];
  } catch {
    return [];
  }
}

function isOutgoing(value: unknown): value is Outgoing {
  if (typeof value !== 'object' || value === null) return false;
  const row: Partial<Record<keyof Outgoing, unknown>> = value;
  return (
    typeof row.id === 'string' &&
    typeof row.text === 'string' &&
    typeof row.at === 'number' &&
    typeof row.after === 'number' &&
    (row.fate === 'waiting' || row.fate === 'held' || row.fate === 'taken' || row.fate === 'refused') &&
    (row.hint === undefined || typeof row.hint === 'string')
  );
}
