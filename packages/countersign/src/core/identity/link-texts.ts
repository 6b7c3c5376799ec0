// What is said about a link: in the two chats, and to the owners. A code never stands in the first sixty characters, where
// a locked screen would show it (R12).
import { quotedName } from '@countersign/protocol/display';
import type { OutboundKind, OutboxDraft } from '../outbound.ts';
import type { Millis } from '../ports.ts';
import { peerLabel } from './name.ts';
import type { Peer } from './peer.ts';
import type { Principal, Role } from './people-port.ts';

const TOLD_WITHIN_MS = 24 * 60 * 60_000;

const REFUSE = 'If you did not ask for this, tell nobody.';

export function knownCodeText(added: Peer, code: string): string {
  return [
    `Another chat is about to be linked to you: ${peerLabel(added)}.`,
    `If that is you as well, tell this code to whoever runs this gateway: ${code}`,
    `It works for 10 minutes, once. ${REFUSE}`,
  ].join('\n');
}

export function addedCodeText(code: string): string {
  return [
    'This chat is about to be linked to somebody who is known here.',
    `If that is you, tell this code to whoever runs this gateway: ${code}`,
    `It works for 10 minutes, once. ${REFUSE}`,
  ].join('\n');
}

export const ADDED_LINKED = 'This chat is linked now: you may talk here.';

export function knownLinkedText(added: Peer): string {
  return `${peerLabel(added)} is linked to you now: what is said there counts as yours. If that is wrong, tell the owner.`;
}

export function ownersLinkedText(by: string, peer: Peer, person: Principal, ceiling: Role): string {
  return `Linked by ${by}: ${peerLabel(peer)} to ${personLabel(person)}, at most as ${ceiling}. Undo: countersign people unlink ${peerLabel(peer)}`;
}

export function ownersCeilingText(
  by: string,
  peer: Peer,
  person: Principal,
  { from, to }: { readonly from: Role; readonly to: Role },
): string {
  return `Changed by ${by}: ${peerLabel(peer)} of ${personLabel(person)} acts at most as ${to} now. Undo: countersign people link ${person.id} ${peerLabel(peer)} --as ${from}`;
}

export function ownersUnlinkedText(by: string, peer: Peer, person: Principal): string {
  return `Unlinked by ${by}: ${peerLabel(peer)} from ${personLabel(person)}; it is a stranger again. Undo: countersign people link ${person.id} ${peerLabel(peer)}`;
}

/** The id first: the name is data (R67). */
export function personLabel({ id, name }: Pick<Principal, 'id' | 'name'>): string {
  return `${id} ${quotedName(name)}`;
}

/** A line in somebody's direct chat. */
export function toChat(peer: Peer, { kind, text, once, now, lasts = TOLD_WITHIN_MS }: ChatLine): OutboxDraft {
  const conversation = { kind: 'direct', id: peer.native } as const;
  return { peer, conversation, kind, text, deadline: now + lasts, once };
}

interface ChatLine {
  readonly kind: OutboundKind;
  readonly text: string;
  readonly once: string;
  readonly now: Millis;
  readonly lasts?: Millis;
}
