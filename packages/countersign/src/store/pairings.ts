// Pairing requests: opened under slots (slots.ts), settled by one compare-and-set each.
import type { PairingId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { actorText } from '../core/audit/event.ts';
import type { PairingState } from '../core/pairing/machine.ts';
import type { Pairings } from '../core/pairing/pairings-port.ts';
import { after, type Context, together } from './context.ts';
import type { Value } from './dialects/database.ts';
import { readPairing, SELECT_PAIRINGS } from './pairing-rows.ts';
import { anyOf, IS_PEER, peerValues } from './peers.ts';
import { int } from './row.ts';
import { openRequest } from './slots.ts';

const MAX_FOUND = 100;
const MIN_PREFIX = 3;

interface Place {
  readonly channel?: string;
  readonly account?: string;
}

export function pairings(context: Context): Pairings {
  const { connection: c } = context;
  const read = (row: Parameters<typeof readPairing>[0]) => readPairing(row, context);

  return {
    open: (request, slots) => together(context, (inside) => openRequest(inside, request, slots)),

    async settle(id, from, to, by, at, { principal, accessUntil } = {}) {
      // A slot is only ever taken by opening: this road would go around the cap.
      if (to === 'pending')
        throw new Problem('internal', { detail: 'a request becomes pending by being opened' });
      const where = whereFrom(from, to, at);
      const touched = await c.run(
        `update pairings set state = ?, decided_at = ?, decided_by = ?, slot = null, address_slot = null, code = null,
           principal = coalesce(?, principal)${accessUntil === undefined ? '' : ', access_until = ?'}
         where id = ? and (${where.sql})`,
        [
          to,
          at,
          actorText(by),
          principal ?? null,
          ...(accessUntil === undefined ? [] : [accessUntil]),
          id,
          ...where.values,
        ],
      );
      return touched === 1;
    },

    async get(id) {
      const [row] = await c.all(`${SELECT_PAIRINGS} where id = ?`, [id]);
      return row === undefined ? null : read(row);
    },

    async byCode(codeHash) {
      return (await c.all(`${SELECT_PAIRINGS} where code_hash = ? order by n desc`, [codeHash])).map(read);
    },

    async latest(peer) {
      const [row] = await c.all(
        `${SELECT_PAIRINGS} where ${IS_PEER} order by n desc limit 1`,
        peerValues(peer),
      );
      return row === undefined ? null : read(row);
    },

    async find(what, where) {
      const place = inPlace(where);
      const id = what.startsWith('pair_') ? what : `pair_${what}`;
      const beginning = '((id >= ? and id < ?) or (native >= ? and native < ?))';
      const [named, values] =
        what.length >= MIN_PREFIX
          ? [beginning, [id, after(id), what, after(what)]]
          : ['(id = ? or native = ?)', [id, what]];
      const rows = await c.all(
        `${SELECT_PAIRINGS} where ${named} ${place.sql} order by n desc limit ${MAX_FOUND}`,
        [...values, ...place.values],
      );
      return rows.map(read);
    },

    async list({ channel, account, states, oldestFirst = false, after: last, limit }) {
      const place = inPlace({
        ...(channel === undefined ? {} : { channel }),
        ...(account === undefined ? {} : { account }),
      });
      const from = last === undefined ? null : await position(context, last);
      const rows = await c.all(
        `${SELECT_PAIRINGS} where ${anyOf('state', states)} ${place.sql} ${from === null ? '' : `and n ${oldestFirst ? '>' : '<'} ?`}
         order by n ${oldestFirst ? 'asc' : 'desc'} limit ?`,
        [...states, ...place.values, ...(from === null ? [] : [from]), limit],
      );
      return rows.map(read);
    },

    async ending(now, before, limit) {
      const rows = await c.all(
        `${SELECT_PAIRINGS} where state = 'approved' and access_until is not null and access_until > ? and access_until <= ?
         order by access_until limit ?`,
        [now, before, limit],
      );
      return rows.map(read);
    },

    async sweep(now, before) {
      const openEnded = await c.run(
        `update pairings set state = 'expired', slot = null, address_slot = null, code = null
         where state in ('pending', 'waiting') and expires_at <= ?`,
        [now],
      );
      const accessEnded = await c.run(
        `update pairings set state = 'expired' where state = 'approved' and access_until is not null and access_until <= ?`,
        [now],
      );
      const removed = await c.run(
        `delete from pairings where state in ('denied', 'expired', 'revoked')
         and coalesce(access_until, expires_at) < ? and coalesce(decided_at, expires_at) < ?`,
        [before, before],
      );
      return openEnded + accessEnded + removed;
    },

    async reset({ channel, account, peer }) {
      const place = inPlace({
        ...(channel === undefined ? {} : { channel }),
        ...(account === undefined ? {} : { account }),
      });
      const one =
        peer === undefined ? { sql: '', values: [] } : { sql: `and ${IS_PEER}`, values: peerValues(peer) };
      return c.run(
        `delete from pairings where state in ('pending', 'waiting', 'denied', 'expired', 'revoked') ${place.sql} ${one.sql}`,
        [...place.values, ...one.values],
      );
    },
  };
}

/** Expiry is a fact of the clock, so the compare part compares the state as it is at `at`, not as it was last written. */
function whereFrom(
  from: readonly PairingState[],
  to: PairingState,
  at: number,
): { sql: string; values: Value[] } {
  const ranOut = `((state in ('pending', 'waiting') and expires_at <= ?)
    or (state = 'approved' and access_until is not null and access_until <= ?))`;
  const stored = { sql: anyOf('state', from), values: [...from] };
  const given = to === 'approved' || to === 'denied' || to === 'waiting';
  const current = given
    ? { sql: `(${stored.sql} and not ${ranOut})`, values: [...stored.values, at, at] }
    : stored;
  if (!from.includes('expired')) return current;
  return { sql: `${current.sql} or ${ranOut}`, values: [...current.values, at, at] };
}

function inPlace({ channel, account }: Place): { sql: string; values: Value[] } {
  const sql = `${channel === undefined ? '' : 'and channel = ?'} ${account === undefined ? '' : 'and account = ?'}`;
  return {
    sql,
    values: [...(channel === undefined ? [] : [channel]), ...(account === undefined ? [] : [account])],
  };
}

async function position({ connection: c }: Context, id: PairingId): Promise<number> {
  const [row] = await c.all('select n from pairings where id = ?', [id]);
  return row === undefined ? 0 : int(row, 'n');
}
