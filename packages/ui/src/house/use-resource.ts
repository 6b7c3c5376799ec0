// Something the gateway knows, as last heard. It is asked again when the house says that something changed, when the page
// comes back into view, and now and then; what was heard before stays while asking.
import { Problem } from '@countersign/protocol/problem';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useHouse } from './context.ts';

const NOW_AND_THEN_MS = 10_000;

export interface Resource<T> {
  readonly value: T | null;
  readonly problem: Problem | null;
  reload(): Promise<void>;
}

export function useResource<T>(load: () => Promise<T>): Resource<T> {
  const { session } = useHouse();
  const [held, setHeld] = useState<{ value: T | null; problem: Problem | null }>({
    value: null,
    problem: null,
  });
  const latest = useRef(load);
  latest.current = load;
  const asked = useRef(0);
  const reload = useCallback(async () => {
    asked.current += 1;
    const mine = asked.current;
    const keep = (next: typeof held | ((before: typeof held) => typeof held)): void => {
      // An older question that is answered late must not take the place of a newer answer.
      if (mine === asked.current) setHeld(next);
    };
    await latest.current().then(
      (value) => keep({ value, problem: null }),
      (error: unknown) => keep((before) => ({ ...before, problem: problemOf(error) })),
    );
  }, []);
  useEffect(() => {
    void reload();
    const seen = (): void => {
      if (document.visibilityState === 'visible') void reload();
    };
    const timer = setInterval(seen, NOW_AND_THEN_MS);
    document.addEventListener('visibilitychange', seen);
    const unsubscribe = session.onEvent(seen);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', seen);
      unsubscribe();
      asked.current += 1;
    };
  }, [reload, session]);
  return { ...held, reload };
}

export function problemOf(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem('internal', { cause: error });
}
