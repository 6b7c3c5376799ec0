// The owner's own directory, asked over HTTP who somebody is to their tools. It hears what the channel proved and answers
// with a user, or 404; anything else, silence included, means that nobody is named (fail closed). Answers are kept for a
// short while, that of a directory that is away never.
import { Problem } from '@countersign/protocol/problem';
import { attributesSchema, tenantSchema, userIdSchema } from '@countersign/protocol/user-map';
import { z } from 'zod';
import type { Clock, Log, Millis } from '../core/ports.ts';
import type { Asked, Users } from '../core/session/bearer-port.ts';
import type { User } from '../core/session/binding.ts';

export interface HttpUsersSettings {
  readonly url: string;
  readonly timeoutMs: number;
  readonly cacheTtlMs: number;
  readonly apiKey: { reveal(): string } | null;
}

interface Ports {
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: HttpUsersSettings;
}

const MAX_ANSWER = 65_536;
const MAX_KEPT = 20_000;

const answerSchema = z.object({
  user: userIdSchema,
  tenant: tenantSchema.default('default'),
  attributes: attributesSchema.default({}),
});

type Found = User | 'unmapped';

export class HttpUsers implements Users {
  readonly #ports: Ports;
  readonly #kept = new Map<string, { readonly found: Found; readonly until: Millis }>();
  readonly #asking = new Map<string, Promise<Found | 'unavailable'>>();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async find(asked: Asked): Promise<Found | 'unavailable'> {
    const key = JSON.stringify([asked.principal, asked.peer, asked.assurance]);
    const kept = this.#kept.get(key);
    if (kept !== undefined && this.#ports.clock.now() < kept.until) return kept.found;
    // Ten messages at once are one question.
    let asking = this.#asking.get(key);
    if (asking === undefined) {
      asking = this.#ask(asked, key).finally(() => this.#asking.delete(key));
      this.#asking.set(key, asking);
    }
    return asking;
  }

  async #ask({ principal, peer, assurance }: Asked, key: string): Promise<Found | 'unavailable'> {
    const { settings, clock, log } = this.#ports;
    const { url, timeoutMs, cacheTtlMs, apiKey } = settings;
    const { channel, account, native: identifier } = peer;
    try {
      const response = await fetch(url, {
        method: 'POST',
        // H66: a redirect would carry the key, and somebody's number, to another place.
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          'user-agent': 'countersign',
          ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey.reveal()}` }),
        },
        body: JSON.stringify({ principal, channel, account, identifier, assurance }),
      });
      const found = await read(response);
      if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
      this.#kept.set(key, { found, until: clock.now() + cacheTtlMs });
      return found;
    } catch (cause) {
      // Its words may name somebody: only its kind is noted.
      const why = cause instanceof Problem ? cause.message : cause instanceof Error ? cause.name : 'unknown';
      log.warn('users.unavailable', { principal, why });
      return 'unavailable';
    }
  }
}

async function read(response: Response): Promise<Found> {
  if (response.status === 404) {
    await response.body?.cancel();
    return 'unmapped';
  }
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Problem('internal', { detail: `the directory answered ${response.status}` });
  }
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > MAX_ANSWER) throw new Problem('internal', { detail: 'the directory answered too much' });
    parts.push(part);
  }
  let answer: unknown;
  try {
    answer = JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    throw new Problem('internal', { detail: 'the directory answered something that is not JSON' });
  }
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success)
    throw new Problem('internal', { detail: 'the directory answered something that is no user' });
  return parsed.data;
}
