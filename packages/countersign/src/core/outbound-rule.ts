// Whether a message may still go to whom it was written for, asked again at the moment it is sent (H19): whatever its
// reason was, it reaches nobody whom the policy shuts out by now, and what is for deciders reaches nobody who is none. Pure.
import { type AccountPolicy, isListed, isListedInGroups } from './admission.ts';
import { type Peer, samePeer } from './identity/peer.ts';
import type { Standing } from './identity/people-port.ts';
import { actsAs, holdsRole } from './identity/standing.ts';
import type { OutboundKind, OutboxDraft } from './outbound.ts';
import type { Millis } from './ports.ts';

/** What only those may read who decide, or whom the configuration names to be told. */
const FOR_DECIDERS: ReadonlySet<OutboundKind> = new Set<OutboundKind>([
  'owner-notice',
  'card',
  'card-update',
  'login-code',
]);
const FOR_STRANGERS: ReadonlySet<OutboundKind> = new Set<OutboundKind>([
  'pairing-code',
  'pairing-decision',
  'link-code',
]);

type ShutOut = 'blocked' | 'suspended' | 'policy';

/** @param named peers that are told whoever they are (`notifyOn`). @returns null: it may go. */
export function shutOut(
  { peer, kind, conversation }: Pick<OutboxDraft, 'peer' | 'kind' | 'conversation'>,
  standing: Standing,
  policy: AccountPolicy,
  named: readonly Peer[],
  now: Millis,
): ShutOut | null {
  if (standing.peer?.blocked === true || standing.principal?.state === 'blocked') return 'blocked';
  if (standing.principal?.state === 'suspended') return 'suspended';
  if (conversation.kind !== 'direct') return isListedInGroups(peer, policy) ? null : 'policy';
  if (policy.dmPolicy === 'disabled') return 'policy';
  const known = actsAs(standing, now);
  const isLetIn = known?.direct === true || isListed(peer, policy);
  if (FOR_DECIDERS.has(kind)) {
    const decides = isLetIn && known !== null && holdsRole(known.role, 'approver');
    return decides || named.some((one) => samePeer(one, peer)) ? null : 'policy';
  }
  if (isLetIn) return null;
  return FOR_STRANGERS.has(kind) && policy.dmPolicy === 'pairing' ? null : 'policy';
}
