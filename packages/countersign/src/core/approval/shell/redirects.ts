// What redirections of a command name and set, and what it reads: text of the line where the line says it.
import type { PipelineNode, Redirection, Word } from 'unbash';
import { computeText } from './arithmetic.ts';
import { firstWord } from './folders.ts';
import { HOLE, type Input, type ListedRedirect, type ListedWord } from './listing.ts';
import type { Scope, Walk } from './scope.ts';
import { NUMBER } from './variables.ts';
import { exactWord, readInside, readWord } from './word.ts';

export function redirect(walk: Walk, one: Redirection, scope: Scope): ListedRedirect[] {
  const fd =
    one.descriptor === undefined
      ? null
      : one.descriptor.type === 'FileDescriptor'
        ? one.descriptor.value
        : one.descriptor.name;
  if (typeof fd === 'string') setByRedirect(walk, fd, scope);
  if (one.type === 'HereDoc') {
    // Bash takes the tabs off the end that it looks for as well, and ends the text earlier.
    if (one.operator === '<<-' && one.delimiter?.value.startsWith('\t') === true)
      walk.doubt('parse', one.delimiter.text);
    for (const part of one.body.parts ?? []) readInside(part, walk.facts(scope), true);
    return [];
  }
  if (one.target === undefined) {
    walk.doubt('parse', one.operator);
    return [];
  }
  if (one.type === 'HereString') {
    words(walk, one.target, scope);
    return [];
  }
  return words(walk, one.target, scope).map((target) => ({ operator: one.operator, fd, target }));
}

/** `{x}>file`: Bash puts the number of the file into x. */
function setByRedirect(walk: Walk, variable: string, scope: Scope): void {
  const [name = variable] = /^\w+/.exec(variable) ?? [];
  if (walk.isQuiet) return;
  walk.variables.setHere(name, { ...NUMBER, text: variable });
  if (variable.length > name.length) computeText(walk, scope, variable.slice(name.length + 1, -1));
}

/** What the last of the redirections makes of standard input; null when none does. */
export function inputOf(walk: Walk, redirects: readonly Redirection[], scope: Scope): Input | null {
  let input: Input | null = null;
  for (const one of redirects) {
    const fd =
      one.descriptor === undefined
        ? null
        : one.descriptor.type === 'FileDescriptor'
          ? one.descriptor.value
          : -1;
    if (fd !== null && fd !== 0) continue;
    if (one.type === 'HereDoc') {
      const stripped = one.operator === '<<-' ? one.body.text.replaceAll(/^\t+/gm, '') : one.body.text;
      const exact = one.delimiter?.quoted === true || !/[$`\\]/.test(stripped);
      input = { kind: 'text', text: stripped, exact };
    } else if (one.type === 'HereString') {
      const [word] =
        one.target === undefined ? [] : walk.quietly(() => words(walk, one.target, scope, 'value'));
      input = { kind: 'text', text: word?.value ?? HOLE, exact: word?.kind === 'exact' };
    } else if (one.operator === '<' || one.operator === '<>') {
      const [word] = one.target === undefined ? [] : walk.quietly(() => words(walk, one.target, scope));
      input = { kind: 'file', word: word ?? exactWord(HOLE) };
    } else if (one.operator === '<&')
      input = { kind: 'file', word: { text: '<&', value: HOLE, kind: 'variable' } };
  }
  return input;
}

/** What a stage of a pipeline prints, when its words say so: `echo` of plain words, `cat` of a here-document. */
export function printed(walk: Walk, node: PipelineNode | undefined, scope: Scope): string | undefined {
  if (node?.type !== 'Command' || node.name === undefined || node.prefix.length > 0) return undefined;
  const name = firstWord(node);
  if (name === 'cat' && node.args.length === 0) {
    const input = inputOf(walk, node.redirects, scope);
    return input?.kind === 'text' && input.exact ? input.text : undefined;
  }
  if (name !== 'echo' && name !== 'printf') return undefined;
  if (node.redirects.length > 0) return undefined;
  const said = walk.quietly(() =>
    node.args.flatMap((word) => (word.type === 'Word' ? words(walk, word, scope) : [])),
  );
  // `-n` changes nothing that a shell would notice; what follows `-e` is decoded.
  while (name === 'echo' && said[0]?.value === '-n') said.shift();
  const decodes = /^-[a-zA-Z]*[eE]/.test(said[0]?.value ?? '');
  const plain = !decodes && said.every((word) => word.kind === 'exact' && !word.value.includes('\\'));
  if (!plain || (name === 'printf' && (said.length !== 1 || said[0]?.value.includes('%') === true)))
    return undefined;
  return said.map((word) => word.value).join(' ');
}

/** The words of a word, with what the walk knows there. */
export function words(
  walk: Walk,
  word: Word | undefined,
  scope: Scope,
  where: 'words' | 'value' = 'words',
): readonly ListedWord[] {
  return word === undefined ? [] : readWord(word, walk.facts(scope), where);
}
