// Starts what was derived, and nothing else: on Linux from the very descriptors, so that no path is followed between the look and
// the start (R44). Elsewhere the paths are looked at once more, and followed (LIMITATIONS).
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Derived } from './derive.ts';
import { closeStray } from './descriptors.ts';
import { hashOf, isStillThere, isUnchanged, type OpenFile } from './file.ts';
import { asFile } from './input.ts';
import type { Sink } from './output.ts';

/** `terminal`: this process's own, which the command gets as it is. */
export interface Ends {
  /** Null: nothing to read. */
  readonly input: 'terminal' | Buffer | null;
  readonly stdout: 'terminal' | Sink;
  readonly stderr: 'terminal' | Sink;
  /** Its own group of processes: what it starts hears its signals, as from a terminal. */
  readonly ownGroup?: boolean;
}

const isLinux = process.platform === 'linux';

/** Running. @throws whatever the system says of it: then nothing runs. */
export async function start(
  derived: Derived,
  { input, stdout, stderr, ownGroup = false }: Ends,
): Promise<ChildProcess> {
  const { action, folder, interpreter, program } = derived;
  closeStray();
  const file = Buffer.isBuffer(input) ? await asFile(input) : null;
  try {
    const child = spawn(pathOf(interpreter?.file ?? program), wordsOf(derived), {
      argv0: nameOf(derived),
      cwd: isLinux ? descriptor(folder.handle) : action.cwd.path,
      env: exactly(action.env),
      stdio: [
        file?.fd ?? (input === 'terminal' ? 'inherit' : 'ignore'),
        stdout === 'terminal' ? 'inherit' : 'pipe',
        stderr === 'terminal' ? 'inherit' : 'pipe',
      ],
      detached: ownGroup,
      windowsHide: true,
    });
    await once(child, 'spawn');
    return child;
  } finally {
    // Not waited for: a command that ends in that moment would have ended, and printed, before anybody listened.
    void file?.close();
  }
}

function pathOf({ handle, path }: OpenFile): string {
  return isLinux ? descriptor(handle) : path;
}

/** In the new process the same number leads to the same file: descriptors are copied before anything is started. */
function descriptor({ fd }: FileHandle): string {
  return `/proc/self/fd/${fd}`;
}

function nameOf({ action, interpreter, program }: Derived): string {
  if ('shell' in action) return basename(program.path);
  return interpreter?.name ?? action.argv[0] ?? '';
}

function wordsOf({ action, interpreter, program }: Derived): readonly string[] {
  if ('shell' in action) {
    // Nothing but the line: no file of the person's own is read before it.
    const bare = /^bash$/.test(basename(program.path)) ? ['--norc', '--noprofile'] : [];
    return [...bare, '-c', action.shell];
  }
  const words = action.argv.slice(1);
  return interpreter === null ? words : [...interpreter.words, program.path, ...words];
}

/** Nothing but these: Node would add a variable of its own, and whatever stands on the prototype. */
function exactly(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const bare: NodeJS.ProcessEnv = Object.create(null);
  return Object.assign(bare, { NODE_V8_COVERAGE: undefined }, env);
}

/** Right before the start: what was looked at is what is there. Null, or what is not. */
export async function changedBefore({
  program,
  interpreter,
  scripts,
}: Derived): Promise<'program' | 'script' | null> {
  const started = interpreter?.file ?? program;
  if (!(await isUnchanged(started)) || (!isLinux && !(await isStillThere(started)))) return 'program';
  // Opened by their paths, by whoever reads them.
  if (interpreter !== null && !(await isStillThere({ ...program, asked: program.path }))) return 'program';
  for (const script of scripts) if (!(await isStillThere(script))) return 'script';
  return null;
}

/** Right after it: whoever wrote into it, or put another one in its place, in that moment. Null, or what is another one. */
export async function changedAfter({
  action,
  program,
  interpreter,
  scripts,
}: Derived): Promise<'program' | 'script' | null> {
  const started = interpreter?.file ?? program;
  const content = (action.interpreter ?? action.program).sha256;
  if (!(await isUnchanged(started)) && (await hashOf(started.handle)) !== content) return 'program';
  // By which file it is and not by its content alone: what was put in its place for a moment and taken away again was read.
  if (interpreter !== null && !(await isStillThere({ ...program, asked: program.path }))) return 'program';
  for (const script of scripts) if (script.isRead && !(await isStillThere(script))) return 'script';
  return null;
}
