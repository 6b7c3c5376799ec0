// What minting asks of the configuration, of the keys and of the owner's directory.
import type { PrincipalId } from '@countersign/protocol/ids';
import type { Assurance, Peer } from '../identity/peer.ts';
import type { User } from './binding.ts';

export type BearerAlg = 'EdDSA' | 'HS256';

export interface Audience {
  readonly alg: BearerAlg;
  /** Shared with the backend, for HS256 alone. */
  readonly secret: { reveal(): string } | null;
  /** Where bearers of this audience may go on their own. */
  readonly origins: readonly string[];
}

/** As configured now. One object until the configuration changes: whoever holds another one holds an older one. */
export interface BearerSettings {
  readonly issuer: string;
  readonly ttlMs: number;
  /** Nobody wrote for so long: no bearer. */
  readonly idleMs: number;
  /** The header a bearer travels in, lower case. */
  readonly header: string;
  readonly audiences: ReadonlyMap<string, Audience>;
  /** Claim → attribute of the user. */
  readonly claims: ReadonlyMap<string, string>;
  /** Whether somebody who is no user of the tools gets none; else `sub` is their own id here. */
  readonly mappedOnly: boolean;
  /** The agent in front: where it is, and what its bearers are for. */
  readonly front: {
    readonly agent: string;
    readonly origin: string | null;
    readonly audience: string | null;
  };
}

export interface BearerSigner {
  /** The key that signs now: another one means that tokens made with the one before are not handed out again. */
  readonly kid: string;
  /** A compact JWS, `typ: at+jwt`. `secret` is for HS256 alone. */
  sign(claims: object, alg: BearerAlg, secret: string | null): string;
}

export interface Asked {
  readonly principal: PrincipalId;
  readonly peer: Peer;
  readonly assurance: Assurance;
}

/** Who people are to the owner's tools. */
export interface Users {
  /** `mapped`: what the store knows. 'unavailable': it could not be asked, and nobody is guessed. */
  find(asked: Asked, mapped: User | null): Promise<User | 'unmapped' | 'unavailable'>;
}
