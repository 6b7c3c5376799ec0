// A sender as the channel proves it: channel, account and a native id. The id comes from verified bytes only; text,
// display names and user names are claims and never become a Native. Equality is exact: no folding, no suffix match.
import { Problem } from '@countersign/protocol/problem';

declare const proven: unique symbol;

/** A native id that passed its channel's parser. A display name or a group id cannot be passed where one is wanted. */
export type Native = string & { readonly [proven]: 'native' };

export interface Peer {
  readonly channel: string;
  /** One of our logins on the channel; the top-level one is `default`. */
  readonly account: string;
  readonly native: Native;
}

/** What a channel or a factor is worth to a policy. A sender proven by nothing is dropped before it becomes a peer. */
export type Assurance = 'low' | 'medium' | 'high';

/** What a sender of that id is worth: the channel's worth, but for ids that only a phone network vouches for. */
export function assuranceOf(
  { native }: Pick<Peer, 'native'>,
  traits: { readonly assurance: Assurance; readonly carrierIds?: RegExp } | null,
): Assurance {
  return traits === null || traits.carrierIds?.test(native) === true ? 'low' : traits.assurance;
}

const MAX_NATIVE = 256;

/**
 * Reads a native id. `shape` is the channel's own pattern (its trait `peerIds`).
 * H05: empty, "anonymous" and padded ids are nobody. H07: a group's id never fits the shape of a person.
 * @returns null when the text cannot be a sender of that channel.
 */
export function parseNative(text: string, shape: RegExp): Native | null {
  if (text.length === 0 || text.length > MAX_NATIVE || !text.isWellFormed()) return null;
  if (/[\p{C}\p{Z}]/u.test(text) || !shape.test(text)) return null;
  return text as Native;
}

/** As parseNative, for ids read back from our own store. @throws Problem `internal` when the row was damaged. */
export function storedNative(text: string): Native {
  if (text.length === 0 || text.length > MAX_NATIVE)
    throw new Problem('internal', { detail: 'a stored peer id is damaged' });
  return text as Native;
}

/** One string per peer, injective: the parts cannot run into one another because channel and account hold no colon. */
export function peerKey(peer: Peer): string {
  return `${peer.channel}:${peer.account}:${peer.native}`;
}

export function samePeer(a: Peer, b: Peer): boolean {
  return a.channel === b.channel && a.account === b.account && a.native === b.native;
}
