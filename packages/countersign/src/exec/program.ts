// Which program a name is: looked up as execvp would, in the PATH that the command itself will get, and followed to the real
// file. What cannot be found or read cannot be asked about.
import { delimiter, resolve } from 'node:path';
import type { HashedFile } from '@countersign/protocol/approval';
import { Problem } from '@countersign/protocol/problem';
import { withFile } from './file.ts';

/** @throws Problem `usage`: there is no such program, or its content cannot be read. */
export async function programOf(name: string, cwd: string, path: string | undefined): Promise<HashedFile> {
  if (name === '') throw new Problem('usage', { detail: 'a program has a name', hint: 'name it' });
  if (name.includes('/')) return (await executableAt(resolve(cwd, name))) ?? missing(name);
  // An empty place in PATH is the folder it runs in.
  for (const folder of (path ?? '').split(delimiter)) {
    const found = path === undefined ? null : await executableAt(resolve(cwd, folder, name));
    if (found !== null) return found;
  }
  return missing(name);
}

/** Bash where there is one: what a line means was read as Bash. */
export async function shellProgram(): Promise<HashedFile> {
  for (const path of ['/bin/bash', '/usr/bin/bash', '/bin/sh']) {
    const found = await executableAt(path);
    if (found !== null) return found;
  }
  throw new Problem('usage', { detail: 'there is no shell here', hint: 'run a program instead of a line' });
}

function executableAt(path: string): Promise<HashedFile | null> {
  return withFile(path, async ({ executable }, hashed) => (executable ? await hashed() : null));
}

function missing(name: string): never {
  throw new Problem('usage', {
    detail: `there is no program ${JSON.stringify(name)} here that can be read and run`,
    hint: 'is it installed, and in PATH? A shell line needs --shell',
  });
}
