// The state of a walk: what was listed, what is doubted, and what is known at the place where the walk stands.
import type { ArithmeticExpression, ParsedScript } from 'unbash';
import { either, targetsOf } from './folders.ts';
import type { Doubt, DoubtKind, Input, Listed, ListedWord, ListOptions, Place } from './listing.ts';
import { baseName } from './names.ts';
import type { Variables } from './variables.ts';
import type { WordFacts } from './word.ts';

export interface Known {
  readonly values: readonly string[];
  readonly globs: boolean;
}

export interface Scope {
  readonly via: readonly string[];
  readonly place: Place;
  readonly input: Input;
  readonly parent: number | null;
  readonly depth: number;
  /** Shared by what runs in one shell; null: any folder. `entered`: where the last `cd` led, should it have succeeded. */
  readonly folders: { list: readonly string[] | null; entered: readonly string[] | null };
  /** Variables with known values; null where none may be known. */
  readonly variables: Map<string, Known> | null;
  /** Names that certainly hold a number here, if everything that sets them sets one; and maps. */
  readonly numbers: Set<string>;
  /** It certainly runs, once, before what follows. */
  readonly sure: boolean;
  /** The body of a function: it runs later. */
  readonly later: boolean;
  /** Text of the script it stands in. */
  readonly source: string;
}

export interface Walk {
  readonly options: ListOptions;
  readonly commands: Listed[];
  readonly doubts: Doubt[];
  readonly functions: Set<string>;
  /** Names that the line itself gave another meaning: `alias`, `hash -p`. */
  readonly aliases: Map<string, ListedWord>;
  readonly variables: Variables;
  /** What is read is not listed, or was already. */
  readonly isQuiet: boolean;
  /** Somewhere in the line the folder may change. */
  readonly changesFolder: boolean;
  /** Something may have changed it, however it is written. */
  readonly moved: () => void;
  /** `CDPATH` is set or used. */
  readonly jumps: boolean;
  /** `IFS` is set or used. */
  readonly splitsElsewhere: boolean;
  readonly doubt: (kind: DoubtKind, about: string, command?: number) => void;
  readonly push: (listed: Listed) => number;
  /** Lists a command and everything it leads to. */
  readonly list: (listed: Listed, scope: Scope) => void;
  readonly row: (scope: Scope) => Pick<Listed, 'via' | 'place' | 'input' | 'folders' | 'parent'>;
  readonly facts: (scope: Scope) => WordFacts;
  /** Reads without listing again what is inside. */
  readonly quietly: <T>(read: () => T) => T;
  /** Computes an expression of the line. */
  readonly compute: (expression: ArithmeticExpression, scope: Scope, first: boolean) => void;
  /** Expressions that cannot fail. */
  readonly total: WeakSet<ArithmeticExpression>;
  /** Whether so much more may be made of the line; what is too much has been doubted. */
  readonly room: (amount: number) => boolean;
  /** Nothing more is listed: it has been doubted. */
  readonly full: () => boolean;
  readonly parsed: (script: ParsedScript, scope: Scope) => void;
}

/** A part that may not run, or in a shell of its own: what it sets is not set behind it. */
export const branch = (scope: Scope): Scope => ({ ...scope, sure: false, numbers: new Set(scope.numbers) });

/** Text that Bash may run when it only evaluates: a subscript in arithmetic, a prompt (`x='a[$(rm y)]'; ((x))`). */
export const mayRunText = (value: string): boolean => value.includes('$(') || value.includes('`');

const MOVING = new Set(['pushd', 'popd', 'source', '.']);
/** They run texts in the shell they stand in, now or later. */
const RUNNING = new Set(['eval', 'trap', 'mapfile', 'readarray', 'compgen', 'complete', 'fc']);

/** Nobody knows where. */
export const anyFolder = (): Scope['folders'] => ({ list: null, entered: null });

/** Lists, then changes the folder if the words do. */
export function inFolders(walk: Walk, words: readonly ListedWord[], scope: Scope, list: () => void): void {
  list();
  const run = startedBy(words);
  const [first] = run;
  if (first === undefined) return;
  const { folders } = scope;
  const name = baseName(first.value);
  const isExact = first.kind === 'exact';
  if (isExact && name === 'cd') {
    walk.moved();
    folders.entered = walk.jumps ? null : targetsOf(run, walk.options.home, folders.list);
    folders.list = either(folders.list, folders.entered);
    return;
  }
  const runs = RUNNING.has(name);
  const isHidden = !isExact || MOVING.has(name) || (runs && run.some(({ kind }) => kind !== 'exact'));
  if (isHidden) walk.moved();
  const moves = runs || walk.functions.has(name) || walk.aliases.has(name);
  if (isHidden || (moves && walk.changesFolder)) folders.list = null;
}

/** `command -p builtin cd x` is `cd x`. */
function startedBy(words: readonly ListedWord[]): readonly ListedWord[] {
  let at = 0;
  while (words[at]?.kind === 'exact' && /^(command|builtin)$/.test(words[at]?.value ?? '')) {
    at += 1;
    while (words[at]?.value.startsWith('-') === true) {
      // It only says what the name is.
      if (/^-\w*[vV]/.test(words[at]?.value ?? '')) return [];
      at += 1;
    }
  }
  return words.slice(at, at + MOST_LOOKED_AT);
}

const MOST_LOOKED_AT = 64;
