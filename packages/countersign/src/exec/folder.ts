// The folder a command runs in: its real path, and which folder that is. It stays open until the command is started, and is
// entered by its descriptor: a link or another folder in its place is not (H44).
import { constants, fstatSync } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import type { Cwd } from '@countersign/protocol/approval';
import { Problem } from '@countersign/protocol/problem';

export interface OpenFolder {
  readonly handle: FileHandle;
  readonly cwd: Cwd;
}

/** Linux: a folder that may be entered and not listed is opened all the same. */
const O_PATH = process.platform === 'linux' ? 0x20_00_00 : 0;

/** E-22: a link to it is followed, and what is wrong with it is said. Open: the caller closes it. @throws Problem `usage`. */
export async function openFolder(folder: string): Promise<OpenFolder> {
  let handle: FileHandle | undefined;
  try {
    const path = await realpath(folder);
    handle = await open(path, O_PATH | (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0));
    const { dev, ino } = fstatSync(handle.fd, { bigint: true });
    return { handle, cwd: { path, device: dev.toString(), inode: ino.toString() } };
  } catch (cause) {
    await handle?.close();
    throw new Problem('usage', {
      detail: 'the folder it would run in cannot be looked at',
      hint: 'it may have been removed: go to another one',
      members: { field: 'cwd' },
      cause,
    });
  }
}

export async function cwdOf(folder: string): Promise<Cwd> {
  const { handle, cwd } = await openFolder(folder);
  await handle.close();
  return cwd;
}
