// What Bash computes: `$((…))`, subscripts, slices, `[[ a -gt b ]]`, `let`. It evaluates the value of every name again, and
// runs what stands in a subscript of that value. So a name has to hold a number for sure, and an expansion to be one.
import { type ArithmeticExpression, type ParameterExpansionPart, parse, type Word } from 'unbash';
import { HOLE, type ListedWord } from './listing.ts';
import { mayRunText, type Scope, type Walk } from './scope.ts';
import { isNumber, NUMBER } from './variables.ts';
import { exactWord, readWord } from './word.ts';

const UNREAD: ListedWord = { text: '…', value: HOLE, kind: 'variable' };

type Place = { readonly walk: Walk; readonly scope: Scope; readonly depth: number };
type ArithmeticWord = Extract<ArithmeticExpression, { readonly type: 'ArithmeticWord' }>;

const NAME = /^[A-Za-z_]\w*$/;
const ELEMENT = /^([A-Za-z_]\w*)\[(.*)\]$/s;
const MOST_SUBSCRIPTS = 8;
const SETS = /^([-+*/%&|^]|<<|>>)?=$/;
/** Whatever their operands, these have a value. */
const TOTAL = /^([-+*<>&|^,=]|[-+*&|^]=|<<=?|>>=?|<=|>=|==|!=|&&|\|\|)$/;

/**
 * Computes an expression of the line; true when it cannot fail.
 * @param first a command of its own: what it sets is set for certain, and in this shell. Words may be expanded in another.
 */
export function computeExpression(
  walk: Walk,
  scope: Scope,
  expression: ArithmeticExpression,
  first: boolean,
): boolean {
  return !walk.isQuiet && node(expression, { walk, scope, depth: 0 }, first);
}

/** A text as it stands in the line. */
export function computeText(walk: Walk, scope: Scope, text: string): void {
  if (!walk.isQuiet) written(text, { walk, scope, depth: 0 });
}

/** A word that is computed after everything in it was expanded; answers a text that runs something, to be listed. */
export function computeWord(walk: Walk, scope: Scope, word: ListedWord, first = false): readonly string[] {
  if (walk.isQuiet) return [];
  const texts = textsOf(word);
  if (texts === null) {
    walk.doubt('value', word.text);
    return [];
  }
  const running = texts.filter(mayRunText);
  if (running.length > 0) walk.doubt('unread', word.text);
  for (const text of texts)
    if (!mayRunText(text)) written(text, { walk, scope, depth: 0 }, first && texts.length === 1);
  return running;
}

/** What an expansion computes, sets, or looks up by a name that is itself a value. */
export function computeParameter(walk: Walk, scope: Scope, part: ParameterExpansionPart): void {
  if (walk.isQuiet) return;
  const { parameter, prefix, index, operation } = part;
  const all = index !== undefined && /^[@*]$/.test(index.text);
  if (index !== undefined && !all && !walk.variables.isMap(parameter, scope.numbers))
    computeText(walk, scope, index.text);
  if (operation?.type === 'Slice') {
    computeText(walk, scope, operation.offset.text);
    if (operation.length !== undefined) computeText(walk, scope, operation.length.text);
  }
  if (operation?.type === 'Default' && operation.operator.endsWith('=') && prefix !== '!') {
    // Each of a nest reads all that is in it.
    const [value] = walk.room(operation.operand.text.length)
      ? walk.quietly(() => readWord(operation.operand, walk.facts(scope), 'value'))
      : [UNREAD];
    walk.variables.setHere(parameter, value ?? exactWord(''));
  }
  // `${!x}`: the value of x is read as a name, with its subscript.
  if (prefix !== '!' || all || operation?.type === 'Names' || parameter === '#') return;
  const known =
    walk
      .facts(scope)
      .variable(parameter)
      ?.values.every((value) => NAME.test(value)) ?? false;
  const sets = operation?.type === 'Default' && operation.operator.endsWith('=');
  if (sets || (!known && !isHeld(parameter, { walk, scope, depth: 0 }))) walk.doubt('value', part.text);
}

/** The texts that a word becomes; null when only the run knows. */
function textsOf(word: ListedWord): readonly string[] | null {
  if (word.kind !== 'exact' && word.numeric !== true && word.among === undefined) return null;
  return (word.among ?? [word.value]).map((value) => value.replaceAll(HOLE, '0'));
}

function written(text: string, at: Place, first = false): boolean {
  const trimmed = text.trim();
  if (trimmed === '' || NAME.test(trimmed) || /^-?\d/.test(trimmed)) {
    if (trimmed === '' || /^-?(0|[1-9]\d*)$/.test(trimmed)) return true;
    if (NAME.test(trimmed)) return value(trimmed, at);
  }
  if (at.depth > MOST_SUBSCRIPTS || !at.walk.room(text.length)) return doubtful(text, at);
  const { commands, errors } = parse(`((${text}))`);
  const [only, ...more] = commands;
  const command = only?.command;
  if (more.length > 0 || (errors ?? []).length > 0 || command?.type !== 'ArithmeticCommand')
    return doubtful(text, at);
  return command.expression === undefined
    ? doubtful(text, at)
    : node(command.expression, { ...at, depth: at.depth + 1 }, first);
}

