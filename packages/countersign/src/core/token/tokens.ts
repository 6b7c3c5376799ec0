// Service tokens: made once with an owner's factor, kept as a keyed hash, asked of the store at every call. There is no
// cache, so that nothing outlives a revoke (R62).
import { quotedName } from '@countersign/protocol/display';
import { base32, isIdPrefix, makeId, type TokenId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { type Actor, actorText } from '../audit/event.ts';
import type { Bus } from '../bus.ts';
import { actorName } from '../factor/told.ts';
import { ownerNotices } from '../owner-notices.ts';
import type { Clock, Hasher, Millis, Random } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { Holder } from './holder.ts';
import { isLive, readRights, type TokenAsked, type TokenHouse } from './rules.ts';
import type { TokenRow } from './tokens-port.ts';

export type { Holder } from './holder.ts';

/** R56: 256 bits, one case, and nothing that a shell or a URL reads otherwise. */
const TOKEN = /^cst_[a-z2-7]{52}$/;
const TOKEN_BYTES = 32;

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly bus: Bus;
  house(): TokenHouse;
}

export interface NewTokenAsked extends TokenAsked {
  readonly name?: string | undefined;
  readonly lifeMs?: number | undefined;
}

export interface TokenMade {
  readonly row: TokenRow;
  /** Shown once; nobody can read it again. */
  readonly token: string;
  /** `ingress`: what its calls are signed with, shown once. */
  readonly hopSecret: string | null;
}

export type Looked =
  | { readonly holder: Holder }
  | { readonly reason: 'malformed' | 'unknown' | 'revoked' | 'expired'; readonly token?: TokenId };

export interface TokenCheck {
  /** Whose token it is now. Null for what is none, unknown, revoked or past its end, all alike. */
  check(presented: string): Promise<Holder | null>;
}

export class ServiceTokens implements TokenCheck {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async check(presented: string): Promise<Holder | null> {
    const looked = await this.look(presented);
    return 'holder' in looked ? looked.holder : null;
  }

  /** As check; for the audit, which may know why not. The caller is never told. */
  async look(presented: string): Promise<Looked> {
    const { store, clock, hasher } = this.#ports;
    if (!TOKEN.test(presented)) return { reason: 'malformed' };
    const now = clock.now();
    const row = await store.tokens.byHash(hasher.keyed('service-token', presented));
    if (row === null) return { reason: 'unknown' };
    const { token, scope, agent, accounts, audiences, name } = row;
    if (!isLive(row, now)) return { reason: row.revokedAt === null ? 'expired' : 'revoked', token };
    await this.#noteUse(row, now);
    return { holder: { token, scope, agent, accounts, audiences, name } };
  }

  /** True while a token is good: asked again where something of its holder outlives the call that proved it. */
  async isLive(id: TokenId): Promise<boolean> {
    const row = await this.#ports.store.tokens.get(id);
    return row !== null && isLive(row, this.#ports.clock.now());
  }

  /** @throws Problem `request_malformed`, `unknown_channel`. */
  async create(asked: NewTokenAsked, by: Actor): Promise<TokenMade> {
    const { store, clock, random, hasher, bus, house } = this.#ports;
    const now = clock.now();
    const rights = readRights(asked, house());
    const token = `cst_${base32(random.bytes(TOKEN_BYTES))}`;
    const hopSecret = rights.scope === 'ingress' ? `chs_${base32(random.bytes(TOKEN_BYTES))}` : null;
    const name = asked.name ?? (rights.agent === null ? rights.scope : `${rights.scope} for ${rights.agent}`);
    const row: TokenRow = {
      ...rights,
      token: makeId('token', random.bytes(15)),
      name,
      maker: actorText(by),
      createdAt: now,
      expiresAt: asked.lifeMs === undefined ? null : now + asked.lifeMs,
      lastUsedAt: null,
      revokedAt: null,
    };
    const told = await store.atomically(async (tx) => {
      await tx.tokens.add({ ...row, hash: hasher.keyed('service-token', token), hopSecret });
      await tx.audit.append([event('token.created', row, by, now)]);
      const text = `New service token ${quotedName(name)} (${row.scope}) made by ${await actorName(tx, by)}.\nNot you? countersign tokens revoke ${row.token}`;
      const notices = await ownerNotices(tx, { text, once: `token-created:${row.token}`, now });
      await tx.outbox.put(notices, now);
      return notices.length;
    });
    if (told > 0) bus.publish('outboxPut', { count: told });
    return { row, token, hopSecret };
  }

  /** By id or an unambiguous beginning. @throws Problem `not_found`, `ambiguous`. */
  async find(ref: string): Promise<TokenRow> {
    const rows = isIdPrefix('token', ref) ? await this.#ports.store.tokens.find(ref) : [];
    const exact = rows.find(({ token }) => token === ref);
    const [row, other] = exact === undefined ? rows : [exact];
    if (row === undefined) {
      throw new Problem('not_found', {
        detail: 'there is no such token',
        hint: 'countersign tokens list shows every id; the token itself is kept nowhere',
      });
    }
    if (other !== undefined) throw new Problem('ambiguous');
    return row;
  }

  /** From now on every call with it is refused, and every bearer that was made for it is inactive.
   * @throws Problem `not_found`, `ambiguous`, `state_conflict`. */
  async revoke(ref: string, by: Actor): Promise<TokenRow> {
    const { store, clock, bus } = this.#ports;
    const now = clock.now();
    const row = await this.find(ref);
    await store.atomically(async (tx) => {
      if (!(await tx.tokens.revoke(row.token, now)))
        throw new Problem('state_conflict', { detail: 'that token has been revoked already' });
      await tx.audit.append([event('token.revoked', row, by, now)]);
    });
    bus.publish('tokenEnded', row.token);
    return { ...row, revokedAt: now };
  }

  /** The store writes at most once a minute; the first use ever is an event. */
  async #noteUse(row: TokenRow, now: Millis): Promise<void> {
    const { store } = this.#ports;
    if (row.lastUsedAt !== null) {
      if (now - row.lastUsedAt >= 60_000) await store.tokens.use(row.token, now);
      return;
    }
    await store.atomically(async (tx) => {
      if (await tx.tokens.use(row.token, now))
        await tx.audit.append([event('token.used', row, { kind: 'token', id: row.token }, now)]);
    });
  }
}

function event(
  type: 'token.created' | 'token.revoked' | 'token.used',
  { token, scope, agent, accounts, audiences }: TokenRow,
  by: Actor,
  at: Millis,
) {
  const subject = {
    token,
    scope,
    ...(agent === null ? {} : { agent }),
    ...(accounts.length === 0 ? {} : { accounts: [...accounts] }),
    ...(audiences.length === 0 ? {} : { audiences: [...audiences] }),
  };
  return { type, at, actor: by, subject, outcome: 'ok' } as const;
}
