// A session in words: pure. A key is something to look up, never a source of identity; only whether it is a group's is read.
import type { SessionRow } from '@countersign/protocol/identity';

export function isLive({ endedAt }: Pick<SessionRow, 'endedAt'>): boolean {
  return endedAt === undefined;
}

/** The word `group` in its own place of the key: an id that holds it is not meant. */
export function isShared({ key }: Pick<SessionRow, 'key'>): boolean {
  return /^agent:[^:]*:[^:]*:[^:]*:group:/.test(key);
}
