// What every part of the signed-in page needs.
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { ApiWith } from '../api.ts';
import type { DeviceKey } from '../device-key.ts';
import type { Session } from '../session/session.ts';
import type { SessionState } from '../session/state.ts';
import type { Place } from '../shared/place.ts';

export interface HouseTools {
  readonly deviceKey: DeviceKey;
  readonly session: Session;
  readonly api: ApiWith;
  readonly place: Place;
  /** What this browser calls itself. */
  readonly browser: string;
}

export const HouseContext = createContext<HouseTools | null>(null);

export function useHouse(): HouseTools {
  const tools = useContext(HouseContext);
  if (tools === null) throw new TypeError('outside of the house');
  return tools;
}

export function useSession(session: Session): SessionState {
  return useSyncExternalStore(session.subscribe, session.snapshot);
}
