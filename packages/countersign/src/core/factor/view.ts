// A factor as it is shown and listed.
import type { FactorId, PrincipalId } from '@countersign/protocol/ids';
import type { Millis } from '../ports.ts';
import type { FactorKind, FactorRow, FactorState } from './factors-port.ts';

/** A factor as people see it: nothing of it proves anything. */
export interface FactorView {
  readonly id: FactorId;
  readonly principal: PrincipalId;
  readonly kind: FactorKind;
  readonly label: string;
  readonly state: FactorState;
  /** Where a passkey works; null for a TOTP. */
  readonly origin: string | null;
  readonly createdAt: Millis;
  readonly lastUsedAt: Millis | null;
}

export function viewOf(row: FactorRow): FactorView {
  const { id, principal, kind, label, state, passkey, createdAt, lastUsedAt } = row;
  return { id, principal, kind, label, state, origin: passkey?.origin ?? null, createdAt, lastUsedAt };
}
