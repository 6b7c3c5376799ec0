// Agents that work elevated, as the gateway lists them: it says when one begins or is ended, and is asked again when one
// should have run out. The clock of this browser takes none away: where it is wrong, the page would be silent while one lasts.
import type { ElevationRow } from '@countersign/protocol/grant';
import { useEffect, useState } from 'react';
import { useRead } from './queries.ts';

const NONE: readonly ElevationRow[] = [];
/** Behind its end, so that the gateway has seen it, too. */
const LATE_MS = 500;
/** For one that is over here and lasts there. */
const AGAIN_MS = 15_000;

export function useElevations(): readonly ElevationRow[] {
  const { value, again } = useRead(
    'policy',
    ['elevations'],
    async (api) => (await api.elevations.list()).items,
  );
  const all = value ?? NONE;
  const [asked, setAsked] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `again` is new each time, and `asked` says that it was used
  useEffect(() => {
    const wait = nextLook(all, Date.now());
    if (wait === null) return undefined;
    const timer = setTimeout(() => {
      again();
      setAsked((before) => before + 1);
    }, wait);
    return () => clearTimeout(timer);
  }, [all, asked]);
  return all;
}

/** How long until one of them should be over; null: there is none. */
export function nextLook(rows: readonly Pick<ElevationRow, 'until'>[], now: number): number | null {
  if (rows.length === 0) return null;
  const left = rows.map(({ until }) => Date.parse(until) - now);
  return Math.min(...left.map((ms) => (ms > 0 ? ms + LATE_MS : AGAIN_MS)));
}
