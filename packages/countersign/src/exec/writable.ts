// Whether whoever asks could put something else in the place of what is started. Content is bound by its hash, and yet what is
// destructive is not taken from a file that the asking user may write: between a look and a start there is always a moment.
import { basename } from 'node:path';
import { Problem } from '@countersign/protocol/problem';
import type { Derived } from './derive.ts';
import { isReplaceable, isRoot } from './file-rights.ts';

export type Replaceable = 'program' | 'script';

/** Who take files as things to move or remove, and run none of them. By the name of the real file. */
const HANDLING = /^(?:rm|rmdir|unlink|shred|mv|cp|ln|chmod|chown|chgrp|truncate|touch|dd)$/;
/** One file with many names: it is what it was called. */
const MANY_NAMED = /^(?:busybox|coreutils|toybox)$/;

/** Which of what would be started this process's own user may change; null for none. Root may always: exempt, LIMITATIONS. */
export async function replaceable({
  program,
  interpreter,
  scripts,
  action,
}: Derived): Promise<Replaceable | null> {
  if (isRoot()) return null;
  for (const file of [program, ...(interpreter === null ? [] : [interpreter.file])])
    if (await isReplaceable(file)) return 'program';
  if ('argv' in action && handlesOnly(program.path, action.argv[0] ?? '')) return null;
  // What is only named as a script would be, is bound by its content, and may be a key or a configuration of whoever asks.
  for (const script of scripts) if (!script.isGuess && (await isReplaceable(script))) return 'script';
  return null;
}

function handlesOnly(path: string, called: string): boolean {
  const name = basename(path);
  return HANDLING.test(MANY_NAMED.test(name) ? basename(called) : name);
}

/** Why, for whoever asked. */
export function refuseReplaceable(which: Replaceable): Problem {
  return new Problem('policy_denied', {
    detail: `the ${which} can be replaced by whoever asks, and what is destructive runs only from files that cannot`,
    hint: 'let root, or another user, own it and the folders it is in',
    members: { refused: true },
  });
}
