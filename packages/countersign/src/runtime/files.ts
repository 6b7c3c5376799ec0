// Files that are ours alone: written whole or not at all, 0600 whatever the umask says, refused when others could have
// read or changed them.
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Problem } from '@countersign/protocol/problem';

const POSIX = process.platform !== 'win32';

/** Replaces `path` in one step: a reader sees the old text or the new, and a crash leaves one of them. */
export function writeWhole(path: string, text: string | Uint8Array): void {
  const draft = writeDraft(path, text);
  try {
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
}

/**
 * As writeWhole, when `still` says yes at the last moment: between its answer and the new text there is one system call.
 * False: nothing was changed.
 */
export function replaceWhole(path: string, text: string, still: () => boolean): boolean {
  const draft = writeDraft(path, text);
  try {
    if (!still()) {
      rmSync(draft, { force: true });
      return false;
    }
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
  return true;
}

/** Creates `path` in one step. False when somebody was faster: their file stands, whole. */
export function createWhole(path: string, text: string | Uint8Array): boolean {
  const draft = writeDraft(path, text);
  try {
    // Unlike rename, link never replaces what is there.
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
    syncFolder(dirname(path));
  }
}

function writeDraft(path: string, text: string | Uint8Array): string {
  const draft = join(dirname(path), `.${randomBytes(9).toString('hex')}.tmp`);
  const descriptor = openSync(draft, 'wx', 0o600);
  try {
    fchmodSync(descriptor, 0o600);
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
  return draft;
}

function syncFolder(folder: string): void {
  if (!POSIX) return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Reads a file that only this user may know. Null when there is none.
 * @throws Problem `config_invalid` when it is a link, somebody else's, or open to others.
 */
export function readPrivate(path: string): Buffer | null {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    const detail = errorCode(error) === 'ELOOP' ? `${path} is a link` : `${path} cannot be read`;
    throw new Problem('config_invalid', {
      detail,
      hint: 'put the file itself there, readable by this user',
      cause: error,
    });
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile())
      throw new Problem('config_invalid', { detail: `${path} is not a file`, hint: 'remove it' });
    refuseOthers(path, stat, 0o077);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** @throws Problem `config_invalid` when `stat` has any bit of `forbidden`, or belongs to another user. */
export function refuseOthers(path: string, stat: Stats, forbidden: number): void {
  if (!POSIX) return;
  const uid = process.geteuid?.();
  if (uid !== undefined && stat.uid !== uid && stat.uid !== 0) {
    throw new Problem('config_invalid', {
      detail: `${path} belongs to another user`,
      hint: `chown it to uid ${uid}`,
    });
  }
  const open = stat.mode & forbidden;
  if (open === 0) return;
  const mode = (stat.mode & 0o777 & ~forbidden).toString(8);
  const detail = `${path} is open to others (mode ${(stat.mode & 0o777).toString(8)})`;
  throw new Problem('config_invalid', { detail, hint: `chmod ${mode} ${path}` });
}

/** Makes a folder with exactly this mode, or gives an existing one that mode. */
export function makeFolder(path: string, mode: number): void {
  mkdirSync(path, { recursive: true, mode });
  if (POSIX && (statSync(path).mode & 0o7777) !== mode) chmodSync(path, mode);
}

/** Makes an empty private file when there is none; an existing one is never opened. */
export function touchPrivate(path: string): void {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return;
  try {
    const descriptor = openSync(path, 'wx', 0o600);
    fchmodSync(descriptor, 0o600);
    closeSync(descriptor);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

/** The code of a system error, such as ENOENT. */
export function errorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
