// Why a connection ended, and what follows from it. What is not known is a lost connection, tried again slower and slower.
import { Problem } from '@countersign/protocol/problem';

export type Closing =
  /** Tried again. */
  | 'lost'
  /** Our server does not let us in: whoever knocks every minute is shut out for longer. */
  | 'login'
  /** What would have to be said without TLS, or to somebody else. Nothing was said. */
  | 'insecure'
  | 'not-trusted'
  | 'host'
  /** Another program came in under our name. */
  | 'replaced';

interface Consequence {
  readonly detail: string;
  readonly hint: string | null;
  readonly again: 'later' | 'rarely';
}

export const CONSEQUENCES: Readonly<Record<Closing, Consequence>> = {
  lost: { detail: 'the connection was lost', hint: null, again: 'later' },
  login: {
    detail: 'the server refuses this user name and password',
    hint: 'try both in a chat program; username is the part before the @',
    again: 'rarely',
  },
  insecure: {
    detail: 'the server offers no encryption, and nothing was said to it',
    hint: 'switch TLS on at the server, or use its address with xmpps:',
    again: 'rarely',
  },
  'not-trusted': {
    detail: 'the certificate of the server does not prove its domain',
    hint: 'it has to name the domain of the account; a certificate of your own: NODE_EXTRA_CA_CERTS=/path/cert.pem',
    again: 'rarely',
  },
  host: {
    detail: 'the server does not serve that domain',
    hint: 'domain is the part of the address behind the @',
    again: 'rarely',
  },
  replaced: { detail: 'another program took this connection', hint: null, again: 'later' },
};

/** A connection that ended, or never stood. */
export class Closed extends Error {
  readonly why: Closing;
  /** Our words, for the status: never the server's. */
  readonly detail: string;

  constructor(why: Closing, detail: string = CONSEQUENCES[why].detail) {
    super(detail);
    this.why = why;
    this.detail = detail;
  }
}

export function problemOf({ why, detail }: Closed): Problem {
  const { hint, again } = CONSEQUENCES[why];
  return new Problem(again === 'rarely' ? 'channel_refused' : 'channel_unreachable', {
    detail: `XMPP: ${detail}`,
    ...(hint === null ? {} : { hint }),
  });
}

const STREAM_ERRORS: Readonly<Record<string, Closed | undefined>> = {
  conflict: new Closed('replaced'),
  'host-unknown': new Closed('host'),
  'host-gone': new Closed('host'),
  'system-shutdown': new Closed('lost', 'the server is shutting down'),
  'see-other-host': new Closed('lost', 'the server sends us to another one, and we go nowhere by ourselves'),
  'policy-violation': new Closed('lost', 'the server says that we broke its rules'),
  'resource-constraint': new Closed('lost', 'the server has too much to do'),
  'connection-timeout': new Closed('lost', 'the server heard nothing of us'),
};

/** @param condition of RFC 6120 4.9.3, as the server wrote it. */
export function streamClosed(condition: string): Closed {
  const known = Object.hasOwn(STREAM_ERRORS, condition) ? STREAM_ERRORS[condition] : undefined;
  return known ?? new Closed('lost', 'the server ended the stream');
}

/** What the library or a socket threw. */
export function closedBy(cause: unknown): Closed {
  if (cause instanceof Closed) return cause;
  const { name, code, condition } = partsOf(cause);
  if (name === 'SASLError') {
    // RFC 6120 6.5.10: the server's own trouble.
    return condition === 'temporary-auth-failure'
      ? new Closed('lost', 'the server cannot check logins now')
      : new Closed('login');
  }
  if (/^(CERT_|ERR_TLS_CERT|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|HOSTNAME_MISMATCH)/.test(code))
    return new Closed('not-trusted');
  if (code === 'ECONNREFUSED') return new Closed('lost', 'nobody answers at that address');
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new Closed('lost', 'there is no server of that name');
  if (/^(ERR_SSL_|EPROTO)/.test(code)) return new Closed('lost', 'that address does not speak TLS as we do');
  if (name === 'TimeoutError' || code === 'ETIMEDOUT')
    return new Closed('lost', 'the server did not answer in time');
  return new Closed('lost');
}

function partsOf(cause: unknown): {
  readonly name: string;
  readonly code: string;
  readonly condition: string;
} {
  const read = (key: string): string => {
    const value: unknown =
      typeof cause === 'object' && cause !== null && key in cause ? Reflect.get(cause, key) : '';
    return typeof value === 'string' ? value : '';
  };
  return { name: read('name'), code: read('code'), condition: read('condition') };
}
