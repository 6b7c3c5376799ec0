// When a chat of a person last spoke to the agent, as far as its sessions know: for people to read and for choosing a
// chat to write to. Nothing is decided on it.
import type { PrincipalId } from '@countersign/protocol/ids';
import type { Millis } from '../ports.ts';
import { comparableKey } from '../session/key.ts';
import type { Store } from '../store-port.ts';
import { type Peer, peerKey } from './peer.ts';

/** Sessions looked through; a person has one a chat. */
const MOST_SESSIONS = 500;

/** By `peerKey`; a chat that never spoke, or that shares a key with others, is missing. */
export async function lastSeen(
  { sessions }: Pick<Store, 'sessions'>,
  principal: PrincipalId,
  peers: readonly Peer[],
): Promise<ReadonlyMap<string, Millis>> {
  const held = await sessions.list({ principal, limit: MOST_SESSIONS });
  const seen = new Map<string, Millis>();
  for (const peer of peers) {
    const ending = `:direct:${peer.native}`.toLowerCase();
    const times = held
      .filter(({ channel, account }) => channel === peer.channel && account === peer.account)
      .filter(({ key }) => comparableKey(key).endsWith(ending))
      .map(({ lastTurnAt }) => lastTurnAt);
    if (times.length > 0) seen.set(peerKey(peer), Math.max(...times));
  }
  return seen;
}
