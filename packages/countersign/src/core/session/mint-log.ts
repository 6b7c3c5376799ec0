// That bearers were made, as rows to ask about and as audit events: one for each token, not for each time it is handed out, written in groups right
// after. A mint waits for no disk; who dies in between loses the event of a token that lives five minutes at most.
import type { TokenId, TurnId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { EventDraft } from '../audit/event.ts';
import type { Log, Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { NewBearer } from '../token/tokens-port.ts';
import type { Bound, Minted } from './identity.ts';

const MAX_GROUP = 256;
/** Past this many unwritten ones the store is not there, and what it could not hear is counted in the log. */
const MAX_WAITING = 10_000;

interface Mint {
  readonly bound: Bound;
  readonly minted: Minted;
  readonly turn: TurnId | undefined;
  readonly holder: TokenId | null;
  readonly at: Millis;
}

interface Written {
  readonly event: EventDraft;
  readonly bearer: NewBearer;
}

export class MintLog {
  readonly #store: Pick<Store, 'atomically'>;
  readonly #log: Log;
  readonly #waiting: Written[] = [];
  #writing: Promise<void> | null = null;

  constructor(store: Pick<Store, 'atomically'>, log: Log) {
    this.#store = store;
    this.#log = log;
  }

  minted({ bound, minted, turn, holder, at }: Mint): void {
    const { session, principal, agent, channel, account } = bound;
    const { jti, audience, scope, expiresAt } = minted;
    if (this.#waiting.length >= MAX_WAITING) {
      this.#log.error('audit.failed', { event: 'bearer.minted', jti });
      return;
    }
    const event: EventDraft = {
      type: 'bearer.minted',
      at,
      actor: { kind: 'system' },
      subject: {
        session,
        principal,
        jti,
        audience,
        agent,
        scope: scope.join(' '),
        channel,
        account,
        expiresAt,
        ...(turn === undefined ? {} : { turn }),
        ...(holder === null ? {} : { token: holder }),
      },
      outcome: 'ok',
    };
    this.#waiting.push({ event, bearer: { jti, session, principal, agent, audience, holder, expiresAt } });
    this.#writing ??= this.#write();
  }

  /** Resolves when all that was minted is written: for a stop, and for whoever looks. */
  async idle(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
  }

  async #write(): Promise<void> {
    // After the mint: it is not to wait for its own event.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, MAX_GROUP);
      try {
        await this.#store.atomically(async (tx) => {
          for (const { bearer } of group) await tx.bearers.record(bearer);
          await tx.audit.append(group.map(({ event }) => event));
        });
      } catch (cause) {
        this.#log.error('audit.failed', {
          event: 'bearer.minted',
          count: group.length,
          code: Problem.codeOf(cause),
        });
      }
    }
    this.#writing = null;
  }
}
