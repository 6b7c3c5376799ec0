// What was read before it was asked, handed to the command as a file without a name. No socket, as Node would make it: bash
// takes that for a network login and reads ~/.bashrc first, which nobody was asked about. In memory where the system has that.
import { constants } from 'node:fs';
import { access, type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** At its beginning, for reading alone. The caller closes it. */
export async function asFile(bytes: Buffer): Promise<FileHandle> {
  const folder = await mkdtemp(join(await placeFor(), 'countersign-'));
  try {
    const path = join(folder, 'stdin');
    const writing = await open(path, 'wx', 0o600);
    try {
      await writing.writeFile(bytes);
      return await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    } finally {
      await writing.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function placeFor(): Promise<string> {
  const memory = '/dev/shm';
  try {
    if (process.platform === 'linux') await access(memory, constants.W_OK | constants.X_OK);
    return process.platform === 'linux' ? memory : tmpdir();
  } catch {
    return tmpdir();
  }
}
