// A moment: relative to read, exact on hover and for programs. It stays true on a page that is left open.
import { type ReactNode, useSyncExternalStore } from 'react';
import { exact, relative } from './time.ts';

const TICK_MS = 20_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

export function When({ at }: { readonly at: string }): ReactNode {
  const current = useSyncExternalStore(subscribe, () => now);
  const ms = Date.parse(at);
  if (Number.isNaN(ms)) return null;
  return (
    <time dateTime={at} title={exact(ms)}>
      {/* What just happened may be younger than the last tick. */}
      {relative(ms, Math.max(current, Math.min(ms, Date.now())))}
    </time>
  );
}

/** One clock for all of them. */
function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    now = Date.now();
    timer = setInterval(tick, TICK_MS);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
}

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}
