// A lock between processes that a crash cannot leave behind: an exclusive SQLite transaction kept open on a file of its
// own. Node has no flock; a file with a pid in it needs somebody to judge when it is stale, and two who judge at once
// both win.
// Never open the lock file by other means while a lock is held: on POSIX, closing any descriptor of a file drops every
// lock the process has on it.
import { DatabaseSync } from 'node:sqlite';
import { Problem } from '@countersign/protocol/problem';
import { errorCode, touchPrivate } from './files.ts';

export interface Exclusive {
  release(): void;
}

const SQLITE_BUSY = 5;

// A database nobody refers to is closed by the garbage collector, and its lock would silently end with it.
const held = new Set<DatabaseSync>();

/** Takes the lock at once, or answers null when another process (or another holder here) has it. */
export function tryExclusive(path: string): Exclusive | null {
  let database: DatabaseSync | undefined;
  try {
    touchPrivate(path);
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec('begin exclusive');
    const taken = database;
    held.add(taken);
    return {
      release: () => {
        if (held.delete(taken)) taken.close();
      },
    };
  } catch (error) {
    if (database?.isOpen === true) database.close();
    if (isBusy(error)) return null;
    throw new Problem('store_unavailable', {
      detail: `the lock ${path} cannot be taken`,
      hint: 'is the disk full, or the folder not writable?',
      cause: error,
    });
  }
}

function isBusy(error: unknown): boolean {
  if (errorCode(error) !== 'ERR_SQLITE_ERROR') return false;
  return error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === SQLITE_BUSY;
}
