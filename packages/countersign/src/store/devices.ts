// Devices and their requests. One paired device a key is a unique index, so a race leaves one row; settling and ending are
// compare-and-set. How a request is opened: device-requests.ts.
import { type DeviceId, ID_KINDS, isIdPrefix, type PrincipalId } from '@countersign/protocol/ids';
import { actorText } from '../core/audit/event.ts';
import type { DeviceRow, Devices } from '../core/device/devices-port.ts';
import { after, type Context, together } from './context.ts';
import { openRequest, REQUEST, readRequest } from './device-requests.ts';
import type { Row } from './dialects/database.ts';
import { anyOf } from './peers.ts';
import { bytes, flag, int, intOrNull, text, textOrNull, word } from './row.ts';
import { endWindowsOf } from './windows.ts';

const DEVICE = `select id, thumbprint, key, role, scopes, name, principal, via, proven, state, created_at, last_seen_at,
  ended_at, ended_why from devices`;
const COLUMNS = [
  'id',
  'thumbprint',
  'key',
  'role',
  'scopes',
  'name',
  'principal',
  'via',
  'proven',
  'state',
  'created_at',
  'last_seen_at',
];
const MAX_FOUND = 100;
/** RFC 7638 in base64url. */
const THUMBPRINT = /^[\w-]{43}$/;

