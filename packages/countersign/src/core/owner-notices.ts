// What owners are told, and where: every chat of theirs in which they may act as owners. A peer linked with a lower
// ceiling is no owner chat.
import type { LinkedPeer } from './identity/people-port.ts';
import type { OutboxDraft } from './outbound.ts';
import type { Millis } from './ports.ts';
import type { Store } from './store-port.ts';

const NOTICE_LIFE_MS = 24 * 60 * 60_000;

interface Notice {
  readonly text: string;
  /** Makes a repeated road tell once. */
  readonly once: string;
  readonly now: Millis;
}

export async function ownerNotices(tx: Store, { text, once, now }: Notice): Promise<OutboxDraft[]> {
  return (await ownerChats(tx, now)).map(({ channel, account, native, principal }) => ({
    peer: { channel, account, native },
    conversation: { kind: 'direct', id: native },
    kind: 'owner-notice',
    text,
    deadline: now + NOTICE_LIFE_MS,
    ...(principal === null ? {} : { principal }),
    once: `${once}:${channel}:${account}:${native}`,
  }));
}

export async function ownerChats(tx: Pick<Store, 'people'>, now: Millis): Promise<LinkedPeer[]> {
  const chats: LinkedPeer[] = [];
  for (const { id, state } of await tx.people.owners()) {
    if (state !== 'active') continue;
    chats.push(...(await tx.people.peersOf(id)).filter((peer) => isOwnerChat(peer, now)));
  }
  return chats;
}

function isOwnerChat(peer: LinkedPeer, now: Millis): boolean {
  const lasting = peer.accessUntil === null || peer.accessUntil > now;
  return peer.ceiling === 'owner' && peer.direct && lasting && !peer.blocked;
}
