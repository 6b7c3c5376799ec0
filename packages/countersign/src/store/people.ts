// Principals and their peers. A peer is linked, unlinked and blocked by one conditional write each.
import type { PrincipalId } from '@countersign/protocol/ids';
import type { Peer } from '../core/identity/peer.ts';
import type { People, Principal } from '../core/identity/people-port.ts';
import type { Millis } from '../core/ports.ts';
import { after, type Context, joined, sealOrNull, together } from './context.ts';
import type { Connection, Row } from './dialects/database.ts';
import { forget } from './forget.ts';
import {
  anyOf,
  IS_PEER,
  nameBind,
  PEER_KEY,
  peerValues,
  readLinkedPeer,
  readStanding,
  SELECT_PEERS,
  SELECT_STANDING,
} from './peers.ts';
import { bytes, int, word, wordOrNull } from './row.ts';
import { releaseKeys } from './sessions.ts';
import { endWindows, endWindowsOf } from './windows.ts';

const SELECT = 'select id, name, role, state, created_at from principals';
const MAX_FOUND = 100;

export function people(context: Context): People {
  const { connection: c, vault, hasher } = context;
  const nameBound = (id: PrincipalId) => `principals/name/${id}`;
  const nameKey = (name: string) => hasher.keyed('person', joined('name', name));

  const read = (row: Row): Principal => {
    const id = word<PrincipalId>(row, 'id');
    return {
      id,
      name: vault.open(bytes(row, 'name'), nameBound(id)),
      role: word(row, 'role'),
      state: word(row, 'state'),
      createdAt: int(row, 'created_at'),
    };
  };

  return {
    async add({ id, name, role, state, createdAt }) {
      await c.run(
        'insert into principals (id, name, name_key, role, state, created_at) values (?, ?, ?, ?, ?, ?)',
        [id, vault.seal(name, nameBound(id)), nameKey(name), role, state, createdAt],
      );
    },

    async get(id) {
      const [row] = await c.all(`${SELECT} where id = ?`, [id]);
      return row === undefined ? null : read(row);
    },

    async find(what) {
      const id = what.startsWith('prn_') ? what : `prn_${what}`;
      const rows = await c.all(
        `${SELECT} where (id >= ? and id < ?) or name_key = ? order by n limit ${MAX_FOUND}`,
        [id, what === '' ? id : after(id), nameKey(what)],
      );
      return rows.map(read);
    },

    async list({ after: last, limit }) {
      const from = last === null ? 0 : await position(context, last);
      return (await c.all(`${SELECT} where n > ? order by n limit ?`, [from, limit])).map(read);
    },

    async owners() {
      return (await c.all(`${SELECT} where role = 'owner' order by n`)).map(read);
    },

    setRole: (id, from, to) =>
      together(context, async ({ connection }) => {
        const set = 'update principals set role = ? where id = ? and role = ?';
        if ((await connection.run(set, [to, id, from])) !== 1) return false;
        await endWindows(connection, id);
        return true;
      }),

    setState: (id, from, to) =>
      together(context, async ({ connection }) => {
        const set = `update principals set state = ? where id = ? and ${anyOf('state', from)}`;
        if ((await connection.run(set, [to, id, ...from])) !== 1) return false;
        await endWindows(connection, id);
        return true;
      }),

    async rename(id, name) {
      const set = 'update principals set name = ?, name_key = ? where id = ?';
      return (await c.run(set, [vault.seal(name, nameBound(id)), nameKey(name), id])) === 1;
    },

    async standing(peer) {
      const [row] = await c.findEach(SELECT_STANDING, PEER_KEY, [peerValues(peer)]);
      return readStanding(row, peer);
    },

    async peersOf(id) {
      const rows = await c.all(`${SELECT_PEERS} where principal = ? order by channel, account, native`, [id]);
      return rows.map((row) => readLinkedPeer(row, context));
    },

    async findPeers(channel, account, what) {
      const here = account === null ? '' : 'and account = ?';
      const rows = await c.all(
        `${SELECT_PEERS} where native >= ? and native < ? and channel = ? ${here} order by native, account limit ${MAX_FOUND}`,
        [what, after(what), channel, ...(account === null ? [] : [account])],
      );
      return rows.map((row) => readLinkedPeer(row, context));
    },

    link: (peer, link) =>
      together(context, async ({ connection }) => {
        const touched = await connection.run(
          `insert into peers (channel, account, native, principal, ceiling, assurance, blocked, direct, access_until,
             display_name, username, linked_at)
           values (?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?)
           on conflict (channel, account, native) do update set
             principal = excluded.principal, ceiling = excluded.ceiling, assurance = excluded.assurance,
             direct = excluded.direct, access_until = excluded.access_until, display_name = excluded.display_name,
             username = excluded.username, linked_at = excluded.linked_at
           where peers.principal is null and peers.blocked = 0`,
          [
            ...peerValues(peer),
            link.principal,
            link.ceiling,
            link.assurance,
            link.direct ? 1 : 0,
            link.accessUntil,
            sealOrNull(context, link.displayName, nameBind('display_name', peer)),
            sealOrNull(context, link.username, nameBind('username', peer)),
            link.at,
          ],
        );
        if (touched !== 1) return 'taken';
        // What was proven elsewhere opens nothing for a chat that has just come.
        await endWindows(connection, link.principal);
        return 'linked';
      }),

    async grantDirect(peer, accessUntil) {
      const touched = await c.run(
        `update peers set direct = 1, access_until = ? where ${IS_PEER} and principal is not null and blocked = 0`,
        [accessUntil, ...peerValues(peer)],
      );
      return touched === 1;
    },

    setCeiling: (peer, ceiling, of) =>
      together(context, async ({ connection }) => {
        const set = `update peers set ceiling = ? where ${IS_PEER} and principal = ? and blocked = 0`;
        if ((await connection.run(set, [ceiling, ...peerValues(peer), of])) !== 1) return false;
        await endWindows(connection, of);
        return true;
      }),

    unlink: (peer) => together(context, (inside) => unlink(inside, peer)),

    setBlocked: (peer, blocked, at) =>
      together(context, async ({ connection }) => {
        const touched = await (blocked ? block(connection, peer, at) : unblock(connection, peer));
        if (touched !== 1) return false;
        await endWindowsOf(connection, `peers where ${IS_PEER}`, peerValues(peer));
        return true;
      }),

    forget: (id) => together(context, (inside) => forget(inside, id)),
  };
}

