// What we ask the server and what is asked of us (RFC 6120 8.2.3). Nobody but the one who was asked answers.
import type { Element } from '@xmpp/client';
import { Closed } from './closing.ts';
import type { Library } from './library.ts';
import { asciiOf, domainOf, type Stanza } from './wire.ts';

const NS = { ping: 'urn:xmpp:ping', stanzas: 'urn:ietf:params:xml:ns:xmpp-stanzas' } as const;
export const ANSWER_MS = 20_000;

interface Asker {
  readonly domain: string;
  readonly resource: string;
}

interface Wire {
  write(element: Element): Promise<void>;
  /** The server owes an answer and does not give it. */
  silent(): void;
}

/** True: it was answered, with whatever. False: it will never be. */
type Waiting = (answered: boolean) => void;

export class Queries {
  readonly #library: Library;
  readonly #asker: Asker;
  readonly #wire: Wire;
  readonly #waiting = new Map<string, Waiting>();
  #count = 0;

  constructor(library: Library, asker: Asker, wire: Wire) {
    this.#library = library;
    this.#asker = asker;
    this.#wire = wire;
  }

  /** Resolves when the server answers, with whatever. @throws Closed. */
  async ping(): Promise<void> {
    this.#count += 1;
    const id = `q${this.#count}-${this.#asker.resource}`;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Lost while it is still being written: the write says so.
    promise.catch(() => undefined);
    const late = setTimeout(() => this.#wire.silent(), ANSWER_MS);
    late.unref();
    this.#waiting.set(id, (answered) => (answered ? resolve() : reject(new Closed('lost'))));
    const { xml } = this.#library;
    try {
      await this.#wire.write(
        xml('iq', { type: 'get', to: this.#asker.domain, id }, xml('ping', { xmlns: NS.ping })),
      );
      await promise;
    } finally {
      clearTimeout(late);
      this.#waiting.delete(id);
    }
  }

  take({ attrs, children }: Stanza): void {
    const { id, type, from } = attrs;
    if (typeof id !== 'string') return;
    const { domain } = this.#asker;
    if (type === 'result' || type === 'error') {
      const asked = from === undefined || from === domain || domainOf(String(from)) === asciiOf(domain);
      if (asked) this.#waiting.get(id)?.(true);
      return;
    }
    const { xml } = this.#library;
    const isPing = children.some((one) => typeof one !== 'string' && one.attrs['xmlns'] === NS.ping);
    const to = typeof from === 'string' ? { to: from } : {};
    const reply =
      type === 'get' && isPing
        ? xml('iq', { type: 'result', id, ...to })
        : xml(
            'iq',
            { type: 'error', id, ...to },
            xml('error', { type: 'cancel' }, xml('service-unavailable', { xmlns: NS.stanzas })),
          );
    void this.#wire.write(reply).catch(() => undefined);
  }

  /** Nothing more will come. */
  end(): void {
    for (const waiting of this.#waiting.values()) waiting(false);
    this.#waiting.clear();
  }
}