export function devices(context: Context): Devices {
  const { connection: c, vault } = context;
  const nameBind = (id: DeviceId) => `devices/name/${id}`;

  const request = (row: Row) => readRequest(context, row);
  const readDevice = (row: Row): DeviceRow => {
    const id = word<DeviceId>(row, 'id');
    return {
      id,
      key: JSON.parse(text(row, 'key')),
      thumbprint: text(row, 'thumbprint'),
      role: word(row, 'role'),
      scopes: JSON.parse(text(row, 'scopes')),
      name: vault.open(bytes(row, 'name'), nameBind(id)),
      principal: word<PrincipalId>(row, 'principal'),
      via: word(row, 'via'),
      proven: flag(row, 'proven'),
      state: word(row, 'state'),
      createdAt: int(row, 'created_at'),
      lastSeenAt: int(row, 'last_seen_at'),
      endedAt: intOrNull(row, 'ended_at'),
      endedWhy: textOrNull(row, 'ended_why'),
    };
  };

  return {
    request: (asked, slots) => together(context, (inside) => openRequest(inside, asked, slots)),

    async getRequest(id) {
      const [row] = await c.all(`${REQUEST} where id = ?`, [id]);
      return row === undefined ? null : request(row);
    },

    async lastRequest(thumbprint) {
      const [row] = await c.all(`${REQUEST} where thumbprint = ? order by n desc limit 1`, [thumbprint]);
      return row === undefined ? null : request(row);
    },

    async findRequests(what) {
      return (await findById(c, REQUEST, 'deviceRequest', what)).map(request);
    },

    async listRequests({ states, role, limit }) {
      const rows = await c.all(
        `${REQUEST} where ${anyOf('state', states)} ${role === undefined ? '' : 'and role = ?'} order by n desc limit ?`,
        [...states, ...(role === undefined ? [] : [role]), limit],
      );
      return rows.map(request);
    },

    async requestsOf(setup) {
      const rows = await c.all(`${REQUEST} where setup = ? and state = 'pending' order by n`, [setup]);
      return rows.map(request);
    },

    async settleRequest(id, to, by, at, device) {
      const late = to === 'approved' || to === 'rejected' ? 'and expires_at > ?' : '';
      const touched = await c.run(
        `update device_requests set state = ?, slot = null, decided_at = ?, decided_by = ?, device = ?
         where id = ? and state = 'pending' ${late}`,
        [to, at, actorText(by), device ?? null, id, ...(late === '' ? [] : [at])],
      );
      return touched === 1;
    },

    async add(device) {
      const { id, thumbprint, key, role, scopes, name, principal, via, proven, createdAt } = device;
      const what = [id, thumbprint, JSON.stringify(key), role, JSON.stringify(scopes)];
      const whose = [vault.seal(name, nameBind(id)), principal, via, proven ? 1 : 0];
      const row = [...what, ...whose, 'paired', createdAt, createdAt];
      return (await c.insertNew('devices', COLUMNS, [row])).size === 1 ? 'added' : 'taken';
    },

    async get(id) {
      const [row] = await c.all(`${DEVICE} where id = ?`, [id]);
      return row === undefined ? null : readDevice(row);
    },

    async byThumbprint(thumbprint) {
      const [row] = await c.all(
        `${DEVICE} where thumbprint = ? order by case when state = 'paired' then 0 else 1 end, n desc limit 1`,
        [thumbprint],
      );
      return row === undefined ? null : readDevice(row);
    },

    async find(what) {
      const byId = (await findById(c, DEVICE, 'device', what)).map(readDevice);
      if (byId.length > 0) return byId;
      if (THUMBPRINT.test(what)) {
        const byKey = await c.all(`${DEVICE} where thumbprint = ? order by n desc limit ${MAX_FOUND}`, [
          what,
        ]);
        if (byKey.length > 0) return byKey.map(readDevice);
      }
      // Names are sealed: few devices, read one by one.
      const rows = (await c.all(`${DEVICE} where state = 'paired' order by n desc limit 1000`)).map(
        readDevice,
      );
      return rows.filter(({ name }) => name === what);
    },

    async list({ states, principal, role, after: last, limit }) {
      const [at] = last === undefined ? [] : await c.all('select n from devices where id = ?', [last]);
      const from = at === undefined ? null : int(at, 'n');
      const rows = await c.all(
        `${DEVICE} where ${anyOf('state', states)} ${principal === undefined ? '' : 'and principal = ?'}
         ${role === undefined ? '' : 'and role = ?'} ${from === null ? '' : 'and n < ?'} order by n desc limit ?`,
        [
          ...states,
          ...(principal === undefined ? [] : [principal]),
          ...(role === undefined ? [] : [role]),
          ...(from === null ? [] : [from]),
          limit,
        ],
      );
      return rows.map(readDevice);
    },

    async setScopes(id, from, to) {
      const set = `update devices set scopes = ? where id = ? and state = 'paired' and scopes = ?`;
      return (await c.run(set, [JSON.stringify(to), id, JSON.stringify(from)])) === 1;
    },

    async setProven(id) {
      return (await c.run(`update devices set proven = 1 where id = ? and state = 'paired'`, [id])) === 1;
    },

    async rename(id, name) {
      return (
        (await c.run('update devices set name = ? where id = ?', [vault.seal(name, nameBind(id)), id])) === 1
      );
    },

    async touch(id, at) {
      await c.run('update devices set last_seen_at = ? where id = ? and last_seen_at < ?', [at, id, at]);
    },

    end: (id, to, why, at) =>
      together(context, async ({ connection }) => {
        // An expired one may still be ended for good: then nothing waits for it to be forgotten.
        const from = to === 'revoked' ? `state in ('paired', 'expired')` : `state = 'paired'`;
        const ended = `update devices set state = ?, ended_at = ?, ended_why = ? where id = ? and ${from}`;
        const done = (await connection.run(ended, [to, at, why, id])) === 1;
        await connection.run('delete from device_tokens where device = ?', [id]);
        await connection.run('delete from push_subscriptions where device = ?', [id]);
        // What was proven there counts no longer.
        await endWindowsOf(connection, 'devices where id = ?', [id]);
        return done;
      }),

    async prune(before) {
      const requests = await c.run(
        `delete from device_requests where (state <> 'pending' and decided_at < ?) or expires_at < ?`,
        [before, before],
      );
      return (
        requests + (await c.run(`delete from devices where state <> 'paired' and ended_at < ?`, [before]))
      );
    },
  };
}

async function findById(
  c: Context['connection'],
  select: string,
  kind: 'device' | 'deviceRequest',
  what: string,
): Promise<readonly Row[]> {
  if (!isIdPrefix(kind, what)) return [];
  const prefix = ID_KINDS[kind].prefix;
  const id = what.startsWith(`${prefix}_`) ? what : `${prefix}_${what}`;
  return c.all(`${select} where id >= ? and id < ? order by n desc limit ${MAX_FOUND}`, [id, after(id)]);
}
