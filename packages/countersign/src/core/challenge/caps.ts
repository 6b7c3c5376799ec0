// What strangers may cost before anything is sent: per address, all together, per person. Past a person's cap there is
// silence and one summary an hour (R8); an owner with a ticket stands outside of it (H71).
import type { PrincipalId } from '@countersign/protocol/ids';
import type { Denials } from '../audit/denials.ts';
import type { Bus } from '../bus.ts';
import { ownerNotices } from '../owner-notices.ts';
import type { Millis } from '../ports.ts';
import type { Roster } from '../roster.ts';
import type { Store } from '../store-port.ts';

const HOUR_MS = 60 * 60_000;
/** One address may ask three times and then once in twenty minutes; all strangers together twenty times an hour. */
const PER_ADDRESS = { burst: 3, refillMs: 20 * 60_000 };
const ALTOGETHER = { burst: 20, refillMs: 3 * 60_000 };
const SUMMARIES = { burst: 1, refillMs: HOUR_MS };
/** R4: past fifty wrong codes in a row on one person, codes stop until an hour of quiet. */
const MAX_WRONG = 50;
const SUMMARY =
  'Somebody keeps asking for sign-in codes; more are not sent for now. If it is you: /login gives you a ticket that always works.';

interface Ports {
  readonly store: Store;
  readonly roster: Roster;
  readonly denials: Denials;
  readonly bus: Bus;
}

/** Takes a place under every cap; false when one is full, and then nothing may be sent. */
export async function withinCaps(
  addressKey: string | null,
  principal: PrincipalId,
  ports: Ports,
  now: Millis,
): Promise<boolean> {
  const full = await fullCap(addressKey, principal, ports, now);
  if (full === null) return true;
  if (full === 'person') await summarise(principal, ports, now);
  await ports.denials.record(`login.refused:${full}`, {
    type: 'login.refused',
    at: now,
    actor: { kind: 'sender' },
    subject: {},
    outcome: 'denied',
    reason: full,
  });
  return false;
}

async function fullCap(
  addressKey: string | null,
  principal: PrincipalId,
  { store, roster }: Ports,
  now: Millis,
): Promise<'address' | 'altogether' | 'person' | null> {
  const { maxOpen, maxPerHour } = roster.login();
  const perPerson = { burst: maxPerHour, refillMs: Math.ceil(HOUR_MS / maxPerHour) };
  const { count, lastAt } = await store.factors.failures(principal, 'login');
  if (count >= MAX_WRONG && now - lastAt < HOUR_MS) return 'person';
  if ((await store.limits.take(`login:${addressKey ?? 'loopback'}`, PER_ADDRESS, now)) > 0) return 'address';
  if ((await store.limits.take('login:all', ALTOGETHER, now)) > 0) return 'altogether';
  if ((await store.challenges.openOf(principal, now)) >= maxOpen) return 'person';
  return (await store.limits.take(`login:of:${principal}`, perPerson, now)) > 0 ? 'person' : null;
}

async function summarise(principal: PrincipalId, { store, bus }: Ports, now: Millis): Promise<void> {
  if ((await store.limits.take(`login:more:${principal}`, SUMMARIES, now)) > 0) return;
  await store.atomically(async (tx) => {
    await tx.outbox.put(await ownerNotices(tx, { text: SUMMARY, once: `login-more:${now}`, now }), now);
  });
  bus.publish('outboxPut', { count: 1 });
}
