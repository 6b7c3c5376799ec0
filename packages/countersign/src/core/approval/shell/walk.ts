// Walks a parsed line and lists what it could run. Both sides of a condition, every loop, every function, every
// substitution at any depth count as run. What is not in this switch is a doubt, never silence.
import type {
  ArithmeticExpression,
  Command,
  For,
  ParsedScript,
  PipelineNode,
  Select,
  Statement,
  SyntaxNode,
  TestExpression,
  Word,
} from 'unbash';
import { forEachChild } from 'unbash';
import { computeText, computeWord } from './arithmetic.ts';
import { assignment, asWord, remember } from './assignments.ts';
import { bareCount, either, isPlainCd } from './folders.ts';
import { HOLE, type Input, type ListedAssignment, type ListedRedirect, type ListedWord } from './listing.ts';
import { inputOf, printed, redirect, words } from './redirects.ts';
import { anyFolder, branch, inFolders, mayRunText, type Scope, type Walk } from './scope.ts';
import { isNumber, NUMBER } from './variables.ts';
import { exactWord, plainWord, readInside, readWord, type WordFacts } from './word.ts';

export function walkScript(walk: Walk, script: ParsedScript, scope: Scope): void {
  for (const error of script.errors ?? []) walk.doubt('parse', error.message);
  for (const statement of script.commands) walkStatement(walk, statement, scope);
}

