// Assignments of a line: what they set, what is computed for it, and what is known of the name afterwards.
import type { Assignment, Command, Word } from 'unbash';
import { computeText } from './arithmetic.ts';
import { bareCount } from './folders.ts';
import type { ListedAssignment, ListedWord } from './listing.ts';
import { words } from './redirects.ts';
import { mayRunText, type Scope, type Walk } from './scope.ts';
import { isNumber } from './variables.ts';
import { exactWord } from './word.ts';

/** `A=b` before a command, or alone. */
export function assignment(walk: Walk, one: Assignment, scope: Scope): ListedAssignment[] {
  const { variables } = walk;
  const isList = one.value.type === 'ArrayValue';
  const isMap = variables.isMap(one.name, scope.numbers);
  const read = valuesOf(walk, one, scope, isMap);
  if ((isList || one.index !== undefined) && !isMap) variables.array(one.name);
  variables.set(one.name, read.every(isNumber) && (isList || one.append !== true));
  return listed(one, read);
}

/** `export A=b`: one word of the command. */
export function asWord(walk: Walk, one: Assignment, scope: Scope, isMap: boolean): ListedWord[] {
  const read = valuesOf(walk, one, scope, isMap || walk.variables.isMap(one.name, scope.numbers));
  return listed(one, read).map(({ name, value }) => ({
    ...value,
    text: one.text,
    value: `${name}=${value.value}`,
    ...(value.among === undefined ? {} : { among: value.among.map((each) => `${name}=${each}`) }),
  }));
}

function valuesOf(walk: Walk, one: Assignment, scope: Scope, isMap: boolean): readonly ListedWord[] {
  if (one.index !== undefined) {
    words(walk, one.index, scope);
    if (mayRunText(one.index.value)) walk.doubt('unread', one.text);
    // A subscript of a map is a text and no sum.
    if (!isMap) computeText(walk, scope, one.index.text);
  }
  if (one.value.type !== 'ArrayValue') return words(walk, one.value, scope, 'value');
  return one.value.elements.flatMap((word) => {
    const [, subscript] = /^\[(.*)\]\+?=/s.exec(word.text) ?? [];
    if (subscript !== undefined && !isMap) computeText(walk, scope, subscript);
    return words(walk, word, scope, 'words');
  });
}

function listed(one: Assignment, read: readonly ListedWord[]): ListedAssignment[] {
  const plain = one.value.type !== 'ArrayValue' && one.append !== true && one.index === undefined;
  if (read.length === 0) return [{ name: one.name, value: exactWord('') }];
  return read.map((value) => ({
    name: one.name,
    value: plain || value.kind !== 'exact' ? value : { ...value, kind: 'variable' },
  }));
}

/** What is known of the names behind a command that only assigns. */
export function remember(
  walk: Walk,
  prefix: Command['prefix'],
  assigns: readonly ListedAssignment[],
  scope: Scope,
): void {
  const made = madeBy(walk, prefix);
  if (prefix.length > 1) walk.variables.joint = true;
  for (const one of made) {
    if (one.append === true || one.index !== undefined) continue;
    const values = one.value.type === 'ArrayValue' ? one.value.elements : [one.value];
    const read = walk.quietly(() => values.flatMap((word) => words(walk, word, scope, 'value')));
    if (read.every(isNumber)) scope.numbers.add(one.name);
  }
  // Exact values of names that the line sets once.
  for (const { name, value } of scope.sure ? assigns : []) {
    const known =
      value.kind === 'exact' &&
      made.some((one) => one.name === name) &&
      bareCount(scope.source, name) === 1 &&
      /^[a-zA-Z][a-z0-9_A-Z]*$/.test(name);
    if (known) scope.variables?.set(name, { values: [value.value], globs: false });
  }
}

/** Those that are certainly made: where a sum fails, or a name is the shell's, nothing behind it is set. */
function madeBy(walk: Walk, prefix: Command['prefix']): readonly Assignment[] {
  const made: Assignment[] = [];
  for (const one of prefix) {
    if (one.type !== 'Assignment' || !walk.variables.mayHoldNumber(one.name)) return made;
    const values = one.value.type === 'ArrayValue' ? one.value.elements : [one.value];
    if (!values.every((word) => cannotFail(walk, word))) return made;
    made.push(one);
  }
  return made;
}

function cannotFail(walk: Walk, word: Word): boolean {
  const [only, ...more] = word.parts ?? [];
  if (only?.type === 'ArithmeticExpansion' && more.length === 0)
    return only.expression !== undefined && walk.total.has(only.expression);
  return !/\$\(\(|\$\[|\$\{[^}]*[[:?]/.test(word.text);
}
