// Which program reads a script that begins with #!, as the kernel would choose it (fs/binfmt_script.c), but never a second
// time: an interpreter that is a script itself is refused. `#!/usr/bin/env X` is X itself (decision 27).
import { basename, isAbsolute } from 'node:path';
import { Problem } from '@countersign/protocol/problem';
import { isMarked, type OpenFile } from './file.ts';
import { programOf } from './program.ts';

export interface Interpreter {
  readonly file: OpenFile;
  /** What it is called by: its argv[0]. */
  readonly name: string;
  /** Words between its name and the script's path. */
  readonly words: readonly string[];
}

/** BINPRM_BUF_SIZE: what stands further back, some kernels cut off without a word. */
const LONGEST = 255;

/** Null: it is a program of its own. Open: the caller closes it. @throws Problem `usage`: it cannot be told what reads it. */
export async function interpreterOf(
  script: OpenFile,
  cwd: string,
  path: string | undefined,
): Promise<Interpreter | null> {
  if (!isMarked(script)) return null;
  const { name, words } = firstLine(script.head);
  const file = await programOf(name, cwd, path);
  if (!isMarked(file)) return { file, name, words };
  await file.handle.close();
  throw refused(`the interpreter of the script, ${JSON.stringify(name)}, is a script itself`);
}

function firstLine(head: Buffer): { readonly name: string; readonly words: readonly string[] } {
  const end = head.indexOf(0x0a);
  if (end < 0 || end > LONGEST) throw refused('the first line of the script is too long to be told apart');
  const line = head.subarray(2, end).toString('utf8');
  // A carriage return would be part of the name: what is shown as `sh` would be another file.
  if (/[\p{Cc}\u{FFFD}]/u.test(line.replaceAll('\t', ' ')))
    throw refused('the first line of the script holds control characters, such as a carriage return');
  const [, name = '', rest = ''] = /^[ \t]*(\S+)[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
  if (!isAbsolute(name))
    throw refused('the first line of the script names no interpreter by an absolute path');
  if (basename(name) === 'env') return throughEnv(rest);
  // The kernel passes all that follows as one word.
  return { name, words: rest === '' ? [] : [rest] };
}

function throughEnv(rest: string): { readonly name: string; readonly words: readonly string[] } {
  const split = /^-S[ \t]*(.*)$/.exec(rest)?.[1];
  const words = split === undefined ? [rest] : split.split(/[ \t]+/);
  const [name = '', ...more] = words;
  // Quotes, escapes, variables and options of env have meanings of their own.
  if (words.some((word) => !/^[\w@%+=:,./-]+$/.test(word)) || /^-|=/.test(name))
    throw refused('the first line of the script asks env for more than a name');
  if (name.includes('/') && !isAbsolute(name))
    throw refused('the first line of the script names no interpreter by an absolute path');
  return { name, words: more };
}

function refused(detail: string): Problem {
  return new Problem('usage', {
    detail,
    hint: 'name the interpreter yourself: sh ./script',
    members: { field: 'program' },
  });
}
