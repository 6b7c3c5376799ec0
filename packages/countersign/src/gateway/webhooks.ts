// Deliveries of other people's servers. The path names an account, the channel of that account checks the proof, and
// nothing is taken by any other: whatever does not fit is answered alike, so that nobody learns what runs here (H22).
import { Problem } from '@countersign/protocol/problem';
import type { Channel, Deliveries } from '../core/channel-port.ts';
import type { Clock, Millis } from '../core/ports.ts';
import { AddressLimits, addressKey } from './address-limits.ts';

const WEBHOOK_LIMIT = 64 * 1024;
/** H63: a delivery is small and its sender is a server: it has no reason to be slow. */
const BODY_MS = 5_000;
/** Bodies that are being read at once, from everybody: what is not proven yet takes no more room than this (H63). */
const MAX_OPEN = 64;
/** And from one address: nobody keeps the platforms out by sending slowly. */
const MAX_OPEN_EACH = 16;
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
  readonly #open = new OpenBodies();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** @throws Problem `channel_signature_invalid`, `rate_limited`, `request_too_large`, `request_malformed`. */
  async receive({ channel, account, request, remote }: Delivered): Promise<Response> {
    const { clock, running, bodyMs = BODY_MS } = this.#ports;
    const wait = this.#failures.wait(remote, clock.now());
    if (wait > 0) throw new Problem('rate_limited', { members: { retryAfter: Math.ceil(wait / 1_000) } });
    const siblings = running().filter((one) => one.id === channel && one.webhook !== undefined);
    const found = siblings.find((one) => one.account === account);
    const { shared = false, handshake = false, maxBytes = WEBHOOK_LIMIT } = found?.deliveries ?? {};
    if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes);
    const isAsking = request.method === 'GET';
    const isBare = !isAsking && !carriesProof(request, found?.deliveries);
    if (found?.webhook === undefined || isBare || (isAsking && !handshake)) return this.#refuse(remote);
    if (!this.#open.enter(remote)) throw new Problem('rate_limited', { members: { retryAfter: 1 } });
    try {
      const limited = within(request, maxBytes, bodyMs);
      const answer =
        shared && siblings.length > 1 && !isAsking
          ? await askAll([found, ...siblings.filter((one) => one !== found)], limited)
          : await found.webhook(limited);
      return answer.status === 401 ? await this.#refuse(remote) : answer;
    } catch (cause) {
      // A body that does not come, or does not end, proves nothing either.
      const isBody = ['request_malformed', 'request_too_large'].includes(Problem.codeOf(cause));
      if (isBody) this.#failures.count(remote, clock.now());
      throw cause;
    } finally {
      this.#open.leave(remote);
    }
  }

  async #refuse(remote: string | null): Promise<never> {
    this.#failures.count(remote, this.#ports.clock.now());
    await this.#ports.refused();
    throw new Problem('channel_signature_invalid');
  }
}

function carriesProof({ headers }: Request, deliveries: Deliveries | undefined): boolean {
  return deliveries === undefined || deliveries.form.test(headers.get(deliveries.header) ?? '');
}

/** Bodies under way. Loopback counts as everybody: it is whoever comes through a proxy that was not named. */
class OpenBodies {
  #all = 0;
  readonly #each = new Map<string, number>();

  enter(remote: string | null): boolean {
    const key = addressKey(remote);
    const own = key === null ? 0 : (this.#each.get(key) ?? 0);
    if (this.#all >= MAX_OPEN || own >= MAX_OPEN_EACH) return false;
    this.#all += 1;
    if (key !== null) this.#each.set(key, own + 1);
    return true;
  }

  leave(remote: string | null): void {
    const key = addressKey(remote);
    this.#all -= 1;
    const own = key === null ? 0 : (this.#each.get(key) ?? 0);
    if (key !== null && own > 1) this.#each.set(key, own - 1);
    else if (key !== null) this.#each.delete(key);
  }
}

/**
 * One address for all accounts of a channel: the path only said where to begin. Each account checks the proof with its own
 * secret and takes what is its own (H22).
 * @returns the worst that anybody who could verify it answered: the platform brings it again then, and whoever had taken
 * their part knows it. 401 when nobody could.
 */
async function askAll(accounts: readonly Channel[], request: Request): Promise<Response> {
  const { url, method, headers } = request;
  const body = await request.arrayBuffer();
  const answers = await Promise.all(
    accounts.map(async (one) => {
      const answer = await one.webhook?.(new Request(url, { method, headers, body }));
      return answer ?? new Response(null, { status: 401 });
    }),
  );
  const verified = answers.filter(({ status }) => status !== 401).sort((a, b) => b.status - a.status);
  return verified[0] ?? new Response(null, { status: 401 });
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
          if (size > limit) throw tooLarge(limit);
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

function tooLarge(limit: number): Problem {
  return new Problem('request_too_large', { detail: `a delivery has at most ${limit} bytes` });
}
