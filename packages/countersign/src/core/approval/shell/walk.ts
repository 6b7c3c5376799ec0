// Walks a parsed line and lists what it could run. Both sides of a condition, every loop, every function, every
// substitution at any depth count as run. What is not in this switch is a doubt, never silence.
import type {
  ArithmeticExpression,
  Command,
  CommandArgument,
  ParsedScript,
  PipelineNode,
  Redirection,
  Statement,
  SyntaxNode,
  TestExpression,
  Word,
} from 'unbash';
import { forEachChild } from 'unbash';
import { bareCount, firstWord, isPlainCd } from './folders.ts';
import { HOLE, type Input, type ListedAssignment, type ListedRedirect, type ListedWord } from './listing.ts';
import { inFolders, mayRunText, type Scope, type Walk } from './scope.ts';
import { exactWord, plainWord, readInside, readWord, type WordFacts } from './word.ts';

export function walkScript(walk: Walk, script: ParsedScript, scope: Scope): void {
  for (const error of script.errors ?? []) walk.doubt('parse', error.message);
  for (const statement of script.commands) walkStatement(walk, statement, scope);
}

function walkStatement(walk: Walk, statement: Statement, scope: Scope): void {
  walkNode(walk, statement.command, statement.background === true ? { ...scope, sure: false } : scope);
}

function walkList(walk: Walk, list: readonly Statement[], scope: Scope): void {
  for (const statement of list) walkStatement(walk, statement, scope);
}

type Node = PipelineNode | Statement['command'] | SyntaxNode;

export function walkNode(walk: Walk, node: Node, scope: Scope): void {
  if (walk.full()) return;
  if (node.type === 'Command') {
    listCommand(walk, node, scope);
    return;
  }
  const unsure: Scope = scope.sure ? { ...scope, sure: false } : scope;
  switch (node.type) {
    case 'AndOr': {
      const before = scope.folders.list;
      for (const [at, command] of node.commands.entries()) {
        const entered = scope.folders.list;
        walkNode(walk, command, at === 0 ? scope : unsure);
        // Behind `cd x &&` the folder is x; behind the whole it is either.
        if (isPlainCd(command) && node.operators[at] === '&&')
          scope.folders.list = onlyNew(entered, scope.folders.list);
      }
      scope.folders.list = either(before, scope.folders.list);
      return;
    }
    case 'Pipeline': {
      const several = node.commands.length > 1;
      let first = walk.commands.length;
      for (const [at, command] of node.commands.entries()) {
        const before = scope.folders.list;
        const text = at === 0 ? undefined : printed(walk, node.commands[at - 1], scope);
        // The stage before it: a list of all would make a long pipeline cost its square.
        const from = Array.from({ length: walk.commands.length - first }, (_, index) => first + index);
        first = walk.commands.length;
        const input: Input =
          at === 0 ? scope.input : { kind: 'pipe', from, ...(text === undefined ? {} : { text }) };
        walkNode(walk, command, several ? { ...unsure, input } : scope);
        if (several) scope.folders.list = before;
      }
      return;
    }
    case 'Redirected': {
      const redirects = node.redirects.map((one) => redirect(walk, one, scope));
      const input = inputOf(walk, node.redirects, scope) ?? scope.input;
      walk.push({ words: [], assigns: [], redirects: redirects.flat(), ...walk.row(scope), input });
      walkNode(walk, node.command, { ...unsure, input });
      return;
    }
    case 'Function':
      walk.functions.add(node.name.value);
      if (node.name.parts !== undefined) walk.doubt('name', node.name.text);
      walkNode(walk, node.body, laterScope(walk, unsure));
      return;
    case 'Coproc':
      walkNode(walk, node.body, unsure);
      return;
    case 'Subshell': {
      const before = scope.folders.list;
      walkList(walk, node.body.commands, unsure);
      scope.folders.list = before;
      return;
    }
    case 'BraceGroup':
      walkList(walk, node.body.commands, scope);
      return;
    case 'CompoundList':
      walkList(walk, node.commands, unsure);
      return;
    case 'If':
      walkList(walk, node.clause.commands, unsure);
      walkList(walk, node.then.commands, unsure);
      for (const branch of node.elif) {
        walkList(walk, branch.clause.commands, unsure);
        walkList(walk, branch.then.commands, unsure);
      }
      if (node.else !== undefined) walkList(walk, node.else.commands, unsure);
      return;
    case 'While':
      inLoop(walk, scope);
      walkList(walk, node.clause.commands, unsure);
      walkList(walk, node.body.commands, unsure);
      return;
    case 'For':
    case 'Select': {
      inLoop(walk, scope);
      const values = (node.wordlist ?? []).flatMap((word) => words(walk, word, scope));
      const name = node.name.value;
      const known =
        node.type === 'For' &&
        node.wordlist !== undefined &&
        values.length > 0 &&
        values.length <= 16 &&
        /^[a-z][a-z0-9_]*$/.test(name) &&
        bareCount(scope.source, name) === 1 &&
        values.every((word) => word.kind === 'exact' || (word.kind === 'glob' && !word.value.includes(HOLE)));
      if (!known || scope.variables === null) {
        walkList(walk, node.body.commands, unsure);
        return;
      }
      const globs = values.some((word) => word.kind === 'glob');
      scope.variables.set(name, { values: values.map((word) => word.value), globs });
      walkList(walk, node.body.commands, unsure);
      // With no file that matches the variable keeps what it had.
      scope.variables.delete(name);
      return;
    }
    case 'ArithmeticFor':
      inLoop(walk, scope);
      for (const part of [node.initialize, node.test, node.update])
        if (part !== undefined) arithmetic(walk, part, scope);
      walkList(walk, node.body.commands, unsure);
      return;
    case 'Case':
      words(walk, node.word, scope);
      for (const item of node.items) {
        for (const pattern of item.pattern) words(walk, pattern, scope);
        walkList(walk, item.body.commands, unsure);
      }
      return;
    case 'TestCommand':
      test(walk, node.expression, scope);
      return;
    case 'ArithmeticCommand':
      if (node.expression === undefined && node.body.trim() !== '') walk.doubt('construct', node.body);
      if (node.expression !== undefined) arithmetic(walk, node.expression, scope);
      return;
    default:
      walk.doubt('construct', node.type);
      forEachChild(node, (child) => readInside(child, factsOf(walk, scope)));
  }
}

