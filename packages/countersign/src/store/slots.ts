// Opening a pairing request under a cap. A slot is a number that a unique index lets one live request of an account hold,
// and another per network address, so that parallel strangers cannot exceed the cap: there is no count to race with
// (R23), and account A's strangers use up nothing of account B's (H16).
import { Problem } from '@countersign/protocol/problem';
import type { NewPairing, SlotRule } from '../core/pairing/pairings-port.ts';
import type { Context } from './context.ts';
import type { Value } from './dialects/database.ts';
import { NEW_COLUMNS, newValues } from './pairing-rows.ts';
import { IS_PEER, peerValues } from './peers.ts';
import { text } from './row.ts';

/** How often a lost race for a slot is run again before giving up: every loss means that somebody else won. */
const MAX_RACES = 1_000;

/** Everything happens in one transaction. */
export async function openRequest(
  context: Context,
  request: NewPairing,
  slots: SlotRule,
): Promise<'opened' | 'exists' | 'full'> {
  const { connection: c } = context;
  const { peer, createdAt: now } = request;
  const account = [peer.channel, peer.account];
  await c.run(
    `update pairings set state = 'expired', slot = null, address_slot = null, code = null
     where channel = ? and account = ? and state in ('pending', 'waiting') and expires_at <= ?`,
    [...account, now],
  );

  const isLive = `${IS_PEER} and state in ('pending', 'waiting')`;
  const [live] = await c.all(`select id, state from pairings where ${isLive}`, peerValues(peer));
  if (live !== undefined && text(live, 'state') === 'pending') return 'exists';
  // A waiting request stands in the way of its successor, so it steps aside and comes back if there is no slot.
  const waiting = live === undefined ? null : text(live, 'id');
  const stepped = `update pairings set state = ? where id = ? and state = ?`;
  if (waiting !== null) await c.run(stepped, ['expired', waiting, 'waiting']);

  if (await takeSlot(context, request, slots)) {
    if (waiting !== null) await c.run('delete from pairings where id = ?', [waiting]);
    await forgetOldest(context, account, slots.maxWaiting);
    return 'opened';
  }
  if (waiting !== null) {
    await c.run(stepped, ['waiting', waiting, 'expired']);
    return 'full';
  }
  const columns = [...NEW_COLUMNS, 'state'];
  const kept = await c.insertNew('pairings', columns, [[...newValues(request, false, context), 'waiting']]);
  if (kept.size === 0) return 'exists';
  await forgetOldest(context, account, slots.maxWaiting);
  return 'full';
}

/** True when the request was written with a slot. */
async function takeSlot(context: Context, request: NewPairing, slots: SlotRule): Promise<boolean> {
  const { connection: c } = context;
  const columns = [...NEW_COLUMNS, 'state', 'slot', 'address_slot'];
  for (let race = 0; race < MAX_RACES; race += 1) {
    const free = await freeSlot(context, request, slots);
    if (free.slot !== null && free.addressSlot !== undefined) {
      const values = [...newValues(request, true, context), 'pending', free.slot, free.addressSlot];
      if ((await c.insertNew('pairings', columns, [values])).size === 1) return true;
      // Lost to another request of the same peer: that one is live, and this one has nothing to open.
      if (await isPeerLive(context, request)) return false;
    } else if (!(await makeRoom(context, request, slots, free.addressSlot === undefined))) {
      return false;
    }
  }
  throw new Problem('store_unavailable', { detail: 'no slot could be won or lost' });
}

interface FreeSlot {
  readonly slot: number | null;
  /** Null: the request counts under no address. Undefined: its address holds as many as it may. */
  readonly addressSlot: number | null | undefined;
}

/** A look only: what is free is decided by the insert. */
async function freeSlot(
  context: Context,
  { peer, addressKey }: NewPairing,
  slots: SlotRule,
): Promise<FreeSlot> {
  const rows = await context.connection.all(
    `select slot, address_key, address_slot from pairings where channel = ? and account = ? and slot is not null`,
    [peer.channel, peer.account],
  );
  const slot = lowestFree(
    slots.max,
    rows.map((row) => row['slot']),
  );
  if (addressKey === null) return { slot, addressSlot: null };
  const sameAddress = rows.filter((row) => row['address_key'] === addressKey);
  const held = lowestFree(
    slots.maxPerAddress,
    sameAddress.map((row) => row['address_slot']),
  );
  return { slot, addressSlot: held ?? undefined };
}

function lowestFree(max: number, held: readonly unknown[]): number | null {
  for (let slot = 1; slot <= max; slot += 1) if (!held.includes(slot)) return slot;
  return null;
}

/** The oldest pending request that had its time gives up its slot. An address that is full makes room among its own:
 * it never costs a stranger elsewhere their turn. */
async function makeRoom(
  { connection: c }: Context,
  { peer, addressKey, createdAt }: NewPairing,
  slots: SlotRule,
  ownAddress: boolean,
): Promise<boolean> {
  const same = ownAddress ? 'and address_key = ?' : '';
  const values: Value[] = [peer.channel, peer.account, createdAt - slots.evictAfterMs];
  const touched = await c.run(
    `update pairings set state = 'waiting', slot = null, address_slot = null, code = null
     where state = 'pending' and n = (
       select n from pairings where channel = ? and account = ? and slot is not null and created_at <= ? ${same}
       order by created_at, n limit 1)`,
    ownAddress ? [...values, addressKey] : values,
  );
  return touched === 1;
}

async function isPeerLive({ connection: c }: Context, { peer }: NewPairing): Promise<boolean> {
  const rows = await c.all(
    `select 1 from pairings where ${IS_PEER} and state in ('pending', 'waiting')`,
    peerValues(peer),
  );
  return rows.length > 0;
}

/** Strangers without a slot are remembered up to a number. */
async function forgetOldest(
  { connection: c }: Context,
  account: readonly string[],
  max: number,
): Promise<void> {
  await c.run(
    `delete from pairings where state = 'waiting' and n in (
       select n from pairings where channel = ? and account = ? and state = 'waiting'
       order by created_at desc, n desc limit 1000000 offset ?)`,
    [...account, max],
  );
}
