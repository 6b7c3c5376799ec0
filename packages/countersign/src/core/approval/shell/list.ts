// A line or an argv in, everything that would run out. The parser describes; what it doubts at any depth, and what we
// doubt beside it, stands in the listing. Pure, and linear in the length of the line.
import { type ArithmeticExpression, type ParameterExpansionPart, type ParsedScript, parse } from 'unbash';
import { computeExpression, computeParameter } from './arithmetic.ts';
import { bareCount } from './folders.ts';
import { layer } from './layers.ts';
import { doubtText, isTooDeep, MAX_DEPTH, MAX_LINE, MAX_MADE } from './limits.ts';
import type { Doubt, DoubtKind, Listed, ListedWord, Listing, ListOptions } from './listing.ts';
import { branch, type Known, type Scope, type Walk } from './scope.ts';
import { Variables } from './variables.ts';
import { walkScript } from './walk.ts';
import { exactWord, type WordFacts } from './word.ts';

const MAX_COMMANDS = 500;
/** Of each kind: many light ones must not leave out a heavy one. */
const MAX_DOUBTS = 100;

/** What a shell line would run. */
export function listLine(line: string, options: ListOptions): Listing {
  return settled((variables, moves) => {
    const walk = new LineWalk(line, options, variables, moves);
    doubtText(walk, line);
    if (line.length > MAX_LINE) walk.doubt('size', `${line.length} characters`);
    else if (isTooDeep(line)) walk.doubt('size', 'nested too deeply');
    else attempt(walk, () => walk.parsed(parse(line), topScope(line, options)));
    return walk;
  });
}

const MOST_READINGS = 4;

/** Reads again without what was taken for known too early; at last without anything. */
function settled(read: (variables: Variables, moves: boolean) => LineWalk): Listing {
  let banned: ReadonlySet<string> | null = new Set();
  let moves = false;
  for (let reading = 1; ; reading += 1) {
    let walk = read(new Variables(banned), moves);
    if (walk.mayMove && !walk.changesFolder) {
      // `c\d ..` behind the place where it matters.
      moves = true;
      walk = read(new Variables(banned), moves);
    }
    const broken = walk.variables.broken();
    if (broken?.size === 0 || banned === null) return finished(walk);
    banned = broken === null || reading === MOST_READINGS ? null : new Set([...banned, ...broken]);
  }
}

/** What a list of words would run, started without a shell. */
export function listWords(argv: readonly string[], options: ListOptions): Listing {
  return settled((variables, moves) => words(argv, options, variables, moves));
}

function words(
  argv: readonly string[],
  options: ListOptions,
  variables: Variables,
  moves: boolean,
): LineWalk {
  const size = argv.reduce((sum, word) => sum + word.length + 1, 0);
  const walk = new LineWalk(size > MAX_LINE ? '' : argv.join(' '), options, variables, moves);
  for (const word of argv) doubtText(walk, word);
  if (size > MAX_LINE) walk.doubt('size', `${size} characters`);
  const scope = topScope('', options);
  const listed: Listed = {
    words: argv.slice(0, 65_536).map(exactWord),
    assigns: [],
    redirects: [],
    ...walk.row(scope),
  };
  if (size > MAX_LINE) walk.push(listed);
  else attempt(walk, () => walk.list(listed, scope));
  return walk;
}

/** The parser runs out of stack on some nests (`$(( $(` without end): what it did not read is said. */
function attempt(walk: Walk, read: () => void): void {
  try {
    read();
  } catch {
    walk.doubt('size', 'could not be read to its end');
  }
}

function topScope(source: string, options: ListOptions): Scope {
  return {
    via: [],
    place: 'here',
    input: { kind: 'inherited' },
    parent: null,
    depth: 0,
    folders: { list: [options.cwd], entered: null },
    variables: new Map(),
    numbers: new Set(),
    sure: true,
    later: false,
    source,
  };
}

/** One walk over one line, with what it has found so far. */
class LineWalk implements Walk {
  readonly options: ListOptions;
  readonly commands: Listed[] = [];
  readonly doubts: Doubt[] = [];
  readonly functions = new Set<string>();
  readonly aliases = new Map<string, ListedWord>();
  readonly variables: Variables;
  readonly splitsElsewhere: boolean;
  readonly total = new WeakSet<ArithmeticExpression>();
  isQuiet = false;
  #full = false;
  #made = 0;
  #doubted = new Map<DoubtKind, number>();
  readonly #source: string;
  readonly jumps: boolean;
  mayMove = false;
  #changes: boolean | undefined;
  // One scope after another asks for every word of its own.
  #facts: ScopeFacts | undefined;

  constructor(source: string, options: ListOptions, variables: Variables, moves: boolean) {
    this.#source = source;
    this.#changes = moves ? true : undefined;
    this.jumps = source.includes('CDPATH');
    this.variables = variables;
    const namesHome =
      options.home !== null &&
      (variables.isBanned('HOME') || (source.includes('HOME') && bareCount(source, 'HOME') > 0));
    if (options.home !== null && !namesHome) variables.assume('HOME', 0);
    this.options = namesHome ? { ...options, home: null } : options;
    this.splitsElsewhere = source.includes('IFS');
  }

  moved(): void {
    this.mayMove = true;
  }

  get changesFolder(): boolean {
    this.#changes ??= /\b(cd|pushd|popd|source)\b/.test(this.#source);
    return this.#changes;
  }

