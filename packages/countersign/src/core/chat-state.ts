// What a web chat page may know of itself: its own request and code, or that it may talk. A block and a policy that
// keeps strangers out both read `silent`: nothing tells a stranger which.
import type { ChatState } from '@countersign/protocol/frames';
import { type AccountPolicy, isListed } from './admission.ts';
import type { Peer } from './identity/peer.ts';
import { actsAs } from './identity/standing.ts';
import { effectiveState } from './pairing/machine.ts';
import type { Millis } from './ports.ts';
import type { Store } from './store-port.ts';

export interface ChatStanding {
  readonly state: ChatState;
  readonly code: string | null;
  readonly expiresAt: Millis | null;
  /** The person's name, once paired. */
  readonly name: string | null;
}

const SILENT: ChatStanding = { state: 'silent', code: null, expiresAt: null, name: null };

export async function chatStanding(
  store: Pick<Store, 'people' | 'pairings'>,
  peer: Peer,
  policy: AccountPolicy | null,
  now: Millis,
): Promise<ChatStanding> {
  if (policy === null || !policy.enabled || policy.dmPolicy === 'disabled') return SILENT;
  const standing = await store.people.standing(peer);
  if (standing.peer?.blocked === true) return SILENT;
  if (standing.principal !== null && standing.principal.state !== 'active') return SILENT;
  const acting = actsAs(standing, now);
  if (acting?.direct === true) {
    const person = await store.people.get(acting.principal);
    return { state: 'paired', code: null, expiresAt: null, name: person?.name ?? null };
  }
  if (isListed(peer, policy)) return { state: 'paired', code: null, expiresAt: null, name: null };
  if (policy.dmPolicy !== 'pairing') return SILENT;
  const request = await store.pairings.latest(peer);
  if (request === null) return { state: 'unknown', code: null, expiresAt: null, name: null };
  const state = effectiveState(request, now);
  if (state === 'blocked') return SILENT;
  // Approved, yet no grant: the person was unlinked by another road. They may ask again.
  if (state === 'approved') return { state: 'unknown', code: null, expiresAt: null, name: null };
  if (state !== 'pending') return { state, code: null, expiresAt: null, name: null };
  return { state, code: request.code, expiresAt: request.expiresAt, name: null };
}
