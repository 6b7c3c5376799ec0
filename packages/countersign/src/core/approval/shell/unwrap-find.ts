// Programs that run a command for every file they find.

import { MAX_LINE } from './limits.ts';
import { HOLE, type ListedWord } from './listing.ts';
import { part } from './options.ts';
import type { Inner, Unwrapped } from './unwrap.ts';

/** `-exec … ;`, `-exec … {} +`: each file that is found is a word. */
export function find(words: readonly ListedWord[]): Unwrapped {
  const inner: Inner[] = [];
  const roots = [...new Set(rootsOf(words))];
  const long = roots.reduce((sum, root) => sum + root.length + 2, 0);
  let made = 0;
  for (let at = 1; at < words.length; at += 1) {
    const action = words[at]?.value;
    if (action === undefined || !/^-(exec|execdir|ok|okdir)$/.test(action)) continue;
    let end = at + 1;
    while (
      end < words.length &&
      words[end]?.value !== ';' &&
      !(words[end]?.value === '+' && words[end - 1]?.value === '{}')
    ) {
      end += 1;
    }
    const command = words.slice(at + 1, end).map((word): ListedWord => {
      if (!word.value.includes('{}')) return word;
      // A line of some pages would become more than the memory holds.
      made += long * (word.value.split('{}').length - 1) + roots.length * word.value.length;
      if (made > MAX_LINE)
        return { text: word.text, value: word.value.replaceAll('{}', HOLE), kind: 'input' };
      const among = roots.map((root) => word.value.replaceAll('{}', `${root}/${HOLE}`));
      return { text: word.text, value: word.value.replaceAll('{}', HOLE), kind: 'found', among };
    });
    if (command.length > 0) inner.push({ kind: 'words', words: command, via: `find ${action}` });
    at = end;
  }
  return { inner, doubts: made > MAX_LINE ? [{ kind: 'size', about: 'find … {}' }] : [] };
}

/** Where `find` and `fd` start. */
export function rootsOf(words: readonly ListedWord[]): readonly string[] {
  const roots: string[] = [];
  for (let at = 1; at < words.length; at += 1) {
    const word = words[at];
    if (word === undefined || /^[-(!]/.test(word.value)) {
      if (word !== undefined && /^-([HLP]|O\d?)$/.test(word.value)) continue;
      if (word?.value === '-D') {
        at += 1;
        continue;
      }
      break;
    }
    roots.push(word.value);
  }
  return roots.length === 0 ? ['.'] : roots;
}

export function fd(words: readonly ListedWord[]): Unwrapped {
  const at = words.findIndex(
    (word) => /^(-x|-X|--exec|--exec-batch)(=|$)/.test(word.value) || /^-[A-Za-z]*[xX]$/.test(word.value),
  );
  if (at === -1) return { inner: [], doubts: [] };
  const rest = words.slice(at + 1).filter((word) => word.value !== ';');
  const found: ListedWord = { text: '{}', value: HOLE, kind: 'input' };
  const command = rest.map((word) => (/\{[/.]*\}/.test(word.value) ? { ...found, text: word.text } : word));
  const attached = part(words[at] ?? found, (words[at]?.value.indexOf('=') ?? -1) + 1);
  const inner: Inner[] =
    words[at]?.value.includes('=') === true
      ? [{ kind: 'script', text: attached, bash: true, via: 'fd -x' }]
      : [];
  return {
    inner:
      command.length === 0 ? inner : [...inner, { kind: 'words', words: [...command, found], via: 'fd -x' }],
    doubts: [],
  };
}
