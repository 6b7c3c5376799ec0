// Whether this process's own user may put another file, or other content, in the place of one.
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type OpenFile, type Seen, seenOf } from './file.ts';

export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** True too where its folder, or any above it, lets another file take its place. */
export async function isReplaceable({ path, seen }: Pick<OpenFile, 'path' | 'seen'>): Promise<boolean> {
  if (await mayWrite(path, seen)) return true;
  for (let folder = dirname(path), inner = path; folder !== inner; inner = folder, folder = dirname(folder)) {
    const here = seenOf(await stat(folder, { bigint: true }));
    // In a sticky folder only what is one's own can be moved away, and that was found one step below.
    const holds = (here.mode & 0o1000n) !== 0n && !isOwn(here);
    if (!holds && (await mayWrite(folder, here))) return true;
  }
  return false;
}

/**
 * Nobody but root could have changed it, and this process is not root's: then what the system says of its time is enough. Of all
 * other files it is not: a page that was mapped for writing once is written to later without a mark on the file.
 */
export async function isFixed(file: Pick<OpenFile, 'path' | 'seen'>): Promise<boolean> {
  // What the modes do not say: access lists, and rights beyond those of a user.
  return !isRoot() && (await isRoots(file)) && !(await isReplaceable(file));
}

/** Root's, and so is every folder above it. */
export async function isRoots({ path, seen }: Pick<OpenFile, 'path' | 'seen'>): Promise<boolean> {
  if (process.geteuid === undefined || !isRootsAlone(seen)) return false;
  for (let folder = dirname(path), inner = ''; folder !== inner; inner = folder, folder = dirname(folder))
    if (!isRootsAlone(seenOf(await stat(folder, { bigint: true })))) return false;
  return true;
}

/** An access list that lets others write shows in the rights of the group. In a sticky folder what is root's stays. */
function isRootsAlone({ owner, mode }: Seen): boolean {
  return owner === 0n && ((mode & 0o022n) === 0n || (mode & 0o041000n) === 0o041000n);
}

/** Its owner can always make it writable. The rest is asked of the system, which knows of access lists, too. */
async function mayWrite(path: string, seen: Seen): Promise<boolean> {
  if (isOwn(seen)) return true;
  try {
    await access(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function isOwn({ owner }: Seen): boolean {
  return owner === BigInt(process.geteuid?.() ?? -1);
}
