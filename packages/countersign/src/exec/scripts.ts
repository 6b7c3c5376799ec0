// Which files a command is given to run: approval.md 2.4. A wide net, by what the files are and not by what a program would
// do with its words: one hash too many binds a little more, one too few lets a script be changed after the yes (H44).
import { type Stats, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { HashedFile } from '@countersign/protocol/approval';
import { Problem } from '@countersign/protocol/problem';
import { hashed, isExecutable, isMarked, type OpenFile, withFile } from './file.ts';
import { bounded, linesIn, runsWhatComes, wordsOfLine } from './line.ts';

/** A script, and where it was looked for. */
export interface Script extends Omit<OpenFile, 'handle' | 'head'> {
  readonly file: HashedFile;
  /** An interpreter is started with it as its first word: it is read at once, and by its path. */
  readonly isRead: boolean;
}

const MOST = 64;
const INTERPRETER =
  /^(?:\.|source|eval|(?:ba|da|z|k|mk|a|fi|c|tc)?sh|busybox|node|nodejs|deno|bun|tsx|ts-node|(?:python|pypy|ruby|perl|php|lua|guile)[\d.]*|luajit|rscript|julia|groovy|scala|osascript|tclsh|wish|expect|[gmn]?awk|pwsh|powershell)(?:\.exe)?$/i;
const SCRIPT =
  /\.(?:sh|bash|zsh|ksh|fish|command|py|pyw|js|mjs|cjs|ts|mts|cts|rb|pl|pm|php|lua|r|jl|tcl|awk|sed|ps1|bat|cmd|vbs|scpt|groovy|mk)$/i;

/** One file with many names: it is what it was called. */
const MANY_NAMED = /^(?:busybox|coreutils|toybox)$/;

/**
 * @param run a line, or all words but the program, as they stand.
 * @param program as it was typed, and where its real file is.
 * @throws Problem `usage`: too many to be asked about, or one that is no file.
 */
export async function scriptsOf(
  run: string | readonly string[],
  {
    program,
    cwd,
    home,
  }: { program: readonly [typed: string, real: string]; cwd: string; home: string | undefined },
): Promise<Script[]> {
  const found = new Map<string, Script>();
  const own = typeof run === 'string' ? [] : run;
  const lines = typeof run === 'string' ? [run, ...linesIn(wordsOfLine(run))] : linesIn(run);
  // Any of its files may be what comes.
  const isFed = lines.some(runsWhatComes);
  // Straight after an interpreter the first file is what it runs, whatever it is called.
  let expects = isFed || isInterpreter(...program);
  const isRead = (at: number) => at === 0 && own.length > 0 && expects;
  for (const [at, word] of bounded([...own, ...lines.flatMap(wordsOfLine)]).entries()) {
    const name = word.startsWith('-') ? word.slice(word.indexOf('=') + 1 || word.length) : word;
    const path = pathOf(name, cwd, home);
    const script = name === '' ? null : await scriptAt(path, expects, isRead(at));
    if (script !== null && !found.has(script.path)) found.set(script.path, script);
    if (script === null && expects && !word.startsWith('-')) refuseStream(path);
    if (isInterpreter(word, script?.path ?? '')) expects = true;
    else if (script !== null && !word.startsWith('-')) expects = isFed;
    if (found.size > MOST)
      throw new Problem('usage', {
        detail: `it is given more than ${MOST} programs and scripts to run`,
        hint: 'put it into a script of its own, and run that',
        members: { field: 'script' },
      });
  }
  return [...found.values()];
}

/** By the name of the real file, too: a link named `ls` that leads to a shell reads its first word as a shell does. */
function isInterpreter(typed: string, real: string): boolean {
  const name = basename(real);
  return INTERPRETER.test(basename(typed)) || (INTERPRETER.test(name) && !MANY_NAMED.test(name));
}

/** A named pipe or a socket for a script: what comes out of it, nobody has seen. */
function refuseStream(path: string): void {
  const stat = statOf(path);
  // Our own descriptors are looked at elsewhere: the first is what it reads, and no other goes along.
  if (stat === undefined || /^\/(?:dev|proc)\//.test(path) || !(stat.isFIFO() || stat.isSocket())) return;
  throw new Problem('usage', {
    detail: `${JSON.stringify(path)} is no file: what would come out of it, nobody can be asked about`,
    hint: 'write the script into a file',
    members: { field: 'script' },
  });
}

/** Undefined: nothing is there that this user could open. A word need be no name of a file at all. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function scriptAt(path: string, wanted: boolean, isRead: boolean): Promise<Script | null> {
  return withFile(path, async (opened) => {
    const { asked, path: real, seen } = opened;
    const isScript =
      wanted || isExecutable(opened) || isMarked(opened) || SCRIPT.test(real) || SCRIPT.test(path);
    return isScript ? { asked, path: real, seen, isRead, file: await hashed(opened) } : null;
  });
}

function pathOf(word: string, cwd: string, home: string | undefined): string {
  return home !== undefined && word.startsWith('~/') ? resolve(home, word.slice(2)) : resolve(cwd, word);
}
