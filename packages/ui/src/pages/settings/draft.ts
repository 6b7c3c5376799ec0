// Changes that are not saved, for as long as the page is open: going to another page loses nothing. A secret that was
// typed is in this memory and nowhere else.
import { useSyncExternalStore } from 'react';
import type { Draft } from './changes.ts';

interface Kept {
  readonly draft: Draft;
  /** Counts what began anew: fields that keep what is typed forget it. */
  readonly round: number;
}

let kept: Kept = { draft: new Map(), round: 0 };
const listeners = new Set<() => void>();

function keep(next: Kept): void {
  kept = next;
  for (const listener of listeners) listener();
}

export function keepDraft(draft: Draft): void {
  keep({ ...kept, draft });
}

/** Begins anew. */
export function dropDraft(draft: Draft = new Map()): void {
  keep({ draft, round: kept.round + 1 });
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) addEventListener('beforeunload', warn);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/** Closing the tab would lose them. */
function warn(event: BeforeUnloadEvent): void {
  if (kept.draft.size > 0) event.preventDefault();
}

export function useDraft(): Kept {
  return useSyncExternalStore(subscribe, () => kept);
}
