// Which variables the shell's own commands set, and which of their words the shell evaluates: a subscript in a name, the
// value of an integer, a list in quotes. What only the run knows is said as such.
import { HOLE, type ListedWord } from './listing.ts';
import { mayBeOption, type OptionTable, optionTable, part, readOptions } from './options.ts';
import { isNumber } from './variables.ts';
import { exactWord } from './word.ts';

export interface SetName {
  /** Null: which one only the run knows. */
  readonly name: string | null;
  /** Null: nothing is set by it, as for `export x`. */
  readonly value: ListedWord | null;
  readonly isNumeric: boolean;
  /** As a list, which a map is not. */
  readonly isArray?: boolean;
  /** It is no map any more. */
  readonly isGone?: boolean;
}

export interface Setting {
  readonly sets: readonly SetName[];
  /** Texts that are computed. */
  readonly computed: readonly ListedWord[];
  /** `name=(…)` in quotes, read as a script. */
  readonly lists: readonly ListedWord[];
  /** A list if the name is an array. */
  readonly perhaps: readonly { readonly name: string; readonly text: string }[];
  /** Whatever is set to these is computed. */
  readonly integers: readonly string[];
  /** Words of which only the run knows what the shell would make of them. */
  readonly doubts: readonly string[];
  /** A name that stands for another, or one that refuses to be set again. */
  readonly attribute: 'reference' | 'readonly' | null;
  /** A name that certainly holds a number afterwards. */
  readonly holds: string | null;
  /** Names that are maps afterwards: a subscript of theirs is a text and no sum. */
  readonly maps: readonly string[];
}

const NOTHING: Setting = {
  sets: [],
  computed: [],
  lists: [],
  perhaps: [],
  integers: [],
  doubts: [],
  attribute: null,
  holds: null,
  maps: [],
};
const UNKNOWN: ListedWord = { text: '…', value: HOLE, kind: 'input' };
const NAME = /^([A-Za-z_][A-Za-z0-9_]*)(?:\[(.*)\])?(?:(\+?)=(.*))?$/s;

type Draft = {
  -readonly [Key in keyof Setting]: Setting[Key] extends readonly (infer One)[] ? One[] : Setting[Key];
};
const draft = (): Draft => ({
  sets: [],
  computed: [],
  lists: [],
  perhaps: [],
  integers: [],
  doubts: [],
  attribute: null,
  holds: null,
  maps: [],
});

/** What a command of the shell sets and evaluates; nothing for any other. */
export function settingOf(words: readonly ListedWord[]): Setting {
  const [first] = words;
  if (first === undefined || first.kind !== 'exact') return NOTHING;
  return COMMANDS.get(first.value)?.(words) ?? NOTHING;
}

/** A name, perhaps with a subscript, that is set to something that nobody knows yet. */
function target(
  word: ListedWord | null | undefined,
  to: Draft,
  value: ListedWord | null,
  isArray = false,
): void {
  if (word === null || word === undefined) return;
  const texts = word.among ?? [word.value];
  for (const text of texts) {
    const match = NAME.exec(text);
    if (word.kind !== 'exact' && word.among === undefined)
      to.sets.push({ name: null, value, isNumeric: false });
    else if (match?.[1] !== undefined)
      to.sets.push({ name: match[1], value, isNumeric: value === null, ...(isArray ? { isArray } : {}) });
    // What stands before a bracket may be known, and what stands in it not.
    const open = text.indexOf('[');
    if (open !== -1) {
      const subscript = part(word, open + 1);
      to.computed.push({ ...subscript, value: subscript.value.replace(/\].*$/s, '') });
    } else if (word.kind !== 'exact' && word.numeric !== true && text.includes(HOLE))
      to.doubts.push(word.text);
  }
}

const reading =
  (table: OptionTable, naming: readonly string[], fallback: string, isArray: boolean) =>
  (words: readonly ListedWord[]): Setting => {
    const given = readOptions(words, table, { stop: true });
    const to = draft();
    const named = given.options.filter(({ name }) => naming.includes(name));
    for (const { value } of named) target(value, to, UNKNOWN, true);
    for (const word of given.operands) target(word, to, UNKNOWN, isArray);
    for (const { kind, name } of given.options) if (kind === 'unknown') to.doubts.push(name);
    if (named.length + given.operands.length === 0) target(exactWord(fallback), to, UNKNOWN, isArray);
    return to;
  };

