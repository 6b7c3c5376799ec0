// The folders that a command may be in when it opens a file: where it starts, and wherever a word of it goes, `cd x`, `make -C x`.
// Which of them it is in by then is not worked out: in each of them a file that has the name is bound.
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Problem } from '@countersign/protocol/problem';

const GOES = /^(?:cd|pushd|-C|--?(?:directory|chdir|cwd|prefix|working-directory|project-directory))$/;
const ATTACHED = /^(?:-C|--?(?:directory|chdir|cwd|prefix|working-directory|project-directory)=)(.+)$/s;
const MOST = 16;
/** So often it may go somewhere, whether that is a folder or not. */
const MOST_NAMES = 64;

/** @throws Problem `usage`: more than are looked through. */
export function workFolders(
  words: readonly string[],
  { cwd, home }: { cwd: string; home: string | undefined },
): readonly string[] {
  const folders = [cwd];
  const names = new Set<string>();
  const enter = (name: string) => {
    if (names.add(name).size > MOST_NAMES) throw tooMany();
    // From wherever it may be by then.
    for (const folder of [...folders]) {
      const path = pathOf(name, folder, home);
      if (folders.includes(path) || !isFolder(path)) continue;
      if (folders.length === MOST) throw tooMany();
      folders.push(path);
    }
  };
  for (const [at, word] of words.entries()) {
    const attached = ATTACHED.exec(word)?.[1];
    if (attached !== undefined) enter(attached);
    // `cd -P -- x`: its first word that is no option.
    else if (GOES.test(word)) enter(words.slice(at + 1, at + 5).find((one) => !one.startsWith('-')) ?? '.');
  }
  return folders;
}

export function pathOf(word: string, folder: string, home: string | undefined): string {
  return home !== undefined && word.startsWith('~/') ? resolve(home, word.slice(2)) : resolve(folder, word);
}

function tooMany(): Problem {
  return new Problem('usage', {
    detail: 'it goes into more folders than can be looked through',
    hint: 'put it into a script of its own, and run that',
    members: { field: 'script' },
  });
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
