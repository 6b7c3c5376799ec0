// Setup codes and device tokens. A setup code is bound to the first key that shows it, by one conditional update; a token
// lives no longer than its device, and its first use ends the one it replaced.
import type { DeviceId, PrincipalId, SetupId } from '@countersign/protocol/ids';
import type { DeviceTokens, SetupRow, Setups } from '../core/device/devices-port.ts';
import { type Context, together } from './context.ts';
import type { Row } from './dialects/database.ts';
import { flag, int, text, textOrNull, word, wordOrNull } from './row.ts';

/** Of one device at once: a page that loses its socket again and again does not fill the table. */
const MAX_TOKENS = 16;
const SETUP = 'select id, hash, role, scopes, maker, taken_by, created_at, expires_at from setups';

export function setups(context: Context): Setups {
  const { connection: c } = context;
  const read = (row: Row): SetupRow => ({
    id: word<SetupId>(row, 'id'),
    hash: text(row, 'hash'),
    role: word(row, 'role'),
    scopes: JSON.parse(text(row, 'scopes')),
    maker: wordOrNull<PrincipalId>(row, 'maker'),
    takenBy: textOrNull(row, 'taken_by'),
    createdAt: int(row, 'created_at'),
    expiresAt: int(row, 'expires_at'),
  });

  return {
    async issue({ id, hash, role, scopes, maker, createdAt, expiresAt }) {
      await c.run(
        `insert into setups (id, hash, role, scopes, maker, taken_by, created_at, expires_at)
         values (?, ?, ?, ?, ?, null, ?, ?)`,
        [id, hash, role, JSON.stringify(scopes), maker, createdAt, expiresAt],
      );
    },

    async take(hash, role, thumbprint, now) {
      const first =
        (await c.run(
          `update setups set taken_by = ? where hash = ? and role = ? and expires_at > ? and taken_by is null`,
          [thumbprint, hash, role, now],
        )) === 1;
      const [row] = await c.all(`${SETUP} where hash = ?`, [hash]);
      if (row === undefined) return { as: 'unknown' };
      const setup = read(row);
      if (setup.takenBy !== null && setup.takenBy !== thumbprint) return { as: 'used', setup };
      if (setup.role !== role) return { as: 'wrong_role', setup };
      // Nobody else can have it: without a taker it was not taken because it had run out.
      if (setup.expiresAt <= now || setup.takenBy === null) return { as: 'expired', setup };
      return { as: 'taken', setup, first };
    },

    async get(id) {
      const [row] = await c.all(`${SETUP} where id = ?`, [id]);
      return row === undefined ? null : read(row);
    },

    async spend(id, at) {
      await c.run('update setups set expires_at = ? where id = ? and expires_at > ?', [at, id, at]);
    },

    async madeBy(maker, now) {
      const rows = await c.all(`${SETUP} where maker = ? and expires_at > ? order by created_at desc, id`, [
        maker,
        now,
      ]);
      return rows.map(read);
    },

    async prune(now) {
      return c.run('delete from setups where expires_at <= ?', [now]);
    },
  };
}

export function deviceTokens(context: Context): DeviceTokens {
  const { connection: c } = context;
  return {
    issue: ({ hash, device, replaces, issuedAt, expiresAt }) =>
      together(context, async ({ connection }) => {
        // The write takes the device's row: an end that runs at the same moment comes before it, or deletes the token.
        const held = `update devices set state = state where id = ? and state = 'paired'`;
        if ((await connection.run(held, [device])) === 0) return false;
        await connection.run(
          'insert into device_tokens (hash, device, replaces, issued_at, expires_at, used) values (?, ?, ?, ?, ?, 0)',
          [hash, device, replaces, issuedAt, expiresAt],
        );
        await connection.run(
          `delete from device_tokens where hash in (select hash from device_tokens where device = ?
           order by issued_at desc, hash limit 1000000 offset ${MAX_TOKENS})`,
          [device],
        );
        return true;
      }),

    async find(hash, now) {
      const [row] = await c.all('select device, used from device_tokens where hash = ? and expires_at > ?', [
        hash,
        now,
      ]);
      return row === undefined ? null : { device: word<DeviceId>(row, 'device'), used: flag(row, 'used') };
    },

    use: (hash) =>
      together(context, async ({ connection }) => {
        const first = 'update device_tokens set used = 1 where hash = ? and used = 0';
        if ((await connection.run(first, [hash])) === 0) return;
        await connection.run(
          'delete from device_tokens where hash = (select replaces from device_tokens where hash = ?)',
          [hash],
        );
      }),

    async endAll(device) {
      return c.run('delete from device_tokens where device = ?', [device]);
    },

    async prune(now) {
      return c.run('delete from device_tokens where expires_at <= ?', [now]);
    },
  };
}
