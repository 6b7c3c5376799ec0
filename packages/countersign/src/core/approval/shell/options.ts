// Options of a command as its row in a table describes them. GNU programs accept a unique beginning of a long option, so
// a beginning counts as the option it begins (CVE-2026-28363); an option that the row does not name is reported as such.
import { HOLE, isSplitAgain, type ListedWord } from './listing.ts';

/**
 * What a row says of an option. `flag` stands alone; `value` takes harmless text; `attached` takes text only after `=`;
 * `reads`, `writes` take a path; `script` takes text that is run by a shell, `code` text or a program run otherwise.
 */
export type OptionKind = 'flag' | 'value' | 'attached' | 'reads' | 'writes' | 'script' | 'code';

export interface OptionTable {
  /** Any option is harmless; its value may still be a path. */
  readonly any: boolean;
  readonly named: ReadonlyMap<string, OptionKind>;
  /** Long names, for beginnings. */
  readonly long: readonly string[];
}

export interface GivenOption {
  /** As the table writes it: `-f`, `--force`; as given when the table does not have it. */
  readonly name: string;
  readonly kind: OptionKind | 'unknown';
  readonly value: ListedWord | null;
  readonly at: number;
}

export interface Given {
  readonly options: readonly GivenOption[];
  readonly operands: readonly ListedWord[];
  /** Index in the words of each operand. */
  readonly places: readonly number[];
  /** Words that may turn out to be options when it runs. */
  readonly loose: readonly ListedWord[];
}

const MARKS: Record<string, OptionKind> = {
  ':': 'value',
  '?': 'attached',
  '<': 'reads',
  '>': 'writes',
  '!': 'script',
  '^': 'code',
};

/** `-a -n: --output> *`: a mark after the name says what follows it. `*` alone: any option. */
export function optionTable(text: string): OptionTable {
  const named = new Map<string, OptionKind>();
  let any = false;
  for (const item of text.split(' ')) {
    if (item === '') continue;
    if (item === '*') {
      any = true;
      continue;
    }
    const kind = MARKS[item.slice(-1)];
    named.set(kind === undefined ? item : item.slice(0, -1), kind ?? 'flag');
  }
  return { any, named, long: [...named.keys()].filter((name) => name.startsWith('--')) };
}

/**
 * Reads `words` from the second on. `stop`: options end at the first operand, as for a wrapper. `single`: long names
 * with one dash (`find`, `java`), and no clusters.
 */
export function readOptions(
  words: readonly ListedWord[],
  table: OptionTable,
  how: { readonly stop?: boolean; readonly from?: number } = {},
): Given {
  const options: GivenOption[] = [];
  const operands: ListedWord[] = [];
  const places: number[] = [];
  const loose: ListedWord[] = [];
  let at = how.from ?? 1;
  let ended = false;
  const operand = (word: ListedWord): void => {
    operands.push(word);
    places.push(at);
  };
  for (; at < words.length; at += 1) {
    const word = words[at];
    if (word === undefined) break;
    const { value } = word;
    if (ended || !value.startsWith('-') || value === '-') {
      if (!ended && mayBeOption(word)) loose.push(word);
      operand(word);
      if (how.stop === true) ended = true;
      continue;
    }
    if (value === '--') {
      ended = true;
      if (how.stop === true) {
        at += 1;
        for (; at < words.length; at += 1) {
          const rest = words[at];
          if (rest !== undefined) operand(rest);
        }
      }
      continue;
    }
    at = readOne(words, at, word, table, options);
  }
  return { options, operands, places, loose };
}

/** One word of options; answers the index of the last word it used. */
function readOne(
  words: readonly ListedWord[],
  at: number,
  word: ListedWord,
  table: OptionTable,
  options: GivenOption[],
): number {
  const { value } = word;
  const equals = value.indexOf('=');
  const whole = equals === -1 ? value : value.slice(0, equals);
  const after = equals === -1 ? null : part(word, equals + 1);
  const names = namesFor(whole, table);
  if (names.length > 0) {
    // Of several that it may be the beginning of, all are taken as given.
    let last = at;
    for (const name of names) {
      const kind = table.named.get(name) ?? 'flag';
      const takes = kind !== 'flag' && kind !== 'attached';
      if (takes && after === null) {
        options.push({ name, kind, value: words[at + 1] ?? null, at });
        last = at + 1;
      } else options.push({ name, kind, value: after, at });
    }
    return last;
  }
  if (whole.startsWith('--') || value.includes(HOLE)) {
    options.push({ name: whole, kind: table.any ? 'attached' : 'unknown', value: after, at });
    return at;
  }
  for (let letter = 1; letter < value.length; letter += 1) {
    const name = `-${value[letter]}`;
    const kind = table.named.get(name) ?? (/\d/.test(name) ? table.named.get('-#') : undefined);
    const rest = letter + 1 < value.length ? part(word, letter + 1) : null;
    if (kind === undefined) {
      options.push({ name, kind: table.any ? 'attached' : 'unknown', value: rest, at });
      if (!table.any) return at;
      continue;
    }
    if (kind === 'flag') {
      options.push({ name, kind, value: null, at });
      continue;
    }
    if (kind === 'attached' || rest !== null) {
      options.push({ name, kind, value: rest, at });
      return at;
    }
    options.push({ name, kind, value: words[at + 1] ?? null, at });
    return at + 1;
  }
  return at;
}

function namesFor(whole: string, table: OptionTable): readonly string[] {
  if (table.named.has(whole)) return [whole];
  if (!whole.startsWith('--') || whole.length < 3) return [];
  return table.long.filter((name) => name.startsWith(whole));
}

/** True for a word that is only known when it runs and may then begin with a dash. */
export function mayBeOption(word: ListedWord): boolean {
  if (word.kind === 'exact' || word.kind === 'number' || word.kind === 'pipe') return false;
  if (isSplitAgain(word)) return true;
  if (word.among !== undefined) return word.among.some((value) => /^[-*?[]/.test(value));
  if (word.kind === 'found') return word.value.startsWith(HOLE);
  return (
    word.value.startsWith(HOLE) ||
    (word.kind === 'glob' && /^[*?[]/.test(word.value)) ||
    (word.splits === true && word.kind !== 'glob')
  );
}

/** The rest of a word from `from` on. */
export function part(word: ListedWord, from: number): ListedWord {
  const value = word.value.slice(from);
  return word.kind === 'exact' || !value.includes(HOLE)
    ? { text: value, value, kind: word.kind === 'glob' ? 'glob' : 'exact' }
    : { ...word, value };
}
