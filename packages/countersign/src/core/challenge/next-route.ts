// A login code that could not be delivered goes to the next chat of the same owner, and says that it did: whoever waits for
// it at the page would otherwise wait for nothing (C-05). Only while the code lives, and to each chat once.
import { type CardId, type ChallengeId, isId, type PrincipalId } from '@countersign/protocol/ids';
import type { Bus } from '../bus.ts';
import { openCard } from '../cards.ts';
import type { Channel } from '../channel-port.ts';
import type { AliasBook } from '../identity/aliases.ts';
import { peerLabel } from '../identity/name.ts';
import { peerKey } from '../identity/peer.ts';
import type { LinkedPeer } from '../identity/people-port.ts';
import type { Clock, Hasher, Millis, Random } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { LoginCodes } from './codes.ts';
import { challengeStateAt } from './machine.ts';
import { codeMessage } from './told.ts';

const HOUR_MS = 60 * 60_000;
const MAX_REMEMBERED = 1_000;

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly bus: Bus;
  readonly codes: LoginCodes;
  /** Chats of that owner that could be sent a code now, in their order. */
  chatsOf(principal: PrincipalId, now: Millis): Promise<readonly LinkedPeer[]>;
}

export class NextRoute {
  readonly #ports: Ports;
  /** Chats that a code did not reach. */
  readonly #failed = new Map<ChallengeId, Set<string>>();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** @param failed the card that could not be delivered. */
  async take(failed: CardId): Promise<void> {
    const { store, clock, random, hasher, codes, bus, chatsOf } = this.#ports;
    const now = clock.now();
    const card = await store.cards.get(failed);
    const id = card?.about ?? '';
    if (card === null || !isId('challenge', id) || codes.get(id, now) === null) return;
    const row = await store.challenges.get(id);
    if (row === null || row.principal === null || challengeStateAt(row, now) !== 'issued') return;
    const tried = this.#tried(id).add(peerKey(card.peer));
    const next = (await chatsOf(row.principal, now)).find((peer) => !tried.has(peerKey(peer)));
    if (next === undefined) return;
    const to = { channel: next.channel, account: next.account, native: next.native };
    const text = `${codeMessage(row, now)}\n(It could not be delivered to ${peerLabel(card.peer)}.)`;
    await store.atomically(async (tx) => {
      const expiresAt = now + HOUR_MS;
      const once = `login:${id}:${peerKey(to)}`;
      const draft = { to, about: id, text, verbs: ['not_me'], expiresAt, once } as const;
      const shown = await openCard(tx, draft, { random, hasher }, now);
      await tx.outbox.put([{ ...shown, kind: 'login-code', deadline: row.expiresAt }], now);
    });
    bus.publish('outboxPut', { count: 1 });
  }

  #tried(id: ChallengeId): Set<string> {
    const known = this.#failed.get(id) ?? new Set<string>();
    this.#failed.set(id, known);
    const [oldest] = this.#failed.keys();
    if (this.#failed.size > MAX_REMEMBERED && oldest !== undefined) this.#failed.delete(oldest);
    return known;
  }
}

/** Whether a code would be taken by that chat now, as far as its channel can tell. */
export function reachesNow(
  peer: LinkedPeer,
  { running, aliases }: { running(): readonly Channel[]; readonly aliases: Pick<AliasBook, 'aliasOf'> },
): boolean {
  const alias = aliases.aliasOf(peer);
  const conversation = { kind: 'direct', id: peer.native } as const;
  const to = { peer, conversation, ...(alias === undefined ? {} : { alias }) };
  const channel = running().find(({ id, account }) => id === peer.channel && account === peer.account);
  return channel?.status().state === 'connected' && channel.reaches?.(to, 'login-code') !== false;
}
