// Who is signed in here, and what this browser may do at this moment: as the socket says, so that a page never offers what
// would be refused. The gateway decides all the same.
import type { DeviceRow } from '@countersign/protocol/device';
import { useHouse, useSession } from '../house/context.ts';
import { ownRow, rightsOf } from '../house/rights.ts';
import type { Scope } from '../session/frames.ts';
import { useRead } from './queries.ts';

export function useMay(): (scope: Scope) => boolean {
  const { session } = useHouse();
  const state = useSession(session);
  const scopes = state.is === 'in' ? state.hello.scopes : [];
  return (scope) => scopes.includes(scope);
}

/** The row of this browser; null until it was read. */
export function useOwnDevice(): DeviceRow | null {
  const { session } = useHouse();
  const devices = useRead('devices', ['live'], async (api) => (await api.devices.list('live')).items);
  return ownRow(devices.value ?? [], session.device);
}

/** It came by a code, and a proof on it would open more: said above every page (Limited.tsx). */
export function useIsLimited(): boolean {
  const own = useOwnDevice();
  return own !== null && rightsOf(own).afterProof.length > 0;
}
