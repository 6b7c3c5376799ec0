// Messages of ours on their way: WhatsApp's word for each is waited for, and its reasons become problems of ours.
import { Problem } from '@countersign/protocol/problem';

const MAX_NAMED = 2_000;
/** WhatsApp answers within a second, or the connection is gone. */
const ACK_MS = 20_000;
const DEFAULT_BACKOFF = 60;

type Said = { readonly error: string | null; readonly backoff: number | null } | 'lost' | 'silent';

export class Outgoing {
  readonly #waiting = new Map<string, (said: Said) => void>();
  readonly #names = new Map<string, string>();

  /** Which of our messages goes by that name there. */
  name(messageId: string, id: string): void {
    this.#names.set(messageId, id);
    if (this.#names.size <= MAX_NAMED) return;
    const [oldest] = this.#names.keys();
    if (oldest !== undefined) this.#names.delete(oldest);
  }

  idOf(messageId: string): string | null {
    return this.#names.get(messageId) ?? null;
  }

  /** @throws Problem `channel_*`, `rate_limited`; whatever `send` throws. */
  async acknowledged(messageId: string, send: () => Promise<unknown>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<Said>();
    this.#waiting.set(messageId, resolve);
    const late = setTimeout(() => resolve('silent'), ACK_MS);
    try {
      const sent = send();
      sent.catch(() => undefined);
      // A connection that ends may leave its own promise pending for ever.
      const early = await Promise.race([sent.then(() => null), promise]);
      const said = early ?? (await promise);
      if (said === 'lost') throw new Problem('channel_unreachable', { detail: 'the connection was lost' });
      if (said === 'silent') throw new Problem('channel_unreachable', { detail: 'WhatsApp did not answer' });
      if (said.error !== null) throw problemOf(said.error, said.backoff);
    } finally {
      clearTimeout(late);
      this.#waiting.delete(messageId);
    }
  }

  settle(messageId: string, error: string | null, backoff: number | null): void {
    this.#waiting.get(messageId)?.({ error, backoff });
  }

  lost(): void {
    for (const resolve of this.#waiting.values()) resolve('lost');
  }
}

function problemOf(error: string, backoff: number | null): Problem {
  switch (error) {
    // A number that began too many chats may begin no more for a while; those that stand are not touched by it.
    case '463':
    case '404':
    case '403':
      return new Problem('channel_cannot_initiate', {
        detail: 'WhatsApp does not let us write to that person',
      });
    case '429':
      return new Problem('rate_limited', { members: { retryAfter: backoff ?? DEFAULT_BACKOFF } });
    case '479':
    case '500':
    case '503':
      return new Problem('channel_unreachable', { detail: `WhatsApp answered ${error}` });
    default:
      return new Problem('channel_refused', { detail: 'WhatsApp refused the message' });
  }
}
