// Ends a command and all that it started, whatever group or session they put themselves into: it may share ours with whoever
// called us. Invariant: nothing is ended that does not descend from it.
import { readdirSync, readFileSync } from 'node:fs';

/**
 * Held first: on Linux a process with a signal on its way starts nothing, and whoever is held forgets no child, so that no number
 * means another process by then. Elsewhere only the one is ended, for there is no list to be read (LIMITATIONS).
 */
export function endDescent(root: number): void {
  const held = new Set<number>();
  for (let found = [root]; found.length > 0; found = childrenOf(held))
    for (const pid of found) {
      held.add(pid);
      send(pid, 'SIGSTOP');
    }
  for (const pid of held) send(pid, 'SIGKILL');
}

/** Those that are not among them yet. */
function childrenOf(parents: ReadonlySet<number>): number[] {
  return processes().filter((pid) => !parents.has(pid) && parents.has(parentOf(pid)));
}

function processes(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** Zero: it is gone. */
function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // Its name stands in brackets and may hold anything, brackets and spaces too.
    const [, parent = '0'] = /^ \S (\d+)/.exec(stat.slice(stat.lastIndexOf(')') + 1)) ?? [];
    return Number(parent);
  } catch {
    return 0;
  }
}

function send(pid: number, signal: 'SIGSTOP' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself, or is somebody else's: what may not be ended stays, as it would for whoever typed it.
  }
}
