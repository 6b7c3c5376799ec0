// What is built for programs with service tokens: the tokens themselves, the door they come in by, the exchange and what
// becomes of bearers, and the owner's own ingress.
import { Problem } from '@countersign/protocol/problem';
import type { Config } from '../config/config.ts';
import type { Caller } from '../core/authorise.ts';
import type { Clock, Hasher, Random } from '../core/ports.ts';
import type { Roster } from '../core/roster.ts';
import type { Store } from '../core/store-port.ts';
import { BearersOut } from '../core/token/bearers-out.ts';
import type { Holder } from '../core/token/holder.ts';
import { Ingress } from '../core/token/ingress.ts';
import { ServiceTokens } from '../core/token/tokens.ts';
import { BearerCheck } from './bearer-check.ts';
import type { CoreServices } from './core-services.ts';
import type { IdentityServices } from './identity-services.ts';
import { TokenDoor } from './token-door.ts';

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly roster: Roster;
  readonly core: Pick<CoreServices, 'bus' | 'denials' | 'requests' | 'identities'>;
  config(): Pick<Config, 'bearer'>;
  readonly identity: Pick<IdentityServices, 'settings' | 'jwks' | 'users'>;
}

/** What the routes under /oauth answer from. */
export interface OauthServices {
  readonly bearers: BearersOut;
  /** The `iss` of every bearer. */
  issuer(): string;
}

export interface TokenServices {
  readonly tokens: ServiceTokens;
  readonly door: TokenDoor;
  readonly oauth: OauthServices;
  readonly ingress: Ingress;
}

export function createTokenServices(ports: Ports): TokenServices {
  const { store, clock, random, hasher, roster, core, config, identity } = ports;
  const settings = () => identity.settings();
  const { bus, denials, requests, identities } = core;
  const verifier = new BearerCheck({ clock, settings, jwks: () => identity.jwks() });
  const { users } = identity;
  const mappedOnly = () => settings().mappedOnly;
  const idleMs = () => settings().idleMs;
  const tokens = new ServiceTokens({
    store,
    clock,
    random,
    hasher,
    bus,
    house: () => ({
      audiences: [...config().bearer.audiences.keys()],
      // A browser's key proves its person to us and to nobody else.
      isAssertable: (channel) => channel !== 'webchat' && roster.traits(channel) !== null,
    }),
  });
  return {
    tokens,
    door: new TokenDoor({ tokens, clock, denials }),
    oauth: {
      bearers: new BearersOut({ store, clock, identities, verifier, users, mappedOnly, denials, bus }),
      issuer: () => settings().issuer,
    },
    ingress: new Ingress({ store, clock, random, roster, requests, identities, denials, bus, idleMs }),
  };
}

/** Of a caller whom the table let in for their token. */
export function holderOf(caller: Caller): Holder {
  if (caller.door === 'token') return caller.holder;
  throw new Problem('internal', { detail: 'a caller without a token' });
}
