// A file by its real path and its content. It is opened once and read from that very opening: a link that is put in its
// place afterwards changes neither (H44). What will be started keeps its descriptor until then.
import { createHash } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import type { HashedFile } from '@countersign/protocol/approval';
import { Problem } from '@countersign/protocol/problem';
import { MOST_BYTES, Reading } from './reading.ts';

/** A regular file that stays open until it is closed. */
export interface OpenFile {
  readonly handle: FileHandle;
  /** As it was asked for, before links. */
  readonly asked: string;
  /** The real path. */
  readonly path: string;
  /** Which file it was, and since when its content is this one. */
  readonly seen: Seen;
  /** Its first bytes: as many as a kernel looks at to find out how to start it. */
  readonly head: Buffer;
}

/**
 * Two that are different are not the same file with the same content. Two that are equal need not be: whoever mapped it for
 * writing can write to it without a mark.
 */
export interface Seen {
  readonly device: bigint;
  readonly inode: bigint;
  readonly size: bigint;
  readonly mode: bigint;
  readonly owner: bigint;
  readonly group: bigint;
  readonly written: bigint;
  readonly changed: bigint;
}

const SLICE = 1_048_576;
/** To read one that is smaller takes no time worth saving. */
const LARGE = 1_048_576n;
/** BINPRM_BUF_SIZE of Linux. */
const HEAD = 256;

/** Null where there is no regular file, or none that can be read. The caller closes it. */
export async function openFile(asked: string): Promise<OpenFile | null> {
  const opened = await openReal(asked);
  if (opened === null) return null;
  const { handle, path } = opened;
  try {
    const seen = seenOf(await handle.stat({ bigint: true }));
    if ((seen.mode & BigInt(constants.S_IFMT)) === BigInt(constants.S_IFREG)) {
      const head = Buffer.alloc(HEAD);
      const { bytesRead } = await handle.read(head, 0, HEAD, 0);
      return { handle, asked, path, seen, head: head.subarray(0, bytesRead) };
    }
  } catch (cause) {
    await handle.close();
    throw cause;
  }
  await handle.close();
  return null;
}

/** What `look` makes of a regular file, closed afterwards; null where there is none, or none that can be read. */
export async function withFile<T>(path: string, look: (file: OpenFile) => Promise<T>): Promise<T | null> {
  const file = await openFile(path);
  if (file === null) return null;
  try {
    return await look(file);
  } finally {
    await file.handle.close();
  }
}

/** @throws Problem `usage`: somebody writes into it meanwhile, or it is larger than any program. */
export async function hashed(file: OpenFile, reading = new Reading()): Promise<HashedFile> {
  if (file.seen.size > MOST_BYTES)
    throw new Problem('usage', {
      detail: `${JSON.stringify(file.path)} is too large for a program or a script`,
    });
  reading.expect(file.seen.size);
  const sha256 = await hashOf(file.handle, reading);
  if (!isSame(file.seen, seenOf(await file.handle.stat({ bigint: true }))))
    throw new Problem('usage', {
      detail: `${JSON.stringify(file.path)} is being written to`,
      hint: 'try again when that has ended',
    });
  return { path: file.path, sha256 };
}

export function isLarge({ seen }: Pick<OpenFile, 'seen'>): boolean {
  return seen.size > LARGE;
}

export function isExecutable({ seen }: OpenFile): boolean {
  return (seen.mode & 0o111n) !== 0n;
}

/** Begins as a script does. */
export function isMarked({ head }: OpenFile): boolean {
  return head.toString('latin1', 0, 2) === '#!';
}

/** Runs with the rights of its owner or group, not of whoever starts it. */
export function setId({ seen }: OpenFile): bigint {
  return seen.mode & 0o6000n;
}

/** Whether the path it was asked by still leads to that file as it was. */
export async function isStillThere(file: Omit<OpenFile, 'handle' | 'head'>): Promise<boolean> {
  try {
    if ((await realpath(file.asked)) !== file.path) return false;
    return isSame(file.seen, seenOf(await stat(file.path, { bigint: true })));
  } catch {
    return false;
  }
}

/** Whether what was opened is still as it was: also where another file has its name by now. */
export async function isUnchanged({ handle, seen }: OpenFile): Promise<boolean> {
  return isSame(seen, seenOf(await handle.stat({ bigint: true })));
}

export function isSame(one: Seen, other: Seen): boolean {
  return (
    one.device === other.device &&
    one.inode === other.inode &&
    one.size === other.size &&
    one.mode === other.mode &&
    one.owner === other.owner &&
    one.group === other.group &&
    one.written === other.written &&
    one.changed === other.changed
  );
}

export function seenOf(stats: BigIntStats): Seen {
  return {
    device: stats.dev,
    inode: stats.ino,
    size: stats.size,
    mode: stats.mode,
    owner: stats.uid,
    group: stats.gid,
    written: stats.mtimeNs,
    changed: stats.ctimeNs,
  };
}

/** A pipe in its place would let us wait for ever: it is opened without waiting, and is no regular file. */
async function openReal(asked: string): Promise<{ handle: FileHandle; path: string } | null> {
  try {
    const path = await realpath(asked);
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    return { handle: await open(path, flags), path };
  } catch {
    return null;
  }
}

/** @throws Problem `usage`, or why it was aborted: looked at between any two slices. */
export async function hashOf(handle: FileHandle, reading = new Reading()): Promise<string> {
  const hash = createHash('sha256');
  const slice = Buffer.allocUnsafe(SLICE);
  for (let at = 0; ; ) {
    const { bytesRead } = await handle.read(slice, 0, SLICE, at);
    if (bytesRead === 0) return hash.digest('hex');
    // What grows under our hands has an end here, too.
    reading.take(bytesRead);
    hash.update(slice.subarray(0, bytesRead));
    at += bytesRead;
  }
}
