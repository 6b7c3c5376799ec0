// Service tokens as they are presented: `Authorization: Bearer cst_…`, and for OAuth clients HTTP Basic with the token's id
// and the token (RFC 6749 2.3.1). Exactly one, exactly written; whatever does not prove a token proves nothing, and is
// counted against the address it came from.
import { Problem } from '@countersign/protocol/problem';
import type { Denials } from '../core/audit/denials.ts';
import type { Caller } from '../core/authorise.ts';
import type { Clock } from '../core/ports.ts';
import type { ServiceTokens } from '../core/token/tokens.ts';
import { AddressLimits } from './address-limits.ts';

/** Scheme names have no case (RFC 9110 11.1); tokens have one. Two headers are one with a comma, and fit nothing. */
const BEARER = /^Bearer (cst_[a-z2-7]{52})$/i;
const BASIC = /^Basic ([A-Za-z0-9+/]{1,1000}={0,2})$/i;
/** Guesses at 256 bits are hopeless anyway: past these an address is told to slow down. */
const FAILURES = { burst: 20, refillMs: 15_000 };

export interface Presented {
  /** All Authorization headers of the request, joined as fetch does; null when there is none. */
  readonly authorization: string | null;
  /** Of the request's address. */
  readonly search: string;
  /** Whether an OAuth client speaks, which may use HTTP Basic. */
  readonly isOauth: boolean;
  readonly remote: string | null;
}

interface Ports {
  readonly tokens: Pick<ServiceTokens, 'look'>;
  readonly clock: Clock;
  readonly denials: Pick<Denials, 'record'>;
}

export type TokenCaller = Extract<Caller, { door: 'token' }>;

export class TokenDoor {
  readonly #ports: Ports;
  readonly #failed = new AddressLimits(FAILURES);

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Null when nothing was presented. @throws Problem `auth_required`, `rate_limited`. */
  async authenticate(presented: Presented): Promise<TokenCaller | null> {
    if (holdsToken(presented.search)) throw await this.#refused(presented, 'in_address');
    if (presented.authorization === null) return null;
    const { text, client } = readCredentials(presented.authorization, presented.isOauth);
    if (text === null) throw await this.#refused(presented, 'malformed');
    const looked = await this.#ports.tokens.look(text);
    if (!('holder' in looked)) throw await this.#refused(presented, looked.reason, looked.token);
    const { holder } = looked;
    if (client !== null && client !== holder.token)
      throw await this.#refused(presented, 'wrong_client', holder.token);
    return { door: 'token', scope: holder.scope, holder };
  }

  async #refused({ remote }: Presented, reason: string, token?: string): Promise<Problem> {
    const { clock, denials } = this.#ports;
    const now = clock.now();
    const wait = this.#failed.wait(remote, now);
    this.#failed.count(remote, now);
    await denials.record(`token.refused:${reason}:${token ?? ''}`, {
      type: 'token.refused',
      at: now,
      actor: { kind: 'sender' },
      subject: token === undefined ? {} : { token },
      outcome: 'denied',
      reason,
    });
    if (wait > 0) return new Problem('rate_limited', { members: { retryAfter: Math.ceil(wait / 1000) } });
    if (reason === 'in_address') {
      return new Problem('auth_required', {
        detail: 'a token in an address is written into logs on its way, and is not read',
        hint: 'send it as Authorization: Bearer, and revoke the one that was in the address',
      });
    }
    // One answer for unknown, revoked and late: which it was is nobody's business.
    return new Problem('auth_required', {
      detail: 'that credential is not good here',
      hint: 'send Authorization: Bearer with a token that countersign tokens list shows as live',
    });
  }
}

/** RFC 6750 2.3 is not done here. */
function holdsToken(search: string): boolean {
  return /cst_[a-z2-7]{16}/i.test(decoded(search) ?? search);
}

interface Credentials {
  readonly text: string | null;
  /** The client id of HTTP Basic. */
  readonly client: string | null;
}
const NONE: Credentials = { text: null, client: null };

function readCredentials(authorization: string, isOauth: boolean): Credentials {
  const [, bearer] = BEARER.exec(authorization) ?? [];
  if (bearer !== undefined) return { text: bearer, client: null };
  const [, pair] = isOauth ? (BASIC.exec(authorization) ?? []) : [];
  if (pair === undefined) return NONE;
  const plain = Buffer.from(pair, 'base64').toString('utf8');
  const colon = plain.indexOf(':');
  const client = colon < 0 ? null : decoded(plain.slice(0, colon));
  const text = colon < 0 ? null : decoded(plain.slice(colon + 1));
  return client === null || text === null ? NONE : { text, client };
}

/** Percent-decoded; null for what is not. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}
