// A line or an argv in, everything that would run out. The parser describes; what it doubts at any depth, and what we
// doubt beside it, stands in the listing. Pure, and linear in the length of the line.
import { type ParsedScript, parse } from 'unbash';
import { bareCount } from './folders.ts';
import {
  type Doubt,
  type DoubtKind,
  HOLE,
  type Input,
  type Listed,
  type ListedWord,
  type Listing,
  type ListOptions,
} from './listing.ts';
import { type Known, mayRunText, type Scope, type Walk } from './scope.ts';
import { type Inner, unwrap } from './unwrap.ts';
import { walkScript } from './walk.ts';
import { exactWord, type WordFacts } from './word.ts';

/** Longer lines are not read. A shell takes more, a person who decides does not. */
export const MAX_LINE = 131_072;
const MAX_COMMANDS = 500;
const MAX_DEPTH = 12;

const PLAIN = /^[\x20-\x7e\t\n]*$/;
// What draws nothing, turns the text round, or is a space and none. The selector that colours a pictograph fools nobody.
const HIDDEN =
  /(?![\t\n])(?!\u{FE0F})[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u{2800}]|(?! )\p{Zs}/u;

const BASHISM =
  /\{[^}\s]*(,|\.\.)[^}\s]*\}|\$['"[]|\[\[|\(\(|[<>]\(|&>|\|&|<<<|\b(function|select|coproc)\b|;;?&|[@!+*?]\(|\$\{[^}]*[/^,@![:]|\w\+?=\(/;

/** What a shell line would run. */
export function listLine(line: string, options: ListOptions): Listing {
  const walk = new LineWalk(line, options);
  doubtText(walk, line);
  if (line.length > MAX_LINE) walk.doubt('size', `${line.length} characters`);
  else if (isTooDeep(line)) walk.doubt('size', 'nested too deeply');
  else attempt(walk, () => walk.parsed(parse(line), topScope(line, options)));
  return finished(walk);
}

/** What a list of words would run, started without a shell. */
export function listWords(argv: readonly string[], options: ListOptions): Listing {
  const size = argv.reduce((sum, word) => sum + word.length + 1, 0);
  const walk = new LineWalk(size > MAX_LINE ? '' : argv.join(' '), options);
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
  return finished(walk);
}

/** The parser runs out of stack on some nests (`$(( $(` without end): what it did not read is said. */
function attempt(walk: Walk, read: () => void): void {
  try {
    read();
  } catch {
    walk.doubt('size', 'could not be read to its end');
  }
}

/** More brackets open at once than anybody writes, or more arithmetic than the parser reads in good time. */
function isTooDeep(text: string): boolean {
  if (!text.includes('(') && !text.includes('${')) return false;
  let depth = 0;
  let braces = 0;
  let arithmetic = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === OPEN) {
      depth += 1;
      if (text.charCodeAt(at - 1) === OPEN) arithmetic += 1;
      if (depth > 150 || arithmetic > 200) return true;
    } else if (code === CLOSE) {
      if (depth > 0) depth -= 1;
    } else if (code === OPEN_BRACE) {
      if (text.charCodeAt(at - 1) === DOLLAR) braces += 1;
      if (braces > 150) return true;
    } else if (code === CLOSE_BRACE && braces > 0) braces -= 1;
  }
  return false;
}

const OPEN = 40;
const CLOSE = 41;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const DOLLAR = 36;

function doubtText(walk: Walk, text: string): void {
  if (PLAIN.test(text)) return;
  const found = HIDDEN.exec(text)?.[0];
  if (found === undefined) return;
  walk.doubt('control', `U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`);
}

function topScope(source: string, options: ListOptions): Scope {
  return {
    via: [],
    place: 'here',
    input: { kind: 'inherited' },
    parent: null,
    depth: 0,
    folders: { list: [options.cwd] },
    variables: new Map(),
    sure: true,
    source,
  };
}

/** One walk over one line, with what it has found so far. */
class LineWalk implements Walk {
  readonly options: ListOptions;
  readonly commands: Listed[] = [];
  readonly doubts: Doubt[] = [];
  readonly functions = new Set<string>();
  readonly splitsElsewhere: boolean;
  isQuiet = false;
  #full = false;
  readonly #source: string;
  #changes: boolean | undefined;
  // One scope after another asks for every word of its own.
  #facts: ScopeFacts | undefined;

  constructor(source: string, options: ListOptions) {
    this.#source = source;
    const namesHome = options.home !== null && source.includes('HOME') && bareCount(source, 'HOME') > 0;
    this.options = namesHome ? { ...options, home: null } : options;
    this.splitsElsewhere = source.includes('IFS');
  }

  get changesFolder(): boolean {
    this.#changes ??= /\b(cd|pushd|popd|source)\b|(^|[\s;&|(])\.\s/.test(this.#source);
    return this.#changes;
  }

  doubt(kind: DoubtKind, about: string, command?: number): void {
    if (this.isQuiet || this.doubts.length >= 100) return;
    this.doubts.push({ kind, about: about.slice(0, 200), ...(command === undefined ? {} : { command }) });
  }

  push(listed: Listed): number {
    return this.commands.push(listed) - 1;
  }

