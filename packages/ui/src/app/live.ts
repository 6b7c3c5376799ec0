// What changed in the house, told by the gateway: lists that are shown are asked again, others at their next showing.
// A burst is one question: at once, and once more when it is over.
import type { QueryClient } from '@tanstack/react-query';
import type { Change } from '../session/frames.ts';
import type { Session } from '../session/session.ts';
import { AREAS, type Area } from './queries.ts';

const QUIET_MS = 250;

interface Ports {
  readonly session: Pick<Session, 'onEvent'>;
  readonly client: Pick<QueryClient, 'invalidateQueries'>;
  later(ms: number, run: () => void): () => void;
}

/** @returns how to stop. */
export function follow({ session, client, later }: Ports): () => void {
  const asking = new Map<Area, { again: boolean; cancel: () => void }>();

  const ask = (area: Area): void => {
    void client.invalidateQueries({ queryKey: [area] });
    const state = { again: false, cancel: () => {} };
    state.cancel = later(QUIET_MS, () => {
      asking.delete(area);
      if (state.again) ask(area);
    });
    asking.set(area, state);
  };

  const unsubscribe = session.onEvent((change: Change) => {
    for (const area of change.what === 'everything'
      ? AREAS
      : AREAS.filter((one) => change.of.includes(one))) {
      const state = asking.get(area);
      if (state === undefined) ask(area);
      else state.again = true;
    }
  });
  return () => {
    unsubscribe();
    for (const { cancel } of asking.values()) cancel();
  };
}
