// The folders that a command may be in when it opens a file: where it starts, and wherever a word of it goes, `cd x`, `make -C x`.
// Which of them it is in by then is not worked out: in each of them a file that has the name is bound.
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Problem } from '@countersign/protocol/problem';
import type { Reading } from './reading.ts';

const GOES = /^(?:cd|pushd|-C|--?(?:directory|chdir|cwd|prefix|working-directory|project-directory))$/;
const ATTACHED = /^(?:-C|--?(?:directory|chdir|cwd|prefix|working-directory|project-directory)=)(.+)$/s;
const MOST = 16;
/** So often it may go somewhere, whether that is a folder or not. */
const MOST_NAMES = 64;

/** @throws Problem `usage`: more than are looked through; or why it was aborted. */
export async function workFolders(
  words: readonly string[],
  { cwd, home, reading }: { cwd: string; home: string | undefined; reading: Reading },
): Promise<readonly string[]> {
  const folders = [cwd];
  /** Of each name, from how many of them it was looked for: said again, it is looked for from those alone that came since. */
  const tried = new Map<string, number>();
  const enter = async (name: string) => {
    const before = tried.get(name) ?? 0;
    if (tried.set(name, folders.length).size > MOST_NAMES) throw tooMany();
    // From wherever it may be by then.
    for (const folder of folders.slice(before)) {
      reading.goOn();
      const path = pathOf(name, folder, home);
      refuseTooDeep(path, name);
      if (folders.includes(path) || !(await isFolder(path))) continue;
      if (folders.length === MOST) throw tooMany();
      folders.push(path);
    }
  };
  for (const [at, word] of words.entries()) {
    await reading.turn();
    const attached = ATTACHED.exec(word)?.[1];
    if (attached !== undefined) await enter(attached);
    // `cd -P -- x`: its first word that is no option.
    else if (GOES.test(word))
      await enter(words.slice(at + 1, at + 5).find((one) => !one.startsWith('-')) ?? '.');
  }
  return folders;
}

export function pathOf(word: string, folder: string, home: string | undefined): string {
  return home !== undefined && word.startsWith('~/') ? resolve(home, word.slice(2)) : resolve(folder, word);
}

/** PATH_MAX of Linux, with its end, and NAME_MAX. */
const LONGEST = 4_096;
const LONGEST_PART = 255;

/**
 * From that folder the system opens it, and by its whole path it does not: what it is, nobody could look at.
 * @throws Problem `usage`.
 */
export function refuseTooDeep(path: string, name: string): void {
  if (Buffer.byteLength(path) < LONGEST || Buffer.byteLength(name) >= LONGEST) return;
  if (name.split('/').some((part) => Buffer.byteLength(part) > LONGEST_PART)) return;
  throw new Problem('usage', {
    detail: 'its folder lies too deep for what is in it to be looked at',
    hint: 'run it from a folder with a shorter path',
    members: { field: 'cwd' },
  });
}

function tooMany(): Problem {
  return new Problem('usage', {
    detail: 'it goes into more folders than can be looked through',
    hint: 'put it into a script of its own, and run that',
    members: { field: 'script' },
  });
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
