// What one word of a line will be when it runs. Quotes and escapes are taken off as Bash does; every part that only the
// run can know leaves a HOLE and a kind, so that no rule ever mistakes the source of an expansion for its value.
import type { ArithmeticExpression, ParameterExpansionPart, ParsedScript, Word, WordPart } from 'unbash';
import { forEachChild } from 'unbash';
import { expandBraces } from './braces.ts';
import { HOLE, type ListedWord, type WordKind } from './listing.ts';

/** What the walker knows while it reads words, and what it wants to hear of them. */
export interface WordFacts {
  /** Values a variable can have here; null when that is not known. Patterns when `globs`. */
  readonly variable: (name: string) => { readonly values: readonly string[]; readonly globs: boolean } | null;
  /** A script inside the word; answers the index of its first command. */
  readonly script: (script: ParsedScript | undefined, source: string, piped?: boolean) => number;
  /** Text is run that is only known later (`${x@P}`). */
  readonly unread: (text: string) => void;
  /** True for a variable that holds a number. */
  readonly number: (name: string) => boolean;
  /** True for a list whose keys are numbers. */
  readonly list: (name: string) => boolean;
  readonly compute: (expression: ArithmeticExpression | undefined, text: string) => void;
  readonly parameter: (part: ParameterExpansionPart) => void;
  /** Whether so much more may be made of the line. */
  readonly room: (amount: number) => boolean;
  readonly home: string | null;
}

const RANK: Record<WordKind, number> = {
  exact: 0,
  number: 1,
  among: 2,
  found: 3,
  glob: 4,
  pipe: 5,
  input: 6,
  variable: 7,
  output: 8,
};

interface Draft {
  /** What it may be: one, or several when a variable has several known values. */
  values: string[];
  kind: WordKind;
  splits: boolean;
  script: number | undefined;
  braces: boolean;
  /** No names of files are put in its place. */
  readonly isValue: boolean;
}

/** A word of literal text; the most frequent case, and the fast one. */
export const exactWord = (text: string): ListedWord => ({ text, value: text, kind: 'exact' });

/** A word without quotes and expansions; null for any other. */
export function plainWord(word: Word): ListedWord | null {
  if (word.parts !== undefined) return null;
  const { text, value } = word;
  return text.startsWith('~') || value.includes(HOLE) ? null : { text, value, kind: 'exact' };
}

