// Whether a code can be sent now. A channel that lost its line for a second has it again in the next, so a page that heard
// "no" asks again by itself: less and less often, and not while nobody looks at it.
import { useCallback, useEffect, useRef, useState } from 'react';
import { askLogin, type LoginPorts } from './api.ts';

export type Can = 'asking' | 'yes' | 'no' | 'unknown';

const FIRST_MS = 3_000;
const LONGEST_MS = 30_000;

/** @param tries how often it was asked and was not "yes". @returns milliseconds until it is asked again. */
export function pauseAfter(tries: number): number {
  return Math.min(FIRST_MS * 1.5 ** Math.max(0, tries - 1), LONGEST_MS);
}

export interface Availability {
  readonly can: Can;
  /** Now, because somebody pressed for it: what is shown meanwhile says so. */
  ask(): void;
}

export function useAvailability(fetch: LoginPorts['fetch']): Availability {
  const [can, setCan] = useState<Can>('asking');
  const [tries, setTries] = useState(0);
  const last = useRef(0);
  const look = useCallback(() => {
    last.current += 1;
    const mine = last.current;
    const said = (now: Can): void => {
      // An older answer may come later.
      if (mine !== last.current) return;
      setCan(now);
      setTries((count) => (now === 'yes' ? 0 : count + 1));
    };
    askLogin({ fetch }).then(
      ({ available }) => said(available ? 'yes' : 'no'),
      () => said('unknown'),
    );
  }, [fetch]);
  useEffect(look, [look]);
  useEffect(() => {
    if (can !== 'no' && can !== 'unknown') return;
    const timer = setTimeout(() => document.visibilityState === 'visible' && look(), pauseAfter(tries));
    const onShown = (): void => void (document.visibilityState === 'visible' && look());
    document.addEventListener('visibilitychange', onShown);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onShown);
    };
  }, [can, tries, look]);
  const ask = useCallback(() => {
    setCan('asking');
    look();
  }, [look]);
  return { can, ask };
}
