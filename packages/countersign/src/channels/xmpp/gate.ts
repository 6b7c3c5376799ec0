// What may be said before the login, by whom we do not know yet. Outside this machine nothing but the way to TLS, and after
// it nothing but the login and our address: of all that a server offers, the rest is not shown to the library.
import type { Element } from '@xmpp/client';
import { Closed } from './closing.ts';

const NS = {
  stream: 'http://etherx.jabber.org/streams',
  tls: 'urn:ietf:params:xml:ns:xmpp-tls',
  sasl: 'urn:ietf:params:xml:ns:xmpp-sasl',
  bind: 'urn:ietf:params:xml:ns:xmpp-bind',
  sm: 'urn:xmpp:sm:3',
} as const;

interface Connection {
  /** TLS, whether it has proven anything or not. */
  readonly isSecure: boolean;
  /** Over a connection that proved the domain, or on this machine. */
  readonly mayTalk: boolean;
}

export class Gate {
  #awaitsTls = false;
  #offersAcks = false;

  /** Whether the server keeps what we have not stored (XEP-0198). */
  get offersAcks(): boolean {
    return this.#offersAcks;
  }

  /** @returns true when the library may have it. @throws Closed. */
  passes(element: Element, { isSecure, mayTalk }: Connection): boolean {
    const [name, ns] = [element.getName(), element.getNS()];
    // Between the yes to TLS and TLS nobody says anything: what comes there was put in by somebody on the way.
    if (this.#awaitsTls && !isSecure) throw new Closed('insecure', 'somebody spoke before TLS stood');
    this.#awaitsTls = false;
    if (ns === NS.stream && name === 'features') return this.#features(element, { isSecure, mayTalk });
    if (ns === NS.tls && !isSecure) {
      if (name !== 'proceed') throw new Closed('insecure', 'the server does not begin TLS');
      this.#awaitsTls = true;
      return true;
    }
    if (!mayTalk) throw new Closed('insecure');
    return ns === NS.sasl || name === 'iq';
  }

  #features(element: Element, { isSecure, mayTalk }: Connection): boolean {
    const offered = element.children.filter((one): one is Element => typeof one !== 'string');
    const only = (name: string, ns: string) =>
      offered.filter((one) => one.getName() === name && one.getNS() === ns);
    const starttls = only('starttls', NS.tls);
    if (!isSecure && starttls.length > 0) {
      element.children = starttls;
      return true;
    }
    if (!mayTalk) throw new Closed('insecure');
    this.#offersAcks = only('sm', NS.sm).length > 0;
    element.children = [...only('mechanisms', NS.sasl), ...only('bind', NS.bind)];
    if (element.children.length === 0) throw new Closed('login', 'the server offers no login that we know');
    return true;
  }
}