  doubt(kind: DoubtKind, about: string, command?: number): void {
    if (this.isQuiet) return;
    const times = this.#doubted.get(kind) ?? 0;
    this.#doubted.set(kind, times + 1);
    if (times >= MAX_DOUBTS) return;
    this.doubts.push({ kind, about: about.slice(0, 200), ...(command === undefined ? {} : { command }) });
  }

  push(listed: Listed): number {
    return this.commands.push(listed) - 1;
  }

  list(listed: Listed, scope: Scope): void {
    if (this.full() || !this.room(listed.parent === null ? 0 : sizeOf(listed))) return;
    const at = this.push(listed);
    layer(this, at, listed, scope);
  }

  row(scope: Scope): ReturnType<Walk['row']> {
    const { via, place, input, folders, parent } = scope;
    return { via, place, input, folders: folders.list, parent };
  }

  facts(scope: Scope): WordFacts {
    if (this.#facts?.scope !== scope) this.#facts = new ScopeFacts(this, scope);
    return this.#facts;
  }

  quietly<T>(read: () => T): T {
    const before = this.isQuiet;
    this.isQuiet = true;
    try {
      return read();
    } finally {
      this.isQuiet = before;
    }
  }

  compute(expression: ArithmeticExpression, scope: Scope, first: boolean): void {
    if (computeExpression(this, scope, expression, first)) this.total.add(expression);
  }

  room(amount: number): boolean {
    const before = this.#made;
    this.#made += amount;
    if (this.#made <= MAX_MADE) return true;
    if (before <= MAX_MADE) this.doubts.push({ kind: 'size', about: 'becomes more than can be read' });
    return false;
  }

  full(): boolean {
    if (this.commands.length < MAX_COMMANDS) return false;
    if (!this.#full) this.doubt('size', `more than ${MAX_COMMANDS} commands`);
    this.#full = true;
    return true;
  }

  parsed(script: ParsedScript, scope: Scope): void {
    if (scope.depth > MAX_DEPTH) this.doubt('size', 'nested too deeply');
    else walkScript(this, script, scope);
  }
}

/** Words that came out of others, and all that they may be. */
function sizeOf({ words }: Listed): number {
  let size = words.length;
  for (const { among } of words) for (const one of among ?? []) size += one.length;
  return size;
}

class ScopeFacts implements WordFacts {
  readonly home: string | null;
  readonly scope: Scope;
  readonly #walk: LineWalk;

  constructor(walk: LineWalk, scope: Scope) {
    this.#walk = walk;
    this.scope = scope;
    this.home = walk.options.home;
  }

  variable(name: string): Known | null {
    const { scope } = this;
    if (name === 'HOME' && this.home !== null) return { values: [this.home], globs: false };
    const { variables } = this.#walk;
    if (variables.isBanned(name)) return null;
    if (name === 'PWD' && scope.folders.list?.length === 1 && bareCount(scope.source, 'PWD') === 0) {
      variables.assume('PWD', 0);
      return { values: scope.folders.list, globs: false };
    }
    // Where words are split is then another question.
    if (this.#walk.splitsElsewhere) return null;
    const known = scope.variables?.get(name) ?? null;
    if (known !== null) variables.assume(name, 1);
    return known;
  }

  number(name: string): boolean {
    return !this.#walk.splitsElsewhere && this.#walk.variables.isNumber(name, this.scope.numbers);
  }

  list(name: string): boolean {
    return !this.#walk.splitsElsewhere && this.#walk.variables.isList(name);
  }

  compute(expression: ArithmeticExpression | undefined, text: string): void {
    if (expression !== undefined) this.#walk.compute(expression, this.scope, false);
    else if (/[^\s$()[\]]/.test(text)) this.#walk.doubt('construct', text);
  }

  parameter(part: ParameterExpansionPart): void {
    computeParameter(this.#walk, this.scope, part);
  }

  script(script: ParsedScript | undefined, source: string, piped?: boolean): number {
    const { scope } = this;
    const walk = this.#walk;
    const first = walk.commands.length;
    if (walk.isQuiet) return first;
    if (script === undefined) {
      walk.doubt('construct', source);
      return first;
    }
    // A shell of its own: what it changes, it changes for itself.
    walk.parsed(script, {
      ...branch(scope),
      folders: { ...scope.folders },
      variables: scope.variables === null ? null : new Map(scope.variables),
      depth: scope.depth + 1,
      input: piped === true ? { kind: 'pipe', from: [] } : { kind: 'inherited' },
    });
    return first;
  }

  room(amount: number): boolean {
    return this.#walk.room(amount);
  }

  unread(text: string): void {
    this.#walk.doubt('unread', text);
  }
}

/** Calls of functions of the line are marked when all of them are known. */
function finished(walk: Walk): Listing {
  const { commands, functions, variables } = walk;
  for (const text of variables.evaluated()) walk.doubt('value', text);
  const doubts = [...walk.doubts];
  const sets = [...variables.sets.values()];
  if (functions.size === 0) return { commands, doubts, ...(sets.length > 0 ? { sets } : {}) };
  return {
    ...(sets.length > 0 ? { sets } : {}),
    commands: commands.map((listed) => {
      const name = listed.words[0]?.value ?? '';
      return functions.has(name) ? { ...listed, calls: name } : listed;
    }),
    doubts,
  };
}
