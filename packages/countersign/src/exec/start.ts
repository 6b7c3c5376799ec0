// Starts what was derived, and nothing else: on Linux from the very descriptors, so that no path is followed between the look and
// the start (R44). Elsewhere the paths are looked at once more, and followed (LIMITATIONS).
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { isContent, isStillContent } from './contents.ts';
import type { Derived } from './derive.ts';
import { closeStray } from './descriptors.ts';
import { isStillThere, isUnchanged, type OpenFile } from './file.ts';
import { isFixed, isRoots } from './file-rights.ts';
import { asFile } from './input.ts';
import type { Sink } from './output.ts';
import { Reading } from './reading.ts';

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

/**
 * Running.
 * @param lastLook when all else is ready: throws where it is not what it was.
 * @throws whatever the system says of it: then nothing runs.
 */
export async function start(
  derived: Derived,
  { input, stdout, stderr, ownGroup = false }: Ends,
  lastLook: () => Promise<void>,
): Promise<ChildProcess> {
  const { action, folder, interpreter, program } = derived;
  closeStray();
  const file = Buffer.isBuffer(input) ? await asFile(input) : null;
  try {
    await lastLook();
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

/** Right before the start: what was looked at is what is there. Null, or what is not. Scripts last: those are read latest. */
export async function changedBefore(derived: Derived): Promise<'program' | 'script' | null> {
  const { interpreter, program, scripts } = derived;
  const started = interpreter?.file ?? program;
  if (!(await isUnchanged(started)) || (!isLinux && !(await isStillThere(started)))) return 'program';
  // It was read before the yes was spent, and is once more right after the start: root alone could be quicker, and is found.
  const reading = new Reading();
  if (!(await isProgram(derived, reading, isRoots))) return 'program';
  for (const script of scripts)
    if (!(await isStillContent(script, script.file.sha256, { reading }))) return 'script';
  return null;
}

/** Right after it: whoever wrote into it, or put another one in its place, in that moment. Null, or what is another one. */
export async function changedAfter(derived: Derived): Promise<'program' | 'script' | null> {
  // Linux: nobody writes into what is started, by a map either. So what says the same now is what was started.
  const reading = new Reading();
  if (!(await isProgram(derived, reading))) return 'program';
  for (const script of derived.scripts)
    if (script.isRead && !(await isStillContent(script, script.file.sha256, { reading }))) return 'script';
  return null;
}

/** What is started, by its content; and what that opens by its path. */
async function isProgram(
  { action, program, interpreter }: Derived,
  reading: Reading,
  isSure = isFixed,
): Promise<boolean> {
  const started = interpreter?.file ?? program;
  const { sha256 } = action.interpreter ?? action.program;
  if (!(await isContent(started, sha256, { reading, isSure }))) return false;
  if (interpreter === null) return true;
  return isStillContent({ ...program, asked: program.path }, action.program.sha256, { reading });
}
