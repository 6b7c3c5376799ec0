// Deliveries of other people's servers. The path names an account, the channel of that account checks the proof, and
// nothing is taken by any other: whatever does not fit is answered alike, so that nobody learns what runs here (H22).
import { Problem } from '@countersign/protocol/problem';
import type { Channel } from '../core/channel-port.ts';
import type { Clock, Millis } from '../core/ports.ts';
import { AddressLimits } from './address-limits.ts';

const WEBHOOK_LIMIT = 64 * 1024;
/** H63: a delivery is small and its sender is a server: it has no reason to be slow. */
const BODY_MS = 5_000;
const FAILURES = { burst: 20, refillMs: 30_000 };

interface Delivered {
  readonly channel: string;
  readonly account: string;
  readonly request: Request;
  /** Where it came from, for counting. */
  readonly remote: string | null;
}

interface Ports {
  readonly clock: Clock;
  /** The channels that run now. */
  running(): readonly Channel[];
  /** Told of what does not verify. */
  refused(): Promise<void>;
  readonly bodyMs?: Millis;
}

export class Webhooks {
  readonly #ports: Ports;
  readonly #failures = new AddressLimits(FAILURES);

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** @throws Problem `channel_signature_invalid`, `rate_limited`, `request_too_large`, `request_malformed`. */
  async receive({ channel, account, request, remote }: Delivered): Promise<Response> {
    const { clock, running, bodyMs = BODY_MS } = this.#ports;
    const wait = this.#failures.wait(remote, clock.now());
    if (wait > 0) throw new Problem('rate_limited', { members: { retryAfter: Math.ceil(wait / 1_000) } });
    if (Number(request.headers.get('content-length') ?? 0) > WEBHOOK_LIMIT) throw tooLarge();
    const found = running().find((one) => one.id === channel && one.account === account);
    if (found?.webhook === undefined) return this.#refuse(remote);
    const answer = await found.webhook(within(request, WEBHOOK_LIMIT, bodyMs));
    return answer.status === 401 ? this.#refuse(remote) : answer;
  }

  async #refuse(remote: string | null): Promise<never> {
    this.#failures.count(remote, this.#ports.clock.now());
    await this.#ports.refused();
    throw new Problem('channel_signature_invalid');
  }
}

/** The same request, whose body ends with an error once it is too long or too slow: it is read by the channel, after
 * what can be checked without it. */
function within(request: Request, limit: number, bodyMs: Millis): Request {
  if (request.body === null) return request;
  const reader = request.body.getReader();
  let size = 0;
  let late: AbortSignal | null = null;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        late ??= AbortSignal.timeout(bodyMs);
        try {
          const part = await Promise.race([reader.read(), whenAborted(late)]);
          if (part.done) return controller.close();
          size += part.value.length;
          if (size > limit) throw tooLarge();
          controller.enqueue(part.value);
        } catch (cause) {
          reader.cancel().catch(() => undefined);
          controller.error(cause instanceof Problem ? cause : incomplete());
        }
      },
      cancel: () => reader.cancel().catch(() => undefined),
    },
    { highWaterMark: 0 },
  );
  const { method, headers } = request;
  return new Request(request.url, { method, headers, body, duplex: 'half' });
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(incomplete());
    else signal.addEventListener('abort', () => reject(incomplete()), { once: true });
  });
}

function incomplete(): Problem {
  return new Problem('request_malformed', { detail: 'the body was not there in time' });
}

function tooLarge(): Problem {
  return new Problem('request_too_large', { detail: `a delivery has at most ${WEBHOOK_LIMIT} bytes` });
}
