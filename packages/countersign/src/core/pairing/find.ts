// What an owner typed → exactly one request. A code, an id, an identifier or its beginning, or @name among those who
// wait; never "the latest" (R22). Wrong channel and wrong account are told apart: the caller is the owner, not the stranger.
import { Problem } from '@countersign/protocol/problem';
import type { Clock, Hasher, Millis } from '../ports.ts';
import type { Roster } from '../roster.ts';
import type { Store } from '../store-port.ts';
import { effectiveState, isOpen, type PairingState } from './machine.ts';
import type { PairingRow } from './pairings-port.ts';
import { pairingCodeHash } from './requests.ts';

export interface Search {
  readonly what: string;
  readonly channel?: string | undefined;
  readonly account?: string | undefined;
}

export interface Found {
  readonly pairing: PairingRow;
  readonly by: 'id' | 'code' | 'identifier' | 'username';
}

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly hasher: Hasher;
  readonly roster: Roster;
}

/** R4: a code has 40 bits; guesses are counted for everybody together, thirty and then one a minute. */
const GUESSES = { burst: 30, refillMs: 60_000 };

/** @throws Problem `unknown_channel`, `not_found`, `ambiguous`, `wrong_channel`, `wrong_account`, `expired`, `rate_limited`. */
export async function findPairing(search: Search, ports: Ports): Promise<Found> {
  const { store, clock, hasher, roster } = ports;
  const now = clock.now();
  const what = search.what.trim();
  if (search.channel !== undefined && !roster.channels.includes(search.channel)) {
    throw new Problem('unknown_channel', { detail: `there is no channel ${search.channel}` });
  }
  if (what.startsWith('@'))
    return { pairing: await byUsername(what.slice(1), search, store, now), by: 'username' };
  const hash = pairingCodeHash(hasher, what);
  const coded = hash === null ? [] : await store.pairings.byCode(hash);
  if (coded.length > 0) return { pairing: rightPlace(coded, search, now), by: 'code' };
  const where = placeOf(search);
  const named = what === '' ? [] : await store.pairings.find(what, where);
  const one = pickOne(named, what, now);
  if (one !== null) return { pairing: one, by: one.id === what ? 'id' : 'identifier' };
  if (hash !== null) await countGuess(store, now);
  throw await missing(what, search, hash !== null, store);
}

async function byUsername(name: string, search: Search, store: Store, now: Millis): Promise<PairingRow> {
  const open = await store.pairings.list({ ...placeOf(search), states: ['pending', 'waiting'], limit: 500 });
  // Messengers write a user name in any case, and so do people; two who differ in nothing else are ambiguous.
  const wanted = name.toLowerCase();
  const matching = open.filter((row) => row.username?.toLowerCase() === wanted && isOpen(row, now));
  const [one, another] = matching;
  if (one === undefined) throw new Problem('not_found', { detail: `nobody named @${name} is waiting` });
  if (another !== undefined) throw ambiguous(matching.length);
  return one;
}

/** Newest first comes in. Decided and expired ones are kept so that the reason can be told. */
function rightPlace(rows: readonly PairingRow[], { channel, account }: Search, now: Millis): PairingRow {
  const inChannel = rows.filter((row) => channel === undefined || row.peer.channel === channel);
  if (inChannel.length === 0)
    throw new Problem('wrong_channel', { detail: 'that code belongs to another channel' });
  const row = inChannel.find(({ peer }) => account === undefined || peer.account === account);
  if (row === undefined)
    throw new Problem('wrong_account', { detail: 'that code belongs to another account' });
  if (effectiveState(row, now) === 'waiting') {
    const hint = `it made room for others; approve by identifier: ${row.peer.native}`;
    throw new Problem('expired', { detail: 'that code no longer counts', hint });
  }
  return row;
}

const ORDER: readonly PairingState[] = [
  'pending',
  'waiting',
  'approved',
  'blocked',
  'denied',
  'revoked',
  'expired',
];

/** Exact before a beginning; then one peer only; of one peer's requests the one that can still be acted on. */
function pickOne(rows: readonly PairingRow[], what: string, now: Millis): PairingRow | null {
  const exact = rows.filter((row) => row.id === what || row.peer.native === what);
  const pool = exact.length > 0 ? exact : rows;
  const rank = (row: PairingRow) => ORDER.indexOf(effectiveState(row, now));
  const sorted = pool.toSorted((a, b) => rank(a) - rank(b) || b.createdAt - a.createdAt);
  const [best] = sorted;
  if (best === undefined) return null;
  const rivals = new Set(
    sorted
      .filter((row) => isOpen(row, now) === isOpen(best, now))
      .map(({ peer }) => `${peer.channel}:${peer.account}:${peer.native}`),
  );
  if (rivals.size > 1) throw ambiguous(rivals.size);
  return best;
}

function ambiguous(count: number): Problem {
  return new Problem('ambiguous', {
    detail: `that fits ${count} people`,
    hint: 'give more of it, or the channel',
  });
}

function placeOf({ channel, account }: Search): { channel?: string; account?: string } {
  return { ...(channel === undefined ? {} : { channel }), ...(account === undefined ? {} : { account }) };
}

async function countGuess(store: Store, now: Millis): Promise<void> {
  const wait = await store.limits.take('pairing-code:wrong', GUESSES, now);
  if (wait > 0) {
    const retryAfter = Math.ceil(wait / 1000);
    throw new Problem('rate_limited', { detail: 'too many wrong codes', members: { retryAfter } });
  }
}

/** P-10: a code that nothing knows gets a reason, not a shrug. */
async function missing(what: string, search: Search, looksLikeCode: boolean, store: Store): Promise<Problem> {
  const elsewhere = looksLikeCode || search.channel === undefined ? [] : await store.pairings.find(what, {});
  if (elsewhere.length > 0) {
    const wrong = elsewhere.every(({ peer }) => peer.channel !== search.channel)
      ? 'wrong_channel'
      : 'wrong_account';
    return new Problem(wrong, { detail: 'that person wrote somewhere else' });
  }
  const hint = 'countersign pairing list shows who waits; codes older than a day are forgotten';
  return new Problem('not_found', {
    detail: looksLikeCode ? 'no request has that code' : 'no request fits that',
    hint,
  });
}