  list(listed: Listed, scope: Scope): void {
    if (this.full()) return;
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
    if (name === 'PWD' && scope.folders.list?.length === 1 && bareCount(scope.source, 'PWD') === 0) {
      return { values: scope.folders.list, globs: false };
    }
    // Where words are split is then another question.
    if (this.#walk.splitsElsewhere) return null;
    return scope.variables?.get(name) ?? null;
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
      ...scope,
      folders: { list: scope.folders.list },
      variables: scope.variables === null ? null : new Map(scope.variables),
      sure: false,
      depth: scope.depth + 1,
      input: piped === true ? { kind: 'pipe', from: [] } : { kind: 'inherited' },
    });
    return first;
  }

  unread(text: string): void {
    this.#walk.doubt('unread', text);
  }
}

/** What a listed command leads to. */
function layer(walk: Walk, at: number, listed: Listed, scope: Scope): void {
  if (evaluates(listed.words)) walk.doubt('unread', listed.words.map((word) => word.text).join(' '), at);
  if (scope.depth > MAX_DEPTH) {
    walk.doubt('size', 'nested too deeply', at);
    return;
  }
  const { inner, doubts } = unwrap(listed.words);
  for (const doubt of doubts) walk.doubt(doubt.kind, doubt.about, at);
  for (const one of inner) enter(walk, at, listed, one, scope);
}

const EVALUATING = new Set(
  'let test [ printf read unset declare typeset export local readonly mapfile readarray wait getopts'.split(
    ' ',
  ),
);

/** Builtins that take the name of a variable run what stands in its subscript. */
function evaluates(words: readonly ListedWord[]): boolean {
  const [first] = words;
  return (
    first !== undefined &&
    EVALUATING.has(first.value) &&
    words.some((word) => /\[[^\]]*(\$\(|`)/.test(word.value))
  );
}

function enter(walk: Walk, at: number, listed: Listed, one: Inner, scope: Scope): void {
  const via = [...listed.via, one.via];
  const place = one.place ?? listed.place;
  // Elsewhere no folder of ours is where it runs.
  const folders = place === 'here' ? scope.folders : { list: null };
  const inside: Scope = {
    ...scope,
    via,
    place,
    parent: at,
    depth: scope.depth + 1,
    input: listed.input,
    folders,
    sure: false,
  };
  if (one.kind === 'words') {
    const chdir =
      /^env/.test(one.via) || one.via === 'sudo'
        ? { list: movedBy(listed.words) ? null : folders.list }
        : folders;
    const next: Listed = {
      words: one.words,
      assigns: one.assigns ?? [],
      redirects: [],
      ...walk.row({ ...inside, folders: chdir }),
    };
    if (one.words[0]?.kind !== 'exact') walk.doubt('name', one.words[0]?.text ?? '', walk.commands.length);
    walk.list(next, { ...inside, folders: chdir });
    return;
  }
  if (one.kind === 'script') {
    read(walk, at, one.text, inside, one.bash);
    return;
  }
  const text = textOf(listed.input);
  if (text !== null) read(walk, at, text, { ...inside, input: { kind: 'inherited' } }, one.bash);
  else if (listed.input.kind === 'pipe') walk.doubt('unread', `${via.join(' ')} ← |`, at);
  else if (listed.input.kind === 'file' && listed.input.word.kind !== 'exact')
    walk.doubt('unread', listed.input.word.text, at);
}

const movedBy = (words: readonly ListedWord[]): boolean =>
  words.some((word) => /^(-C|-D|--ch|--cwd|--working)/.test(word.value));

function textOf(input: Input): ListedWord | null {
  if (input.kind === 'text') {
    return { text: input.text.slice(0, 200), value: input.text, kind: input.exact ? 'exact' : 'variable' };
  }
  return input.kind === 'pipe' && input.text !== undefined ? exactWord(input.text) : null;
}

/** A text that is run as a script. Where it has holes it is read all the same, for what can be seen. */
function read(walk: Walk, at: number, text: ListedWord, scope: Scope, bash: boolean): void {
  const texts = text.among ?? [text.value];
  if (text.kind !== 'exact' && text.kind !== 'among') walk.doubt('unread', text.text, at);
  for (const each of texts) {
    const source = each.replaceAll(HOLE, '$_');
    if (source.length > MAX_LINE) {
      walk.doubt('size', `${source.length} characters`, at);
      continue;
    }
    if (!bash && mayRunText(source)) walk.doubt('dialect', source, at);
    // A `sh` that is not Bash leaves braces, `$'…'` and the like as they stand.
    if (/^(sh|dash|ash)\b/.test(scope.via.at(-1) ?? '') && BASHISM.test(source))
      walk.doubt('dialect', source, at);
    doubtText(walk, source);
    if (isTooDeep(source)) {
      walk.doubt('size', 'nested too deeply', at);
      continue;
    }
    const script: ParsedScript = parse(source);
    const folders = scope.place === 'here' ? { list: scope.folders.list } : { list: null };
    const later = walk.changesFolder || scope.place !== 'here' ? folders : scope.folders;
    walk.parsed(script, { ...scope, source, variables: new Map(), folders: later });
  }
}

/** Calls of functions of the line are marked when all of them are known. */
function finished(walk: Walk): Listing {
  const { commands, doubts, functions } = walk;
  if (functions.size === 0) return { commands, doubts };
  return {
    commands: commands.map((listed) => {
      const name = listed.words[0]?.value ?? '';
      return functions.has(name) ? { ...listed, calls: name } : listed;
    }),
    doubts,
  };
}
