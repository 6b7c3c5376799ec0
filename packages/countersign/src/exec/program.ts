// Which program a name is: looked up as execvp would, in the PATH that the command itself will get, and followed to the real
// file. What cannot be found or read cannot be asked about, and neither can what a kernel would not start by itself: a C
// library hands that to /bin/sh, which nobody was shown.
import { delimiter, resolve } from 'node:path';
import { Problem } from '@countersign/protocol/problem';
import { isExecutable, isMarked, type OpenFile, openFile } from './file.ts';

/** Open: the caller closes it. @throws Problem `usage`: there is no such program, or it cannot be read or started. */
export async function programOf(name: string, cwd: string, path: string | undefined): Promise<OpenFile> {
  const found = await lookUp(name, cwd, path);
  if (found === null) throw missing(name);
  if (isMarked(found) || isProgram(found.head)) return found;
  await found.handle.close();
  throw new Problem('usage', {
    detail: `${JSON.stringify(name)} is no program of this machine, and does not say in its first line what reads it`,
    hint: 'begin it with #!/bin/sh, or name the interpreter: sh ./script',
    members: { field: 'program' },
  });
}

async function lookUp(name: string, cwd: string, path: string | undefined): Promise<OpenFile | null> {
  if (name.includes('/')) return executableAt(resolve(cwd, name));
  if (name === '' || path === undefined) return null;
  // An empty place in PATH is the folder it runs in.
  for (const folder of path.split(delimiter)) {
    const found = await executableAt(resolve(cwd, folder, name));
    if (found !== null) return found;
  }
  return null;
}

/** Bash where there is one: what a line means was read as Bash. Open: the caller closes it. */
export async function shellProgram(): Promise<OpenFile> {
  for (const path of ['/bin/bash', '/usr/bin/bash', '/bin/sh']) {
    const found = await executableAt(path);
    if (found !== null) return found;
  }
  throw new Problem('usage', { detail: 'there is no shell here', hint: 'run a program instead of a line' });
}

async function executableAt(path: string): Promise<OpenFile | null> {
  const file = await openFile(path);
  if (file === null || isExecutable(file)) return file;
  await file.handle.close();
  return null;
}

const MAGIC: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ['7f454c46'],
  darwin: ['feedface', 'feedfacf', 'cefaedfe', 'cffaedfe', 'cafebabe', 'cafebabf'],
};

/** As its first bytes say it. Of other platforms we know nothing, and say so nowhere: they have no wrapper yet. */
function isProgram(head: Buffer): boolean {
  return MAGIC[process.platform]?.includes(head.toString('hex', 0, 4)) ?? true;
}

function missing(name: string): Problem {
  return new Problem('usage', {
    detail: `there is no program ${JSON.stringify(name)} here that can be read and run`,
    hint: name.includes('/')
      ? 'is it there, and may you run it? chmod +x makes a script a program'
      : 'is it installed, and in PATH? A shell line needs --shell',
    members: { field: 'program' },
  });
}