const option =
  (table: OptionTable, naming: string) =>
  (words: readonly ListedWord[]): Setting => {
    const given = readOptions(words, table, { stop: true });
    const to = draft();
    for (const one of given.options) if (one.name === naming) target(one.value, to, UNKNOWN);
    // A word that may turn out to be `-v` or `-p` makes a name of the next.
    const [loose] = given.loose;
    const next = given.operands[1];
    if (loose === undefined || loose.numeric === true || (loose.splits !== true && next === undefined))
      return to;
    if (loose.splits === true || next?.kind !== 'exact') to.doubts.push(loose.text);
    else target(next, to, UNKNOWN);
    return to;
  };

function getopts(words: readonly ListedWord[]): Setting {
  const to = draft();
  const operands = words.slice(1).filter(({ value }) => value !== '--');
  target(operands[1], to, UNKNOWN);
  to.sets.push({ name: 'OPTARG', value: UNKNOWN, isNumeric: false });
  return to;
}

function unset(words: readonly ListedWord[]): Setting {
  const to = draft();
  const operands = words.slice(1).filter(({ value }) => !value.startsWith('-'));
  if (words.some(({ value }) => /^-[nv]*f/.test(value))) return NOTHING;
  for (const word of operands) target(word, to, null);
  return { ...to, sets: to.sets.map((one) => ({ ...one, isGone: true })) };
}

function compute(words: readonly ListedWord[]): Setting {
  return { ...NOTHING, computed: words.slice(1).filter(({ value }) => value !== '--') };
}

const COMPARES = /^(=|==|!=|<|>|-eq|-ne|-lt|-le|-gt|-ge|-nt|-ot|-ef|-a|-o|\]|\)|\()$/;

/** `-v` evaluates the subscript of its operand, and a word without quotes may bring a `-v` of its own. */
function test(words: readonly ListedWord[]): Setting {
  const to = draft();
  const known = ({ kind, among, numeric }: ListedWord): boolean =>
    kind === 'exact' || numeric === true || (kind === 'among' && among !== undefined);
  for (const [at, word] of words.entries()) {
    if (at === 0) continue;
    const before = words[at - 1];
    const isQuoted = word.splits !== true && !(word.kind === 'glob' && !word.text.startsWith('"'));
    const mayName =
      before !== undefined &&
      at > 1 &&
      (before.value === '-v' || before.value === '-R' || !known(before)) &&
      !(known(word) && COMPARES.test(word.value));
    if (!known(word) && (!isQuoted || mayName)) to.doubts.push(word.text);
    else if (mayName && word.value.includes('[')) target(word, to, null);
  }
  return { ...NOTHING, computed: to.computed, doubts: to.doubts };
}

/** Letters of options that leave an assignment an assignment. */
const PLAIN_FLAGS: Readonly<Record<string, RegExp>> = {
  declare: /^[lrtuxgi]*$/,
  typeset: /^[lrtuxgi]*$/,
  local: /^[lrtuxi]*$/,
  export: /^$/,
  readonly: /^$/,
};

