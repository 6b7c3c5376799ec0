// The chats a login code may go to. Nothing that proves no more than a browser key or a phone number in a network carries
// one (R11), and nothing that cannot deliver while it lives.
import type { PrincipalId } from '@countersign/protocol/ids';
import type { Channel } from '../channel-port.ts';
import { assuranceOf } from '../identity/peer.ts';
import type { LinkedPeer } from '../identity/people-port.ts';
import { ownerChats } from '../owner-notices.ts';
import type { Millis } from '../ports.ts';
import type { Roster } from '../roster.ts';
import type { Store } from '../store-port.ts';

interface House {
  readonly roster: Pick<Roster, 'login' | 'traits'>;
  /** The running channels: what is off or failed delivers nothing. */
  running(): readonly Channel[];
}

/**
 * @param of whose chats; null for those of every owner.
 * @returns them in the configured order; behind them those whose channel is about to try again: a line that was lost for a second
 * must not cost the code, or the ticket, that was asked for in it.
 */
export async function loginChats(
  store: Store,
  now: Millis,
  of: PrincipalId | null,
  { roster, running }: House,
): Promise<readonly LinkedPeer[]> {
  const { deliverTo, allowCarrier } = roster.login();
  const states = new Map(
    running().map((channel) => [`${channel.id}:${channel.account}`, channel.status().state]),
  );
  const stateOf = ({ channel, account }: LinkedPeer) => states.get(`${channel}:${account}`);
  const chats = (await ownerChats(store, now)).filter((peer) => {
    const traits = roster.traits(peer.channel);
    if (of !== null && peer.principal !== of) return false;
    if (traits === null) return false;
    const isLow = assuranceOf(peer, traits) === 'low' || peer.assurance === 'low';
    if (isLow && !(allowCarrier && traits.carrierIds?.test(peer.native) === true)) return false;
    const state = stateOf(peer);
    if (traits.canInitiate === 'never' || (state !== 'connected' && state !== 'retrying')) return false;
    return deliverTo.length === 0 || deliverTo.includes(peer.channel);
  });
  const rank = (peer: LinkedPeer) => (stateOf(peer) === 'connected' ? 0 : 1);
  return chats.toSorted(
    (a, b) => rank(a) - rank(b) || deliverTo.indexOf(a.channel) - deliverTo.indexOf(b.channel),
  );
}
