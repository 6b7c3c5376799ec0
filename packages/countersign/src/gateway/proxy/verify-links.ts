// Where a person without an identity can begin to get one: a link to a page that shows a code, to be sent to us from the
// chat whose number they typed. H68: the number is never looked up and logs nobody in, so known and unknown ones take the
// same way in the same time; a code that comes back is written down, and the message goes the way of every other: a
// stranger's begins ordinary pairing, where their channel's policy says so. Off unless the owner turns it on.
import type { IncomingMessage } from 'node:http';
import type { Denials } from '../../core/audit/denials.ts';
import type { Inbox } from '../../core/channel-port.ts';
import { drawCode, normaliseCode } from '../../core/code.ts';
import type { Inbound } from '../../core/message.ts';
import type { Clock, Hasher, Millis, Random } from '../../core/ports.ts';
import { numberOf, typedNumber } from '../../core/typed-number.ts';
import { AddressLimits } from '../address-limits.ts';
import { MemoryBucket } from '../memory-bucket.ts';
import { lastUserText } from './claimed-body.ts';
import type { RawBodies } from './raw-body.ts';

/** A question with a picture is not where somebody types their number. */
const BODY_LIMIT = 256 * 1024;
const FORMAT = 'XXXXX-XXXXX';
const LIFE_MS: Millis = 600_000;
const MAX_OPEN = 1_000;
const MINUTE: Millis = 60_000;
const PER_NUMBER = { burst: 3, refillMs: 20 * MINUTE };
const PER_ADDRESS = { burst: 10, refillMs: 6 * MINUTE };
const GLOBALLY = { burst: 60, refillMs: MINUTE };

interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly denials: Pick<Denials, 'record'>;
  /** proxy.verifyLink, as configured now. */
  isOn(): boolean;
  /** Where people reach us, without a slash at the end. */
  home(): string;
}

interface Offer {
  /** Keyed hash of the number: in memory, too, nothing holds the number itself. */
  readonly number: string;
  readonly until: Millis;
}

export class VerifyLinks {
  readonly #ports: Ports;
  readonly #offers = new Map<string, Offer>();
  readonly #numbers = new Map<string, MemoryBucket>();
  readonly #addresses = new AddressLimits(PER_ADDRESS);
  readonly #all = new MemoryBucket(GLOBALLY);

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  get on(): boolean {
    return this.#ports.isOn();
  }

  /** The address of the page with a code of its own; null where no number was typed, or too many were. */
  async offer(
    request: IncomingMessage,
    remote: string | null,
    bodies: Pick<RawBodies, 'read'>,
  ): Promise<string | null> {
    const number = await readNumber(request, bodies);
    return number === null ? null : this.#offer(number, remote);
  }

  #offer(number: string, remote: string | null): string | null {
    const { clock, random, hasher, home } = this.#ports;
    const now = clock.now();
    const hash = hasher.keyed('verify-link', number);
    const code = drawCode(FORMAT, random);
    const key = this.#keyOf(code);
    if (this.#addresses.wait(remote, now) > 0 || this.#bucket(hash).take(now) > 0) return null;
    if (this.#all.take(now) > 0 || key === null) return null;
    this.#addresses.count(remote, now);
    this.#offers.set(key, { number: hash, until: now + LIFE_MS });
    const [oldest] = this.#offers.keys();
    if (this.#offers.size > MAX_OPEN && oldest !== undefined) this.#offers.delete(oldest);
    return `${home()}/verify#code=${code}`;
  }

  /** Looks at what people send us: a code is spent by whoever sends it. */
  inbox(inner: Inbox): Inbox {
    return {
      receive: async (inbound) => {
        if (this.#offers.size > 0) await this.#look(inbound);
        return inner.receive(inbound);
      },
      fate: async (report) => inner.fate?.(report),
      moved: async (moved) => inner.moved?.(moved),
    };
  }

  async #look(inbound: Inbound): Promise<void> {
    const { clock, hasher, denials } = this.#ports;
    const { peer, alias, actor, kind, conversation, text } = inbound;
    if (actor !== 'human' || kind !== 'text' || conversation.kind !== 'direct') return;
    const key = this.#keyOf(text);
    const offer = key === null ? undefined : this.#offers.get(key);
    if (key === null || offer === undefined) return;
    this.#offers.delete(key);
    const at = clock.now();
    const numbers = [peer.native, alias ?? ''].map(numberOf).filter((number) => number !== null);
    const isTheirs = numbers.some((number) => hasher.keyed('verify-link', number) === offer.number);
    const reason = offer.until <= at ? 'late' : isTheirs ? null : 'another_number';
    const { channel, account } = peer;
    await denials.record(`verify.answered:${reason}:${channel}:${account}`, {
      type: 'verify.answered',
      at,
      actor: { kind: 'sender' },
      subject: { channel, account },
      ...(reason === null ? { outcome: 'ok' } : { outcome: 'denied', reason }),
    });
  }

  #keyOf(typed: string): string | null {
    const code = normaliseCode(typed);
    return code === null ? null : this.#ports.hasher.keyed('verify-link', `code ${code}`);
  }

  #bucket(hash: string): MemoryBucket {
    const bucket = this.#numbers.get(hash) ?? new MemoryBucket(PER_NUMBER);
    this.#numbers.delete(hash);
    this.#numbers.set(hash, bucket);
    const [oldest] = this.#numbers.keys();
    if (this.#numbers.size > MAX_OPEN * 10 && oldest !== undefined) this.#numbers.delete(oldest);
    return bucket;
  }
}

async function readNumber(request: IncomingMessage, bodies: Pick<RawBodies, 'read'>): Promise<string | null> {
  if (request.method !== 'POST') return null;
  try {
    const { bytes, release } = await bodies.read(request, BODY_LIMIT);
    try {
      return typedNumber(lastUserText(bytes));
    } finally {
      release();
    }
  } catch {
    // Not for whoever asks for nothing: the answer is the 401 in any case.
    return null;
  }
}
