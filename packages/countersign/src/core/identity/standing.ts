// Who a sender acts as right now. A peer acts with the lower of its person's role and its own ceiling, and only while
// its access lasts; anything missing is nobody.
import type { PrincipalId } from '@countersign/protocol/ids';
import type { Millis } from '../ports.ts';
import type { Role, Standing } from './people-port.ts';

const RANK: Readonly<Record<Role, number>> = { user: 0, approver: 1, owner: 2 };

export function lowerRole(a: Role, b: Role): Role {
  return RANK[a] <= RANK[b] ? a : b;
}

export function holdsRole(held: Role, needed: Role): boolean {
  return RANK[held] >= RANK[needed];
}

export interface Acting {
  readonly principal: PrincipalId;
  readonly role: Role;
  /** True while the store itself grants direct chats. */
  readonly direct: boolean;
}

/** @returns null for a stranger, and for anybody blocked or suspended. */
export function actsAs({ peer, principal }: Standing, now: Millis): Acting | null {
  if (peer === null || principal === null || peer.principal !== principal.id) return null;
  if (peer.blocked || principal.state !== 'active') return null;
  const lasting = peer.accessUntil === null || peer.accessUntil > now;
  return {
    principal: principal.id,
    // An access that has ended leaves nothing behind but what the configuration gives to anybody.
    role: lasting ? lowerRole(principal.role, peer.ceiling) : 'user',
    direct: peer.direct && lasting,
  };
}
