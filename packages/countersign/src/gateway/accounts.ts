// The accounts of this machine, as its user database has them. A program says itself which home a command gets; that it is one
// is looked up here. What a directory service adds beside the file is not asked: of such accounts, only our own is known.
import { readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { isUsual } from '@countersign/protocol/passed-variables';

const DATABASE = '/etc/passwd';

interface Account {
  readonly uid: number;
  readonly home: string;
}

/** Homes of all accounts, by their names and by where these lead. */
export function accountHomes(): readonly string[] {
  return known().homes;
}

/**
 * Whether a folder is the home of an account, and nobody else's to write in: one that a group fills is not its account's. Where a
 * system has its homes and there is no such folder, nobody but its owner could make one: programs that ask from within a
 * container have theirs there, and a database of their own.
 */
export function isHome(path: string, accounts: readonly Account[] = known().accounts): boolean {
  const owners = accounts.filter(({ home }) => home === path).map(({ uid }) => uid);
  // Where people stand in no file, their homes do.
  const isPersons = process.platform === 'darwin' && /^\/Users\/[^/]+$/.test(path);
  const folder = lookedAt(path);
  if (folder === 'none') return isUsual('HOME', path);
  if (folder === null || (owners.length === 0 && !isPersons)) return false;
  if (!folder.isDirectory() || (folder.mode & 0o022) !== 0) return false;
  return isPersons || folder.uid === 0 || owners.includes(folder.uid);
}

/** Accounts of a file of the form `name:x:1000:1000:Ana:/home/ana:/bin/sh`. */
export function accountsIn(text: string): readonly Account[] {
  return text.split('\n').flatMap((line) => {
    const [, , uid = '', , , home = ''] = line.split(':');
    return /^\d+$/.test(uid) && home.startsWith('/') ? [{ uid: Number(uid), home: plain(home) }] : [];
  });
}

interface Known {
  /** Which state of the file it was read from. */
  readonly state: string;
  readonly accounts: readonly Account[];
  readonly homes: readonly string[];
}
let last: Known | null = null;

function known(): Known {
  const file = lookedAt(DATABASE);
  const isThere = file !== null && file !== 'none';
  const state = isThere ? `${file.ino} ${file.size} ${file.mtimeMs}` : '';
  if (last?.state === state) return last;
  const accounts = [...ours(), ...(isThere ? read() : [])];
  const homes = accounts.flatMap(({ home }) => [home, real(home)]);
  last = { state, accounts, homes: [...new Set(homes)] };
  return last;
}

function read(): readonly Account[] {
  try {
    return accountsIn(readFileSync(DATABASE, 'utf8'));
  } catch {
    return [];
  }
}

function ours(): readonly Account[] {
  try {
    const { uid, homedir } = userInfo();
    return homedir.startsWith('/') ? [{ uid, home: plain(homedir) }] : [];
  } catch {
    // No account at all, as in a container that runs as a bare number.
    return [];
  }
}

/** `none`: there is nothing. Null: nobody lets us look. */
function lookedAt(path: string): Stats | 'none' | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? 'none';
  } catch {
    return null;
  }
}

function real(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

const plain = (path: string): string => (path.length > 1 ? path.replace(/\/+$/, '') : path);
