// Whether a call to somebody's tools may pass, asked by the server that stands before them (nginx, Caddy, Traefik, Envoy).
// What came along is checked at this moment, not only offline: a bearer, or a runtime's handle. The answer is headers or a
// refusal, and never a redirect: programs have no page to be sent to (I-14).
import { Problem } from '@countersign/protocol/problem';
import type { Caller } from '../core/authorise.ts';
import type { Denied } from '../core/session/identity.ts';
import type { BearerClaims, BearersOut } from '../core/token/bearers-out.ts';
import { identityProblem } from './identity-problem.ts';

interface Ports {
  readonly bearers: Pick<BearersOut, 'exchange' | 'active'>;
  /** The header bearers travel in, lower case. */
  header(): string;
}

export interface ForwardAsked {
  readonly caller: Caller;
  readonly headers: Headers;
  /** Whom the tools behind are: a bearer for anybody else is refused. */
  readonly audience: string;
  /** What the bearer has to allow. */
  readonly scope?: string | undefined;
  /** Whose data the call is about. */
  readonly user?: string | undefined;
}

/** What the server before the tools copies onto the request; it removes them all first, so that none is a caller's. */
const IDENTITY = {
  user: 'sub of the bearer: your user id where the person is mapped',
  tenant: 'the tenant of that user',
  agent: 'the agent that acts for them',
  channel: 'where they spoke last',
  account: 'on which account of it',
  assurance: 'what that channel proves: low, medium, high',
  scope: 'what the bearer allows',
  sid: 'stands for the session key',
  jti: 'the bearer, as the audit knows it',
  audience: 'whom the bearer is for',
};

/** As the answer names them, for the description of the API. */
export const IDENTITY_HEADERS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(IDENTITY).map(([name, what]) => [`x-countersign-${name}`, what])),
  'x-countersign-bearer': 'the bearer itself; for a handle a fresh one',
};

export class ForwardAuth {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** @returns the identity headers. @throws Problem `auth_required`, `identity_required`, `bearer_forbidden`. */
  async check(asked: ForwardAsked): Promise<Readonly<Record<string, string>>> {
    const token = await this.#token(asked);
    const claims = await this.#ports.bearers.active(token);
    if (claims === null) throw new Problem('auth_required', { detail: 'the bearer is not good now' });
    if (claims.aud !== asked.audience) throw forbidden('it is for another audience');
    if (asked.user !== undefined && claims.sub !== asked.user) throw forbidden('it is of another user');
    if (asked.scope !== undefined && !allows(String(claims['scope']), asked.scope))
      throw forbidden('it does not allow that');
    // The tools get the bearer too, to verify it themselves: the one that came, or a fresh one for the handle.
    return { ...headersOf(claims), 'x-countersign-bearer': token };
  }

  async #token({ caller, headers, audience }: ForwardAsked): Promise<string> {
    if (caller.door === 'token') {
      const handle = headers.get('x-countersign-session') ?? '';
      const minted = await this.#ports.bearers.exchange(caller.holder, { handle, audience, scope: null });
      if (!('outcome' in minted)) return minted.token;
      if (minted.reason === 'audience_foreign') throw forbidden('that audience is not named on this token');
      throw identityProblem((minted as Denied).reason);
    }
    const presented = presentedBearers(headers, this.#ports.header());
    const [token, ...others] = presented;
    if (token === undefined) {
      const hint = `send a bearer in ${this.#ports.header()} or Authorization, or a runtime's token with x-countersign-session`;
      throw new Problem('auth_required', { detail: 'neither a bearer nor a handle came along', hint });
    }
    if (others.some((other) => other !== token))
      throw new Problem('auth_required', { detail: 'two different bearers' });
    return token;
  }
}

function presentedBearers(headers: Headers, header: string): string[] {
  const [, authorization] =
    /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(headers.get('authorization') ?? '') ?? [];
  const own = header === 'authorization' ? null : headers.get(header);
  return [own, authorization].filter((token) => typeof token === 'string');
}

function headersOf(claims: BearerClaims): Record<string, string> {
  const { aud, sub, act } = claims;
  const values: Readonly<Record<string, unknown>> = { ...claims, user: sub, agent: act.sub, audience: aud };
  return Object.fromEntries(
    Object.keys(IDENTITY).map((name) => [`x-countersign-${name}`, headerText(values[name])]),
  );
}

/** Ids may hold any letter and headers only ASCII: the rest, and `%`, is percent-encoded UTF-8. */
function headerText(value: unknown): string {
  return String(value ?? '').replace(/[^\x21-\x24\x26-\x7e]/gu, (character) => encodeURIComponent(character));
}

/** `tools` allows `tools:calendar`. */
function allows(held: string, needed: string): boolean {
  return held.split(' ').some((one) => one === needed || needed.startsWith(`${one}:`));
}

function forbidden(why: string): Problem {
  return new Problem('bearer_forbidden', { detail: `what came along is good, but ${why}` });
}