/** Once round a loop may change the folder for the next. */
function inLoop(walk: Walk, scope: Scope): void {
  if (walk.changesFolder) scope.folders.list = null;
}

/** A body that runs later: nothing that is known now has to hold then. */
function laterScope(walk: Walk, scope: Scope): Scope {
  const folders = walk.changesFolder ? { list: null } : scope.folders;
  return { ...scope, variables: null, folders };
}

function arithmetic(walk: Walk, expression: ArithmeticExpression, scope: Scope): void {
  readInside(expression, factsOf(walk, scope));
}

function test(walk: Walk, expression: TestExpression, scope: Scope): void {
  const found: ListedWord[] = [exactWord('[[')];
  const visit = (node: SyntaxNode): void => {
    if (node.type === 'Word') found.push(...words(walk, node, scope, 'value'));
    else forEachChild(node, visit);
  };
  visit(expression);
  walk.push({ words: found, assigns: [], redirects: [], ...walk.row(scope) });
  if (found.some((word) => mayRunText(word.value))) walk.doubt('unread', '[[ … ]]');
}

function listCommand(walk: Walk, command: Command, scope: Scope): void {
  const assigns: ListedAssignment[] = [];
  const redirects: ListedRedirect[] = [];
  const listed: ListedWord[] = [];
  for (const one of command.prefix) {
    if (one.type === 'Assignment') assigns.push(...assignment(walk, one, scope));
    else redirects.push(...redirect(walk, one, scope));
  }
  if (command.name !== undefined) {
    addWord(walk, command.name, scope, listed);
    if (isDynamic(command.name)) walk.doubt('name', command.name.text, walk.commands.length);
  }
  for (const one of command.suffix) {
    if (one.type === 'Word') addWord(walk, one, scope, listed);
    else if (one.type === 'Assignment') listed.push(...asWord(walk, one, scope));
    else redirects.push(...redirect(walk, one, scope));
  }
  const input =
    command.redirects.length === 0 ? scope.input : (inputOf(walk, command.redirects, scope) ?? scope.input);
  if (listed.length === 0 && scope.sure) remember(assigns, scope);
  for (const { name, value } of assigns)
    if (mayRunText(value.value)) walk.doubt('unread', `${name}=${value.text}`);
  inFolders(walk, listed, scope, () =>
    walk.list({ words: listed, assigns, redirects, ...walk.row(scope), input }, scope),
  );
}

