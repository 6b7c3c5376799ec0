// What becomes of bearers that are out: exchanged for a handle, asked about, ended. Every answer is the store's of this
// moment; whatever is not surely active is inactive, and nothing more is said of it (R58, R59, R62).
import { isId, type SessionId } from '@countersign/protocol/ids';
import type { Denials } from '../audit/denials.ts';
import type { Bus } from '../bus.ts';
import type { Clock } from '../ports.ts';
import type { Users } from '../session/bearer-port.ts';
import { type Bound, type Identities, isDenied, type Minted, type NoIdentity } from '../session/identity.ts';
import type { Store } from '../store-port.ts';
import type { Holder } from './holder.ts';
import { isLive } from './rules.ts';
import type { NewBearer } from './tokens-port.ts';

/** A bearer's claims, as its signature proves them. */
export interface BearerClaims {
  readonly aud: string;
  readonly sub: string;
  readonly tenant: string;
  readonly act: { readonly sub: string };
  /** The session's id without its prefix, a dot, chance. */
  readonly jti: string;
  readonly exp: number;
  readonly [claim: string]: unknown;
}

export interface BearerVerifier {
  /** Null for what is no bearer of ours, or has run out. */
  verify(token: string): Promise<BearerClaims | null>;
}

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly identities: Pick<Identities, 'resolve' | 'of' | 'bearer'>;
  readonly verifier: BearerVerifier;
  readonly users: Users;
  /** Whether who is no user of the tools gets no bearer. */
  mappedOnly(): boolean;
  readonly denials: Pick<Denials, 'record'>;
  readonly bus: Bus;
}

export interface ExchangeAsked {
  readonly handle: string;
  readonly audience: string;
  readonly scope: readonly string[] | null;
}

export type ExchangeRefusal = NoIdentity | 'audience_foreign';

export class BearersOut {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** A bearer for the person that a handle names to the agent of this token: their `sub`, the agent's `act`. */
  async exchange(
    holder: Holder,
    { handle, audience, scope }: ExchangeAsked,
  ): Promise<Minted | { readonly outcome: 'deny'; readonly reason: ExchangeRefusal }> {
    const { store, identities } = this.#ports;
    if (!holder.audiences.includes(audience)) return this.#refused(holder, 'audience_foreign');
    const bound = await identities.resolve(handle, holder.agent ?? '');
    if (isDenied(bound)) return this.#refused(holder, bound.reason);
    const asked = { holder: holder.token, ...(scope === null ? {} : { scope }) };
    const minted = await identities.bearer(bound, audience, asked);
    if (isDenied(minted)) return this.#refused(holder, minted.reason);
    const { jti, expiresAt } = minted;
    const { session, principal, agent } = bound;
    await store.bearers.record({ jti, session, principal, agent, audience, holder: holder.token, expiresAt });
    return minted;
  }

  /** The claims of a bearer that is good at this moment, whomever it is for. */
  async active(token: string): Promise<BearerClaims | null> {
    const claims = await this.#ports.verifier.verify(token);
    return claims !== null && (await this.#isActive(claims)) ? claims : null;
  }

  /** The claims of a bearer that is good at this moment, for the audiences of this token. */
  async introspect(holder: Holder, token: string): Promise<BearerClaims | null> {
    const claims = await this.#ports.verifier.verify(token);
    if (claims === null) return null;
    if (!holder.audiences.includes(claims.aud)) {
      await this.#refused(holder, 'audience_foreign');
      return null;
    }
    return (await this.#isActive(claims)) ? claims : null;
  }

  /** Ends a bearer of the token's agent. `foreign` for one of another agent; true also for what is none, or has ended. */
  async revoke(holder: Holder, token: string): Promise<'done' | 'foreign'> {
    const { store, clock, verifier, bus } = this.#ports;
    const claims = await verifier.verify(token);
    if (claims === null) return 'done';
    if (claims.act.sub !== holder.agent) {
      await this.#refused(holder, 'agent_foreign');
      return 'foreign';
    }
    const session = sessionOf(claims);
    const binding = session === null ? null : await store.bindings.of(session);
    if (session === null || binding === null) return 'done';
    const { jti, aud: audience, exp } = claims;
    const { principal } = binding;
    const agent = claims.act.sub;
    const now = clock.now();
    const bearer: NewBearer = {
      jti,
      session,
      principal,
      agent,
      audience,
      holder: null,
      expiresAt: exp * 1000,
    };
    await store.atomically(async (tx) => {
      await tx.bearers.record(bearer);
      if (!(await tx.bearers.revoke(jti, now))) return;
      await tx.audit.append([
        {
          type: 'bearer.revoked',
          at: now,
          actor: { kind: 'token', id: holder.token },
          subject: { token: holder.token, jti, session, principal, agent, audience },
          outcome: 'ok',
        },
      ]);
    });
    bus.publish('bearerEnded', jti);
    return 'done';
  }

  async #isActive(claims: BearerClaims): Promise<boolean> {
    const { store, clock, identities } = this.#ports;
    const session = sessionOf(claims);
    if (session === null) return false;
    const bound = await identities.of(session);
    if (isDenied(bound)) return false;
    if (!(await this.#isStill(bound, claims))) return false;
    const row = await store.bearers.get(claims.jti);
    if (row === null) return true;
    if (row.revokedAt !== null) return false;
    if (row.holder === null) return true;
    const holder = await store.tokens.get(row.holder);
    return holder !== null && isLive(holder, clock.now());
  }

  /** True while a bearer made now would name the same user: of another one by now, what it says is not so any more. */
  async #isStill(bound: Bound, { sub, tenant }: BearerClaims): Promise<boolean> {
    const found = await this.#ports.users.find(bound, bound.mapped);
    if (found === 'unavailable') return false;
    if (found === 'unmapped') return !this.#ports.mappedOnly() && sub === bound.principal;
    return sub === found.user && tenant === found.tenant;
  }

  async #refused<R extends string>(holder: Holder, reason: R): Promise<{ outcome: 'deny'; reason: R }> {
    const { token, agent } = holder;
    await this.#ports.denials.record(`bearer.refused:${reason}:${token}`, {
      type: 'bearer.refused',
      at: this.#ports.clock.now(),
      actor: { kind: 'token', id: token },
      subject: { token, ...(agent === null ? {} : { agent }) },
      outcome: 'denied',
      reason,
    });
    return { outcome: 'deny', reason };
  }
}

function sessionOf({ jti }: BearerClaims): SessionId | null {
  const id = `ses_${jti.split('.', 1)[0] ?? ''}`;
  return isId('session', id) ? id : null;
}
