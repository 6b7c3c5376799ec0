// Login challenges, tickets, and who is deaf after a "Not me". A try is counted by the update that reads the row, so that
// a thousand at once are counted a thousand times before one of them is compared.
import type { ChallengeId, DeviceId, PrincipalId } from '@countersign/protocol/ids';
import type { ChallengeRow, Challenges, Deaf, Tickets } from '../core/challenge/challenges-port.ts';
import { after, type Context, together } from './context.ts';
import type { Row } from './dialects/database.ts';
import { anyOf } from './peers.ts';
import { bytes, flag, int, text, textOrNull, word, wordOrNull } from './row.ts';

const COLUMNS = `id, key, thumbprint, code_hash, principal, phrase, address_key, origin, ticket, max_attempts, attempts, state,
  device, created_at, expires_at`;
const bind = (id: ChallengeId) => `challenges/origin/${id}`;

export function challenges(context: Context): Challenges {
  const { connection: c, vault } = context;
  const read = (row: Row): ChallengeRow => {
    const id = word<ChallengeId>(row, 'id');
    return {
      id,
      key: JSON.parse(text(row, 'key')),
      thumbprint: text(row, 'thumbprint'),
      codeHash: text(row, 'code_hash'),
      principal: wordOrNull<PrincipalId>(row, 'principal'),
      phrase: text(row, 'phrase'),
      addressKey: textOrNull(row, 'address_key'),
      from: vault.open(bytes(row, 'origin'), bind(id)),
      ticket: flag(row, 'ticket'),
      maxAttempts: int(row, 'max_attempts'),
      attempts: int(row, 'attempts'),
      state: word(row, 'state'),
      device: wordOrNull<DeviceId>(row, 'device'),
      createdAt: int(row, 'created_at'),
      expiresAt: int(row, 'expires_at'),
    };
  };

  return {
    open: (challenge) =>
      together(context, async ({ connection }) => {
        const { id, thumbprint } = challenge;
        const replace = `update challenges set state = 'void' where thumbprint = ? and state = 'issued' returning id`;
        const voided = await connection.all(replace, [thumbprint]);
        await connection.run(
          `insert into challenges (${COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 'issued', null, ?, ?)`,
          [
            id,
            JSON.stringify(challenge.key),
            thumbprint,
            challenge.codeHash,
            challenge.principal,
            challenge.phrase,
            challenge.addressKey,
            vault.seal(challenge.from, bind(id)),
            challenge.ticket ? 1 : 0,
            challenge.maxAttempts,
            challenge.createdAt,
            challenge.expiresAt,
          ],
        );
        return voided.map((row) => word<ChallengeId>(row, 'id'));
      }),

    async get(id) {
      const [row] = await c.all(`select ${COLUMNS} from challenges where id = ?`, [id]);
      return row === undefined ? null : read(row);
    },

    async find(what) {
      const id = what.startsWith('chal_') ? what : `chal_${what}`;
      if (id.length < 8) return [];
      const rows = await c.all(
        `select ${COLUMNS} from challenges where id >= ? and id < ? order by n desc limit 20`,
        [id, after(id)],
      );
      return rows.map(read);
    },

    async openOf(principal, now) {
      const [row] = await c.all(
        `select count(*) as open from challenges where principal = ? and state = 'issued' and expires_at > ?`,
        [principal, now],
      );
      return row === undefined ? 0 : int(row, 'open');
    },

    async tryOnce(id, now) {
      const [row] = await c.all(
        `update challenges set attempts = attempts + 1
         where id = ? and state = 'issued' and expires_at > ? and attempts < max_attempts returning ${COLUMNS}`,
        [id, now],
      );
      return row === undefined ? null : read(row);
    },

    async satisfy(id, device, now) {
      const won = `update challenges set state = 'satisfied', device = ? where id = ? and state = 'issued' and expires_at > ?`;
      return (await c.run(won, [device, id, now])) === 1;
    },

    async end(id, from, to) {
      const ended = `update challenges set state = ? where id = ? and ${anyOf('state', from)}`;
      return (await c.run(ended, [to, id, ...from])) === 1;
    },

    async prune(before) {
      return c.run('delete from challenges where expires_at < ?', [before]);
    },
  };
}

export function tickets({ connection: c }: Context): Tickets {
  return {
    async issue(hash, principal, expiresAt) {
      await c.run('insert into tickets (hash, principal, expires_at) values (?, ?, ?)', [
        hash,
        principal,
        expiresAt,
      ]);
    },
    async take(hash, now) {
      const [row] = await c.all('delete from tickets where hash = ? and expires_at > ? returning principal', [
        hash,
        now,
      ]);
      return row === undefined ? null : word<PrincipalId>(row, 'principal');
    },
    async prune(now) {
      return c.run('delete from tickets where expires_at <= ?', [now]);
    },
  };
}

export function deaf({ connection: c }: Context): Deaf {
  return {
    async add(kind, value, until) {
      await c.run(
        `insert into deaf (kind, value, until) values (?, ?, ?)
         on conflict (kind, value) do update set until = case when deaf.until > excluded.until then deaf.until else excluded.until end`,
        [kind, value, until],
      );
    },
    async is(kind, value, now) {
      return (
        (await c.all('select until from deaf where kind = ? and value = ? and until > ?', [kind, value, now]))
          .length > 0
      );
    },
    async prune(now) {
      return c.run('delete from deaf where until <= ?', [now]);
    },
  };
}
