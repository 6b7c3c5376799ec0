// What this browser remembers of the tour, as something a page can watch.
import { useSyncExternalStore } from 'react';
import { go } from '../app/router.ts';
import { recall, remember } from '../shared/memory.ts';
import { type Memory, readMemory, writeMemory } from './steps.ts';

const listeners = new Set<() => void>();
let kept = recall('tour');

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useTourMemory(): readonly [Memory, (change: Partial<Memory>) => void] {
  const now = readMemory(useSyncExternalStore(subscribe, () => kept));
  return [now, (change) => keep({ ...now, ...change })];
}

/** From Settings or the help: the tour stands on the overview again. */
export function openTour(): void {
  keep({ ...readMemory(kept), isOver: false, isWanted: true });
  go('overview');
}

function keep(memory: Memory): void {
  kept = writeMemory(memory);
  remember('tour', kept);
  for (const listener of listeners) listener();
}
