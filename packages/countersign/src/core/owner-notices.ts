// Telling the owners: one outbox message for each owner chat that can be written to. What was done in their name is
// announced with the way to undo it.
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

/** Only peers that may act as owners: a peer linked with a lower ceiling is no owner chat. */
export async function ownerNotices(tx: Store, { text, once, now }: Notice): Promise<OutboxDraft[]> {
  const drafts: OutboxDraft[] = [];
  for (const owner of await tx.people.owners()) {
    for (const peer of await tx.people.peersOf(owner.id)) {
      if (!isOwnerChat(peer, now)) continue;
      const { channel, account, native } = peer;
      drafts.push({
        peer: { channel, account, native },
        conversation: { kind: 'direct', id: native },
        kind: 'owner-notice',
        text,
        deadline: now + NOTICE_LIFE_MS,
        principal: owner.id,
        once: `${once}:${channel}:${account}:${native}`,
      });
    }
  }
  return drafts;
}

function isOwnerChat(peer: LinkedPeer, now: Millis): boolean {
  const lasting = peer.accessUntil === null || peer.accessUntil > now;
  return peer.ceiling === 'owner' && peer.direct && lasting && !peer.blocked;
}
