// Which files a command is given to run: approval.md 2.4. A wide net, by what the files are and not by what a program would
// do with its words: one hash too many binds a little more, one too few lets a script be changed after the yes (H44).
import { basename, resolve } from 'node:path';
import type { HashedFile } from '@countersign/protocol/approval';
import { Problem } from '@countersign/protocol/problem';
import { withFile } from './file.ts';

const MOST = 64;
const MOST_WORDS = 65_536;

const INTERPRETER =
  /^(?:\.|source|(?:ba|da|z|k|mk|a|fi|c|tc)?sh|busybox|node|nodejs|deno|bun|tsx|ts-node|(?:python|pypy|ruby|perl|php|lua|guile)[\d.]*|luajit|rscript|julia|groovy|scala|osascript|tclsh|wish|expect|[gmn]?awk|pwsh|powershell)(?:\.exe)?$/i;
const SCRIPT =
  /\.(?:sh|bash|zsh|ksh|fish|command|py|pyw|js|mjs|cjs|ts|mts|cts|rb|pl|pm|php|lua|r|jl|tcl|awk|sed|ps1|bat|cmd|vbs|scpt|groovy|mk)$/i;

/** @param words all but the program, as they stand. @throws Problem `usage`: too many to be asked about. */
export async function scriptsOf(
  words: readonly string[],
  { program, cwd, home }: { program: string; cwd: string; home: string | undefined },
): Promise<HashedFile[]> {
  const found = new Map<string, HashedFile>();
  // Straight after an interpreter the first file is what it runs, whatever it is called.
  let expects = INTERPRETER.test(basename(program));
  for (const word of words.slice(0, MOST_WORDS)) {
    const name = word.startsWith('-') ? word.slice(word.indexOf('=') + 1 || word.length) : word;
    const wanted = expects;
    const file = name === '' ? null : await scriptAt(pathOf(name, cwd, home), wanted);
    if (file !== null) found.set(file.path, file);
    if (INTERPRETER.test(basename(word))) expects = true;
    else if (file !== null && !word.startsWith('-')) expects = false;
    if (found.size > MOST)
      throw new Problem('usage', {
        detail: `it is given more than ${MOST} programs and scripts to run`,
        hint: 'put it into a script of its own, and run that',
      });
  }
  return [...found.values()];
}

/** What could be words of a line, quotes or not. Nothing is expanded but a `~` in front. */
export function wordsOfLine(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|[^\s;&|<>()'"`]+/g)].map(
    ([whole, single, double]) => single ?? double ?? whole,
  );
}

function scriptAt(path: string, wanted: boolean): Promise<HashedFile | null> {
  return withFile(path, async (file, hashed) =>
    wanted || file.executable || file.marked || SCRIPT.test(file.path) || SCRIPT.test(path)
      ? await hashed()
      : null,
  );
}

function pathOf(word: string, cwd: string, home: string | undefined): string {
  return home !== undefined && word.startsWith('~/') ? resolve(home, word.slice(2)) : resolve(cwd, word);
}