function doubtful(text: string, { walk }: Place): false {
  walk.doubt('value', text);
  return false;
}

/** @param first it is computed whatever else is: an assignment is certainly made. */
function node(expression: ArithmeticExpression, at: Place, first: boolean): boolean {
  switch (expression.type) {
    case 'ArithmeticWord':
      return token(expression, at);
    case 'ArithmeticGroup':
      return node(expression.expression, at, first);
    case 'ArithmeticTernary': {
      const test = node(expression.test, at, false);
      const consequent = node(expression.consequent, at, false);
      return node(expression.alternate, at, false) && consequent && test;
    }
    case 'ArithmeticUnary':
      if (expression.operator !== '++' && expression.operator !== '--')
        return node(expression.operand, at, false);
      return assign(expression.operand, at, true) !== null;
    case 'ArithmeticBinary': {
      const { operator, left, right } = expression;
      if (!SETS.test(operator)) {
        const before = node(left, at, first && operator === ',');
        return node(right, at, first && operator === ',' && before) && before && TOTAL.test(operator);
      }
      const isSure = node(right, at, false);
      const name = assign(left, at, operator !== '=');
      const isTotal = isSure && name !== null && TOTAL.test(operator);
      if (first && isTotal && at.walk.variables.mayHoldNumber(name)) at.scope.numbers.add(name);
      return isTotal;
    }
    case 'ArithmeticCommandExpansion':
      return doubtful(expression.text, at);
    default:
      expression satisfies never;
      return false;
  }
}

/** The name that is set; null where setting it may fail. */
function assign(left: ArithmeticExpression, at: Place, reads: boolean): string | null {
  const text = left.type === 'ArithmeticWord' && left.parts === undefined ? left.value : null;
  const [, element, subscript] = ELEMENT.exec(text ?? '') ?? [];
  const name = element ?? (text !== null && NAME.test(text) ? text : null);
  if (name === null) {
    // `$x = 1`, `a["$k"] = 1`
    const named = left.type === 'ArithmeticWord' ? /^\w+/.exec(left.value)?.[0] : undefined;
    if (named === undefined) at.walk.variables.set(null, true);
    else at.walk.variables.setHere(named, NUMBER);
    node(left, at, false);
    return null;
  }
  const known = !reads || value(name, at);
  at.walk.variables.setHere(name, NUMBER);
  if (subscript === undefined) return known ? name : null;
  written(subscript, { ...at, depth: at.depth + 1 });
  return null;
}

function token(word: ArithmeticWord, at: Place): boolean {
  if (word.parts === undefined) return literal(word.value, at);
  const whole: Word = {
    type: 'Word',
    text: word.value,
    value: word.value,
    pos: 0,
    end: 0,
    parts: word.parts,
  };
  const [read] = at.walk.quietly(() => readWord(whole, at.walk.facts(at.scope), 'value'));
  const texts = read === undefined ? null : textsOf(read);
  if (texts === null) return doubtful(word.value, at);
  return texts.map((text) => (mayRunText(text) ? doubtful(text, at) : literal(text, at))).every(Boolean);
}

function literal(text: string, at: Place): boolean {
  if (/^\d[\w#@]*$/.test(text)) return /^(0|[1-9]\d*)$/.test(text);
  if (NAME.test(text)) return value(text, at);
  const [, expanded] = /^\$\{?([A-Za-z_]\w*)\}?$/.exec(text) ?? [];
  if (expanded !== undefined) {
    const known = at.walk.facts(at.scope).variable(expanded);
    if (known === null) return isHeld(expanded, at) || doubtful(text, at);
    return known.values.map((one) => written(one, { ...at, depth: at.depth + 1 })).every(Boolean);
  }
  if (/^\$[#?$!]$/.test(text)) return true;
  const [, element, subscript] = ELEMENT.exec(text) ?? [];
  if (element === undefined || subscript === undefined) return text.trim() === '' || doubtful(text, at);
  value(element, at);
  written(subscript, { ...at, depth: at.depth + 1 });
  return false;
}

const isHeld = (name: string, { walk, scope }: Place): boolean =>
  walk.variables.isNumber(name, scope.numbers);

/** The value of a name is computed. */
function value(name: string, at: Place): boolean {
  if (isHeld(name, at)) return true;
  const known = at.walk.facts(at.scope).variable(name);
  return known?.values.every((one) => isNumber(exactWord(one))) === true || doubtful(name, at);
}
