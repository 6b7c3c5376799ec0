// The store's verbs for service tokens, and for bearers that were made for one or ended before their time. A bearer that the
// gateway itself sent is in no table: its session tells whether it is still good (R59, R62).
import type { PrincipalId, SessionId, TokenId } from '@countersign/protocol/ids';
import type { Millis } from '../ports.ts';
import type { Holder } from './holder.ts';

export interface NewToken extends Holder {
  /** Keyed hash; the token itself is kept nowhere. */
  readonly hash: string;
  /** `ingress`: what its calls are signed with. Sealed. */
  readonly hopSecret: string | null;
  /** Who made it, as the audit writes it. */
  readonly maker: string;
  readonly createdAt: Millis;
  readonly expiresAt: Millis | null;
}

export interface TokenRow extends Omit<NewToken, 'hash' | 'hopSecret'> {
  /** To the minute; null until it was used. */
  readonly lastUsedAt: Millis | null;
  readonly revokedAt: Millis | null;
}

export interface Tokens {
  add(token: NewToken): Promise<void>;
  /** Whatever became of it: whoever asks looks at its end. */
  byHash(hash: string): Promise<TokenRow | null>;
  get(id: TokenId): Promise<TokenRow | null>;
  /** Tokens whose id is `text` or begins with it (three characters at least). */
  find(text: string): Promise<readonly TokenRow[]>;
  /** Newest first. */
  list(query: {
    readonly live?: Millis;
    readonly after?: TokenId;
    readonly limit: number;
  }): Promise<readonly TokenRow[]>;
  /** What calls of a token of scope `ingress` are signed with. */
  hopSecret(id: TokenId): Promise<string | null>;
  /** Notes a use. True for the first one ever. */
  use(id: TokenId, at: Millis): Promise<boolean>;
  /** Ends it, and every bearer that was made for it. False when it had been ended before. */
  revoke(id: TokenId, at: Millis): Promise<boolean>;
}

export interface NewBearer {
  readonly jti: string;
  readonly session: SessionId;
  readonly principal: PrincipalId;
  readonly agent: string;
  readonly audience: string;
  /** The service token that asked for it; null for one that the gateway itself sent. */
  readonly holder: TokenId | null;
  readonly expiresAt: Millis;
}

export interface BearerRow extends NewBearer {
  readonly revokedAt: Millis | null;
}

export interface Bearers {
  /** Writes it down, unless it is. */
  record(bearer: NewBearer): Promise<void>;
  get(jti: string): Promise<BearerRow | null>;
  /** False when it is unknown or had ended before. */
  revoke(jti: string, at: Millis): Promise<boolean>;
  prune(now: Millis): Promise<number>;
}
