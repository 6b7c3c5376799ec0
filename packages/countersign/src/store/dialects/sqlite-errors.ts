// What SQLite and the file system say when they cannot, as problems a person can act on.
import { Problem } from '@countersign/protocol/problem';

export const BUSY = 5;
const FULL = 13;
/** Corrupt, cannot open, not a database, I/O error, read-only, protocol, locked, permission. */
const UNUSABLE: ReadonlySet<number> = new Set([11, 14, 26, 10, 8, 15, 6, 3, 23]);

/** SQLite's primary result code. */
export function primaryOf(cause: unknown): number | null {
  if (!(cause instanceof Error) || !('errcode' in cause) || typeof cause.errcode !== 'number') return null;
  return cause.errcode & 0xff;
}

/** What a person can do about it, where there is something; the error itself otherwise. */
export function problemOf(cause: unknown): unknown {
  if (cause instanceof Problem || !(cause instanceof Error)) return cause;
  const primary = primaryOf(cause);
  const code = 'code' in cause ? cause.code : undefined;
  if (primary === FULL || code === 'ENOSPC') return new Problem('store_full', { cause });
  if (primary === BUSY) {
    return new Problem('store_unavailable', {
      detail: 'another process holds the store for too long',
      cause,
    });
  }
  if (primary !== null && UNUSABLE.has(primary)) {
    return new Problem('store_unavailable', {
      detail: `the database cannot be used: ${cause.message}`,
      cause,
    });
  }
  if (code === 'EACCES' || code === 'ENOENT' || code === 'EISDIR' || code === 'EROFS') {
    return new Problem('store_unavailable', { detail: 'the database file cannot be opened', cause });
  }
  if (code === 'ERR_INVALID_STATE')
    return new Problem('store_unavailable', { detail: 'the store is closed', cause });
  return cause;
}