/** A name of more than letters: only the run knows what it names, and somebody took the trouble. */
function isDynamic(name: Word): boolean {
  return (
    name.parts?.some(
      (part) =>
        !LITERAL.has(part.type) ||
        (part.type === 'DoubleQuoted' && part.parts.some((child) => child.type !== 'Literal')),
    ) ?? false
  );
}

const LITERAL = new Set(['Literal', 'SingleQuoted', 'AnsiCQuoted', 'DoubleQuoted']);

/** Most words are letters and nothing more. */
function addWord(walk: Walk, word: Word, scope: Scope, to: ListedWord[]): void {
  const plain = plainWord(word);
  if (plain !== null) to.push(plain);
  else to.push(...readWord(word, factsOf(walk, scope)));
}

function remember(assigns: readonly ListedAssignment[], scope: Scope): void {
  for (const { name, value } of assigns) {
    const known =
      value.kind === 'exact' && bareCount(scope.source, name) === 1 && /^[a-zA-Z][a-z0-9_A-Z]*$/.test(name);
    if (known) scope.variables?.set(name, { values: [value.value], globs: false });
  }
}

function assignment(walk: Walk, one: CommandArgument, scope: Scope): ListedAssignment[] {
  if (one.type !== 'Assignment') return [];
  if (one.index !== undefined) {
    words(walk, one.index, scope);
    if (mayRunText(one.index.value)) walk.doubt('unread', one.text);
  }
  const values = one.value.type === 'ArrayValue' ? one.value.elements : [one.value];
  const where = one.value.type === 'ArrayValue' ? 'words' : 'value';
  const read = values.flatMap((word) => words(walk, word, scope, where));
  const plain = one.value.type !== 'ArrayValue' && one.append !== true && one.index === undefined;
  if (read.length === 0) return [{ name: one.name, value: exactWord('') }];
  return read.map((value) => ({
    name: one.name,
    value: plain || value.kind !== 'exact' ? value : { ...value, kind: 'variable' },
  }));
}

/** `export A=b`: one word of the command. */
function asWord(walk: Walk, one: CommandArgument, scope: Scope): ListedWord[] {
  return assignment(walk, one, scope).map(({ name, value }) => ({
    ...value,
    text: one.text,
    value: `${name}=${value.value}`,
    ...(value.among === undefined ? {} : { among: value.among.map((each) => `${name}=${each}`) }),
  }));
}

function redirect(walk: Walk, one: Redirection, scope: Scope): ListedRedirect[] {
  const fd =
    one.descriptor === undefined
      ? null
      : one.descriptor.type === 'FileDescriptor'
        ? one.descriptor.value
        : one.descriptor.name;
  if (one.type === 'HereDoc') {
    for (const part of one.body.parts ?? []) readInside(part, factsOf(walk, scope));
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

/** What the last of the redirections makes of standard input; null when none does. */
function inputOf(walk: Walk, redirects: readonly Redirection[], scope: Scope): Input | null {
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
function printed(walk: Walk, node: PipelineNode | undefined, scope: Scope): string | undefined {
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

function words(
  walk: Walk,
  word: Word | undefined,
  scope: Scope,
  where: 'words' | 'value' = 'words',
): readonly ListedWord[] {
  return word === undefined ? [] : readWord(word, factsOf(walk, scope), where);
}

function factsOf(walk: Walk, scope: Scope): WordFacts {
  return walk.facts(scope);
}

const either = (one: readonly string[] | null, other: readonly string[] | null): readonly string[] | null => {
  if (one === null || other === null) return null;
  const all = new Set([...one, ...other]);
  return all.size > 8 ? null : [...all];
};

/** What a `cd` added; all, when it added nothing (`cd .`). */
function onlyNew(
  before: readonly string[] | null,
  after: readonly string[] | null,
): readonly string[] | null {
  if (before === null || after === null) return after;
  const added = after.filter((folder) => !before.includes(folder));
  return added.length === 0 ? after : added;
}