/** The words that one written word becomes: several when braces are expanded, else one. */
export function readWord(
  word: Word,
  facts: WordFacts,
  where: 'words' | 'value' = 'words',
): readonly ListedWord[] {
  const { text } = word;
  const parts = word.parts;
  if (parts === undefined) {
    const value = text.startsWith('~') ? withHome(word.value, facts.home) : word.value;
    return [{ text, value, kind: value.includes(HOLE) ? 'variable' : 'exact' }];
  }
  const draft: Draft = {
    values: [''],
    kind: 'exact',
    splits: false,
    script: undefined,
    braces: false,
    isValue: where === 'value',
  };
  for (const part of parts) readPart(part, draft, facts, false);
  if (text.startsWith('~')) draft.values = draft.values.map((value) => withHome(value, facts.home));
  if (draft.braces && where === 'value') {
    // Values are not expanded, and quotes in them are still taken off: only plain ones are known.
    const plain = draft.kind === 'exact' && /^[\w./,{}:@+%-]*$/.test(text);
    return [{ text, value: plain ? text : HOLE, kind: plain ? 'exact' : 'variable' }];
  }
  if (draft.braces) {
    // Only letters, digits and path characters are expanded here; quotes in braces leave the word unknown.
    const expanded = draft.kind === 'exact' || draft.kind === 'glob' ? expandBraces(text) : null;
    if (expanded !== null && facts.room(expanded.length + expanded.join('').length)) {
      return expanded.map((value) => ({
        text,
        value: value.startsWith('~') ? withHome(value, facts.home) : value,
        kind: /[*?[]/.test(value) ? 'glob' : 'exact',
        ...(/[*?[]/.test(value) ? { splits: true } : {}),
      }));
    }
    return [{ text, value: HOLE, kind: 'variable', splits: true }];
  }
  const [value = ''] = draft.values;
  const several = draft.values.length > 1;
  const kind = draft.values.some((one) => one.includes(HOLE)) ? worse(draft.kind, 'variable') : draft.kind;
  return [
    {
      text,
      value: several ? HOLE : value,
      kind: several ? worse(kind, 'among') : kind,
      ...(several ? { among: draft.values } : {}),
      ...(draft.splits ? { splits: true } : {}),
      ...(draft.kind === 'number' && !several && !text.startsWith('~') ? { numeric: true } : {}),
      ...(draft.script === undefined ? {} : { script: draft.script }),
    },
  ];
}

function readPart(part: WordPart, draft: Draft, facts: WordFacts, quoted: boolean): void {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      append(draft, part.value);
      return;
    case 'DoubleQuoted':
      for (const child of part.parts) readPart(child, draft, facts, true);
      return;
    case 'LocaleString':
      // A catalogue of translations decides what it says.
      for (const child of part.parts) readPart(child, draft, facts, true);
      hole(draft, 'variable', false);
      return;
    case 'SimpleExpansion':
      variable(part.text.slice(1), part.text, draft, facts, quoted);
      return;
    case 'ParameterExpansion':
      parameter(part, draft, facts, quoted);
      return;
    case 'CommandExpansion':
      facts.script(part.script, part.text);
      hole(draft, 'output', !quoted);
      return;
    case 'ArithmeticExpansion':
      facts.compute(part.expression, part.text);
      insideOf(part, facts, true);
      hole(draft, 'number', false);
      return;
    case 'ProcessSubstitution':
      draft.script = facts.script(part.script, part.text, part.operator === '>');
      append(draft, '/dev/fd/63');
      draft.kind = worse(draft.kind, 'pipe');
      return;
    case 'Glob':
      append(draft, part.text);
      draft.kind = worse(draft.kind, 'glob');
      draft.splits = true;
      return;
    case 'ExtendedGlob':
      insideOf(part, facts);
      extended(part, draft);
      return;
    case 'BraceExpansion':
      insideOf(part, facts);
      draft.braces = true;
      return;
    default:
      part satisfies never;
      hole(draft, 'variable', true);
      return;
  }
}

/** `@(a|b)`: a file of one of these names; where there is more to it, no name that begins with a dot is left out. */
function extended({ operator, pattern }: Extract<WordPart, { type: 'ExtendedGlob' }>, draft: Draft): void {
  const among = /^[\w.@:+,%=|*?-]*$/.test(pattern) ? pattern.split('|') : null;
  if (operator === '?') among?.push('');
  const isChoice = operator === '@' || operator === '?';
  if (among !== null && isChoice && among.length * draft.values.length <= 16)
    draft.values = draft.values.flatMap((before) => among.map((one) => before + one));
  else if (draft.isValue || among?.every((one) => !one.startsWith('.')) === true) append(draft, '*');
  else {
    hole(draft, 'variable', true);
    return;
  }
  draft.kind = worse(draft.kind, 'glob');
  draft.splits = true;
}

function parameter(part: ParameterExpansionPart, draft: Draft, facts: WordFacts, quoted: boolean): void {
  facts.parameter(part);
  insideOf(part, facts, quoted);
  if (part.prefix === '#' && part.operation === undefined) {
    hole(draft, 'number', false);
    return;
  }
  // Prompt expansion runs the substitutions in the value.
  if (part.operation?.type === 'Transform' || part.operation?.type === 'Unknown') facts.unread(part.text);
  const plain = part.prefix === undefined && part.index === undefined && part.operation === undefined;
  if (plain) {
    variable(part.parameter, part.text, draft, facts, quoted);
    return;
  }
  const keys = part.prefix === '!' && part.operation === undefined && /^[@*]$/.test(part.index?.text ?? '');
  if (keys && facts.list(part.parameter)) {
    hole(draft, 'number', true);
    return;
  }
  const all = part.text.includes('[@]') || part.text.includes('[*]');
  hole(draft, 'variable', !quoted || all || part.parameter === '@');
  return;
}

function variable(name: string, text: string, draft: Draft, facts: WordFacts, quoted: boolean): void {
  if (/^(\d+|[#?$!])$/.test(name)) {
    hole(draft, /^[#?$!]$/.test(name) ? 'number' : 'variable', !quoted);
    return;
  }
  const known = text === '$@' || text === '$*' ? null : facts.variable(name);
  if (known === null && text !== '$@' && text !== '$*' && facts.number(name)) {
    hole(draft, 'number', false);
    return;
  }
  const fits =
    known !== null &&
    draft.values.length * known.values.length <= 16 &&
    facts.room(productOf(draft.values, known.values));
  const plain = fits && known.values.every((value) => quoted || /^[\w./@:+,%=~*?-]*$/.test(value));
  if (!plain) {
    hole(draft, 'variable', !quoted || name === '@');
    return;
  }
  draft.values = draft.values.flatMap((before) => known.values.map((value) => before + value));
  if (!known.globs) return;
  draft.kind = worse(draft.kind, 'glob');
  // A name with spaces in it becomes several words.
  if (!quoted) draft.splits = true;
}

/** How much longer it makes each of the one to put each of the other behind it. */
function productOf(before: readonly string[], behind: readonly string[]): number {
  const length = (texts: readonly string[]): number => texts.reduce((sum, text) => sum + text.length, 0);
  return length(behind) * before.length + (behind.length - 1) * length(before);
}

function append(draft: Draft, text: string): void {
  draft.values = draft.values.map((value) => value + text);
}

function hole(draft: Draft, kind: WordKind, splits: boolean): void {
  append(draft, HOLE);
  draft.kind = worse(draft.kind, kind);
  draft.splits ||= splits;
}

const worse = (one: WordKind, other: WordKind): WordKind => (RANK[one] >= RANK[other] ? one : other);

/** Scripts and words below a part whose own value does not matter. */
function insideOf(part: Node, facts: WordFacts, quoted = false): void {
  const index = part.type === 'ParameterExpansion' ? part.index : undefined;
  forEachChild(part, (child) => readInside(child, facts, quoted || child === index));
}

type Node = Parameters<typeof forEachChild>[0];

/** What Bash finds between quotes that are none: in a here-document and between double quotes they stand for themselves. */
const RUNS = /\$[({[]|`/;
/** Quotes are quotes in these, wherever they stand. */
const PATTERNS = new Set(['Remove', 'Replace', 'CaseModification']);

/**
 * Everything in a node that can run something: substitutions at any depth.
 * @param quoted it stands between double quotes, in a here-document, or is computed.
 */
export function readInside(node: Node, facts: WordFacts, quoted = false): void {
  if (node.type === 'SingleQuoted' || node.type === 'AnsiCQuoted') {
    if (quoted && (RUNS.test(node.text) || RUNS.test(node.value))) facts.unread(node.text);
    return;
  }
  if (node.type === 'Script') {
    facts.script(node, '');
    return;
  }
  if (node.type === 'ParameterExpansion') {
    if (node.operation?.type === 'Transform') facts.unread(node.text);
    facts.parameter(node);
  }
  if (node.type === 'ArithmeticExpansion') facts.compute(node.expression, node.text);
  if (node.type === 'CommandExpansion' || node.type === 'ProcessSubstitution') {
    facts.script(node.script, node.text, node.type === 'ProcessSubstitution' && node.operator === '>');
    return;
  }
  const inside = node.type === 'DoubleQuoted' || node.type === 'LocaleString' || node.type === 'Slice';
  insideOf(node, facts, (quoted && !PATTERNS.has(node.type)) || inside);
}

/** `~` and `~/…`; another user's home is some folder that is not ours. */
export function withHome(value: string, home: string | null): string {
  if (value === '~' || value.startsWith('~/')) return (home ?? HOLE) + value.slice(1);
  if (value.startsWith('~+') || value.startsWith('~-')) return HOLE + value.slice(2);
  return `/home/${value.slice(1)}`;
}
