// What a line says of its variables, over the whole of it. Bash evaluates the value of a variable wherever it computes, and
// runs what stands in a subscript of that value (`a[$(rm x)]`): so a value is a number only where one was certainly set
// before and everything in the line that sets the name sets a number. What was taken for known too early is found at the
// end; the line is then read again without it.
import { HOLE, type ListedAssignment, type ListedWord } from './listing.ts';

/** Bash computes whatever is assigned to these. */
const INTEGERS = ['OPTIND', 'RANDOM', 'SRANDOM', 'SECONDS', 'LINENO', 'HISTCMD', 'EPOCHSECONDS', 'BASHPID'];
/** Numbers from the beginning, whatever the environment says. */
const NUMBERS = /^(RANDOM|SRANDOM|SECONDS|LINENO|EPOCHSECONDS|BASHPID|UID|EUID|PPID)$/;
/** The shell itself sets these, to anything, or refuses to set them. */
const SHELLS_OWN =
  /^(_|BASH.*|FUNCNAME|DIRSTACK|GROUPS|PIPESTATUS|COMP.*|REPLY|OPT.*|MAPFILE|COPROC.*|.*PWD|HIST.*|READLINE.*|UID|EUID|PPID|SHELLOPTS|IFS)$/;

/** Empty counts as zero. A zero in front would make it octal, and perhaps an error. */
const DECIMAL = /^([-+]?(0|[1-9]\d{0,17}))?$/;

/** A whole number, as a value that is computed. */
export function isNumber({ value, kind, among, numeric }: ListedWord): boolean {
  if (numeric === true) return value === HOLE;
  return (among !== undefined || kind === 'exact') && (among ?? [value]).every((one) => DECIMAL.test(one));
}

/** Some number. */
export const NUMBER: ListedWord = { text: '…', value: HOLE, kind: 'variable', numeric: true };

/** How a map stands among the names that hold numbers. */
export const mapKey = (name: string): string => `#${name}`;

export class Variables {
  /** What is set by something that is no word and no assignment of a command: `for x in`, `((x=1))`, `${x:=1}`. */
  readonly sets = new Map<string, ListedAssignment>();
  /** Two assignments in one command: where one fails, the other is not made. */
  joint = false;
  readonly #banned: ReadonlySet<string> | null;
  readonly #times = new Map<string, number>();
  readonly #others = new Set<string>();
  readonly #integers = new Set<string>();
  readonly #arrays = new Set<string>();
  readonly #compounds = new Map<string, string>();
  readonly #known = new Map<string, number>();
  readonly #numbers = new Set<string>();
  readonly #maps = new Set<string>();
  readonly #mapped = new Set<string>();
  readonly #lists = new Set<string>();
  readonly #unmapped = new Set<string>();
  #any = false;
  #refuses = false;

  /** @param banned names of which nothing is known; null: of none. */
  constructor(banned: ReadonlySet<string> | null) {
    this.#banned = banned;
  }

  isBanned(name: string): boolean {
    return this.#banned === null || this.#banned.has(name);
  }

  /** `null`: which one only the run knows. */
  set(name: string | null, isNumeric: boolean): void {
    if (name === null) {
      this.#any = true;
      return;
    }
    this.#times.set(name, (this.#times.get(name) ?? 0) + 1);
    if (!isNumeric) this.#others.add(name);
  }

  /** Something that is no word and no assignment of a command sets it. */
  setHere(name: string, value: ListedWord): void {
    this.set(name, isNumber(value));
    this.show(name, value);
  }

  /** Adds a value that it may be set to. */
  show(name: string, value: ListedWord): void {
    this.sets.set(`${name}=${value.value}`, { name, value });
  }

  integer(name: string): void {
    this.#integers.add(name);
  }

  /** It is a list from here on, or no map any more. */
  array(name: string): void {
    this.#arrays.add(name);
    this.#unmapped.add(name);
  }

  /** A name that may be a map from here on. */
  map(name: string): void {
    this.#mapped.add(name);
  }

  /** True for a name that the line nowhere makes a map, as far as it was read: the keys of a list are numbers. */
  isList(name: string): boolean {
    if (!this.mayHoldNumber(name)) return false;
    this.#lists.add(name);
    return true;
  }

  noMap(name: string): void {
    this.#unmapped.add(name);
  }

  /** True for a name that is a map, as far as it was read. */
  isMap(name: string, set: ReadonlySet<string>): boolean {
    if (this.isBanned(name) || !set.has(mapKey(name))) return false;
    this.#maps.add(name);
    return true;
  }

  readonly(): void {
    this.#refuses = true;
  }

  /** Is expanded as `(…)` should the name be an array. */
  compound(name: string, text: string): void {
    this.#compounds.set(name, text);
  }

  /** The value is taken for known; `most`: so often may the line set it. */
  assume(name: string, most: number): void {
    this.#known.set(name, most);
  }

  /** True for a name that holds a number, as far as it was read. `set`: those that one was certainly put into. */
  isNumber(name: string, set: ReadonlySet<string>): boolean {
    if (this.isBanned(name) || (!set.has(name) && !NUMBERS.test(name))) return false;
    this.#numbers.add(name);
    return true;
  }

  mayHoldNumber(name: string): boolean {
    return !SHELLS_OWN.test(name) && !this.isBanned(name);
  }

  /** Names of which too much was taken for known; null: all. An empty set: none. */
  broken(): ReadonlySet<string> | null {
    const broken = new Set<string>();
    for (const [name, most] of this.#known) if ((this.#times.get(name) ?? 0) > most) broken.add(name);
    for (const name of this.#numbers) if (this.#others.has(name)) broken.add(name);
    for (const name of this.#maps) if (this.#unmapped.has(name)) broken.add(name);
    for (const name of this.#lists) if (this.#mapped.has(name)) broken.add(name);
    const assumed = this.#known.size + this.#numbers.size + this.#maps.size + this.#lists.size > 0;
    return assumed && (this.#any || (this.joint && this.#refuses)) ? null : broken;
  }

  /** Values that are evaluated as soon as they are set, and that only the run knows. */
  evaluated(): readonly string[] {
    const found = [...this.#integers].filter((name) => this.#any || this.#others.has(name));
    for (const name of INTEGERS) if (this.#others.has(name)) found.push(name);
    for (const [name, text] of this.#compounds) if (this.#any || this.#arrays.has(name)) found.push(text);
    return found;
  }
}