async function position({ connection: c }: Context, id: PrincipalId): Promise<number> {
  const [row] = await c.all('select n from principals where id = ?', [id]);
  return row === undefined ? 0 : int(row, 'n');
}

function block(c: Connection, peer: Peer, at: Millis): Promise<number> {
  return c.run(
    `insert into peers (channel, account, native, ceiling, assurance, blocked, direct, linked_at)
     values (?, ?, ?, 'user', 'low', 1, 0, ?)
     on conflict (channel, account, native) do update set blocked = 1 where peers.blocked = 0`,
    [...peerValues(peer), at],
  );
}

async function unblock(c: Connection, peer: Peer): Promise<number> {
  // A stranger's row was only ever there for the block.
  const gone = `delete from peers where ${IS_PEER} and blocked = 1 and principal is null`;
  const lifted = `update peers set blocked = 0 where ${IS_PEER} and blocked = 1`;
  return (await c.run(gone, peerValues(peer))) + (await c.run(lifted, peerValues(peer)));
}

/** The row goes, unless a block keeps it. Whose it was is read first and demanded again by the write. */
async function unlink(context: Context, peer: Peer): Promise<PrincipalId | null> {
  const { connection: c } = context;
  const [row] = await c.all(`select principal, blocked from peers where ${IS_PEER}`, peerValues(peer));
  const principal = row === undefined ? null : wordOrNull<PrincipalId>(row, 'principal');
  if (principal === null) return null;
  const is = `${IS_PEER} and principal = ?`;
  const values = [...peerValues(peer), principal];
  const kept = await c.run(
    `update peers set principal = null, direct = 0, access_until = null, display_name = null, username = null,
       linked_at = null where ${is} and blocked = 1`,
    values,
  );
  if (kept !== 1 && (await c.run(`delete from peers where ${is}`, values)) !== 1) return null;
  await releaseKeys(context, principal, peer);
  await endWindows(c, principal);
  return principal;
}