/** `export`, `declare`, `typeset`, `local`, `readonly`. */
function declare(words: readonly ListedWord[]): Setting {
  const to = draft();
  const [first = exactWord('')] = words;
  let at = 1;
  let flags = '';
  for (; at < words.length; at += 1) {
    const value = words[at]?.value ?? '';
    if (!/^[-+]./.test(value)) break;
    if (value === '--') {
      at += 1;
      break;
    }
    flags += value.slice(1);
  }
  const operands = words.slice(at);
  const isReference = flags.includes('n') && first.value !== 'export';
  if (isReference) to.attribute = 'reference';
  else if (flags.includes('r') || first.value === 'readonly') to.attribute = 'readonly';
  if (flags.includes(HOLE)) to.sets.push({ name: null, value: null, isNumeric: false });
  if (/[fF]/.test(flags)) return to;
  const all = first.value === 'readonly' ? `${flags}r` : flags;
  for (const word of operands) operand(word, all, to);
  const [only] = to.sets;
  const [word, ...more] = operands;
  const isHeld =
    only?.name != null &&
    only.isNumeric &&
    only.value !== null &&
    more.length === 0 &&
    !/\$\(\(|\$\[|\[/.test(word?.text ?? '');
  if (isHeld && PLAIN_FLAGS[first.value]?.test(flags) === true) to.holds = only.name;
  return to;
}

function operand(word: ListedWord, flags: string, to: Draft): void {
  const equals = word.value.indexOf('=');
  const written = equals === -1 ? word.value : word.value.slice(0, equals);
  const [, name, subscript, append] = NAME.exec(word.value) ?? [];
  const value =
    equals === -1 ? null : part(word, word.value.indexOf('=', name === undefined ? 0 : name.length) + 1);
  if (
    name === undefined ||
    (equals === -1 && word.kind !== 'exact' && word.among === undefined) ||
    written.includes(HOLE)
  ) {
    // `-x` behind a name is no option.
    if (word.kind !== 'exact' || written.includes(HOLE)) {
      to.sets.push({ name: null, value, isNumeric: false });
      to.doubts.push(word.text);
    }
    return;
  }
  const isList = /^[^'"]*=\(/.test(word.text);
  const isNumeric = value === null ? !flags.includes('r') : isNumber(value) && append === '' && !isList;
  const isArray = flags.includes('a') || ((subscript !== undefined || isList) && !flags.includes('A'));
  to.sets.push({ name, value, isNumeric, ...(isArray ? { isArray } : {}) });
  if (subscript !== undefined)
    to.computed.push(
      subscript.includes(HOLE)
        ? {
            text: subscript,
            value: subscript,
            kind: word.kind,
            ...(word.numeric === true ? { numeric: true } : {}),
          }
        : exactWord(subscript),
    );
  if (flags.includes('A')) to.maps.push(name);
  if (flags.includes('i')) {
    to.integers.push(name);
    if (value !== null) to.computed.push(value);
  }
  if (flags.includes('n')) {
    const [, named = null, inside] = NAME.exec(value?.value ?? '') ?? [];
    to.sets.push({ name: value?.kind === 'exact' ? named : null, value: UNKNOWN, isNumeric: false });
    if (inside !== undefined) to.computed.push(exactWord(inside));
  }
  if (value === null || isList) return;
  if (value.value.startsWith('(')) to.lists.push({ ...value, value: `${name}=${value.value}` });
  else if (value.value.startsWith(HOLE) && value.numeric !== true) {
    if (/[aA]/.test(flags)) to.doubts.push(word.text);
    else to.perhaps.push({ name, text: word.text });
  }
}

/** `%n` sets what its argument names; `%%` is no beginning of one. */
const COUNTS = /%[^a-zA-Z%]*[hlLjtzq]*n/;

/** `printf '12345%n' PATH`: how much was printed becomes the value. A format that only the run knows may do the same. */
function print(words: readonly ListedWord[]): Setting {
  const found = option(PRINTF, '-v')(words);
  const [format, ...rest] = readOptions(words, PRINTF, { stop: true }).operands;
  if (format === undefined || rest.length === 0) return found;
  // `-vPATH` may be all of it.
  if (mayBeOption(format)) return { ...found, doubts: [...found.doubts, format.text] };
  const isKnown = format.kind === 'exact' || format.kind === 'number';
  if (isKnown && !COUNTS.test(format.value.replaceAll('%%', ''))) return found;
  const to = draft();
  for (const word of rest) target(word, to, UNKNOWN);
  return {
    ...found,
    sets: [...found.sets, ...to.sets],
    computed: [...found.computed, ...to.computed],
    doubts: [...found.doubts, ...to.doubts],
  };
}

/** `-pPATH` may be all of a word. */
function waits(words: readonly ListedWord[]): Setting {
  const found = option(WAIT, '-p')(words);
  const { loose } = readOptions(words, WAIT, { stop: true });
  const names = loose.filter(({ numeric }) => numeric !== true).map(({ text }) => text);
  return { ...found, doubts: [...new Set([...found.doubts, ...names])] };
}

const READ = optionTable('-e -r -s -E -a: -d: -i: -n: -N: -p: -t: -u:');
const MAPFILE = optionTable('-t -d: -n: -O: -s: -u: -C: -c:');
const PRINTF = optionTable('-v:');
const WAIT = optionTable('-f -n -p:');
const readArray = reading(MAPFILE, [], 'MAPFILE', true);

const COMMANDS: ReadonlyMap<string, (words: readonly ListedWord[]) => Setting> = new Map([
  ['read', reading(READ, ['-a'], 'REPLY', false)],
  ['mapfile', readArray],
  ['readarray', readArray],
  ['printf', print],
  ['wait', waits],
  ['getopts', getopts],
  ['unset', unset],
  ['let', compute],
  ['test', test],
  ['[', test],
  ['export', declare],
  ['declare', declare],
  ['typeset', declare],
  ['local', declare],
  ['readonly', declare],
]);
