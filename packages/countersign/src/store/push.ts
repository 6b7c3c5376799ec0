// Browsers that are told. The endpoint is a capability and sealed; it is found by a keyed hash. One row a device and
// endpoint, and one key pair, are unique indexes: a race leaves one.
import type { DeviceId, PushId } from '@countersign/protocol/ids';
import type { PushKeyPair, PushRow, PushSubscriptions } from '../core/push/push-port.ts';
import { type Context, together } from './context.ts';
import type { Row } from './dialects/database.ts';
import { bytes, int, intOrNull, text, textOrNull, word } from './row.ts';

const PUSH = `select id, device, endpoint, p256dh, auth, language, created_at, last_ok_at, failing from push_subscriptions`;
const COLUMNS = ['id', 'device', 'endpoint_hash', 'endpoint', 'p256dh', 'auth', 'language', 'created_at'];
const KEYS = 'vapid';
const KEYS_BIND = `push_keys/private/${KEYS}`;

export function pushSubscriptions(context: Context): PushSubscriptions {
  const { connection: c, vault } = context;
  const bind = (column: string, id: PushId) => `push_subscriptions/${column}/${id}`;

  const read = (row: Row): PushRow => {
    const id = word<PushId>(row, 'id');
    return {
      id,
      device: word<DeviceId>(row, 'device'),
      endpoint: vault.open(bytes(row, 'endpoint'), bind('endpoint', id)),
      p256dh: vault.open(bytes(row, 'p256dh'), bind('p256dh', id)),
      auth: vault.open(bytes(row, 'auth'), bind('auth', id)),
      language: word(row, 'language'),
      createdAt: int(row, 'created_at'),
      lastOkAt: intOrNull(row, 'last_ok_at'),
      failing: textOrNull(row, 'failing'),
    };
  };

  const readKeys = async (): Promise<PushKeyPair | null> => {
    const [row] = await c.all('select public, private from push_keys where id = ?', [KEYS]);
    if (row === undefined) return null;
    return { publicKey: text(row, 'public'), privateKey: vault.open(bytes(row, 'private'), KEYS_BIND) };
  };

  return {
    put: (asked, keep) =>
      together(context, async ({ connection, hasher }) => {
        const { id, device, endpoint, language, createdAt } = asked;
        // Holds the device's row: whoever ends it waits and then finds this row, or has ended it already.
        const held = `update devices set last_seen_at = last_seen_at where id = ? and state = 'paired'`;
        if ((await connection.run(held, [device])) !== 1) return null;
        const hash = hasher.keyed('push-endpoint', endpoint);
        const sealed = (of: PushId) => [
          vault.seal(endpoint, bind('endpoint', of)),
          vault.seal(asked.p256dh, bind('p256dh', of)),
          vault.seal(asked.auth, bind('auth', of)),
        ];
        const row = [id, device, hash, ...sealed(id), language, createdAt];
        const added = (await connection.insertNew('push_subscriptions', COLUMNS, [row])).size === 1;
        const [known] = await connection.all(`${PUSH} where device = ? and endpoint_hash = ?`, [
          device,
          hash,
        ]);
        if (known === undefined) return null;
        if (added) {
          await connection.run(
            `delete from push_subscriptions where device = ? and id not in
             (select id from push_subscriptions where device = ? order by n desc limit ?)`,
            [device, device, keep],
          );
          return { as: 'added', row: read(known) };
        }
        const same = word<PushId>(known, 'id');
        const [, p256dh, auth] = sealed(same);
        await connection.run(
          'update push_subscriptions set p256dh = ?, auth = ?, language = ?, failing = null where id = ?',
          [p256dh ?? null, auth ?? null, language, same],
        );
        const [now] = await connection.all(`${PUSH} where id = ?`, [same]);
        return now === undefined ? null : { as: 'renewed', row: read(now) };
      }),

    async get(id) {
      const [row] = await c.all(`${PUSH} where id = ?`, [id]);
      return row === undefined ? null : read(row);
    },

    async list() {
      return (await c.all(`${PUSH} order by n`)).map(read);
    },

    async remove(id) {
      return (await c.run('delete from push_subscriptions where id = ?', [id])) === 1;
    },

    async note(id, fared) {
      if ('okAt' in fared) {
        const set = 'update push_subscriptions set last_ok_at = ?, failing = null where id = ?';
        await c.run(set, [fared.okAt, id]);
      } else {
        await c.run('update push_subscriptions set failing = ? where id = ?', [fared.failing, id]);
      }
    },

    keys: readKeys,

    async putKeys({ publicKey, privateKey }, at) {
      const row = [KEYS, publicKey, vault.seal(privateKey, KEYS_BIND), at];
      await c.insertNew('push_keys', ['id', 'public', 'private', 'created_at'], [row]);
      return (await readKeys()) ?? { publicKey, privateKey };
    },
  };
}
