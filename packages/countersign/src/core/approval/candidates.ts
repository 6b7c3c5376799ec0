// Who may decide: active owners and approvers, with what they have enrolled; only those among them whom the configuration
// names, where it names any. Read inside the transaction that asks, so that what is stored is what held.
import type { FactorKind } from '@countersign/protocol/approval';
import type { PrincipalId } from '@countersign/protocol/ids';
import type { Principal } from '../identity/people-port.ts';
import type { Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { Candidate } from './judge.ts';

/** Of the configuration, read anew each time. */
export interface ApprovalSettings {
  /** approvals.approvers, by their chats; empty: whoever has the role. */
  readonly approvers: readonly {
    readonly channel: string;
    readonly account: string;
    readonly native: string;
  }[];
  /** approvals.timeout: holds for every tier until somebody writes a policy. */
  readonly timeoutMs: Millis;
}

type Tables = Pick<Store, 'people' | 'factors'>;

const PAGE = 500;

export async function candidatesOf(tx: Tables, { approvers }: ApprovalSettings): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const person of await deciders(tx)) {
    const { id, role, state } = person;
    if (role === 'user' || state !== 'active') continue;
    if (approvers.length > 0 && !(await isNamed(tx, id, approvers))) continue;
    candidates.push({ principal: id, role, factors: await factorsOf(tx, id) });
  }
  return candidates;
}

/** What the person could prove now. */
export async function factorsOf(tx: Tables, id: PrincipalId): Promise<readonly FactorKind[]> {
  const active = (await tx.factors.of(id)).filter(({ state }) => state === 'active').map(({ kind }) => kind);
  // Recovery codes stand in for a factor, and alone are none.
  const hasCodes = active.length > 0 && (await tx.factors.recovery(id)).length > 0;
  return [...new Set<FactorKind>([...active, ...(hasCodes ? (['recovery'] as const) : [])])];
}

async function deciders(tx: Tables): Promise<Principal[]> {
  const people: Principal[] = [];
  for (;;) {
    const page = await tx.people.list({ after: people.at(-1)?.id ?? null, limit: PAGE });
    people.push(...page);
    if (page.length < PAGE) return people;
  }
}

/** By a chat that is theirs and still lasts for them as one who decides; a name is none (H02). */
async function isNamed(
  tx: Tables,
  id: PrincipalId,
  approvers: ApprovalSettings['approvers'],
): Promise<boolean> {
  const peers = (await tx.people.peersOf(id)).filter(
    ({ blocked, ceiling }) => !blocked && ceiling !== 'user',
  );
  return peers.some((peer) =>
    approvers.some(
      ({ channel, account, native }) =>
        channel === peer.channel && account === peer.account && native === peer.native,
    ),
  );
}
