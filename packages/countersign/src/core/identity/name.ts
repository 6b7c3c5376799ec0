// How a person is first called in the owner's list: by their own claim, marked as data, until the owner renames them.
import { firstGraphemes, MAX_NAME, visible } from '@countersign/protocol/display';
import type { Peer } from './peer.ts';

/** The claimed display name, else the user name, else the native id; escaped and at most 64 graphemes (R67). */
export function personName(sender: {
  readonly peer: Peer;
  readonly displayName: string | null;
  readonly username: string | null;
}): string {
  const claim = [sender.displayName, sender.username].find((name) => name !== null && name.trim() !== '');
  return firstGraphemes(visible((claim ?? sender.peer.native).trim()), MAX_NAME);
}

/** How a peer is named to people: the immutable id, short where it is long. */
export function peerLabel(peer: Peer): string {
  const where = peer.account === 'default' ? peer.channel : `${peer.channel}:${peer.account}`;
  return `${where}:${peer.native}`;
}
