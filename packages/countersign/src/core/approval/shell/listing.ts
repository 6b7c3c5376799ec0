// What would run, as a list: one row for each simple command, wrappers and what they wrap in rows of their own. A listing
// names every command that could run and may name more; what it could not read it says in `doubts`, and nobody may read
// a listing with doubts as if it had none.

/**
 * Why a word may be something else when it runs. `exact`: it cannot. `number`: some integer. `among`: one of `among`.
 * `glob`: names of files that match. `found`: a name below `among`, found when it runs. The rest: anything.
 */
export type WordKind =
  | 'exact'
  | 'number'
  | 'among'
  | 'glob'
  | 'found'
  | 'variable'
  | 'output'
  | 'input'
  | 'pipe';

/** Stands in `value` where text will be that nobody can know now. No word can hold it: execve ends strings at NUL. */
export const HOLE = '\0';

export interface ListedWord {
  /** As written. */
  readonly text: string;
  /** What it will be, with `HOLE` for each part that is not known; the pattern, for a glob. */
  readonly value: string;
  readonly kind: WordKind;
  readonly among?: readonly string[];
  /** Inner scripts of a process substitution, by index of their first command. */
  readonly script?: number;
  /** Without quotes around what varies: may become several words, or an option, or none. */
  readonly splits?: boolean;
  /** Each of its holes is a whole number, of whatever size. */
  readonly numeric?: true;
}

export interface ListedAssignment {
  readonly name: string;
  readonly value: ListedWord;
}

export interface ListedRedirect {
  readonly operator: string;
  readonly fd: number | string | null;
  readonly target: ListedWord;
}

/** Names of files out of a variable without quotes: each is split again, so any part of one may stand alone. */
export const isSplitAgain = ({ kind, splits, text }: ListedWord): boolean =>
  kind === 'glob' && splits === true && text.includes('$');

/** What a command reads as standard input, as far as the line says. */
export type Input =
  | { readonly kind: 'inherited' }
  | { readonly kind: 'pipe'; readonly from: readonly number[]; readonly text?: string }
  | { readonly kind: 'text'; readonly text: string; readonly exact: boolean }
  | { readonly kind: 'file'; readonly word: ListedWord };

/** Where it runs: on this machine, on one it connects to, or in a container, where paths mean something else. */
export type Place = 'here' | 'remote' | 'container';

export interface Listed {
  /** The program first. Empty: only assignments or redirections. */
  readonly words: readonly ListedWord[];
  readonly assigns: readonly ListedAssignment[];
  readonly redirects: readonly ListedRedirect[];
  /** Programs that lead to it, outermost first: `sudo`, `env`, `sh -c`. */
  readonly via: readonly string[];
  readonly place: Place;
  readonly input: Input;
  /** Folders it may run in; null when any. */
  readonly folders: readonly string[] | null;
  /** The command whose words or text it came out of. */
  readonly parent: number | null;
  /** Name of a function of the same line that this calls; its body is listed where it is defined. */
  readonly calls?: string;
}

export type DoubtKind =
  /** The parser reports an error. */
  | 'parse'
  /** A control or invisible character outside quotes' ordinary use. */
  | 'control'
  /** The program's name is only known when it runs. */
  | 'name'
  /** A construct that the walker has no row for. */
  | 'construct'
  /** An option of a wrapper that its row does not name. */
  | 'option'
  /** Text that is run as a program and cannot be read here. */
  | 'unread'
  /** Text of another language than Bash, read as Bash. */
  | 'dialect'
  /** A value is computed that only the run knows; Bash runs what stands in a subscript of it. */
  | 'value'
  /** A name that the line itself gives another meaning. */
  | 'shadow'
  /** Nested too deeply, or too long, to be read. */
  | 'size';

export interface Doubt {
  readonly kind: DoubtKind;
  /** The words in question, as written. */
  readonly about: string;
  readonly command?: number;
}

export interface Listing {
  readonly commands: readonly Listed[];
  readonly doubts: readonly Doubt[];
  /** What is set by something that is no word and no assignment of a command: `for x in`, `((x=1))`, `${x:=1}`. */
  readonly sets?: readonly ListedAssignment[];
}

export interface ListOptions {
  /** Real path of the folder it starts in. */
  readonly cwd: string;
  /** What `~` and `$HOME` are; null when not known. */
  readonly home: string | null;
}
