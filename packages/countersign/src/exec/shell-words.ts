// The commands of a line, and their words as a shell would put them together: `s\ed -"f" p'ro'g` is `sed -f prog`. Nothing is
// expanded. What no shell would take (a quote without an end) parts words as a space does.

export interface Word {
  readonly text: string;
  /** Behind `<` or `>`: nothing that a program is told. */
  readonly isTarget: boolean;
}

/** In a line with brackets or backticks a command may go on behind what stands in them: there it is all one. */
export function commandsOf(line: string): readonly (readonly Word[])[] {
  const commands = new Commands(/[(`]/.test(line));
  for (let at = 0; at < line.length; at += 1) {
    const sign = line[at] ?? '';
    const part = quotedAt(line, at, sign);
    if (part !== null) {
      commands.quoted(part.inner, sign);
      at = part.last;
    } else if (/[\s;&|<>()'"`]/.test(sign))
      commands.sign(line.slice(Math.max(0, at - 1), at), sign, line[at + 1]);
    else commands.letter(sign);
  }
  return commands.all;
}

class Commands {
  readonly #isOne: boolean;
  readonly #commands: Word[][] = [[]];
  /** What the word is put together from, none of it empty: to put it together for each of them would take the square of the time.
   * Null: no word has begun. */
  #parts: string[] | null = null;
  #isTarget = false;

  constructor(isOne: boolean) {
    this.#isOne = isOne;
  }

  get all(): readonly (readonly Word[])[] {
    this.#end();
    return this.#commands.filter((command) => command.length > 0);
  }

  letter(sign: string): void {
    this.#parts ??= [];
    this.#parts.push(sign);
  }

  quoted(inner: string, sign: string): void {
    // A line that goes on: neither the sign nor what it is put before.
    if (sign === '\\' && inner === '\n') return;
    // `$'…'` and `$"…"` are quotes, too.
    this.#parts ??= [];
    if (sign !== '\\' && this.#parts.at(-1)?.endsWith('$') === true)
      this.#part(this.#parts.pop()?.slice(0, -1));
    this.#part(inner);
  }

  /** What parts words, and perhaps commands, between what stands around it. */
  sign(before: string, sign: string, after: string | undefined): void {
    const isTarget = this.#isTarget && this.#parts === null;
    // The number of a descriptor is no word.
    if (/[<>]/.test(sign) && /^\d+$/.test(this.#parts?.join('') ?? '')) this.#parts = null;
    this.#end();
    // `>&`, `&>`, `>|`
    const isRedirection =
      /[<>]/.test(sign) || (/[<>]/.test(before) && /[&|]/.test(sign)) || (sign === '&' && after === '>');
    this.#isTarget = isRedirection || (isTarget && /\s/.test(sign));
    if (/[;&|\n]/.test(sign) && !isRedirection && !this.#isOne) this.#commands.push([]);
  }

  #part(text = ''): void {
    if (text !== '') this.#parts?.push(text);
  }

  #end(): void {
    if (this.#parts !== null)
      this.#commands.at(-1)?.push({ text: this.#parts.join(''), isTarget: this.#isTarget });
    this.#parts = null;
    this.#isTarget = false;
  }
}

interface Part {
  readonly inner: string;
  readonly last: number;
}

function quotedAt(line: string, at: number, sign: string): Part | null {
  if (sign === '\\') return at + 1 < line.length ? { inner: line[at + 1] ?? '', last: at + 1 } : null;
  if (sign !== "'" && sign !== '"') return null;
  for (let last = at + 1; last < line.length; last += 1) {
    if (line[last] === sign) return { inner: unescaped(line.slice(at + 1, last), sign), last };
    if (sign === '"' && line[last] === '\\') last += 1;
  }
  return null;
}

function unescaped(inner: string, sign: string): string {
  return sign === "'"
    ? inner
    : inner.replaceAll(/\\([$`"\\\n])/g, (_, one: string) => (one === '\n' ? '' : one));
}
