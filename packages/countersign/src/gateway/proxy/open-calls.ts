// Calls that are open, by the session they are for. What was decided when they began is asked again when something changed:
// a person who lost their access does not go on reading an answer to its end, nor does a program whose token was revoked
// (I-10, R62).
import type { PrincipalId, SessionId, TokenId } from '@countersign/protocol/ids';
import type { Bus } from '../../core/bus.ts';
import { type Identities, isDenied } from '../../core/session/identity.ts';

interface Open {
  readonly principal: PrincipalId;
  /** By which it came in. */
  readonly token: TokenId;
  /** Ends the call; the other end sees that it broke off. */
  end(): void;
}

export class OpenCalls {
  readonly #identities: Pick<Identities, 'of'>;
  readonly #open = new Map<SessionId, Set<Open>>();

  constructor(identities: Pick<Identities, 'of'>) {
    this.#identities = identities;
  }

  /** @returns what takes it off the list again. */
  add(session: SessionId, call: Open): () => void {
    const calls = this.#open.get(session) ?? new Set();
    this.#open.set(session, calls.add(call));
    return () => {
      calls.delete(call);
      if (calls.size === 0) this.#open.delete(session);
    };
  }

  listen(bus: Bus): void {
    bus.subscribe('sessionChanged', (session) => void this.#ask([session]));
    bus.subscribe('principalChanged', (principal) => {
      const theirs = [...this.#open].filter(([, calls]) =>
        [...calls].some((call) => call.principal === principal),
      );
      void this.#ask(theirs.map(([session]) => session));
    });
    bus.subscribe('tokenEnded', (token) => {
      const all = [...this.#open.values()].flatMap((calls) => [...calls]);
      for (const call of all.filter((one) => one.token === token)) call.end();
    });
    // Whose chat it was is not in the event; calls are seconds long, so there are few to ask about.
    bus.subscribe('peerChanged', () => void this.#ask([...this.#open.keys()]));
  }

  async #ask(sessions: readonly SessionId[]): Promise<void> {
    for (const session of sessions) {
      const calls = this.#open.get(session);
      if (calls === undefined) continue;
      // Where the store cannot be asked the calls go on: they were allowed, and the next one is asked about again.
      const bound = await this.#identities.of(session).catch(() => null);
      if (bound !== null && isDenied(bound)) for (const call of [...calls]) call.end();
    }
  }
}
