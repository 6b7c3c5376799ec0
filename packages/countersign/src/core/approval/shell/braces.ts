// `{a,b}` and `{1..9}` as Bash expands them, for words of plain characters only. What it cannot expand for certain it
// refuses, and the word stays unknown.

const PLAIN = /^[\w./,{}~@:+%*?-]*$/;
const MOST = 64;

/** The words, or null: other characters, unbalanced, or too many. */
export function expandBraces(text: string): readonly string[] | null {
  if (!PLAIN.test(text)) return null;
  return expand(text);
}

function expand(text: string): readonly string[] | null {
  const open = text.indexOf('{');
  if (open === -1) return text.includes('}') ? null : [text];
  const cut = alternatives(text, open);
  if (cut === null) return null;
  const rest = expand(text.slice(cut.end + 1));
  if (rest === null) return null;
  const words: string[] = [];
  for (const one of cut.items) {
    const inner = expand(one);
    if (inner === null || words.length + inner.length * rest.length > MOST) return null;
    for (const middle of inner) for (const last of rest) words.push(text.slice(0, open) + middle + last);
  }
  return words;
}

function alternatives(text: string, open: number): { items: readonly string[]; end: number } | null {
  const items: string[] = [];
  let depth = 0;
  let from = open + 1;
  for (let at = open; at < text.length; at += 1) {
    const char = text[at];
    if (char === '{') depth += 1;
    else if (char === ',' && depth === 1) {
      items.push(text.slice(from, at));
      from = at + 1;
    } else if (char === '}') {
      depth -= 1;
      if (depth > 0) continue;
      items.push(text.slice(from, at));
      const [only = ''] = items;
      const found = items.length > 1 ? items : range(only);
      return found === null ? null : { items: found, end: at };
    }
  }
  return null;
}

/** `1..9`, `a..e`; anything else in single braces is not expanded by Bash and not understood here. */
function range(text: string): readonly string[] | null {
  const match = /^(-?\d{1,6}|[a-z])\.\.(-?\d{1,6}|[a-z])$/.exec(text);
  if (match === null) return null;
  const [, from = '', to = ''] = match;
  if (/\d/.test(from) !== /\d/.test(to) || /^-?0\d|^-0$/.test(from) || /^-?0\d|^-0$/.test(to)) return null;
  const numeric = /\d/.test(from);
  const first = numeric ? Number(from) : (from.codePointAt(0) ?? 0);
  const last = numeric ? Number(to) : (to.codePointAt(0) ?? 0);
  if (Math.abs(last - first) >= MOST) return null;
  const step = last >= first ? 1 : -1;
  return Array.from({ length: Math.abs(last - first) + 1 }, (_, index) => {
    const value = first + index * step;
    return numeric ? String(value) : String.fromCodePoint(value);
  });
}
