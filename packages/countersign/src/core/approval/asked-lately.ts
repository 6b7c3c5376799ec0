// For whom something waits, or did until a moment ago: somebody was typing a code when another was quicker.
import type { PrincipalId } from '@countersign/protocol/ids';
import type { Bus } from '../bus.ts';
import type { Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';

/** A code is good for a minute and a half at most. */
const LATELY_MS = 120_000;
/** Strangers who write digits cost no more than that. Nobody has read a card and typed a code so soon after it came. */
const FRESH_MS = 500;
const MOST_WAITING = 2_000;
const MOST_ENDED = 500;

interface Ports {
  readonly store: Pick<Store, 'approvals'>;
  readonly bus: Pick<Bus, 'subscribe'>;
}

export class AskedLately {
  readonly #store: Ports['store'];
  #last: { readonly at: Millis; readonly people: Promise<ReadonlySet<PrincipalId>> } | null = null;

  constructor({ store, bus }: Ports) {
    this.#store = store;
    bus.subscribe('approvalChanged', () => {
      this.#last = null;
    });
  }

  /** @throws Problem of the store: then nobody knows, and no message goes on. */
  async people(now: Millis): Promise<ReadonlySet<PrincipalId>> {
    const last = this.#last;
    if (last !== null && now >= last.at && now - last.at < FRESH_MS) return last.people;
    const people = read(this.#store, now);
    const made = { at: now, people };
    this.#last = made;
    try {
      return await people;
    } catch (cause) {
      if (this.#last === made) this.#last = null;
      throw cause;
    }
  }
}

async function read({ approvals }: Ports['store'], now: Millis): Promise<ReadonlySet<PrincipalId>> {
  const waiting = await approvals.briefs({ states: ['pending'], limit: MOST_WAITING });
  const lately = waiting.filter(({ expiresAt }) => expiresAt + LATELY_MS > now);
  // By their end, and no others: however much is asked and answered by the policy meanwhile, nobody is forgotten for it.
  const over = await approvals.briefs({
    asked: 'people',
    endedSince: now - LATELY_MS + 1,
    limit: MOST_ENDED,
  });
  return new Set([...lately, ...over].flatMap(({ need }) => need?.people ?? []));
}
