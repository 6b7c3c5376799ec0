// What changed in the house, for pages that are open: the names of lists, with a number. It is made from the audit events of
// each commit, so nothing that leaves a trace there is forgotten here. It tells that something changed and never what:
// whoever may read it reads it over HTTP. Nothing is decided on it.
import type { EventType } from '../core/audit/event.ts';
import type { Bus } from '../core/bus.ts';
import type { Random } from '../core/ports.ts';

export type Area =
  | 'approvals'
  | 'policy'
  | 'overview'
  | 'pairings'
  | 'people'
  | 'devices'
  | 'channels'
  | 'sessions'
  | 'factors'
  | 'recoveries'
  | 'config'
  | 'audit'
  | 'push';

export interface Change {
  readonly seq: number;
  readonly of: readonly Area[];
  /** The types of audit events behind it; empty for what leaves no trace (a channel that came back). */
  readonly why: readonly EventType[];
}

export interface Place {
  /** Of this process: numbers of another one mean nothing. */
  readonly epoch: string;
  readonly seq: number;
}

/** How long changes are gathered into one: a decision is seen at once, the traffic of messages about every second. */
const PROMPT_MS = 30;
const CHATTER_MS = 1_000;
const KEPT = 512;

type Noun<T extends string> = T extends `${infer Head}.${string}` ? Head : never;

/** Which lists an event of that kind makes old, beside the audit itself. */
const TOUCHES: Readonly<Record<Noun<EventType>, readonly Area[]>> = {
  gateway: ['overview'],
  claim: ['overview'],
  config: ['config', 'channels', 'overview'],
  message: ['sessions', 'channels', 'overview'],
  command: ['overview'],
  turn: ['sessions', 'overview'],
  session: ['sessions', 'overview'],
  pairing: ['pairings', 'people', 'overview'],
  person: ['people', 'pairings', 'devices', 'factors', 'sessions', 'overview'],
  delivery: ['channels', 'overview'],
  call: ['overview'],
  denials: ['overview'],
  allow_list: ['pairings', 'people', 'config', 'overview'],
  login: ['devices', 'overview'],
  factor: ['factors', 'devices', 'overview'],
  recovery_codes: ['factors'],
  recovery_code: ['factors'],
  recovery: ['recoveries', 'factors', 'devices', 'people', 'overview'],
  device: ['devices', 'overview'],
  setup: ['devices'],
  push: ['push'],
  token: ['overview'],
  bearer: ['overview'],
  ingress: ['sessions', 'overview'],
  proxy: ['overview'],
  verify: ['overview'],
  approval: ['approvals', 'overview'],
  grant: ['approvals', 'overview'],
  elevation: ['policy', 'overview'],
  code: ['overview'],
  policy: ['policy', 'overview'],
  channel: ['channels', 'overview'],
};
const CHATTER: ReadonlySet<string> = new Set([
  'message',
  'command',
  'turn',
  'delivery',
  'call',
  'denials',
  'bearer',
  'ingress',
  'proxy',
]);

export class Feed {
  readonly #epoch: string;
  readonly #kept: Change[] = [];
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #areas = new Set<Area>();
  readonly #why = new Set<EventType>();
  #seq = 0;
  #timer: NodeJS.Timeout | null = null;
  #isPrompt = false;

  constructor(random: Random) {
    this.#epoch = Buffer.from(random.bytes(9)).toString('base64url');
  }

  get place(): Place {
    return { epoch: this.#epoch, seq: this.#seq };
  }

  /** The events of one commit. */
  readonly committed = (types: ReadonlySet<EventType>): void => {
    let isPrompt = false;
    for (const type of types) {
      const noun = nounOf(type);
      for (const area of TOUCHES[noun]) this.#areas.add(area);
      this.#why.add(type);
      if (!CHATTER.has(noun)) isPrompt = true;
    }
    this.#areas.add('audit');
    this.#soon(isPrompt);
  };

  /** What changes without an audit event. */
  listen(bus: Bus): void {
    bus.subscribe('channelChanged', () => this.#changed(['channels', 'overview'], true));
    bus.subscribe('deviceChanged', () => this.#changed(['devices'], true));
    bus.subscribe('sessionChanged', () => this.#changed(['sessions'], false));
  }

  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What came behind a place, oldest first; null where that cannot be told any more. */
  since({ epoch, seq }: Place): readonly Change[] | null {
    if (epoch !== this.#epoch || seq > this.#seq) return null;
    const missed = this.#kept.filter((change) => change.seq > seq);
    return missed.length === this.#seq - seq ? missed : null;
  }

  #changed(areas: readonly Area[], isPrompt: boolean): void {
    for (const area of areas) this.#areas.add(area);
    this.#soon(isPrompt);
  }

  #soon(isPrompt: boolean): void {
    if (this.#timer !== null && (this.#isPrompt || !isPrompt)) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#isPrompt = isPrompt;
    this.#timer = setTimeout(() => this.#flush(), isPrompt ? PROMPT_MS : CHATTER_MS);
    this.#timer.unref();
  }

  #flush(): void {
    this.#timer = null;
    this.#seq += 1;
    const change = { seq: this.#seq, of: [...this.#areas].sort(), why: [...this.#why].sort() };
    this.#areas.clear();
    this.#why.clear();
    this.#kept.push(change);
    if (this.#kept.length > KEPT) this.#kept.shift();
    for (const listener of this.#listeners) listener(change);
  }
}

function nounOf(type: EventType): Noun<EventType> {
  // Every type of the union has a noun with a row above, or TOUCHES would not compile.
  return type.slice(0, type.indexOf('.')) as Noun<EventType>;
}
