// A file by its real path and its content. It is opened once and read from that very opening: a link that is put in its
// place afterwards changes neither (H44).
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import type { HashedFile } from '@countersign/protocol/approval';

export interface OpenedFile {
  readonly path: string;
  readonly executable: boolean;
  /** Begins as a script does. */
  readonly marked: boolean;
}

const SLICE = 1_048_576;

/** What `look` makes of a regular file; null where there is none, or none that can be read. */
export async function withFile<T>(
  path: string,
  look: (file: OpenedFile, hashed: () => Promise<HashedFile>) => Promise<T>,
): Promise<T | null> {
  const opened = await openReal(path);
  if (opened === null) return null;
  const { handle, real } = opened;
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) return null;
    const head = Buffer.alloc(2);
    const { bytesRead } = await handle.read(head, 0, 2, 0);
    const file = {
      path: real,
      executable: (stat.mode & 0o111) !== 0,
      marked: bytesRead === 2 && head.toString('latin1') === '#!',
    };
    return await look(file, async () => ({ path: real, sha256: await hashOf(handle) }));
  } finally {
    await handle.close();
  }
}

/** A pipe in its place would let us wait for ever: it is opened without waiting, and is no regular file. */
async function openReal(path: string): Promise<{ handle: FileHandle; real: string } | null> {
  try {
    const real = await realpath(path);
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    return { handle: await open(real, flags), real };
  } catch {
    return null;
  }
}

async function hashOf(handle: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  const slice = Buffer.allocUnsafe(SLICE);
  for (let at = 0; ; ) {
    const { bytesRead } = await handle.read(slice, 0, SLICE, at);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(slice.subarray(0, bytesRead));
    at += bytesRead;
  }
}
