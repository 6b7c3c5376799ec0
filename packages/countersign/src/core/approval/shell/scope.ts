// The state of a walk: what was listed, what is doubted, and what is known at the place where the walk stands.
import type { ParsedScript } from 'unbash';
import { afterCd } from './folders.ts';
import type { Doubt, DoubtKind, Input, Listed, ListedWord, ListOptions, Place } from './listing.ts';
import { baseName } from './names.ts';
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
  /** Shared by what runs in one shell; null: any folder. */
  readonly folders: { list: readonly string[] | null };
  /** Variables with known values; null where none may be known. */
  readonly variables: Map<string, Known> | null;
  /** It certainly runs, once, before what follows. */
  readonly sure: boolean;
  /** Text of the script it stands in. */
  readonly source: string;
}

export interface Walk {
  readonly options: ListOptions;
  readonly commands: Listed[];
  readonly doubts: Doubt[];
  readonly functions: Set<string>;
  /** Somewhere in the line the folder may change. */
  readonly changesFolder: boolean;
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
  /** Nothing more is listed: it has been doubted. */
  readonly full: () => boolean;
  readonly parsed: (script: ParsedScript, scope: Scope) => void;
}

/** Text that Bash may run when it only evaluates: a subscript in arithmetic, a prompt (`x='a[$(rm y)]'; ((x))`). */
export const mayRunText = (value: string): boolean => value.includes('$(') || value.includes('`');

const MOVING = new Set(['cd', 'pushd', 'popd', 'source', '.']);

/** Lists, then changes the folder if the words do. */
export function inFolders(_walk: Walk, words: readonly ListedWord[], scope: Scope, list: () => void): void {
  list();
  const [first] = words;
  if (first === undefined) return;
  const { value } = first;
  const wrapped =
    value === 'command' || value === 'builtin' || value === 'eval' ? words[1]?.value : undefined;
  const name = wrapped ?? baseName(value);
  if (name === 'cd' && wrapped === undefined)
    scope.folders.list = afterCd(words, _walk.options.home, scope.folders.list);
  else if (MOVING.has(name)) scope.folders.list = null;
}