function walkStatement(walk: Walk, statement: Statement, scope: Scope): void {
  walkNode(walk, statement.command, statement.background === true ? branch(scope) : scope);
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
  const unsure = branch(scope);
  switch (node.type) {
    case 'AndOr': {
      let all = scope.folders.list;
      let inside = unsure;
      for (const [at, command] of node.commands.entries()) {
        // Behind `||` nothing of the chain need have run but its first.
        if (node.operators[at - 1] !== '&&' || at === 1) inside = branch(scope);
        walkNode(walk, command, at === 0 ? scope : inside);
        // Behind `cd x &&` the folder is x; behind the whole it is any that it was on the way.
        all = either(all, scope.folders.list);
        if (isPlainCd(command) && node.operators[at] === '&&') scope.folders.list = scope.folders.entered;
      }
      scope.folders.list = either(all, scope.folders.list);
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
        walkNode(walk, command, several ? { ...branch(scope), input } : scope);
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
      for (const name of [node.name?.value ?? 'COPROC', `${node.name?.value ?? 'COPROC'}_PID`])
        walk.variables.setHere(name, SOMETHING);
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
      walkList(walk, node.then.commands, branch(unsure));
      for (const { clause, then } of node.elif) {
        walkList(walk, clause.commands, unsure);
        walkList(walk, then.commands, branch(unsure));
      }
      if (node.else !== undefined) walkList(walk, node.else.commands, branch(unsure));
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
      loopVariable(walk, node, values, unsure);
      const known =
        node.type === 'For' &&
        node.wordlist !== undefined &&
        values.length > 0 &&
        values.length <= 16 &&
        /^[a-z][a-z0-9_]*$/.test(name) &&
        !walk.variables.isBanned(name) &&
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
      for (const part of [node.initialize, node.test]) if (part !== undefined) arithmetic(walk, part, unsure);
      // It is computed behind the body.
      if (node.update !== undefined) arithmetic(walk, node.update, unsure, false);
      walkList(walk, node.body.commands, unsure);
      return;
    case 'Case':
      words(walk, node.word, scope);
      for (const item of node.items) {
        for (const pattern of item.pattern) words(walk, pattern, scope);
        walkList(walk, item.body.commands, branch(scope));
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
  const folders = walk.changesFolder ? anyFolder() : scope.folders;
  return { ...scope, variables: null, folders, later: true };
}

const SOMETHING: ListedWord = { text: '…', value: HOLE, kind: 'variable' };

/** `for` and `select` set their variable to one word after the other. */
function loopVariable(walk: Walk, node: For | Select, values: readonly ListedWord[], body: Scope): void {
  const name = node.name.value;
  const isNumeric = node.type === 'For' && values.length > 0 && values.every(isNumber);
  walk.variables.setHere(name, isNumeric ? NUMBER : SOMETHING);
  for (const value of values.slice(0, 16)) walk.variables.show(name, value);
  if (node.type === 'Select') walk.variables.set('REPLY', false);
  if (isNumeric && walk.variables.mayHoldNumber(name)) body.numbers.add(name);
}

function arithmetic(walk: Walk, expression: ArithmeticExpression, scope: Scope, first = true): void {
  walk.compute(expression, scope, first);
  readInside(expression, factsOf(walk, scope), true);
}

function test(walk: Walk, expression: TestExpression, scope: Scope): void {
  const found: ListedWord[] = [exactWord('[[')];
  const visit = (node: SyntaxNode): void => {
    if (node.type !== 'Word') {
      forEachChild(node, visit);
      return;
    }
    const read = words(walk, node, scope, 'value');
    found.push(...read.map(asked));
    if (computed.has(node)) for (const word of read) computeWord(walk, scope, word);
  };
  const computed = new Set<SyntaxNode>();
  const look = (node: SyntaxNode): void => {
    if (node.type === 'TestBinary' && /^-(eq|ne|lt|le|gt|ge)$/.test(node.operator)) {
      computed.add(node.left);
      computed.add(node.right);
    } else if (node.type === 'TestUnary' && (node.operator === '-v' || node.operator === '-R'))
      named(walk, node.operand, scope);
    else if (node.type !== 'Word') forEachChild(node, look);
  };
  look(expression);
  visit(expression);
  walk.push({ words: found, assigns: [], redirects: [], ...walk.row(scope) });
  if (found.some((word) => mayRunText(word.value))) walk.doubt('unread', '[[ … ]]');
}

/** A number that is compared is no path that nobody knows. */
const asked = (word: ListedWord): ListedWord =>
  word.numeric === true && word.value === HOLE ? { ...word, kind: 'number', splits: false } : word;

/** `-v name[subscript]`: the subscript is computed. */
function named(walk: Walk, operand: Word, scope: Scope): void {
  const { text } = operand;
  if (/^\w+$/.test(text)) return;
  const [, subscript] = /^\w+\[([^'"`\\]*)\]$/.exec(text) ?? [];
  if (subscript === undefined) walk.doubt('value', text);
  else if (!/^[@*]$/.test(subscript)) computeText(walk, scope, subscript);
}

function listCommand(walk: Walk, command: Command, scope: Scope): void {
  const assigns: ListedAssignment[] = [];
  const redirects: ListedRedirect[] = [];
  const listed: ListedWord[] = [];
  for (const one of command.prefix) {
    if (one.type === 'Assignment') {
      assigns.push(...assignment(walk, one, scope));
    } else redirects.push(...redirect(walk, one, scope));
  }
  if (command.name !== undefined) {
    addWord(walk, command.name, scope, listed);
    if (isDynamic(command.name)) walk.doubt('name', command.name.text, walk.commands.length);
  }
  let isMap = false;
  for (const one of command.suffix) {
    if (one.type === 'Word') {
      addWord(walk, one, scope, listed);
      isMap ||= /^-\w*A/.test(one.value);
    } else if (one.type === 'Assignment') {
      listed.push(...asWord(walk, one, scope, isMap));
    } else redirects.push(...redirect(walk, one, scope));
  }
  const input =
    command.redirects.length === 0 ? scope.input : (inputOf(walk, command.redirects, scope) ?? scope.input);
  if (listed.length === 0 && redirects.length === 0) remember(walk, command.prefix, assigns, scope);
  for (const { name, value } of assigns)
    if (mayRunText(value.value)) walk.doubt('unread', `${name}=${value.text}`);
  const isTest = /^(\[|test)$/.test(listed[0]?.value ?? '');
  const shown = isTest ? listed.map(asked) : listed;
  inFolders(walk, listed, scope, () =>
    walk.list({ words: shown, assigns, redirects, ...walk.row(scope), input }, scope),
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

function factsOf(walk: Walk, scope: Scope): WordFacts {
  return walk.facts(scope);
}
