// What a listed command leads to: what it sets, what it names otherwise, what it wraps, and texts that it runs.
import { type ParsedScript, parse } from 'unbash';
import { computeWord } from './arithmetic.ts';
import { doubtText, isTooDeep, MAX_DEPTH, MAX_LINE } from './limits.ts';
import { HOLE, type Input, type Listed, type ListedWord } from './listing.ts';
import { anyFolder, branch, mayRunText, type Scope, type Walk } from './scope.ts';
import { settingOf } from './setting.ts';
import { type Inner, unwrap } from './unwrap.ts';
import { definitions } from './unwrap-shell.ts';
import { mapKey } from './variables.ts';
import { exactWord } from './word.ts';

const BASHISM =
  /\{[^}\s]*(,|\.\.)[^}\s]*\}|\$['"[]|\[\[|\(\(|[<>]\(|&>|\|&|<<<|\b(function|select|coproc)\b|;;?&|[@!+*?]\(|\$\{[^}]*[/^,@![:]|\w\+?=\(/;

/** What a listed command leads to. */
export function layer(walk: Walk, at: number, listed: Listed, scope: Scope): void {
  if (evaluates(listed.words)) walk.doubt('unread', listed.words.map((word) => word.text).join(' '), at);
  if (scope.depth > MAX_DEPTH) {
    walk.doubt('size', 'nested too deeply', at);
    return;
  }
  sets(walk, at, listed, scope);
  renamed(walk, at, listed, scope);
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
    first !== undefined && EVALUATING.has(first.value) && words.some((word) => runsInSubscript(word.value))
  );
}

/** What a name that the line gave another meaning stands for, with the words behind it. */
function renamed(walk: Walk, at: number, { words: [name, ...rest], via }: Listed, scope: Scope): void {
  if (name === undefined) return;
  for (const [alias, text] of definitions([name, ...rest])) walk.aliases.set(alias, text);
  const text = walk.aliases.get(name.value);
  const called = `alias ${name.value}`;
  if (text === undefined || via.includes(called)) return;
  walk.doubt('shadow', name.text, at);
  const quoted = rest.map(({ kind, value }) =>
    kind === 'exact' ? `'${value.replaceAll("'", "'\\''")}'` : '"$_"',
  );
  const inside: Scope = { ...branch(scope), via: [...via, called], parent: at, depth: scope.depth + 1 };
  read(walk, at, { ...text, value: [text.value, ...quoted].join(' ') }, inside, true);
}

/** The variables that a command of the shell sets, and what it computes meanwhile. */
function sets(walk: Walk, at: number, listed: Listed, scope: Scope): void {
  const setting = settingOf(listed.words);
  const { variables } = walk;
  for (const { name, isNumeric, isArray, isGone } of setting.sets) {
    variables.set(name, isNumeric);
    if (name !== null && isArray === true) variables.array(name);
    if (name !== null && isGone === true) variables.noMap(name);
  }
  // What stands for another name sets that.
  if (setting.attribute === 'reference') variables.set(null, false);
  if (setting.attribute === 'readonly') variables.readonly();
  for (const name of setting.integers) variables.integer(name);
  for (const { name, text } of setting.perhaps) variables.compound(name, text);
  for (const text of setting.doubts) walk.doubt('value', text, at);
  const inside: Scope = { ...scope, parent: at, depth: scope.depth + 1 };
  const first = listed.words.length === 2 && listed.words[0]?.value === 'let';
  for (const word of setting.computed) {
    for (const text of computeWord(walk, scope, word, first))
      read(walk, at, exactWord(`((${text}))`), branch(inside), true);
  }
  for (const list of setting.lists) read(walk, at, list, branch(inside), true);
  const { holds } = setting;
  if (holds !== null && variables.mayHoldNumber(holds) && (listed.words[0]?.value !== 'local' || scope.later))
    scope.numbers.add(holds);
  for (const name of setting.maps) {
    variables.map(name);
    scope.numbers.add(mapKey(name));
  }
}

/** A bracket that is open where something is run. */
function runsInSubscript(text: string): boolean {
  if (!mayRunText(text)) return false;
  let open = false;
  for (const [bit] of text.matchAll(/\[|\]|\$\(|`/g)) {
    if (bit === '[' || bit === ']') open = bit === '[';
    else if (open) return true;
  }
  return false;
}

function enter(walk: Walk, at: number, listed: Listed, one: Inner, scope: Scope): void {
  const via = [...listed.via, one.via];
  const place = one.place ?? listed.place;
  // Elsewhere no folder of ours is where it runs, and a trap waits until the line is somewhere else.
  const waits = one.via === 'trap' && walk.changesFolder;
  const folders = place === 'here' && !waits ? scope.folders : anyFolder();
  const inside: Scope = {
    ...branch(scope),
    via,
    place,
    parent: at,
    depth: scope.depth + 1,
    input: listed.input,
    folders,
  };
  if (one.kind === 'words') {
    const chdir =
      (/^env/.test(one.via) || one.via === 'sudo') && movedBy(listed.words) ? anyFolder() : folders;
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
    if (!walk.room(source.length)) return;
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
    const folders = scope.place === 'here' ? { ...scope.folders } : anyFolder();
    const later = walk.changesFolder || scope.place !== 'here' ? folders : scope.folders;
    walk.parsed(script, { ...scope, source, variables: new Map(), numbers: new Set(), folders: later });
  }
}
