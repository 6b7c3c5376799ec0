// A chat as an owner names it: `<channel>[:<account>]:<id>`, a beginning of the id of somebody known, or the code of a
// stranger who waits. Never a name: names change hands (H01).
import { Problem } from '@countersign/protocol/problem';
import type { Found, Search } from '../pairing/find.ts';
import type { Roster } from '../roster.ts';
import type { Store } from '../store-port.ts';
import { type Peer, parseNative, peerKey } from './peer.ts';

/** A beginning this short fits anybody. */
const MIN_BEGINNING = 3;

interface Ports {
  readonly store: Pick<Store, 'people' | 'pairings'>;
  readonly roster: Roster;
  findPairing(search: Search): Promise<Found>;
}

/** @throws Problem `unknown_channel`, `request_malformed`, `not_found`, `ambiguous`, `expired`, `rate_limited`. */
export async function readPeerRef(typed: string, ports: Ports): Promise<Peer> {
  const text = typed.trim();
  const [channel = ''] = text.split(':');
  if (text.includes(':') || ports.roster.channels.includes(channel)) return byAddress(text, ports);
  if (text.startsWith('@')) {
    throw new Problem('request_malformed', {
      detail: 'a user name can change hands and names no chat',
      hint: 'use the code the chat was sent, or <channel>:<id>: countersign pairing list',
    });
  }
  return (await ports.findPairing({ what: text })).pairing.peer;
}

async function byAddress(text: string, { store, roster }: Ports): Promise<Peer> {
  const { channel, account, rest } = splitPeer(text, roster);
  const place = { channel, ...(account === null ? {} : { account }) };
  if (rest.length >= MIN_BEGINNING) {
    const known = [
      ...(await store.people.findPeers(channel, account, rest)),
      ...(await store.pairings.find(rest, place)).map(({ peer }) => peer),
    ].filter(({ native }) => native.startsWith(rest));
    const exact = known.filter(({ native }) => native === rest);
    const here = exact.filter((peer) => peer.account === (account ?? 'default'));
    const [one, another] = unique(here.length > 0 ? here : exact.length > 0 ? exact : known);
    if (another !== undefined)
      throw new Problem('ambiguous', { detail: 'that fits more than one chat', hint: 'give more of the id' });
    if (one !== undefined) return one;
  }
  return parsePeer(text, roster);
}

/** Reads `<channel>[:<account>]:<id>` as it stands. @throws Problem `unknown_channel`, `request_malformed`. */
export function parsePeer(text: string, roster: Roster): Peer {
  const { channel, account, rest } = splitPeer(text, roster);
  const shape = roster.traits(channel)?.peerIds;
  const native = shape === undefined ? null : parseNative(rest, shape);
  if (native === null) {
    throw new Problem('request_malformed', {
      detail: `that is no id of the channel ${channel}`,
      hint: 'write <channel>[:<account>]:<id>, with the immutable id, never a @name',
    });
  }
  return { channel, account: account ?? 'default', native };
}

/** Ids may hold colons: only a name that an account of ours has is taken for one. */
function splitPeer(text: string, roster: Roster): { channel: string; account: string | null; rest: string } {
  const [channel = '', ...rest] = text.split(':');
  if (roster.traits(channel) === null)
    throw new Problem('unknown_channel', { detail: `there is no channel ${channel}` });
  const [first = '', ...more] = rest;
  const isAccount = more.length > 0 && roster.policy(channel, first) !== null;
  return { channel, account: isAccount ? first : null, rest: (isAccount ? more : rest).join(':') };
}

function unique(peers: readonly Peer[]): Peer[] {
  const found = peers.map(({ channel, account, native }) => ({ channel, account, native }));
  return [...new Map(found.map((peer) => [peerKey(peer), peer])).values()];
}
