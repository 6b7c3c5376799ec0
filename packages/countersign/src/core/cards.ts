// Cards: what is asked of somebody with buttons beside the typed form. Whatever surface answers first wins; every card
// about the same thing then says so and loses its buttons. All of it inside the transaction of the change itself.
import { makeId } from '@countersign/protocol/ids';
import type { Card, CardVerb } from './card-port.ts';
import { type Peer, samePeer } from './identity/peer.ts';
import type { Button, OutboxDraft } from './outbound.ts';
import type { Hasher, Millis, Random } from './ports.ts';
import type { Store } from './store-port.ts';

const LABELS: Readonly<Record<CardVerb, string>> = {
  approve: 'Approve',
  deny: 'Deny',
  block: 'Block',
  not_me: 'Not me',
};
/** 128 bits in 22 characters: fits the smallest room a platform gives a button (64 bytes). */
const NONCE_BYTES = 16;
const TOLD_WITHIN_MS = 24 * 60 * 60_000;
/** A card that reaches nobody before its question has ended need not be sent. */
const MIN_LIFE_MS = 1_000;
const EXPIRED_AT_ONCE = 100;

export interface CardDraft {
  readonly to: Peer;
  readonly about: string;
  readonly text: string;
  readonly verbs: readonly CardVerb[];
  readonly expiresAt: Millis;
  readonly once: string;
}

/** Opens the card and gives the message that shows it. */
export async function openCard(
  tx: Store,
  draft: CardDraft,
  { random, hasher }: { readonly random: Random; readonly hasher: Hasher },
  now: Millis,
): Promise<OutboxDraft> {
  const { to, about, text, expiresAt, once } = draft;
  const id = makeId('card', random.bytes(15));
  const conversation = { kind: 'direct', id: to.native } as const;
  const made = draft.verbs.map((verb) => ({ verb, value: buttonValue(random) }));
  const buttons = made.map(({ verb, value }) => ({ verb, hash: hasher.keyed('button', value) }));
  await tx.cards.open({ id, peer: to, conversation, about, text, buttons, createdAt: now, expiresAt });
  const shown: Button[] = made.map(({ verb, value }) => ({ label: LABELS[verb], value }));
  const deadline = Math.max(Math.min(expiresAt, now + TOLD_WITHIN_MS), now + MIN_LIFE_MS);
  return { peer: to, conversation, kind: 'card', text, deadline, card: id, buttons: shown, once };
}

function buttonValue(random: Random): string {
  return Buffer.from(random.bytes(NONCE_BYTES)).toString('base64url');
}

/** Closes every card about it and puts the outcome on those that were shown. Returns the chats that had one. */
export async function closeCards(
  tx: Store,
  about: string,
  { text, now, answered }: Closing,
): Promise<Peer[]> {
  const closed = await tx.cards.close(about);
  const told = closed.filter(({ peer }) => answered === undefined || !samePeer(peer, answered));
  await tx.outbox.put(await updates(tx, told, text, now), now);
  return closed.map(({ peer }) => peer);
}

interface Closing {
  /** How it ended. */
  readonly text: string;
  readonly now: Millis;
  /** A chat that has its answer already. */
  readonly answered?: Peer | undefined;
}

/** The outcome for cards just closed. */
async function updates(
  tx: Store,
  closed: readonly Pick<Card, 'id' | 'peer' | 'conversation'>[],
  text: string,
  now: Millis,
): Promise<OutboxDraft[]> {
  const drafts: OutboxDraft[] = [];
  for (const { id, peer, conversation } of closed) {
    // Nobody has seen it yet: then nobody needs to see it any more.
    if (await tx.outbox.withdraw(id, now)) continue;
    const deadline = now + TOLD_WITHIN_MS;
    drafts.push({ peer, conversation, kind: 'card-update', text, deadline, card: id, once: `closed:${id}` });
  }
  return drafts;
}

/** Cards whose question ended by itself say so. @returns how many. */
export function closeExpired(store: Store, now: Millis): Promise<number> {
  return store.atomically(async (tx) => {
    const ended = await tx.cards.expire(now, EXPIRED_AT_ONCE);
    await tx.outbox.put(await updates(tx, ended, 'Expired: nobody answered.', now), now);
    return ended.length;
  });
}
