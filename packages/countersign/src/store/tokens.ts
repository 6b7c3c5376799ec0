// Service tokens by keyed hash, and the bearers that are out. Ending a token ends what was made for it in the same
// transaction; each end is one conditional update.
import type { PrincipalId, SessionId, TokenId } from '@countersign/protocol/ids';
import type { BearerRow, Bearers, TokenRow, Tokens } from '../core/token/tokens-port.ts';
import { after, type Context, sealOrNull, together } from './context.ts';
import type { Row } from './dialects/database.ts';
import { bytesOrNull, int, intOrNull, text, textOrNull, word, wordOrNull } from './row.ts';

const TOKEN = `select n, id, name, scope, agent, accounts, audiences, maker, created_at, expires_at, last_used_at,
  revoked_at from tokens`;
const BEARER = `select jti, session, principal, agent, audience, holder, expires_at, revoked_at from bearers`;
const BEARER_COLUMNS = ['jti', 'session', 'principal', 'agent', 'audience', 'holder', 'expires_at'];
const MAX_FOUND = 100;
/** How exactly a token's last use is known: a write a minute, however often it is used. */
const USED_EVERY_MS = 60_000;

export function tokens(context: Context): Tokens {
  const { connection: c, vault } = context;
  const bind = (id: TokenId) => `tokens/hop_secret/${id}`;
  const one = async (where: string, value: string) => {
    const [row] = await c.all(`${TOKEN} where ${where} = ?`, [value]);
    return row === undefined ? null : readToken(row);
  };
  return {
    async add(token) {
      const { accounts, audiences, hopSecret } = token;
      await c.run(
        `insert into tokens (id, hash, name, scope, agent, accounts, audiences, hop_secret, maker, created_at, expires_at)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        [
          token.token,
          token.hash,
          token.name,
          token.scope,
          token.agent,
          JSON.stringify(accounts),
          JSON.stringify(audiences),
          sealOrNull(context, hopSecret, bind(token.token)),
          token.maker,
          token.createdAt,
          token.expiresAt,
        ],
      );
    },

    byHash: (hash) => one('hash', hash),
    get: (id) => one('id', id),

    async find(what) {
      const id = what.startsWith('tok_') ? what : `tok_${what}`;
      const rows = await c.all(`${TOKEN} where id >= ? and id < ? order by n desc limit ${MAX_FOUND}`, [
        id,
        after(id),
      ]);
      return rows.map(readToken);
    },

    async list({ live, after: last, limit }) {
      const [from] = last === undefined ? [] : await c.all('select n from tokens where id = ?', [last]);
      const conditions = [
        ...(last === undefined ? [] : ['n < ?']),
        ...(live === undefined ? [] : ['revoked_at is null and (expires_at is null or expires_at > ?)']),
      ];
      const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
      const rows = await c.all(`${TOKEN} ${where} order by n desc limit ?`, [
        ...(last === undefined ? [] : [from === undefined ? 0 : int(from, 'n')]),
        ...(live === undefined ? [] : [live]),
        limit,
      ]);
      return rows.map(readToken);
    },

    async hopSecret(id) {
      const [row] = await c.all('select hop_secret from tokens where id = ?', [id]);
      const sealed = row === undefined ? null : bytesOrNull(row, 'hop_secret');
      return sealed === null ? null : vault.open(sealed, bind(id));
    },

    async use(id, at) {
      const first = 'update tokens set last_used_at = ? where id = ? and last_used_at is null';
      if ((await c.run(first, [at, id])) === 1) return true;
      const later = 'update tokens set last_used_at = ? where id = ? and last_used_at <= ?';
      await c.run(later, [at, id, at - USED_EVERY_MS]);
      return false;
    },

    revoke: (id, at) =>
      together(context, async ({ connection }) => {
        const ended = 'update tokens set revoked_at = ? where id = ? and revoked_at is null';
        if ((await connection.run(ended, [at, id])) === 0) return false;
        await connection.run('update bearers set revoked_at = ? where holder = ? and revoked_at is null', [
          at,
          id,
        ]);
        return true;
      }),
  };
}

export function bearers(context: Context): Bearers {
  const { connection: c } = context;
  return {
    async record({ jti, session, principal, agent, audience, holder, expiresAt }) {
      const row = [jti, session, principal, agent, audience, holder, expiresAt];
      await c.insertNew('bearers', BEARER_COLUMNS, [row]);
    },

    async get(jti) {
      const [row] = await c.all(`${BEARER} where jti = ?`, [jti]);
      return row === undefined ? null : readBearer(row);
    },

    async revoke(jti, at) {
      return (
        (await c.run('update bearers set revoked_at = ? where jti = ? and revoked_at is null', [at, jti])) ===
        1
      );
    },

    async prune(now) {
      return c.run('delete from bearers where expires_at <= ?', [now]);
    },
  };
}

function readToken(row: Row): TokenRow {
  return {
    token: word<TokenId>(row, 'id'),
    name: text(row, 'name'),
    scope: word(row, 'scope'),
    agent: textOrNull(row, 'agent'),
    accounts: JSON.parse(text(row, 'accounts')),
    audiences: JSON.parse(text(row, 'audiences')),
    maker: text(row, 'maker'),
    createdAt: int(row, 'created_at'),
    expiresAt: intOrNull(row, 'expires_at'),
    lastUsedAt: intOrNull(row, 'last_used_at'),
    revokedAt: intOrNull(row, 'revoked_at'),
  };
}

function readBearer(row: Row): BearerRow {
  return {
    jti: text(row, 'jti'),
    session: word<SessionId>(row, 'session'),
    principal: word<PrincipalId>(row, 'principal'),
    agent: text(row, 'agent'),
    audience: text(row, 'audience'),
    holder: wordOrNull<TokenId>(row, 'holder'),
    expiresAt: int(row, 'expires_at'),
    revokedAt: intOrNull(row, 'revoked_at'),
  };
}
