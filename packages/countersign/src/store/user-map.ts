// Which user of the owner's tools a person is. Sealed, for it names people; one person a user, by a unique keyed hash over
// tenant and user, so that nobody's mistake makes two people one.
import type { PrincipalId } from '@countersign/protocol/ids';
import type { Vault } from '../core/ports.ts';
import type { MappedRow, User, UserMap } from '../core/session/binding.ts';
import { type Context, joined, together } from './context.ts';
import type { Row } from './dialects/database.ts';
import { bytes, int, text, word } from './row.ts';

const COLUMNS = ['principal', 'user_key', 'mapped', 'mapped_at'] as const;

const bind = (principal: PrincipalId) => `user_map/mapped/${principal}`;

export function userMap(context: Context): UserMap {
  const { connection: c, vault, hasher } = context;
  return {
    async get(principal) {
      const [row] = await c.all('select mapped, mapped_at from user_map where principal = ?', [principal]);
      return row === undefined ? null : readMapped(row, principal, vault);
    },

    async list({ after, limit }) {
      const rows = await c.all(
        'select principal, mapped, mapped_at from user_map where principal > ? order by principal limit ?',
        [after ?? '', limit],
      );
      return rows.map((row) => readMapped(row, word(row, 'principal'), vault));
    },

    async missing(limit) {
      const rows = await c.all(
        `select id from principals p where state = 'active'
          and exists (select 1 from peers where peers.principal = p.id)
          and not exists (select 1 from user_map where user_map.principal = p.id)
          order by n limit ?`,
        [limit],
      );
      return rows.map((row) => word(row, 'id'));
    },

    set: (principal, user, at) =>
      together(context, async ({ connection }) => {
        // Holds the person's row: whoever forgets them waits and then finds this one.
        const held = 'update principals set state = state where id = ?';
        if ((await connection.run(held, [principal])) !== 1) return 'nobody';
        const key = hasher.keyed('person', joined('user', user.tenant, user.user));
        const [other] = await connection.all('select principal from user_map where user_key = ?', [key]);
        if (other !== undefined && other['principal'] !== principal) return 'taken';
        const before = await connection.all(
          `delete from user_map where principal = ? returning ${COLUMNS.join(', ')}`,
          [principal],
        );
        const sealed = vault.seal(JSON.stringify(user), bind(principal));
        const written = await connection.insertNew('user_map', COLUMNS, [[principal, key, sealed, at]]);
        if (written.size === 1) return 'mapped';
        // A parallel writer was faster. Nobody else could take what they were before: it is held by this transaction.
        for (const row of before)
          await connection.insert('user_map', COLUMNS, [
            [principal, text(row, 'user_key'), bytes(row, 'mapped'), int(row, 'mapped_at')],
          ]);
        return 'taken';
      }),

    async clear(principal) {
      const [row] = await c.all('delete from user_map where principal = ? returning mapped', [principal]);
      return row === undefined ? null : readUser(bytes(row, 'mapped'), principal, vault);
    },
  };
}

function readMapped(row: Row, principal: PrincipalId, vault: Vault): MappedRow {
  return { ...readUser(bytes(row, 'mapped'), principal, vault), principal, mappedAt: int(row, 'mapped_at') };
}

/** Sealed by us, so what is in it is what we put there. */
export function readUser(sealed: Uint8Array, principal: PrincipalId, vault: Vault): User {
  const { user, tenant, attributes }: User = JSON.parse(vault.open(sealed, bind(principal)));
  return { user, tenant, attributes };
}
