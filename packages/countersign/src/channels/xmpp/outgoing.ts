// What we said and what became of it: a bounce that comes while we wait is the answer of the send, one that comes later
// is told later. Believed only from the one it was said to, or from our own server. Bounded, and in memory.
import { createHash } from 'node:crypto';
import { Problem } from '@countersign/protocol/problem';
import type { Told } from './wire.ts';

interface Said {
  /** `Outbound.id`. */
  readonly id: string;
  readonly native: string;
  /** Set while somebody waits for the fate. */
  bounced: ((problem: Problem) => void) | null;
}

const MAX_REMEMBERED = 2_000;

/** XMPP names no time after which to try again. */
const PAUSE_SECONDS = 3;

export class Outgoing {
  readonly #said = new Map<string, Said>();

  /** @returns the name under which it goes out: a retry has the same, and is shown once by whoever looks at names. */
  name(id: string, native: string): string {
    const name = `cs-${createHash('sha256').update(`countersign ${id}`).digest('hex').slice(0, 24)}`;
    this.#said.delete(name);
    this.#said.set(name, { id, native, bounced: null });
    const [oldest] = this.#said.keys();
    if (this.#said.size > MAX_REMEMBERED && oldest !== undefined) this.#said.delete(oldest);
    return name;
  }

  /** Sends it, and throws the bounce that came meanwhile. */
  async send(name: string, work: () => Promise<void>): Promise<void> {
    const said = this.#said.get(name);
    let problem: Problem | null = null;
    if (said !== undefined) {
      said.bounced = (why) => {
        problem = why;
      };
    }
    try {
      await work();
    } finally {
      if (said !== undefined) said.bounced = null;
    }
    if (problem !== null) throw problem;
  }

  /** @returns what is to be reported, by our own id; null for what nobody waits for, or was not theirs to say. */
  hear({ from, id, error }: Told): { readonly id: string; readonly reason: string | null } | null {
    const said = this.#said.get(id);
    if (said === undefined || said.native !== from) return null;
    if (error === null) return { id: said.id, reason: null };
    const problem = problemOf(error);
    if (said.bounced !== null) {
      said.bounced(problem);
      return null;
    }
    this.#said.delete(id);
    return { id: said.id, reason: problem.message };
  }
}

const NOBODY: ReadonlySet<string> = new Set([
  'item-not-found',
  'service-unavailable',
  'recipient-unavailable',
  'remote-server-not-found',
  'jid-malformed',
  'gone',
  'redirect',
]);
const SHUT: ReadonlySet<string> = new Set([
  'forbidden',
  'not-allowed',
  'not-authorized',
  'not-acceptable',
  'subscription-required',
  'registration-required',
]);
const BUSY: ReadonlySet<string> = new Set(['policy-violation', 'resource-constraint']);
const TROUBLE: ReadonlySet<string> = new Set(['internal-server-error', 'remote-server-timeout']);

/** RFC 6120 8.3.3, as far as it says what to do next. */
export function problemOf({
  condition,
  type,
}: {
  readonly condition: string;
  readonly type: string;
}): Problem {
  if (NOBODY.has(condition))
    return new Problem('channel_cannot_initiate', { detail: 'nobody takes messages at that address' });
  if (SHUT.has(condition))
    return new Problem('channel_cannot_initiate', { detail: 'that address takes no messages of ours' });
  if (BUSY.has(condition)) {
    return new Problem('rate_limited', {
      detail: 'the server takes no more messages for now',
      members: { retryAfter: PAUSE_SECONDS },
    });
  }
  if (TROUBLE.has(condition) || type === 'wait')
    return new Problem('channel_unreachable', { detail: 'the server could not pass it on now' });
  return new Problem('channel_refused', { detail: 'the server refused the message' });
}
