// The chats a request may be shown in: direct ones of the people who were asked, in which they act as what was asked for. The
// chat that the request came from is never among them (E-15, E-16), and whoever is only told gets no command.
import type { FactorKind } from '@countersign/protocol/approval';
import type { PrincipalId } from '@countersign/protocol/ids';
import { isListed } from '../admission.ts';
import { type Assurance, assuranceOf, type Peer, peerKey } from '../identity/peer.ts';
import { actsAs, holdsRole } from '../identity/standing.ts';
import type { Millis } from '../ports.ts';
import type { Roster } from '../roster.ts';
import type { Store } from '../store-port.ts';
import type { ApprovalRecord } from './approvals-port.ts';
import { factorsOf } from './candidates.ts';
import type { May } from './card-text.ts';

export interface ApprovalChat {
  readonly peer: Peer;
  readonly maxText: number;
  /** Traits.draws. */
  readonly draws: boolean;
  readonly may: May;
}

/** Everybody's who was asked, in the order in which they were. */
export async function decidersChats(
  tx: Pick<Store, 'people' | 'factors'>,
  request: ApprovalRecord,
  roster: Pick<Roster, 'policy' | 'traits'>,
  now: Millis,
): Promise<ApprovalChat[]> {
  const chats = new Map<string, ApprovalChat>();
  for (const person of request.need?.people ?? []) {
    for (const { channel, account, native } of await tx.people.peersOf(person)) {
      const peer = { channel, account, native };
      const chat = await chatOf(tx, request, { peer, person }, roster, now);
      if (chat !== null) chats.set(peerKey(peer), chat);
    }
  }
  return [...chats.values()];
}

/** Null where nothing may be shown to that person in that chat now. */
async function chatOf(
  tx: Pick<Store, 'people' | 'factors'>,
  request: ApprovalRecord,
  { peer, person }: { readonly peer: Peer; readonly person: string },
  roster: Pick<Roster, 'policy' | 'traits'>,
  now: Millis,
): Promise<ApprovalChat | null> {
  const { requesterPeer, need } = request;
  if (need === null || peerKey(peer) === requesterPeer) return null;
  const [policy, traits] = [roster.policy(peer.channel, peer.account), roster.traits(peer.channel)];
  if (policy === null || !policy.enabled || policy.dmPolicy === 'disabled') return null;
  if (traits === null || traits.canInitiate === 'never') return null;
  const standing = await tx.people.standing(peer);
  const acting = actsAs(standing, now);
  if (acting === null || acting.principal !== person) return null;
  if (!(acting.direct || isListed(peer, policy))) return null;
  if (!holdsRole(acting.role, need.who === 'owners' ? 'owner' : 'approver')) return null;
  const assurance = lower(assuranceOf(peer, traits), standing.peer?.assurance ?? 'low');
  const enrolled = await factorsOf(tx, acting.principal);
  const may = mayOf(request, acting.principal, { assurance, enrolled });
  return { peer, maxText: traits.maxText, draws: traits.draws === true, may };
}

function mayOf(
  request: ApprovalRecord,
  person: PrincipalId,
  { assurance, enrolled }: { readonly assurance: Assurance; readonly enrolled: readonly FactorKind[] },
): May {
  const { need, requester, tier } = request;
  if (need === null || !need.able.includes(person)) return 'unable';
  if (assurance === 'low') return 'low';
  if (need.factors.length === 0 && person !== requester) return 'yes';
  const demanded = need.factors.length === 0 ? enrolled : need.factors;
  const isTyped = demanded.some((kind) => kind !== 'passkey' && enrolled.includes(kind));
  // R39: with a passkey, the chat that carries the card does not also carry the proof.
  return isTyped && !(tier === 'destructive' && enrolled.includes('passkey')) ? 'proof' : 'elsewhere';
}

function lower(a: Assurance, b: Assurance): Assurance {
  const rank = { low: 0, medium: 1, high: 2 } as const;
  return rank[a] <= rank[b] ? a : b;
}
