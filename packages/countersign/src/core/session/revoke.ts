// An owner ends one conversation with the agent. Nothing that was said on it reaches the agent afterwards, nothing of it is
// kept for the agent, and nothing else of the person ends: their next message begins a new session.
import type { SessionId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Actor } from '../audit/event.ts';
import type { Bus } from '../bus.ts';
import type { Session, Unanswered } from '../message.ts';
import type { Clock, Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';

const NOTICE_LIFE_MS = 24 * 60 * 60_000;

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly bus: Bus;
  /** Stops an answer that is under way. */
  stopAsking(session: SessionId): void;
}

export interface Revoked {
  readonly session: Session;
  /** Messages that waited and are not answered. */
  readonly unanswered: number;
}

/** @throws Problem `state_conflict` when it had ended before. */
export async function revokeSession(
  session: Session,
  by: Actor,
  { store, clock, bus, stopAsking }: Ports,
): Promise<Revoked> {
  const { id, principal, channel, account } = session;
  const now = clock.now();
  const waited = await store.atomically(async (tx) => {
    const waited = await tx.sessions.revoke(id, now);
    if (waited === null) return null;
    const subject = { session: id, principal, channel, account, unanswered: waited.length };
    await tx.audit.append([{ type: 'session.revoked', at: now, actor: by, subject, outcome: 'ok' }]);
    await tx.outbox.put(noticesFor(waited, session, now), now);
    return waited;
  });
  if (waited === null) throw new Problem('state_conflict', { detail: 'that session has ended already' });
  stopAsking(id);
  bus.publish('sessionChanged', id);
  if (waited.length > 0) bus.publish('outboxPut', { count: 1 });
  return { session: { ...session, endedAt: now }, unanswered: waited.length };
}

/** Whoever waits for an answer is told that none comes, once for each place they wrote in. */
function noticesFor(waited: readonly Unanswered[], { id, principal }: Session, now: Millis) {
  const places = new Map(waited.map((one) => [`${one.conversation.kind}:${one.conversation.id}`, one]));
  const text =
    'This conversation was ended, and what you wrote last is not answered. Write again to begin a new one.';
  return [...places].map(([place, { peer, conversation }]) => ({
    peer,
    conversation,
    principal,
    kind: 'notice' as const,
    text,
    deadline: now + NOTICE_LIFE_MS,
    once: `revoked:${id}:${place}`,
  }));
}
