// Whether a program of awk does nothing but print. It is read as awk reads it: strings, regular expressions and comments are
// known as such, so that nothing can be hidden in one. Where the dialects of awk may read differently, the answer is no.

/** What runs programs, opens files, shows the environment, or changes which files are read. */
const HARMFUL: ReadonlySet<string> = new Set(
  'system getline extension ENVIRON PROCINFO SYMTAB FUNCTAB ARGV ARGC ARGIND'.split(' '),
);
/** Words behind which an expression begins: a slash there begins a regular expression. */
const BEFORE_EXPRESSION: ReadonlySet<string> = new Set(
  'print printf return in else do while if for case delete exit next nextfile break continue function func BEGIN END BEGINFILE ENDFILE switch default'.split(
    ' ',
  ),
);
/** Slashes that may divide or begin a regular expression, before nobody can be expected to have written it. */
const MOST_DOUBTS = 6;
const MOST = 8_192;

interface State {
  readonly at: number;
  /** What the last token was: behind an operand a slash divides, behind an operator it begins a regular expression. */
  readonly last: 'operand' | 'operator' | 'either';
  /** In a statement of print: `>` outside parentheses opens a file. */
  readonly prints: boolean;
  readonly depth: number;
  readonly doubts: number;
}

/** True only where it is certain. */
export function onlyPrints(program: string): boolean {
  return (
    program.length <= MOST &&
    isHarmless(program, { at: 0, last: 'operator', prints: false, depth: 0, doubts: 0 })
  );
}

function isHarmless(text: string, from: State): boolean {
  let { at, last, prints, depth, doubts } = from;
  while (at < text.length) {
    const char = text[at] ?? '';
    const next = text[at + 1];
    if (char === ' ' || char === '\t' || char === '\r') at += 1;
    else if (char === '\n') {
      // The end of a statement, or only of a line.
      if (last === 'operand') last = 'either';
      at += 1;
    } else if (char === '\\') {
      if (next !== '\n') return false;
      at += 2;
    } else if (char === '#') {
      const end = text.indexOf('\n', at);
      if (/\\\r?$/.test(text.slice(at, end === -1 ? undefined : end))) return false;
      at = end === -1 ? text.length : end;
    } else if (char === '"') {
      const string = /"(?:[^"\\\n]|\\[\s\S])*"/y;
      string.lastIndex = at;
      if (!string.test(text)) return false;
      at = string.lastIndex;
      last = 'operand';
    } else if (char === '/') {
      if (last === 'either') {
        if (doubts >= MOST_DOUBTS) return false;
        doubts += 1;
        // Both readings have to be harmless; without a second slash in its line it can only divide.
        if (
          SLASHES.test(lineFrom(text, at)) &&
          !isHarmless(text, { at, last: 'operator', prints, depth, doubts })
        )
          return false;
        last = 'operand';
      }
      if (last === 'operand') {
        at += 1;
        last = 'operator';
      } else {
        const end = endOfExpression(text, at);
        if (end === null) return false;
        at = end;
        last = 'operand';
      }
    } else if (/[\d.]/.test(char)) {
      const number = /0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/y;
      number.lastIndex = at;
      if (!number.test(text)) return false;
      at = number.lastIndex;
      last = 'operand';
    } else if (/[A-Za-z_]/.test(char)) {
      const word = /^\w+/.exec(text.slice(at, at + MOST))?.[0] ?? '';
      if (HARMFUL.has(word)) return false;
      if (word === 'print' || word === 'printf') {
        prints = true;
        depth = 0;
      }
      at += word.length;
      last = BEFORE_EXPRESSION.has(word) ? 'operator' : word === 'length' ? 'either' : 'operand';
    } else if (char === '>') {
      if (prints && depth <= 0) return false;
      at += 1;
      last = 'operator';
    } else if (char === '|') {
      if (next !== '|') return false;
      at += 2;
      last = 'operator';
    } else if (';{}'.includes(char)) {
      if (char !== '{') prints = false;
      at += 1;
      last = 'operator';
    } else if (char === '(') {
      depth += 1;
      at += 1;
      last = 'operator';
    } else if (char === ')') {
      depth -= 1;
      at += 1;
      // `if (x) /y/` is a regular expression, `(x) / y` a division.
      last = 'either';
    } else if (char === ']') {
      at += 1;
      last = 'operand';
    } else if ((char === '+' || char === '-') && next === char) {
      at += 2;
      last = 'either';
    } else if ('$[!~*%^=<?:,&+-'.includes(char)) {
      at += 1;
      last = 'operator';
    } else return false;
  }
  return true;
}

const SLASHES = /^\/(?:[^/\\]|\\.)*\//;

function lineFrom(text: string, at: number): string {
  const end = text.indexOf('\n', at);
  return text.slice(at, end === -1 ? undefined : end);
}

/** Behind the slash that ends it; null where the dialects differ, since some of them let brackets hold a slash. */
function endOfExpression(text: string, from: number): number | null {
  const expression = /\/((?:[^/\\\n]|\\[^\n])*)\//y;
  expression.lastIndex = from;
  const body = expression.exec(text)?.[1];
  if (body === undefined) return null;
  const plain = body.replaceAll(/\\./g, '');
  const opens = plain.split('[').length;
  const closes = plain.split(']').length;
  if (opens > 1 && (opens !== closes || /\[\^?\]/.test(plain))) return null;
  return expression.lastIndex;
}
