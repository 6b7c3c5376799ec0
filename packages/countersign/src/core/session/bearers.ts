// Bearers: short-lived tokens that say on whose behalf an agent acts. One is made for one session, audience and scope, and
// handed out again until 80 % of its life are over, or until anything it says is no longer so. Whoever asks has just asked
// the store who they are: nothing here makes anybody somebody.
import type { SessionId } from '@countersign/protocol/ids';
import type { Clock, Hasher, Millis, Random } from '../ports.ts';
import type { BearerSettings, BearerSigner, Users } from './bearer-port.ts';
import type { User } from './binding.ts';
import {
  BEARER_SCOPES,
  type BearerOptions,
  type Bound,
  type Denied,
  deny,
  isDenied,
  type Minted,
} from './identity.ts';
import { comparableKey } from './key.ts';
import type { MintLog } from './mint-log.ts';
import { RESERVED_CLAIMS } from './reserved-claims.ts';

interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly signer: BearerSigner;
  readonly users: Users;
  readonly log: Pick<MintLog, 'minted' | 'idle'>;
  settings(): BearerSettings;
}

/** What a cached bearer was made from: it is handed out again only while all of it is as it was. */
interface Made {
  readonly minted: Minted;
  readonly until: Millis;
  readonly settings: BearerSettings;
  readonly kid: string;
  readonly bound: Bound;
  readonly user: User;
}

const MAX_SESSIONS = 20_000;
/** Of one session: audiences and scopes. */
const MAX_EACH = 32;
const MAX_SCOPES = 16;
/** RFC 6749 3.3. */
const SCOPE = /^[\x21\x23-\x5B\x5D-\x7E]{1,128}$/;
const ALL: readonly string[] = BEARER_SCOPES;

export class Bearers {
  readonly #ports: Ports;
  readonly #made = new Map<SessionId, Map<string, Made>>();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** @param again who the session names now. */
  async get(
    bound: Bound,
    audience: string,
    options: BearerOptions,
    again: () => Promise<Bound | Denied>,
  ): Promise<Minted | Denied> {
    const { scope, turn } = options;
    const holder = options.holder ?? null;
    const { users, signer, clock } = this.#ports;
    const settings = this.#ports.settings();
    const to = settings.audiences.get(audience);
    if (to === undefined) return deny('audience_unknown');
    const scopes = scope === undefined ? ALL : narrowed(scope);
    if (scopes === null) return deny('scope_wider');
    const began = clock.now();
    const found = await users.find(bound, bound.mapped);
    // A directory takes its time: who was shut out meanwhile is nobody (R62).
    const still = clock.now() > began ? await again() : bound;
    if (isDenied(still)) return still;
    if (found === 'unavailable') return deny('users_unavailable');
    if (found === 'unmapped' && settings.mappedOnly) return deny('user_unmapped');
    const user =
      found === 'unmapped' ? { user: bound.principal, tenant: DEFAULT_TENANT, attributes: NOTHING } : found;

    // Each holder has its own: ending one ends what was made for it, and nobody else's.
    const name = `${audience} ${bound.agent} ${holder} ${scopes === ALL ? '' : scopes.join(' ')}`;
    const now = clock.now();
    const facts = { settings, kid: signer.kid, bound, user };
    const before = this.#made.get(bound.session)?.get(name);
    if (before !== undefined && now < before.until && isAsBefore(before, facts)) return before.minted;

    const minted = this.#mint(bound, audience, { user, scopes, settings, now });
    this.#keep(bound.session, name, { ...facts, minted, until: now + Math.floor(settings.ttlMs * 0.8) });
    this.#ports.log.minted({ bound, minted, turn, holder, at: now });
    return minted;
  }

  /** One bearer was ended before its time: it is not handed out again. */
  end(jti: string): void {
    for (const each of this.#made.values()) {
      for (const [name, { minted }] of each) if (minted.jti === jti) each.delete(name);
    }
  }

  /** A session is over: what was made for it is not handed out again. */
  drop(session: SessionId): void {
    this.#made.delete(session);
  }

  written(): Promise<void> {
    return this.#ports.log.idle();
  }

  #mint(
    bound: Bound,
    audience: string,
    {
      user,
      scopes,
      settings,
      now,
    }: { user: User; scopes: readonly string[]; settings: BearerSettings; now: Millis },
  ): Minted {
    const { random, hasher, signer } = this.#ports;
    const to = settings.audiences.get(audience);
    const iat = Math.floor(now / 1000);
    const exp = iat + Math.floor(settings.ttlMs / 1000);
    // The session's id and chance: whoever asks about a bearer asks about its session, with no list of bearers in between.
    const chance = Buffer.from(random.bytes(16)).toString('base64url');
    const jti = `${bound.session.slice(bound.session.indexOf('_') + 1)}.${chance}`;
    const claims = {
      ...attributes(user, settings),
      iss: settings.issuer,
      aud: audience,
      sub: user.user,
      tenant: user.tenant,
      act: { sub: bound.agent },
      sid: hasher.keyed('session', JSON.stringify(['sid', comparableKey(bound.key)])),
      channel: bound.channel,
      account: bound.account,
      assurance: bound.assurance,
      scope: scopes.join(' '),
      iat,
      exp,
      jti,
    };
    const token = signer.sign(claims, to?.alg ?? 'EdDSA', to?.secret?.reveal() ?? null);
    return { token, jti, expiresAt: exp * 1000, audience, scope: scopes, header: settings.header };
  }

  #keep(session: SessionId, name: string, made: Made): void {
    let each = this.#made.get(session);
    if (each === undefined || each.size >= MAX_EACH) {
      each = new Map();
      // Whoever was first in goes first: the next mint costs one signature.
      if (this.#made.size >= MAX_SESSIONS) this.#made.delete(this.#made.keys().next().value ?? session);
      this.#made.set(session, each);
    }
    each.set(name, made);
  }
}

const DEFAULT_TENANT = 'default';
const NOTHING = {};

function isAsBefore(before: Made, now: Omit<Made, 'minted' | 'until'>): boolean {
  return (
    before.settings === now.settings &&
    before.kid === now.kid &&
    (before.bound === now.bound || isSamePlace(before.bound, now.bound)) &&
    (before.user === now.user || isSameUser(before.user, now.user))
  );
}

function isSamePlace(a: Bound, b: Bound): boolean {
  return (
    a.principal === b.principal &&
    a.channel === b.channel &&
    a.account === b.account &&
    a.assurance === b.assurance
  );
}

function isSameUser(a: User, b: User): boolean {
  return (
    a.user === b.user &&
    a.tenant === b.tenant &&
    (a.attributes === b.attributes || JSON.stringify(a.attributes) === JSON.stringify(b.attributes))
  );
}

/** `tools`, or parts of it as `tools:<part>`; null when anything else is among them, or nothing. */
function narrowed(scope: readonly string[]): readonly string[] | null {
  const each = [...new Set(scope)];
  if (each.length === 0 || each.length > MAX_SCOPES) return null;
  const isPart = (one: string) =>
    SCOPE.test(one) &&
    ALL.some((all) => one === all || (one.startsWith(`${all}:`) && one.length > all.length + 1));
  return each.every(isPart) ? each.toSorted() : null;
}

function attributes(user: User, settings: BearerSettings): Record<string, unknown> {
  const claims: [string, unknown][] = [];
  for (const [claim, attribute] of settings.claims) {
    if (RESERVED_CLAIMS.has(claim) || !Object.hasOwn(user.attributes, attribute)) continue;
    claims.push([claim, user.attributes[attribute]]);
  }
  return Object.fromEntries(claims);
}
