// Factors and recoveries as the wire shows them: nothing of it proves anything.
import type { FactorRow, RecoveryRow as WireRecovery } from '@countersign/protocol/factor';
import { isoTime } from '@countersign/protocol/time';
import type { RecoveryRow } from '../core/factor/factors-port.ts';
import type { FactorView } from '../core/factor/view.ts';

export interface RecoveryShown {
  readonly row: RecoveryRow;
  readonly ends: WireRecovery['ends'];
}

export function printFactor(view: FactorView): FactorRow {
  const { id, kind, label, state, principal, origin, createdAt, lastUsedAt } = view;
  return {
    id,
    kind,
    label,
    state,
    person: principal,
    ...(origin === null ? {} : { origin }),
    createdAt: isoTime(createdAt),
    ...(lastUsedAt === null ? {} : { lastUsedAt: isoTime(lastUsedAt) }),
  };
}

export function printRecovery({ row, ends }: RecoveryShown): WireRecovery {
  const { id, principal, state, startedAt, readyAt, endedAt } = row;
  return {
    id,
    person: principal,
    state,
    startedAt: isoTime(startedAt),
    readyAt: isoTime(readyAt),
    ...(endedAt === null ? {} : { endedAt: isoTime(endedAt) }),
    ends,
  };
}
